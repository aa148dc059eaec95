#include "app/gui/models/results_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

#include "tuner/base/text.hpp"
#include "tuner/counters/metric_sets.hpp"

namespace fuseline::app::gui {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// The columns of every run in the order of the table.
struct Placed {
  std::string_view id;
  bool shown;
  float width;
};
constexpr std::array kPlaced = {
    Placed{"sequence", true, 46}, Placed{"variant", true, 96},   Placed{"outcome", true, 74},
    Placed{"rank", false, 46},    Placed{"time", true, 78},      Placed{"against_best", true, 156},
    Placed{"timed_in", true, 62}, Placed{"of_copy", true, 74},   Placed{"gbps", true, 62},
    Placed{"of_peak", false, 74}, Placed{"gflops", false, 70},   Placed{"registers", true, 46},
    Placed{"spills", true, 50},   Placed{"occupancy", true, 56}, Placed{"limiter", false, 90},
    Placed{"waves", false, 58},   Placed{"shared", false, 66},   Placed{"grid", false, 74},
    Placed{"block", false, 60},   Placed{"spread", false, 66},   Placed{"samples", false, 60},
    Placed{"shift", false, 66},   Placed{"after", false, 66},    Placed{"sm_mhz", false, 60},
    Placed{"cycles", false, 90},  Placed{"error", false, 76},    Placed{"compile", false, 76},
    Placed{"reason", false, 220},
};

std::vector<Column> placed_columns() {
  std::vector<Column> columns;
  for (const Placed& placed : kPlaced) {
    const tuner::Column& known = *tuner::find_column(placed.id);
    columns.push_back({std::string(known.id), std::string(known.title), std::string(known.meaning), known.numeric,
                       placed.shown, placed.width});
  }
  return columns;
}

/// By the words that other panels use; its own name is in the explanation.
Column counter_column_of(const std::string& name) {
  const tuner::MetricInfo* known = tuner::find_metric(name);
  return {tuner::counter_column(name),
          known == nullptr ? name : std::string(known->label),
          (known == nullptr ? "Hardware counter " : std::string(known->explanation) + "\n\n") + name,
          true,
          false,
          110};
}

tuner::ColumnOrder order_of(const std::string& column) {
  const tuner::Column* known = tuner::find_column(column);
  return known == nullptr ? tuner::ColumnOrder::own : known->order;
}

tuner::ColumnSource source_of(const Row& row) { return {nullptr, *row.evaluation, row}; }

}  // namespace

std::optional<double> column_number(const Row& row, const std::string& column) {
  return tuner::cell_number(source_of(row), column);
}

std::string column_text(const Row& row, const std::string& column) { return tuner::cell_text(source_of(row), column); }

std::vector<FilterTerm> parse_filter(const std::string& text, const std::vector<Column>& columns) {
  std::vector<FilterTerm> terms;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = lower(text.substr(at, end - at));
    at = end + 1;
    if (word.empty()) continue;
    FilterTerm term{"", "", word};
    const std::size_t op = word.find_first_of("=!<>");
    if (op != std::string::npos && op > 0) {
      const std::string name = word.substr(0, op);
      const std::size_t value = word.find_first_not_of("=!<>", op);
      for (const Column& column : columns) {
        const bool named = lower(column.id) == name || lower(column.title) == name ||
                           lower(column.id) == tuner::parameter_column(name) ||
                           lower(column.id) == tuner::counter_column(name);
        if (named && value != std::string::npos) term = {column.id, word.substr(op, value - op), word.substr(value)};
        // A parameter goes before a fixed column of the same name: that is what a person tuning it means.
        if (named && tuner::parameter_of(column.id)) break;
      }
      if (term.column.empty()) term.unknown = name;
    }
    terms.push_back(std::move(term));
  }
  return terms;
}

