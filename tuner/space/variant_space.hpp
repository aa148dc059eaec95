// From variants, a problem instance and the user's narrowing to a Space.
#pragma once

#include <map>
#include <memory>
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

/// Errors: unknown variant, parameter (in no chosen variant) or value (with the values there are).
/// Variants that need more than `device` offers are left out; naming one explicitly is an error.
/// More than `limits` allow is an error too.
[[nodiscard]] Result<std::shared_ptr<const Space>> variant_space(const CatalogEntry& entry,
                                                                 const ProblemInstance& instance,
                                                                 const DeviceLimits& device,
                                                                 const SpaceSelection& selection,
                                                                 const SpaceLimits& limits = {});

}  // namespace fuseline::tuner
