#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tuner/device/roofline.hpp"
#include "tuner/plot/plots.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/run/figures.hpp"
#include "tuner/stats/statistics.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::uint64_t kRandomPoints = 200;

std::vector<ConvergencePoint> expected_random(std::vector<double> times, std::uint64_t total, double seconds) {
  std::sort(times.begin(), times.end());
  std::vector<ConvergencePoint> points;
  if (times.empty()) return points;
  std::uint64_t last = 0;
  for (std::uint64_t i = 0; i <= kRandomPoints; ++i) {
    // Closer together at the start, where the curve bends.
    const double share = static_cast<double>(i) / static_cast<double>(kRandomPoints);
    const auto draws = std::clamp<std::uint64_t>(
        static_cast<std::uint64_t>(std::llround(share * share * static_cast<double>(total))), 1, total);
    if (draws == last) continue;
    last = draws;
    const double drawn = static_cast<double>(draws);
    points.push_back({drawn, seconds * drawn / static_cast<double>(total), expected_best(times, total, draws)});
  }
  return points;
}

/// Workers may answer out of order.
double last_elapsed_s(const Run& run) {
  double last = 0;
  for (const Evaluation& evaluation : run.evaluations)
    last = std::max(last, std::isfinite(evaluation.elapsed_s) ? evaluation.elapsed_s : 0.0);
  return last;
}

}  // namespace

ConvergenceModel convergence_model(const Run& run, Against against) {
  const RunInfo& info = run.info;
  ConvergenceModel model;
  model.title = fmt::format("{}: {} search on {}", info.problem_title.empty() ? info.problem : info.problem_title,
                            info.request.strategy, info.device.name.empty() ? "an unnamed device" : info.device.name);
  model.subtitle = fmt::format("{}  \u00b7  {}  \u00b7  {}", info.problem, instance_text(info), outcomes_text(run));
  model.provenance = info.backend == Backend::replay ? Provenance::replayed : Provenance::measured;
  model.evaluations = static_cast<double>(run.evaluations.size());
  model.seconds = last_elapsed_s(run);
  model.against = against;
  std::vector<double> times;
  double count = 0;
  for (const Evaluation& evaluation : run.evaluations) {
    ++count;
    const double ms = evaluation.measurement.time_ms.median;
    if (!worked(evaluation.measurement)) continue;
    const ConvergencePoint point{count, evaluation.elapsed_s, ms};
    model.samples.push_back(point);
    times.push_back(ms);
    if (model.best.empty() || ms < model.best.back().best_ms) model.best.push_back(point);
  }
  model.expected_random = expected_random(std::move(times), run.evaluations.size(), model.seconds);
  const double copy = copy_gbps(info);
  if (copy > 0 && info.compulsory_bytes > 0)
    model.floor_ms = floor_ms(0, static_cast<double>(info.compulsory_bytes), copy, 1);
  model.notes.push_back(origin_text(info) + ".");
  std::string explained = "Times are " + times_text(info) + ", before the finals.";
  if (!info.objective.is_time()) explained += " The run is ranked " + objective_text(info.objective) + ".";
  if (model.floor_ms) {
    explained += fmt::format(" Floor: {}, the compulsory bytes at the copy bandwidth of the run, {} GB/s.",
                             time_text(*model.floor_ms), grouped(copy));
  }
  model.notes.push_back(std::move(explained));
  const std::string_view pace = against == Against::seconds ? " An evaluation takes the mean time of these." : "";
  model.notes.push_back(fmt::format(
      "Random search, expected: the mean over all orders of these evaluations, failures included.{}", pace));
  return model;
}

}  // namespace fuseline::tuner