namespace {

bool holds(const Row& row, const FilterTerm& term) {
  const std::string text = lower(column_text(row, term.column));
  double wanted = 0;
  const char* end = term.text.data() + term.text.size();
  const auto [at, error] = std::from_chars(term.text.data(), end, wanted);
  const auto number = column_number(row, term.column);
  if (error == std::errc() && at == end && number) {
    if (term.op == "<") return *number < wanted;
    if (term.op == "<=") return *number <= wanted;
    if (term.op == ">") return *number > wanted;
    if (term.op == ">=") return *number >= wanted;
    return (*number == wanted) == (term.op == "=" || term.op == "==");
  }
  if (term.op == "!=") return text != term.text;
  return (term.op == "=" || term.op == "==") && text == term.text;
}

/// "a,b" after = is any of them, unless a value is written so itself.
bool holds_any(const Row& row, const FilterTerm& term) {
  if (holds(row, term)) return true;
  if (term.op != "=" && term.op != "==") return false;
  const std::vector<std::string> texts = tuner::split(term.text, ',');
  return texts.size() > 1 && std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
           return !text.empty() && holds(row, {term.column, term.op, text});
         });
}

}  // namespace

bool matches(const Row& row, const std::vector<FilterTerm>& terms) {
  std::string haystack;
  for (const FilterTerm& term : terms) {
    if (!term.column.empty()) {
      if (!holds_any(row, term)) return false;
      continue;
    }
    if (haystack.empty()) {
      const tuner::Measurement& measurement = row.evaluation->measurement;
      haystack = lower(row.evaluation->configuration.key() + " " + std::string(tuner::to_string(measurement.outcome)) +
                       " " + measurement.reason);
    }
    if (haystack.find(term.text) == std::string::npos) return false;
  }
  return true;
}

const Column* ResultsModel::column(const std::string& id) const {
  const auto found =
      std::find_if(columns_.begin(), columns_.end(), [&](const Column& column) { return column.id == id; });
  return found == columns_.end() ? nullptr : &*found;
}

std::vector<std::string> ResultsModel::find_columns(const std::string& text) const {
  const std::string wanted = lower(text);
  std::vector<std::string> found;
  for (const Column& column : columns_) {
    if (lower(column.title + "\n" + column.id + "\n" + column.tooltip).find(wanted) != std::string::npos)
      found.push_back(column.id);
  }
  return found;
}

void ResultsModel::usual_columns() { set_switched({}, {}); }

void ResultsModel::set_switched(std::set<std::string> hidden, std::set<std::string> added) {
  hidden_ = std::move(hidden);
  added_ = std::move(added);
  columns_.clear();  // Found anew with the next update.
  stale_ = true;
}

std::string ResultsModel::unknown_column() const {
  for (const FilterTerm& term : terms_) {
    if (!term.unknown.empty()) return term.unknown;
  }
  return {};
}

void ResultsModel::show_column(const std::string& id, bool shown) {
  for (Column& column : columns_) {
    if (column.id == id) column.shown = shown;
  }
  (shown ? added_ : hidden_).insert(id);
  (shown ? hidden_ : added_).erase(id);
}

std::string ResultsModel::narrowed_text() const {
  if (!narrowed()) return {};
  return fmt::format("{} of {} pass the filter", tuner::grouped(static_cast<double>(order_.size())),
                     tuner::grouped(static_cast<double>(passing_.size())));
}

void ResultsModel::sort_by(const std::string& column, bool descending) {
  if (column == sort_column_ && descending == descending_) return;
  sort_column_ = column;
  descending_ = descending;
  order_of_column_ = order_of(column);
  stale_ = true;
}

void ResultsModel::set_filter(const std::string& text) {
  if (text == filter_) return;
  filter_ = text;
  stale_ = filter_changed_ = true;
}

void ResultsModel::set_outcomes(std::set<tuner::Outcome> outcomes) {
  if (outcomes == outcomes_) return;
  outcomes_ = std::move(outcomes);
  stale_ = filter_changed_ = true;
}

ResultsModel::Key ResultsModel::key_of(const Row& row) const {
  if (order_of_column_ != tuner::ColumnOrder::own)
    return {!row.ok() || !column_number(row, sort_column_), row.standing.value, {}, row.standing.place};
  if (const auto number = column_number(row, sort_column_)) return {false, *number, {}};
  std::string text = column_text(row, sort_column_);
  return {text.empty(), 0, std::move(text)};
}

