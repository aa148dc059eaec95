// The result of a sweep, "fuseline/result/1" (assets/schemas/result.schema.json).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "tuner/base/json.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {

/// Figures that could not be worked out are null. Error (kind worker): no configuration worked, with what became of
/// each.
[[nodiscard]] Result<OrderedJson> result_json(const Run& run);

/// As much of a file as is_result() looks at: where another program has sorted the members, the schema is not the
/// first.
inline constexpr std::size_t kResultLookedAt = std::size_t{1} << 16;
/// Whether `text`, or its beginning, is that of such a file.
[[nodiscard]] bool is_result(std::string_view text);

/// What of a run a result file holds: the best, what is tied with it and the top are its evaluations, best first, and
/// those that were timed again are its finals, with their samples and rounds. Lost are the other configurations, and of
/// every one its samples of the search (the summary is kept; of a finalist that of the finals), its place in the
/// search, its cost and its compiler log; of the run the choices but strategy and seed, the space, the given readings
/// and the limits of the device. The run's note says how many of the evaluated are there. Errors (file, JSON path,
/// reason): no or another schema, no best, members missing or of the wrong type, a time that is not above zero.
[[nodiscard]] Result<Run> run_from_result(const OrderedJson& json, const std::string& file);

}  // namespace fuseline::tuner
