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
    Placed{"sequence", true, 46},       Placed{"variant", true, 96},
    Placed{"outcome", true, 74},        Placed{"rank", false, 46},
    Placed{"time", true, 78},           Placed{"against_best", true, 156},
    Placed{"timed_in", true, 62},       Placed{"of_copy", true, 74},
    Placed{"gbps", true, 62},           Placed{"projected", true, 96},
    Placed{"projected_low", false, 96}, Placed{"projected_high", false, 96},
    Placed{"of_target", true, 84},      Placed{"projected_bound", false, 84},
    Placed{"of_peak", false, 74},       Placed{"gflops", false, 70},
    Placed{"registers", true, 46},      Placed{"spills", true, 50},
    Placed{"occupancy", true, 56},      Placed{"limiter", false, 90},
    Placed{"waves", false, 58},         Placed{"shared", false, 66},
    Placed{"grid", false, 74},          Placed{"block", false, 60},
    Placed{"spread", false, 66},        Placed{"samples", false, 60},
    Placed{"shift", false, 66},         Placed{"after", false, 66},
    Placed{"sm_mhz", false, 60},        Placed{"cycles", false, 90},
    Placed{"error", false, 76},         Placed{"compile", false, 76},
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

void add_baseline_column(const std::string& name, std::vector<Column>& columns) {
  const auto after = std::find_if(columns.begin(), columns.end(), [](const Column& each) { return each.id == "time"; });
  columns.insert(after == columns.end() ? after : after + 1,
                 {std::string(kAgainstBaseline), "against baseline",
                  "Its time over that of the baseline, " + name +
                      ", less 1. \u2248: not paired, since the two were not in the same finals; then it is of the "
                      "medians in the sweeps.",
                  true, true, 120});
}

tuner::ColumnOrder order_of(const std::string& column) {
  const tuner::Column* known = tuner::find_column(column);
  return known == nullptr ? tuner::ColumnOrder::own : known->order;
}

tuner::ColumnSource source_of(const Row& row) { return {row.info, *row.evaluation, row}; }

}  // namespace

std::optional<double> column_number(const Row& row, const std::string& column) {
  if (column == kAgainstBaseline)
    return row.against_baseline > 0 ? std::optional(100.0 * (static_cast<double>(row.against_baseline) - 1))
                                    : std::nullopt;
  return tuner::cell_number(source_of(row), column);
}

std::string column_text(const Row& row, const std::string& column) {
  if (column == kAgainstBaseline && row.baseline) return "baseline";
  if (column == kAgainstBaseline)
    return row.against_baseline > 0 ? against_text(static_cast<double>(row.against_baseline), row.baseline_paired) : "";
  return tuner::cell_text(source_of(row), column);
}

std::string_view column_group(const std::string& id) {
  if (tuner::parameter_of(id)) return "Parameters";
  if (id == kAgainstBaseline) return "Result";
  if (tuner::find_column(id) == nullptr) return "Counters";
  static const std::set<std::string> there = {"projected", "projected_low", "projected_high", "of_target",
                                              "projected_bound"};
  static const std::set<std::string> resources = {"registers", "spills", "occupancy", "limiter",
                                                  "waves",     "shared", "grid",      "block"};
  if (there.count(id) > 0) return kOnTarget;
  return resources.count(id) > 0 ? "Resources" : "Result";
}

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

void ResultsModel::usual_columns() {
  TableLook usual = look();
  usual.hidden.clear();
  usual.added.clear();
  usual.order.clear();
  usual.widths.clear();
  set_look(std::move(usual));
}

TableLook ResultsModel::look() const {
  TableLook look = look_;
  look.sort = sort_column_;
  look.descending = descending_;
  look.filter = filter_;
  return look;
}

void ResultsModel::set_look(TableLook look) {
  look_ = std::move(look);
  sort_by(look_.sort, look_.descending);
  set_filter(look_.filter);
  columns_.clear();  // Found anew with the next update.
  stale_ = true;
}

void ResultsModel::move_column(const std::string& id, const std::string& before) {
  if (id == before || column(id) == nullptr) return;
  std::vector<std::string> order;
  for (const Column& each : columns_) {
    if (each.id == before) order.push_back(id);
    if (each.id != id) order.push_back(each.id);
  }
  if (column(before) == nullptr) order.push_back(id);
  look_.order = std::move(order);
  arrange();
}

void ResultsModel::set_width(const std::string& id, float width) {
  look_.widths[id] = width;
  for (Column& each : columns_) {
    if (each.id == id) each.width = width;
  }
}

/// Columns as the user put them. One that was not there then comes behind its usual neighbour.
void ResultsModel::arrange() {
  if (look_.order.empty()) return;
  std::vector<Column> arranged;
  for (const std::string& id : look_.order) {
    if (const Column* known = column(id)) arranged.push_back(*known);
  }
  std::string neighbour;
  for (const Column& each : columns_) {
    const auto is = [](const std::string& id) { return [&id](const Column& other) { return other.id == id; }; };
    if (std::none_of(arranged.begin(), arranged.end(), is(each.id))) {
      const auto left = std::find_if(arranged.begin(), arranged.end(), is(neighbour));
      arranged.insert(left == arranged.end() ? arranged.begin() : left + 1, each);
    }
    neighbour = each.id;
  }
  columns_ = std::move(arranged);
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
  (shown ? look_.added : look_.hidden).insert(id);
  (shown ? look_.hidden : look_.added).erase(id);
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
  if (data.baseline()) add_baseline_column(data.baseline()->name, columns_);
  for (const std::string& name : counters) columns_.push_back(counter_column_of(name));
  if (!data.info().target)
    std::erase_if(columns_, [](const Column& column) { return column_group(column.id) == kOnTarget; });
  // A star and as many digits as the last number will have.
  const auto most = std::max<std::uint64_t>(data.rows().size(), data.info().space_size);
  for (Column& column : columns_) {
    if (column.id == "sequence")
      column.width = std::max(column.width, 22 + 8.2F * static_cast<float>(std::to_string(most).size()));
    if (look_.hidden.count(column.id) > 0) column.shown = false;
    if (look_.added.count(column.id) > 0) column.shown = true;
    if (const auto width = look_.widths.find(column.id); width != look_.widths.end()) column.width = width->second;
  }
  arrange();
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