bool ResultsModel::before(std::uint32_t a, std::uint32_t b) const {
  const Key &left = keys_[a], &right = keys_[b];
  if (left.missing != right.missing) return right.missing;  // What says nothing comes last either way.
  const bool turned = descending_ != (order_of_column_ == tuner::ColumnOrder::reversed_rank);
  if (left.place != right.place) return (left.place < right.place) != turned;
  if (left.number != right.number) return (left.number < right.number) != turned;
  if (const int order = left.text.compare(right.text); order != 0) return (order < 0) != descending_;
  return a < b;
}

bool ResultsModel::shows(const Row& row) const {
  if (!outcomes_.empty() && outcomes_.count(row.evaluation->measurement.outcome) == 0) return false;
  return matches(row, terms_);
}

void ResultsModel::find_columns(const RunData& data) {
  columns_ = placed_columns();
  const auto first_detail =
      std::find_if(columns_.begin(), columns_.end(), [](const Column& column) { return column.id == "registers"; });
  std::vector<Column> parameters;
  // As wide as its longest value, and texts at the left.
  const auto add_parameter = [&](const std::string& name, const std::vector<tuner::Value>& values) {
    const std::string id = tuner::parameter_column(name);
    auto found =
        std::find_if(parameters.begin(), parameters.end(), [&](const Column& column) { return column.id == id; });
    if (found == parameters.end())
      found = parameters.insert(parameters.end(), {id, name, "Parameter " + name, true, true, 52});
    for (const tuner::Value& value : values) {
      found->numeric = found->numeric && value.number().has_value();
      found->width = std::max(found->width, 14 + 8.6F * static_cast<float>(value.to_string().size()));
    }
  };
  for (const tuner::SubSpace& subspace : data.info().subspaces) {
    for (const tuner::Parameter& parameter : subspace.parameters) add_parameter(parameter.name, parameter.values);
  }
  std::set<std::string> variants, counters;
  for (const Row& row : data.rows()) {
    for (const auto& [name, value] : row.evaluation->measurement.counters) counters.insert(name);
    if (!variants.insert(row.evaluation->configuration.variant).second) continue;
    for (const tuner::NamedValue& value : row.evaluation->configuration.values)
      add_parameter(value.name, {value.value});
  }
  columns_.insert(first_detail, parameters.begin(), parameters.end());
  for (const std::string& name : counters) columns_.push_back(counter_column_of(name));
  for (Column& column : columns_) {
    if (hidden_.count(column.id) > 0) column.shown = false;
    if (added_.count(column.id) > 0) column.shown = true;
  }
}

bool ResultsModel::update(const RunData& data) {
  if (!stale_ && revision_ == data.revision()) return false;
  const bool afresh = stale_ || rebuilt_ != data.rebuilt();
  // The first row of a run tells its columns.
  if (rebuilt_ != data.rebuilt() || columns_.empty() || (seen_ == 0 && !data.rows().empty())) find_columns(data);
  if (afresh) {
    rebuild(data);
  } else {
    append(data);
  }
  revision_ = data.revision();
  rebuilt_ = data.rebuilt();
  stale_ = false;
  return true;
}

void ResultsModel::rebuild(const RunData& data) {
  terms_ = parse_filter(filter_, columns_);
  order_.clear();
  passing_.clear();
  if (std::exchange(filter_changed_, false)) ++filtered_;
  keys_.clear();
  seen_ = 0;
  append(data);
}

void ResultsModel::append(const RunData& data) {
  const auto& rows = data.rows();
  const auto old_end = static_cast<std::ptrdiff_t>(order_.size());
  keys_.reserve(rows.size());
  for (; seen_ < rows.size(); ++seen_) {
    keys_.push_back(key_of(rows[seen_]));
    passing_.push_back(shows(rows[seen_]) ? 1 : 0);
    if (passing_.back() != 0) order_.push_back(static_cast<std::uint32_t>(seen_));
  }
  const auto less = [this](std::uint32_t a, std::uint32_t b) { return before(a, b); };
  std::sort(order_.begin() + old_end, order_.end(), less);
  std::inplace_merge(order_.begin(), order_.begin() + old_end, order_.end(), less);
}

}  // namespace fuseline::app::gui
