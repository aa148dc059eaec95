// A run as a table for spreadsheets and data frames: RFC 4180, one row an evaluation.
#include "tuner/formats/csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tuner/run/columns.hpp"

namespace fuseline::tuner {

namespace {

using Row = std::vector<std::string>;

/// Parameters stand after it.
constexpr std::string_view kLastBeforeParameters = "variant";
/// Left out where a run is of one card.
constexpr std::string_view kOfSeveralCards = "card";

std::string cell(const ColumnSource& source, std::string_view id) {
  ExactCell exact = exact_cell(source, id);
  return exact.is_text ? csv_cell(exact.text) : std::move(exact.text);
}

/// Every parameter of every variant, in the order of first appearance.
std::vector<std::string> parameter_names(const Run& run) {
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const Evaluation& evaluation : run.evaluations) {
    for (const NamedValue& value : evaluation.configuration.values) {
      if (seen.insert(value.name).second) names.push_back(value.name);
    }
  }
  return names;
}

std::set<std::string> counter_names(const Run& run) {
  std::set<std::string> names;
  for (const Evaluation& evaluation : run.evaluations) {
    for (const auto& counter : evaluation.measurement.counters) names.insert(counter.first);
  }
  return names;
}

/// Parameters keep their names unless a column of ours has it.
std::string parameter_heading(const std::string& name) {
  const auto& ours = fixed_columns();
  const bool taken = std::any_of(ours.begin(), ours.end(), [&](const Column& column) { return column.csv == name; });
  return csv_cell(taken ? "parameter " + name : name);
}

/// A column of the file: its heading, and the id of its cells.
struct FileColumn {
  std::string heading, id;
};

std::vector<FileColumn> file_columns(const Run& run) {
  std::vector<FileColumn> columns;
  for (const Column& column : fixed_columns()) {
    const bool of_cards = column.id == kOfSeveralCards;
    if (of_cards && run.info.cards.size() < 2) continue;
    if (!column.csv.empty()) columns.push_back({std::string(column.csv), std::string(column.id)});
    if (column.id != kLastBeforeParameters) continue;
    for (const std::string& name : parameter_names(run))
      columns.push_back({parameter_heading(name), parameter_column(name)});
  }
  for (const std::string& name : counter_names(run))
    columns.push_back({csv_cell("counter " + name), counter_column(name)});
  return columns;
}

std::vector<Figures> figures_of_all(const Run& run) {
  std::vector<Figures> figures;
  for (const Evaluation& evaluation : run.evaluations) figures.push_back(figures_of(run.info, evaluation));
  std::size_t rank = 0;
  for (const Evaluation* evaluation : run.ranked())
    figures[static_cast<std::size_t>(evaluation - run.evaluations.data())].rank = ++rank;
  return figures;
}

}  // namespace

std::string csv_cell(const std::string& text) {
  const bool formula = !text.empty() && std::string_view("=+-@\t\r\n").find(text.front()) != std::string_view::npos;
  std::string cell = (formula ? "'" : "") + text;
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string csv_row(const std::vector<std::string>& cells) {
  std::string text;
  for (std::size_t i = 0; i < cells.size(); ++i) text += (i > 0 ? "," : "") + cells[i];
  return text + "\r\n";
}

std::string csv(const Run& run) {
  const auto columns = file_columns(run);
  Row row;
  for (const FileColumn& column : columns) row.push_back(column.heading);
  std::string text;
  text += csv_row(row);
  const auto figures = figures_of_all(run);
  for (std::size_t i = 0; i < run.evaluations.size(); ++i) {
    row.clear();
    for (const FileColumn& column : columns)
      row.push_back(cell({&run.info, run.evaluations[i], figures[i]}, column.id));
    text += csv_row(row);
  }
  return text;
}

}  // namespace fuseline::tuner
