#include "app/gui/models/results_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <map>

namespace fuseline::app::gui {
namespace {

constexpr std::string_view kParameter = "param:", kCounter = "counter:";

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::vector<Column> fixed_columns() {
  return {
      {"sequence", "#", "Order in which the configurations were evaluated", true, true, 46},
      {"variant", "variant", "The kernel source", false, true, 96},
      {"outcome", "outcome", "What became of the configuration", false, true, 74},
      {"time", "time (ms)", "Median of the cold runs; of the interleaved finals where it was a finalist", true, true,
       78},
      {"of_copy", "% of copy", "Compulsory bytes over time, as a share of a copy measured in the same run", true, true,
       74},
      {"gbps", "GB/s", "Compulsory bytes over time", true, true, 62},
      {"of_peak", "% of peak", "Compulsory bytes over time, as a share of the data-sheet bandwidth", true, false, 74},
      {"gflops", "GFLOP/s", "Operations of the definition over time", true, false, 70},
      {"registers", "regs", "Registers a thread", true, true, 46},
      {"spills", "spills", "Bytes a thread that spill to local memory", true, true, 50},
      {"occupancy", "occ. %", "Theoretical occupancy: warps resident over warps the SM can hold", true, true, 56},
      {"limiter", "limited by", "What limits occupancy", false, false, 90},
      {"waves", "waves", "Blocks of the grid over blocks that the device holds at once", true, false, 58},
      {"shared", "shared B", "Shared memory a block, static and dynamic", true, false, 66},
      {"grid", "grid", "Blocks of the launch that counts", true, false, 74},
      {"block", "threads", "Threads a block of the launch that counts", true, false, 60},
      {"spread", "spread %", "Interquartile range over median: how steady the samples are", true, false, 66},
      {"samples", "samples", "Timed runs", true, false, 60},
      {"error", "max error", "Largest absolute error against the reference", true, false, 76},
      {"compile", "compile ms", "Time to compile; 0 from the cache", true, false, 76},
      {"reason", "reason", "Why it failed", false, false, 220},
  };
}

double launch_volume(const tuner::Measurement& measurement, bool grid) {
  const tuner::Launch* launch = tuner::shown_launch(measurement);
  if (launch == nullptr) return 0;
  const auto& extents = grid ? launch->grid : launch->block;
  return static_cast<double>(extents[0]) * static_cast<double>(extents[1]) * static_cast<double>(extents[2]);
}

std::optional<double> positive(double value) { return value > 0 ? std::optional(value) : std::nullopt; }

using NumberOf = std::optional<double> (*)(const Row&);

std::optional<double> fact(const Row& row, double (*get)(const tuner::StaticFacts&)) {
  const auto& facts = row.evaluation->measurement.facts;
  return facts ? std::optional(get(*facts)) : std::nullopt;
}

std::optional<double> spread_of(const Row& row) {
  const tuner::Summary& time = row.evaluation->measurement.time_ms;
  return time.samples > 3 && time.median > 0 ? std::optional(100 * (time.p75 - time.p25) / time.median) : std::nullopt;
}

const std::map<std::string, NumberOf, std::less<>>& numbers() {
  static const std::map<std::string, NumberOf, std::less<>> table = {
      {"sequence", [](const Row& row) { return std::optional(static_cast<double>(row.evaluation->sequence)); }},
      {"time", [](const Row& row) { return positive(row.time_ms); }},
      {"gbps", [](const Row& row) { return positive(row.gbps); }},
      {"of_copy", [](const Row& row) { return positive(100 * row.of_copy); }},
      {"of_peak", [](const Row& row) { return positive(100 * row.of_peak); }},
      {"gflops", [](const Row& row) { return positive(row.gflops); }},
      {"registers",
       [](const Row& row) {
         return fact(row, [](const tuner::StaticFacts& facts) { return static_cast<double>(facts.registers); });
       }},
      {"spills",
       [](const Row& row) {
         return fact(row, [](const tuner::StaticFacts& facts) { return static_cast<double>(facts.spill_bytes); });
       }},
      {"occupancy",
       [](const Row& row) { return fact(row, [](const tuner::StaticFacts& facts) { return 100 * facts.occupancy; }); }},
      {"waves", [](const Row& row) { return fact(row, [](const tuner::StaticFacts& facts) { return facts.waves; }); }},
      {"shared",
       [](const Row& row) {
         const tuner::Measurement& measurement = row.evaluation->measurement;
         const tuner::Launch* launch = tuner::shown_launch(measurement);
         if (!measurement.facts || launch == nullptr) return std::optional<double>();
         return std::optional(static_cast<double>(measurement.facts->static_shared_bytes + launch->shared_bytes));
       }},
      {"grid", [](const Row& row) { return positive(launch_volume(row.evaluation->measurement, true)); }},
      {"block", [](const Row& row) { return positive(launch_volume(row.evaluation->measurement, false)); }},
      {"spread", [](const Row& row) { return spread_of(row); }},
      {"samples",
       [](const Row& row) { return positive(static_cast<double>(row.evaluation->measurement.time_ms.samples)); }},
      {"error",
       [](const Row& row) {
         const auto& verification = row.evaluation->measurement.verification;
         return verification ? std::optional(verification->max_absolute_error) : std::nullopt;
       }},
      {"compile", [](const Row& row) { return std::optional(row.evaluation->measurement.compile_ms); }},
  };
  return table;
}

/// Digits after the point by column.
std::string formatted(const std::string& column, double value) {
  if (column == "time") return value < 10 ? fmt::format("{:.4f}", value) : fmt::format("{:.2f}", value);
  if (column == "of_copy" || column == "of_peak" || column == "compile" || column == "spread")
    return fmt::format("{:.1f}", value);
  if (column == "waves") return fmt::format("{:.2f}", value);
  if (column == "error") return fmt::format("{:.1e}", value);
  if (column.rfind(kCounter, 0) == 0) return value >= 1e6 ? fmt::format("{:.3e}", value) : fmt::format("{:.6g}", value);
  return fmt::format("{:.0f}", value);
}

}  // namespace

std::optional<double> column_number(const Row& row, const std::string& column) {
  if (column.rfind(kParameter, 0) == 0) {
    const tuner::Value* value = value_of(row.evaluation->configuration, column.substr(kParameter.size()));
    return value == nullptr ? std::nullopt : value->number();
  }
  if (column.rfind(kCounter, 0) == 0) {
    const auto& counters = row.evaluation->measurement.counters;
    const auto found = counters.find(column.substr(kCounter.size()));
    return found == counters.end() ? std::nullopt : std::optional(found->second);
  }
  const auto found = numbers().find(column);
  return found == numbers().end() ? std::nullopt : found->second(row);
}

std::string column_text(const Row& row, const std::string& column) {
  const tuner::Evaluation& evaluation = *row.evaluation;
  if (column == "variant") return evaluation.configuration.variant;
  if (column == "outcome") return std::string(tuner::to_string(evaluation.measurement.outcome));
  if (column == "reason") return evaluation.measurement.reason;
  if (column == "limiter") return evaluation.measurement.facts ? evaluation.measurement.facts->occupancy_limiter : "";
  if (column.rfind(kParameter, 0) == 0) {
    const tuner::Value* value = value_of(evaluation.configuration, column.substr(kParameter.size()));
    return value == nullptr ? "" : value->to_string();
  }
  const auto number = column_number(row, column);
  return number ? formatted(column, *number) : "";
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
                           lower(column.id) == std::string(kParameter) + name;
        if (named && value != std::string::npos) term = {column.id, word.substr(op, value - op), word.substr(value)};
        // A parameter goes before a fixed column of the same name: that is what a person tuning it means.
        if (named && column.id.rfind(kParameter, 0) == 0) break;
      }
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

}  // namespace

