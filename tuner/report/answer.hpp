// Parts of answers for programs: short JSON objects of a run, and how they are kept within a bound.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "tuner/base/json.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {

/// {"name", "shape", "dims", "dtype", "compulsory_bytes"}
[[nodiscard]] OrderedJson problem_answer(const RunInfo& info);
/// {"backend", "name", "measured_now"}, in a replay "recording" as well.
[[nodiscard]] OrderedJson device_answer(const RunInfo& info);
/// {"variant", "config", "launch", "time_ms", "of_copy", "registers", "spill_bytes", "occupancy"}
[[nodiscard]] OrderedJson configuration_answer(const Run& run, const Evaluation& evaluation);
/// {"ok": 40, "incorrect": 2}: kinds that there were.
[[nodiscard]] OrderedJson outcomes_answer(const Run& run);
/// The first of each kind that did not work: [{"outcome", "count", "configuration", "reason"}]
[[nodiscard]] OrderedJson failures_answer(const Run& run);

/// At most `bytes` of UTF-8 text; what is cut ends in "...".
[[nodiscard]] std::string shortened(std::string_view text, std::size_t bytes);
/// An object whose compact text is at most `bytes` long (from 256 on): long texts are shortened, long arrays and
/// objects lose what comes last, more and more until it fits. Where something was cut, "cut" is true. Members of the
/// object itself that are strings of up to 512 bytes, such as a file's name, stay whole as long as anything else is
/// left to cut.
[[nodiscard]] OrderedJson bounded(OrderedJson json, std::size_t bytes);

/// Where full answers are kept unless the user says otherwise: below user_cache_folder().
[[nodiscard]] std::filesystem::path answers_folder();
/// bounded(), with "full" naming `file`, to which `full` is written and whose folder is made first. Where it could not
/// be, "full" is null and "full_lost" says why; where `full` is empty, "full" is null.
[[nodiscard]] OrderedJson kept_answer(OrderedJson json, const std::filesystem::path& file, std::string_view full,
                                      std::size_t bytes);

}  // namespace fuseline::tuner
