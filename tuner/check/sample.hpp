// A few of a variant's configurations that between them have as much of its space as they can.
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <vector>

#include "tuner/problem/catalog.hpp"

namespace fuseline::tuner {

struct Sampled {
  std::shared_ptr<const ProblemInstance> instance;
  ResolvedConfiguration resolved;
};

struct SampleOptions {
  std::size_t at_most = std::numeric_limits<std::size_t>::max();  ///< Configurations, over all instances.
  bool full = false;                                              ///< Of the manifests' full values.
};

struct Sample {
  std::vector<Sampled> taken;
  std::vector<Error> failed;  ///< Of configurations that cannot be worked out: as of resolve().
};

/// One configuration for every instance that the variant can do, then more until every value of every parameter that
/// some instance allows has been taken; the same ones every time. None where the variant can do none of the instances.
[[nodiscard]] Sample sample_configurations(const CatalogEntry& entry, const Variant& variant,
                                           const std::vector<std::shared_ptr<const ProblemInstance>>& instances,
                                           const DeviceLimits& device, const SampleOptions& options);

}  // namespace fuseline::tuner
