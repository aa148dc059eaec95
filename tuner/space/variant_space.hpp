// From variants, a problem instance and the user's narrowing to a Space.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tuner/problem/catalog.hpp"
#include "tuner/space/space.hpp"

namespace fuseline::tuner {

/// How the user narrows a space.
struct SpaceSelection {
  std::vector<std::string> variants;  ///< Empty: all that the device supports.
  std::map<std::string, std::vector<std::string>>
      parameters;     ///< --param P=v1,v2: texts of values; applies to every variant that has P.
  bool full = false;  ///< The manifests' full values.
};

/// What a variant's staged space is built from: its constraints in their order, then what the device cannot launch.
[[nodiscard]] SubSpaceSpec variant_spec(const Variant& variant, const ProblemInstance& instance,
                                        const DeviceLimits& device);

/// Errors: unknown variant, parameter (in no chosen variant) or value (with the values there are).
/// Variants that need more than `device` offers are left out; naming one explicitly is an error.
/// More than `limits` allow is an error too.
[[nodiscard]] Result<std::shared_ptr<const Space>> variant_space(const CatalogEntry& entry,
                                                                 const ProblemInstance& instance,
                                                                 const DeviceLimits& device,
                                                                 const SpaceSelection& selection,
                                                                 const SpaceLimits& limits = {});

/// Fails where `selection` names a variant, parameter or value that the problem does not have on any device.
[[nodiscard]] Result<void> check_names(const CatalogEntry& entry, const SpaceSelection& selection);

/// What a constraint leaves of a variant's configurations.
struct ConstraintCount {
  std::string text;
  std::string reason;
  std::optional<std::uint64_t> left;  ///< By it and those before it; nothing: too many to count.
};
struct VariantCounts {
  double raw_size = 1;  ///< Before constraints.
  /// The manifest's, then what the device cannot launch.
  std::vector<ConstraintCount> constraints;
};
[[nodiscard]] VariantCounts count_constraints(const Variant& variant, const ProblemInstance& instance,
                                              const DeviceLimits& device, bool full);

}  // namespace fuseline::tuner
