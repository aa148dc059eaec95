// Pieces that several exports share: configurations, launches, times and bandwidths as JSON.
#pragma once

#include <optional>
#include <string>

#include "tuner/base/json.hpp"
#include "tuner/device/projection.hpp"
#include "tuner/run/figures.hpp"

namespace fuseline::tuner {

/// The number, or null where it is not finite (JSON has no other word for it).
[[nodiscard]] OrderedJson finite_or_null(double value);
/// numerator / denominator, or null where that is no number (a bandwidth that was not measured is 0).
[[nodiscard]] OrderedJson ratio_or_null(double numerator, double denominator);

/// {"scale": 2.0, "eps": 1e-05} in the order of the problem.
[[nodiscard]] OrderedJson scalars_object(const Scalars& scalars);
/// {"block": 256, "gelu": "erf"} in the order of the manifest.
[[nodiscard]] OrderedJson config_json(const Configuration& configuration);
/// Members "variant" and "config" of an entry.
[[nodiscard]] Result<Configuration> read_file_configuration(const JsonView& entry);
/// {"grid": [x, y, z], "block": [x, y, z], "shared_bytes": n}
[[nodiscard]] OrderedJson launch_object(const Launch& launch);
/// {"median", "min", "p25", "p75", "samples"}; "statistic" where what stands there as the median is another time.
[[nodiscard]] OrderedJson time_object(const Summary& time);
/// {"achieved_gbps", "of_copy", "of_peak"}; null where not known.
[[nodiscard]] OrderedJson bandwidth_object(const Figures& figures);
/// {"ratio", "interval": [low, high]} of a finalist to the best; null of another.
[[nodiscard]] OrderedJson against_best_object(const Figures& figures);
/// {"projected": true, "time_ms", "low_ms", "high_ms", "bound", "from"}; null where there is no projection.
[[nodiscard]] OrderedJson projected_object(const std::optional<Projection>& projection);

/// `iso8601` (such as 2025-11-20T10:30:00Z) moved by `seconds`, with milliseconds; empty where it is no such time.
[[nodiscard]] std::optional<std::string> moved_time(const std::string& iso8601, double seconds);

}  // namespace fuseline::tuner