bool matches(const Row& row, const std::vector<FilterTerm>& terms) {
  std::string haystack;
  for (const FilterTerm& term : terms) {
    if (!term.column.empty()) {
      if (!holds(row, term)) return false;
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

void ResultsModel::show_column(const std::string& id, bool shown) {
  for (Column& column : columns_) {
    if (column.id == id) column.shown = shown;
  }
  (shown ? added_ : hidden_).insert(id);
  (shown ? hidden_ : added_).erase(id);
}

void ResultsModel::sort_by(const std::string& column, bool descending) {
  if (column == sort_column_ && descending == descending_) return;
  sort_column_ = column;
  descending_ = descending;
  stale_ = true;
}

void ResultsModel::set_filter(const std::string& text) {
  if (text == filter_) return;
  filter_ = text;
  stale_ = true;
}

void ResultsModel::set_outcomes(std::set<tuner::Outcome> outcomes) {
  if (outcomes == outcomes_) return;
  outcomes_ = std::move(outcomes);
  stale_ = true;
}

ResultsModel::Key ResultsModel::key_of(const Row& row) const {
  if (const auto number = column_number(row, sort_column_)) return {false, *number, {}};
  std::string text = column_text(row, sort_column_);
  return {text.empty(), 0, std::move(text)};
}

bool ResultsModel::before(std::uint32_t a, std::uint32_t b) const {
  const Key &left = keys_[a], &right = keys_[b];
  if (left.missing != right.missing) return right.missing;  // What says nothing comes last either way.
  if (left.number != right.number) return (left.number < right.number) != descending_;
  if (const int order = left.text.compare(right.text); order != 0) return (order < 0) != descending_;
  return a < b;
}

bool ResultsModel::shows(const Row& row) const {
  if (!outcomes_.empty() && outcomes_.count(row.evaluation->measurement.outcome) == 0) return false;
  return matches(row, terms_);
}

void ResultsModel::find_columns(const RunData& data) {
  columns_ = fixed_columns();
  const auto first_detail =
      std::find_if(columns_.begin(), columns_.end(), [](const Column& column) { return column.id == "registers"; });
  std::vector<Column> parameters;
  // As wide as its longest value, and texts at the left.
  const auto add_parameter = [&](const std::string& name, const std::vector<tuner::Value>& values) {
    const std::string id = std::string(kParameter) + name;
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
  for (const std::string& name : counters)
    columns_.push_back({std::string(kCounter) + name, name, "Hardware counter " + name, true, false, 110});
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
    if (shows(rows[seen_])) order_.push_back(static_cast<std::uint32_t>(seen_));
  }
  const auto less = [this](std::uint32_t a, std::uint32_t b) { return before(a, b); };
  std::sort(order_.begin() + old_end, order_.end(), less);
  std::inplace_merge(order_.begin(), order_.begin() + old_end, order_.end(), less);
}

}  // namespace fuseline::app::gui
