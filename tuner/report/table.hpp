// Tables and lines of text for the command line.
#pragma once

#include <string>
#include <vector>

#include "tuner/run/projected.hpp"
#include "tuner/run/run.hpp"
#include "tuner/session/session.hpp"

namespace fuseline::tuner {

/// Columns padded to equal width; a column of numbers (empty cells and "-" aside) is right-aligned; the header is
/// underlined by dashes. `colour`: ANSI bold for the header. Rows may be shorter than the header. Control characters in
/// cells are shown, not sent.
struct TextTable {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
  [[nodiscard]] std::string render(bool colour = false) const;
  /// Without columns that say nothing ("" or "-") in any row; every row as long as the header.
  [[nodiscard]] TextTable without_empty_columns() const;
};

/// The result of a sweep as people read it: device and how it was measured, copy bandwidth, the best `count`
/// configurations with time, quartiles, GB/s, % of copy, % of peak, registers, occupancy, outcome counts, ties marked;
/// a replay or projection says so.
///
/// By the target: in the order of projected times of what the target can run, each marked as projected, and with how
/// many cannot be told apart there.
[[nodiscard]] std::string result_text(const Run& run, std::size_t count, bool colour, RankBy by = RankBy::device);

/// One progress line of at most `width` columns (ASCII, no line end): bar, done/total, best so far (ms, GB/s, % of
/// copy), failures, time left, what is going on. What has no room is left out, the least important first.
[[nodiscard]] std::string progress_line(const Snapshot& snapshot, std::size_t width);

/// 0.5063 ms -> "0.5063", 12.34 -> "12.34": four significant digits; "-" where it is no positive number.
[[nodiscard]] std::string format_ms(double ms);
[[nodiscard]] std::string format_bytes(double bytes);       ///< "1.00 GiB"
[[nodiscard]] std::string format_duration(double seconds);  ///< "1m 20s"

}  // namespace fuseline::tuner
