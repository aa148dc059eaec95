#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tuner/device/roofline.hpp"
#include "tuner/plot/captions.hpp"
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

}  // namespace

ConvergenceModel convergence_model(const Run& run, Against against) {
  ConvergenceModel model = convergence_model(
      run.info, run.evaluations.size(), [&run](std::size_t i) -> const Evaluation& { return run.evaluations[i]; },
      against);
  model.subtitle = plot_subtitle(run);
  return model;
}

ConvergenceModel convergence_model(const RunInfo& info, std::size_t count,
                                   const std::function<const Evaluation&(std::size_t)>& at, Against against) {
  ConvergenceModel model;
  model.title = plot_title(info, info.request.strategy + " search");
  model.provenance = info.backend == Backend::replay ? Provenance::replayed : Provenance::measured;
  model.evaluations = static_cast<double>(count);
  model.against = against;
  std::vector<double> times;
  for (std::size_t i = 0; i < count; ++i) {
    const Evaluation& evaluation = at(i);
    // Workers may answer out of order.
    if (std::isfinite(evaluation.elapsed_s)) model.seconds = std::max(model.seconds, evaluation.elapsed_s);
    const double ms = sweep_ms(info, evaluation.measurement);
    if (!worked(evaluation.measurement)) continue;
    const ConvergencePoint point{static_cast<double>(i + 1), evaluation.elapsed_s, ms, evaluation.sequence};
    model.samples.push_back(point);
    times.push_back(ms);
    if (model.best.empty() || ms < model.best.back().best_ms) model.best.push_back(point);
  }
  model.expected_random = expected_random(std::move(times), count, model.seconds);
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
