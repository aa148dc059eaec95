// What can be said of one evaluation, a column each: one table behind the CSV file, the window's results with their
// filter, and comparisons.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tuner/run/figures.hpp"

namespace fuseline::tuner {

/// What a row is made from. `info` may be null: what is said of the run is then empty.
struct ColumnSource {
  const RunInfo* info = nullptr;
  const Evaluation& evaluation;
  const Figures& figures;
};

/// How rows are sorted by a column. What follows from the time is sorted by rank: a sweep's time that happens to lie
/// under the best's must not put its configuration first.
enum class ColumnOrder { own, rank, reversed_rank };

struct Column {
  std::string_view id;       ///< "time"; how a filter names it.
  std::string_view title;    ///< Of a table that people read.
  std::string_view unit;     ///< Of what people read: "ms", "GB/s", "%"; may be empty.
  std::string_view meaning;  ///< One sentence.
  std::string_view csv;      ///< Heading in a CSV file; empty: not in one.
  bool numeric = true;
  bool share = false;  ///< The number is a share, which people read in percent.
  ColumnOrder order = ColumnOrder::own;
  std::optional<double> (*number)(const ColumnSource&) = nullptr;  ///< Null: it is a text.
  std::string (*text)(const ColumnSource&) = nullptr;              ///< As people read it; null: the number in `format`.
  const char* format = "{:.0f}";
};

/// Those that every run has, in the order of a CSV file.
[[nodiscard]] const std::vector<Column>& fixed_columns();
/// Null where there is none; parameters and counters are none of them.
[[nodiscard]] const Column* find_column(std::string_view id);

/// Ids of the others.
[[nodiscard]] std::string parameter_column(std::string_view name);  ///< "param:block"
[[nodiscard]] std::string counter_column(std::string_view name);    ///< "counter:dram__bytes_read.sum"
/// "block" of "param:block"; empty of another id.
[[nodiscard]] std::optional<std::string_view> parameter_of(std::string_view id);

/// A cell as a number in the unit of its column (shares in percent): for sorting, colouring and filtering. Empty where
/// it says nothing, or where `id` is not known.
[[nodiscard]] std::optional<double> cell_number(const ColumnSource& source, std::string_view id);
/// A cell as people read it; empty where it says nothing.
[[nodiscard]] std::string cell_text(const ColumnSource& source, std::string_view id);

/// Every digit, shares as shares: for files.
struct ExactCell {
  std::string text;      ///< Empty where it says nothing.
  bool is_text = false;  ///< It came as text, not as a number.
};
[[nodiscard]] ExactCell exact_cell(const ColumnSource& source, std::string_view id);

/// The value of parameter `name`, or null where the configuration has none.
[[nodiscard]] const Value* value_of(const Configuration& configuration, std::string_view name);

}  // namespace fuseline::tuner
