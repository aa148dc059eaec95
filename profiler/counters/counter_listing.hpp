// What `fuseline-worker --counters-of CHIP` prints: the metrics of a chip and the passes that sets of them take. Needs no GPU.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "tuner/base/error.hpp"

namespace fuseline::profiler {

/// {"chips": [...]}. Error: no CUPTI.
[[nodiscard]] tuner::Result<nlohmann::json> list_chips();

/// {"chip", "cupti", "sets": {name: {"metrics", "invalid", "passes"}}}, and with `metrics` "requested": {"metrics" [{name, type, description, unit}], "invalid", "passes"}, without it
/// "metrics": every base metric of the chip. Error: no CUPTI, or a chip it does not know.
[[nodiscard]] tuner::Result<nlohmann::json> list_counters(const std::string& chip, const std::vector<std::string>& metrics);

}  // namespace fuseline::profiler
