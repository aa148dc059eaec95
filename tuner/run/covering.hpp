// Which columns of a table of costs cover its rows best: the search behind distil(). Numbers only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace fuseline::tuner {

/// Of a column that cannot serve a row.
inline constexpr double kNoCost = std::numeric_limits<double>::infinity();

/// A column's numbers, one a row; every column has as many.
struct CoverColumn {
  std::vector<double> costs;  ///< 0 or more, or kNoCost. Their sum over the rows is minimised.
  std::vector<double> fine;   ///< Decide where costs are equal.
};

struct Covers {
  /// The best sets of 1, 2, ... columns, as far as one more lowers the cost or serves more rows; each in ascending
  /// order.
  std::vector<std::vector<std::size_t>> by_size;
  bool exact = false;  ///< Every set that could be best was looked at.
};

/// A set leaves as few rows unserved as it can; then costs as little; then has the most pairs of column and row that
/// cost 0; then the lowest sum of fine. Columns that are nowhere cheaper than another are never needed and are left out
/// first. `most` is at least 1, and there is a column.
[[nodiscard]] Covers best_covers(const std::vector<CoverColumn>& columns, std::size_t most, std::uint64_t most_sets);

/// The place in `set` of the column that serves a row: lowest cost, then lowest fine. Empty where none can.
[[nodiscard]] std::optional<std::size_t> server_of(const std::vector<CoverColumn>& columns,
                                                   const std::vector<std::size_t>& set, std::size_t row);

}  // namespace fuseline::tuner
