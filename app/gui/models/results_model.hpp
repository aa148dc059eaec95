// The table of every configuration: columns, order, filter; kept up to date as rows arrive, for 100,000 of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/gui/models/run_data.hpp"

namespace fuseline::app::gui {

/// A column of tuner/run/columns.hpp, a parameter or a counter, as the table lays it out.
struct Column {
  std::string id;  ///< "time", "param:block", "counter:dram__bytes_read.sum"
  std::string title;
  std::string tooltip;
  bool numeric = true;
  bool shown = true;
  float width = 70;  ///< At scale 1: suggested, or as the user left it.
};
/// A row's time against the baseline's; there where something is pinned.
inline constexpr std::string_view kAgainstBaseline = "against_baseline";
inline constexpr std::string_view kOnTarget = "On the target";
/// Under what a column is listed: "Result", "Resources", "On the target", "Parameters", "Counters".
[[nodiscard]] std::string_view column_group(const std::string& id);

/// What the user made of the table: kept from run to run, and from start to start.
struct TableLook {
  std::set<std::string> hidden, added;  ///< Columns switched, by id, against the usual ones.
  std::vector<std::string> order;       ///< Ids from the left; a column that is not among them stands as usual.
  std::map<std::string, float> widths;  ///< By id, at scale 1.
  std::string sort = "time", filter;
  bool descending = false;
};

/// What a cell says as a number: for sorting, colouring and filtering. Empty where it says nothing.
[[nodiscard]] std::optional<double> column_number(const Row& row, const std::string& column);
[[nodiscard]] std::string column_text(const Row& row, const std::string& column);

/// One condition of a filter: "block=256", "time<0.6", or a word that must occur.
struct FilterTerm {
  std::string column;        ///< Empty: a word.
  std::string op;            ///< = != < <= > >=
  std::string text;          ///< Lower case.
  std::string unknown = {};  ///< What stands before an operator and is no column.
};
/// Terms separated by blanks, all of which must hold; after = any of several values: "block=128,256". `columns` are
/// what a term's name may mean.
[[nodiscard]] std::vector<FilterTerm> parse_filter(const std::string& text, const std::vector<Column>& columns);
[[nodiscard]] bool matches(const Row& row, const std::vector<FilterTerm>& terms);

class ResultsModel {
 public:
  [[nodiscard]] const std::vector<Column>& columns() const { return columns_; }
  [[nodiscard]] const Column* column(const std::string& id) const;
  void show_column(const std::string& id, bool shown);
  /// Columns whose title, id or explanation has `text` in it, in any case; all where it is empty.
  [[nodiscard]] std::vector<std::string> find_columns(const std::string& text) const;
  /// As they are without anybody's choice.
  void usual_columns();
  /// Before another, or behind all where that is empty.
  void move_column(const std::string& id, const std::string& before);
  void set_width(const std::string& id, float width);
  [[nodiscard]] const std::map<std::string, float>& widths() const { return look_.widths; }
  [[nodiscard]] TableLook look() const;
  void set_look(TableLook look);
  /// A name that the filter compares and no column has; empty where there is none.
  [[nodiscard]] std::string unknown_column() const;

  void sort_by(const std::string& column, bool descending);
  [[nodiscard]] const std::string& sort_column() const { return sort_column_; }
  [[nodiscard]] bool descending() const { return descending_; }

  void set_filter(const std::string& text);
  [[nodiscard]] const std::string& filter() const { return filter_; }
  /// Outcomes shown; all where empty.
  void set_outcomes(std::set<tuner::Outcome> outcomes);
  [[nodiscard]] const std::set<tuner::Outcome>& outcomes() const { return outcomes_; }

  /// By position in data.rows(): whether it is in the table. What else shows the run honours it.
  [[nodiscard]] const std::vector<std::uint8_t>& passing() const { return passing_; }
  [[nodiscard]] bool passes(std::size_t row) const { return row >= passing_.size() || passing_[row] != 0; }
  /// The filter and the outcomes chosen let it into the table.
  [[nodiscard]] bool shows(const Row& row) const;
  /// Rows are left out of the table.
  [[nodiscard]] bool narrowed() const { return order_.size() < passing_.size(); }
  /// "53 of 216 pass the filter"; empty where all do.
  [[nodiscard]] std::string narrowed_text() const;
  /// Changes where rows that were there pass, or no longer do.
  [[nodiscard]] std::uint64_t filtered() const { return filtered_; }

  /// Brings the order up to date with the run; what arrived since is merged in. True where anything changed.
  bool update(const RunData& data);
  /// Positions in data.rows(), in order.
  [[nodiscard]] const std::vector<std::uint32_t>& order() const { return order_; }

 private:
  struct Key {
    bool missing = false;
    double number = 0;
    std::string text;
    std::size_t place = 0;  ///< In the finals, of what is sorted by rank.
  };
  [[nodiscard]] Key key_of(const Row& row) const;
  [[nodiscard]] bool before(std::uint32_t a, std::uint32_t b) const;
  void find_columns(const RunData& data);
  void rebuild(const RunData& data);
  void append(const RunData& data);

  std::vector<Column> columns_;
  void arrange();

  TableLook look_;  ///< Sort and filter are below.
  std::string sort_column_ = "time", filter_;
  bool descending_ = false;
  tuner::ColumnOrder order_of_column_ = tuner::ColumnOrder::rank;  ///< Of sort_column_.
  std::set<tuner::Outcome> outcomes_;
  std::vector<FilterTerm> terms_;
  std::vector<std::uint32_t> order_;
  std::vector<std::uint8_t> passing_;  ///< By row.
  std::uint64_t filtered_ = 0;
  bool filter_changed_ = false;
  std::vector<Key> keys_;  ///< By row.
  std::size_t seen_ = 0;   ///< Rows taken in.
  std::uint64_t revision_ = 0, rebuilt_ = ~std::uint64_t{0};
  bool stale_ = true;
};

// Of rows as text: what is longer than `limit` is given up, a little over it, for who asks does not take it.

/// Rows as tab-separated text with a header, for a spreadsheet or a message.
[[nodiscard]] std::string rows_as_text(const std::vector<const Row*>& rows, const std::vector<Column>& columns,
                                       std::size_t limit = std::string::npos);
/// A JSON array with variant, configuration, outcome, times and bandwidth of each.
[[nodiscard]] std::string rows_as_json(const std::vector<const Row*>& rows, std::size_t limit = std::string::npos);
/// The `fuseline sweep` commands that measure these configurations again, one a line.
[[nodiscard]] std::string rows_as_commands(const std::vector<const Row*>& rows, const tuner::RunInfo& info,
                                           const std::vector<std::filesystem::path>& preset_paths = {},
                                           std::size_t limit = std::string::npos);
/// The command of a whole request, with the folders that problems of the user's own are in.
[[nodiscard]] std::string command_of(const tuner::SweepRequest& request,
                                     const std::vector<std::filesystem::path>& preset_paths = {});

}  // namespace fuseline::app::gui
