#include "tuner/report/explanation.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <utility>

#include "tuner/base/text.hpp"
#include "tuner/device/roofline.hpp"
#include "tuner/formats/counters_json.hpp"
#include "tuner/formats/parts.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/run/figures.hpp"
#include "tuner/run/projected.hpp"
#include "tuner/session/profile.hpp"

namespace fuseline::tuner {
namespace {}  // namespace

Explanation explain(const Run& run, const Evaluation& evaluation) {
  Explanation explanation;
  explanation.time_ms = run.time_of(evaluation).median;
  const double copy = copy_gbps(run.info);
  if (copy > 0 && run.info.compulsory_bytes > 0) {
    explanation.floor_ms = floor_ms(0, static_cast<double>(run.info.compulsory_bytes), copy, 0);
    if (explanation.time_ms > 0) explanation.of_floor = explanation.floor_ms / explanation.time_ms;
  }
  explanation.analysis = analyse(run, evaluation);
  explanation.projection = projected(run.info, evaluation);
  explanation.advice = advice_on(run, evaluation, explanation.analysis, explanation.of_floor);
  return explanation;
}

Explanation explain_profile(const Run& run, const Evaluation& evaluation, const std::filesystem::path& data) {
  Explanation explanation = explain(run, evaluation);
  const auto recording = recorded_around(run, data);
  if (recording == nullptr) return explanation;
  const auto recorded = recording->by_key.find(evaluation.configuration.key());
  if (recorded == recording->by_key.end()) return explanation;
  // Bounds are of the counters that this profile asked for.
  Run around = recording->run;
  around.info.target = run.info.target;
  const auto place = static_cast<std::size_t>(recorded->second - recording->run.evaluations.data());
  explanation.advice = advice_on(around, around.evaluations[place], explanation.analysis, explanation.of_floor);
  return explanation;
}

OrderedJson explanation_json(const Explanation& explanation) {
  const auto known = [](double value) { return value > 0 ? finite_or_null(value) : OrderedJson(nullptr); };
  OrderedJson analysis = analysis_json(explanation.analysis);
  OrderedJson json;
  json["time_ms"] = known(explanation.time_ms);
  json["floor_ms"] = known(explanation.floor_ms);
  json["of_floor"] = known(explanation.of_floor);
  json["fusion"] = std::move(analysis["fusion"]);
  json["occupancy"] = std::move(analysis["occupancy"]);
  json["bounds"] = std::move(analysis["bounds"]);
  json["advice"] = advice_json(explanation.advice);
  return json;
}

Headline headline(const CounterAnalysis& analysis) {
  if (analysis.bounds.empty())
    return {"What bounds it is not known", "no hardware counters were read of this configuration"};
  const Bound& first = analysis.bounds.front();
  if (first.rival) return {"Not told apart: " + bound_name(first), first.text};
  if (first.kind == BoundKind::copy) return {"Bound by DRAM bandwidth: at the copy's rate", first.text};
  // Latency and what is not told apart from it come first only where no unit is busy: their level is what is unused.
  const bool waiting = first.kind == BoundKind::latency || first.kind == BoundKind::execution;
  if (waiting || first.level == BoundLevel::limits)
    return {fmt::format("Bound by {}", to_string(first.kind)), first.text};
  return {fmt::format("Nearest to its limit: {}", to_string(first.kind)), first.text};
}

std::string statement_text(const Explanation& explanation) {
  const Headline first = headline(explanation.analysis);
  std::string text = first.text + (explanation.analysis.bounds.empty() ? ": " + first.reading : "") + ".\n";
  if (explanation.analysis.fusion) text += "Fusion " + explanation.analysis.fusion->text + ".\n";
  if (explanation.analysis.occupancy) text += "Occupancy: " + explanation.analysis.occupancy->text + ".\n";
  if (!explanation.analysis.bounds.empty()) text += "\nBounds, the tightest first:\n\n";
  for (const Bound& bound : explanation.analysis.bounds)
    text += fmt::format("- {} ({}): {}.\n", bound_name(bound), bound_level_text(bound), bound.text);
  for (const bool tried : {false, true}) {
    const char* title = tried ? "\nAlready tried:\n\n" : "\nWhat to try:\n\n";
    for (const Advice& advice : explanation.advice) {
      if (advice.tried != tried) continue;
      text += fmt::format("{}- {}. Reading: {}.\n", title, advice.text, advice.reading);
      title = "";
    }
  }
  return printable(text, true);
}

std::string explanation_text(const Explanation& explanation) {
  std::string text;
  if (explanation.of_floor > 0) {
    text = fmt::format("{}; the compulsory bytes at the copy bandwidth take {}: {} of the copy's speed.\n",
                       time_text(explanation.time_ms), time_text(explanation.floor_ms),
                       percent_text(explanation.of_floor));
  }
  return text + statement_text(explanation);
}

OrderedJson projection_json(const RunInfo& info, const std::optional<Projection>& projection) {
  if (!projection || !info.target) return nullptr;
  OrderedJson json = projected_object(projection);
  json["target"] = info.target->name;
  return json;
}

}  // namespace fuseline::tuner
