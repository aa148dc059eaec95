#include "app/gui/models/counters_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "tuner/counters/metric_sets.hpp"
#include "tuner/counters/names.hpp"
#include "tuner/plot/why_plots.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/run/figures.hpp"

namespace fuseline::app::gui {
namespace {

constexpr const char* kGauges[] = {tuner::metric::kDramThroughput, tuner::metric::kL2Throughput,
                                   tuner::metric::kSmThroughput,   tuner::metric::kIssueActive,
                                   tuner::metric::kWarpsActive,    tuner::metric::kL2HitRate,
                                   tuner::metric::kGridSize};

CounterLine line_of(const std::string& metric, std::optional<double> value) {
  const tuner::MetricInfo* known = tuner::find_metric(metric);
  return {metric, known == nullptr ? metric : std::string(known->label),
          value ? tuner::metric_text(metric, *value) : "not read",
          known == nullptr ? metric : fmt::format("{}\n\n{}", known->explanation, metric)};
}

std::optional<double> value_of(const tuner::Counters& counters, const std::string& metric) {
  const auto found = counters.find(metric);
  return found == counters.end() || !std::isfinite(found->second) ? std::nullopt : std::optional(found->second);
}

/// The grid is known from the launch where no counter has it.
std::optional<double> reading_for(const tuner::Measurement& measurement, const std::string& metric) {
  if (const auto value = value_of(measurement.counters, metric)) return value;
  const tuner::Launch* launch = tuner::shown_launch(measurement);
  if (metric != tuner::metric::kGridSize || launch == nullptr) return std::nullopt;
  double blocks = 1;
  for (const auto extent : launch->grid) blocks *= static_cast<double>(extent);
  return blocks;
}

std::optional<double> share_of(const std::string& metric, std::optional<double> value) {
  const tuner::MetricInfo* known = tuner::find_metric(metric);
  if (!value || known == nullptr || known->unit != tuner::MetricUnit::percent) return std::nullopt;
  return std::clamp(*value / 100, 0.0, 1.0);
}

Gauge gauge_of(const tuner::Measurement& measurement, const std::string& metric, const tuner::GivenReading* given) {
  const auto value = reading_for(measurement, metric);
  Gauge gauge{line_of(metric, value), value, share_of(metric, value), {}, {}};
  const auto external = given == nullptr ? std::nullopt : value_of(given->counters, metric);
  if (!external) return gauge;
  gauge.external_share = share_of(metric, external);
  gauge.external = tuner::metric_text(metric, *external);
  return gauge;
}

std::vector<CounterSection> sections_of(const tuner::Counters& counters) {
  std::vector<CounterSection> sections;
  for (const tuner::MetricGroup group : tuner::kMetricGroups) {
    CounterSection section{std::string(tuner::to_string(group)), {}};
    for (const tuner::MetricInfo& known : tuner::known_metrics()) {
      const auto found = counters.find(std::string(known.name));
      if (known.group == group && found != counters.end())
        section.lines.push_back(line_of(found->first, found->second));
    }
    if (!section.lines.empty()) sections.push_back(std::move(section));
  }
  CounterSection other{"other", {}};
  for (const auto& [metric, value] : counters) {
    if (tuner::find_metric(metric) == nullptr) other.lines.push_back(line_of(metric, value));
  }
  if (!other.lines.empty()) sections.push_back(std::move(other));
  return sections;
}

}  // namespace

tuner::CounterAnalysis analyse(const RunData& data, const Row& row) {
  return tuner::analyse(data.info(), *row.evaluation, row.time_ms);
}

std::optional<tuner::Headline> bound_of(const RunData& data, const Row& row) {
  if (row.evaluation->measurement.counters.empty()) return std::nullopt;
  return tuner::headline(analyse(data, row));
}

const tuner::Headline* BoundModel::of(const RunData& data, const Row& row) {
  const std::pair now(data.revision(), row.evaluation->sequence);
  if (std::exchange(of_, now) != now) bound_ = bound_of(data, row);
  return bound_ ? &*bound_ : nullptr;
}

const tuner::GivenReading* given_reading(const std::vector<tuner::GivenReading>& given, tuner::Dtype dtype) {
  const auto same = std::find_if(given.begin(), given.end(), [dtype](const tuner::GivenReading& each) {
    return each.dtype == tuner::to_string(dtype);
  });
  if (same != given.end()) return &*same;
  return given.empty() ? nullptr : &given.front();
}

namespace {

std::string difference_of(const std::string& metric, std::optional<double> own, std::optional<double> other) {
  const tuner::MetricInfo* known = tuner::find_metric(metric);
  if (!own || !other) return {};
  if (*own == *other) return "same";
  if (known != nullptr && known->unit == tuner::MetricUnit::percent)
    return fmt::format("{:+.1f} points", *own - *other);
  return *other == 0 ? "" : tuner::change_text(*own / *other - 1);
}

}  // namespace

void compare_with(const tuner::Measurement& measurement, const tuner::Measurement& baseline, const std::string& name,
                  CountersView& view) {
  view.baseline = name;
  const auto tell = [&](CounterLine& line) {
    line.difference =
        difference_of(line.metric, reading_for(measurement, line.metric), reading_for(baseline, line.metric));
  };
  for (Gauge& gauge : view.gauges) tell(gauge.line);
  for (CounterSection& section : view.sections) std::for_each(section.lines.begin(), section.lines.end(), tell);
}

CountersView counters_view(const tuner::Run& run, const tuner::Evaluation& evaluation, const tuner::GivenReading* given,
                           const std::string& given_device) {
  CountersView view;
  view.sequence = evaluation.sequence;
  view.explanation = tuner::explain(run, evaluation);
  view.headline = tuner::headline(view.explanation.analysis);
  for (const char* metric : kGauges) view.gauges.push_back(gauge_of(evaluation.measurement, metric, given));
  view.sections = sections_of(evaluation.measurement.counters);
  if (given != nullptr)
    view.external = fmt::format("{} on {}, {}: a reading given with the problem, not measured here", given->kernel,
                                tuner::short_device_name(given_device), given->dtype);
  view.memory = tuner::memory_model(run.info, evaluation);
  view.occupancy = tuner::occupancy_model(run.info, evaluation);
  return view;
}

}  // namespace fuseline::app::gui
