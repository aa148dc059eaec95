#include "app/gui/models/brush.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "tuner/base/text.hpp"

namespace fuseline::app::gui {
namespace {

std::vector<std::string> terms_of(const std::string& text) {
  std::vector<std::string> words = tuner::split(text, ' ');
  std::erase(words, "");
  return words;
}

/// Empty of a word that is about none.
std::string column_of(const std::string& term, const std::vector<Column>& columns) {
  const std::vector<FilterTerm> terms = parse_filter(term, columns);
  return terms.empty() ? std::string() : terms.front().column;
}

std::string without(const std::string& filter, const std::set<std::string>& dropped,
                    const std::vector<Column>& columns) {
  std::vector<std::string> kept;
  for (const std::string& word : terms_of(filter)) {
    if (!dropped.contains(column_of(word, columns))) kept.push_back(word);
  }
  return fmt::format("{}", fmt::join(kept, " "));
}

bool can_be_said(const std::string& value) { return !value.empty() && value.find(' ') == std::string::npos; }

/// A truth value counts as a number and is not written as one.
bool is_written_as_number(const std::string& value) {
  double ignored = 0;
  const auto [at, error] = std::from_chars(value.data(), value.data() + value.size(), ignored);
  return error == std::errc() && at == value.data() + value.size();
}

/// To four digits, not above or not below.
double rounded(double value, bool up) {
  if (!(std::abs(value) > 0)) return value;
  const double unit = std::pow(10.0, std::floor(std::log10(std::abs(value))) - 3);
  return (up ? std::ceil(value / unit - 1e-9) : std::floor(value / unit + 1e-9)) * unit;
}

}  // namespace

std::string narrowed_filter(const std::string& filter, const std::string& terms, const std::vector<Column>& columns) {
  std::set<std::string> about;
  for (const std::string& term : terms_of(terms)) {
    if (std::string column = column_of(term, columns); !column.empty()) about.insert(std::move(column));
  }
  const std::string rest = without(filter, about, columns);
  return rest.empty() ? terms : rest + " " + terms;
}

std::string widened_filter(const std::string& filter, const std::string& names, const std::vector<Column>& columns) {
  std::set<std::string> about;
  for (const std::string& name : terms_of(names)) {
    if (std::string column = column_of(name + "=0", columns); !column.empty()) about.insert(std::move(column));
  }
  return without(filter, about, columns);
}

bool filter_says(const std::string& filter, const std::string& terms) {
  const std::vector<std::string> words = terms_of(filter), wanted = terms_of(terms);
  return !wanted.empty() && std::all_of(wanted.begin(), wanted.end(), [&](const std::string& term) {
    return std::find(words.begin(), words.end(), term) != words.end();
  });
}

std::string level_terms(const tuner::LevelTable& axis, const std::vector<std::uint32_t>& levels) {
  std::vector<std::string> values;
  for (const std::uint32_t level : levels) {
    const std::string& value = axis.values[level];
    if (value == tuner::kNoValue) continue;
    if (!can_be_said(value)) return {};
    values.push_back(value);
  }
  if (values.empty() || !can_be_said(axis.name)) return {};
  if (values.size() > 1 && axis.numeric && std::all_of(values.begin(), values.end(), is_written_as_number))
    return fmt::format("{0}>={1} {0}<={2}", axis.name, values.front(), values.back());
  return fmt::format("{}={}", axis.name, fmt::join(values, ","));
}

std::string range_terms(const std::string& column, double low, double high) {
  return fmt::format("{0}>={1:.6g} {0}<={2:.6g}", column, rounded(std::min(low, high), false),
                     rounded(std::max(low, high), true));
}

std::string cell_terms(const tuner::HeatmapModel& model, std::size_t column, std::size_t row, bool several_variants) {
  const std::string x = level_terms(model.x, {static_cast<std::uint32_t>(column)}),
                    y = level_terms(model.y, {static_cast<std::uint32_t>(row)});
  if (x.empty() || y.empty()) return {};
  const bool within = several_variants && model.variant != tuner::kAllVariants;
  return (within ? "variant=" + model.variant + " " : "") + x + " " + y;
}

}  // namespace fuseline::app::gui
