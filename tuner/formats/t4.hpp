// A run in the T4 format of the auto-tuning community; the words of it are in t4_names.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "tuner/base/json.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {

/// schema_version 1.0.0, one result an evaluation, times in milliseconds; round-trips through run_from_t4. What T4 has
/// no member for is in "fuseline" of the metadata (the RunInfo) and of each result; the format allows members of one's
/// own.
[[nodiscard]] OrderedJson t4_json(const Run& run);
/// The file of t4_json: one result a line, so that two recordings can be told apart with diff. Ends with a line end.
[[nodiscard]] std::string t4_text(const Run& run);

/// Told that the first so many bytes of a text are not looked at any more.
using TextPassed = std::function<void(std::size_t bytes)>;

/// A run from the text of a T4 file, which `passed` follows where the text is larger than JsonLimits. Ours bring
/// everything. Files by other tools bring configurations, times, invalidity and measurements; in them
///  - the variant is "recorded";
///  - times, costs, repeats and odd entries are as ForeignRun says; the time is the measurement that the objectives
///  name,
///    else "time". A number beside it is a counter; whatever else was measured is in `recorded`;
///  - "times" are in metadata.timeunit, a measured time in its own unit, else in that one. Where there is neither, they
///    are milliseconds (or the power of 1000 of it that agrees with the measured time), which a remark says;
///  - NaN and Infinity, which Python writes, are missing.
/// Results are parsed one by one, so that memory is that of the text and of the run. Errors (file, JSON path, reason):
/// not JSON, not T4, another major version, no result that can be used, a time in no known unit, an objective that
/// cannot be ranked.
[[nodiscard]] Result<Run> run_from_t4(std::string_view text, const std::string& file, const TextPassed& passed = {});

/// What a listing shows of a file of t4_text.
struct T4Head {
  std::string device;       ///< "NVIDIA H200"
  std::string recorded_at;  ///< When it was measured, also where the file is of a replay.
  std::uint64_t results = 0;
};
/// Without parsing the results and what else the run brings, which are nearly all of a file: what is wrong there is
/// found by run_from_t4 alone.
/// Nothing where `text` is not laid out as t4_text does it.
[[nodiscard]] std::optional<T4Head> t4_head(std::string_view text, const std::string& file);

}  // namespace fuseline::tuner
