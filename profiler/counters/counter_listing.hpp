// What `fuseline-worker --counters-of CHIP` prints: the metrics of a chip and the passes that sets of them take. Needs
// no GPU.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "tuner/base/error.hpp"

namespace fuseline::profiler {

/// Why a worker that was built without CUPTI's headers has no counters.
inline constexpr const char* kWithoutCupti =
    "this worker was built without CUPTI's headers (cupti_range_profiler.h, CUDA 12.6 update 2 and later): build it "
    "with a newer toolkit";

/// {"chips": [...]}. Error: no CUPTI.
[[nodiscard]] tuner::Result<nlohmann::json> list_chips();

/// {"chip", "cupti", "sets": {name: {"metrics", "invalid", "passes"}}, "metrics": [{"name", "type", "description",
/// "unit", "hardware"}]}: every base metric, or those of `metrics` that the chip offers, and then also "requested":
/// {"metrics", "invalid", "passes"}. Error: no CUPTI, or a chip it does not know.
[[nodiscard]] tuner::Result<nlohmann::json> list_counters(const std::string& chip,
                                                          const std::vector<std::string>& metrics);

}  // namespace fuseline::profiler
