#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "tuner/device/roofline.hpp"
#include "tuner/plot/captions.hpp"
#include "tuner/plot/passing.hpp"
#include "tuner/plot/roofline_plot.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/run/figures.hpp"
#include "tuner/run/projected.hpp"

namespace fuseline::tuner {
namespace {

std::string measured_word(const RunInfo& info) {
  return info.backend == Backend::replay ? " (recorded)" : " (measured)";
}

void add_device_roofs(const RunInfo& info, std::vector<Roof>& roofs) {
  const std::string name = short_device_name(info.device.name), word = measured_word(info);
  const Ceilings ceilings = info.device.ceilings.value_or(Ceilings{});
  const double copy = copy_gbps(info), compute = ceilings.fp32_gflops;
  std::string compute_label = compute > 0 ? name + " FP32 " + flops_text(compute) + word : "";
  const auto add = [&](const std::string& what, double gbps, bool measured) {
    if (gbps <= 0) return;
    roofs.push_back({fmt::format("{} {} {}{}", name, what, bandwidth_text(gbps), measured ? word : " (nominal peak)"),
                     compute_label, gbps, compute, measured, false});
    compute_label.clear();
  };
  add("copy", copy, true);
  add("L2", ceilings.l2_gbps, true);
  add("DRAM", info.device.dram_peak_gbps, false);
}

void add_target_roofs(const RunInfo& info, std::vector<Roof>& roofs) {
  if (!info.target || data_sheet_of({*info.target}, info.device.name)) return;
  for (Roof& roof : target_roofs(*info.target, RooflineView::measured)) roofs.push_back(std::move(roof));
}

RooflineMark mark_of(const Run& run, const Evaluation& evaluation, bool best) {
  const RunInfo& info = run.info;
  const Figures figures = figures_of(info, evaluation);
  RooflineMark mark;
  mark.intensity = info.flops / static_cast<double>(info.compulsory_bytes);
  mark.gflops = figures.gflops;
  mark.of_copy = figures.of_copy;
  mark.series = evaluation.configuration.variant;
  mark.best = best;
  mark.tied = figures.tied;
  mark.provenance = info.backend == Backend::replay ? Provenance::replayed : Provenance::measured;
  const std::string of_copy = mark.of_copy > 0 ? ", " + percent_text(mark.of_copy) + " of copy" : "";
  const std::string verdict = best                                        ? ", the best"
                              : figures.tied                              ? ", tied with the best"
                              : !figures.finalist && !info.finals.empty() ? ", timed in the sweep"
                                                                          : "";
  mark.label = fmt::format("{}: {}, {}{}, {}{}", evaluation.configuration.key(), time_text(figures.time_ms),
                           bandwidth_text(figures.gbps), of_copy, to_string(mark.provenance), verdict);
  if (best)
    mark.callout = fmt::format("best {}{}", time_text(figures.time_ms),
                               mark.of_copy > 0 ? "\n" + percent_text(mark.of_copy) + " of copy" : "");
  return mark;
}

/// The best once more for each level of memory whose bytes were counted.
void add_levels(const Run& run, const Evaluation& best, RooflineModel& model) {
  const auto found = measured_levels(run.info, best, run.time_of(best).median);
  if (!found || !(found->gflops > 0)) return;
  for (const MemoryLevel& level : found->levels) {
    RooflineMark mark;
    mark.intensity = level.intensity;
    mark.gflops = found->gflops;
    mark.series = best.configuration.variant;
    mark.provenance = run.info.backend == Backend::replay ? Provenance::replayed : Provenance::measured;
    mark.callout = level.name;
    mark.label = fmt::format("the best by {}: {:.3g} executed operations a byte moved, {}, {}", level.name,
                             level.intensity, bandwidth_text(level.gbps), to_string(mark.provenance));
    model.marks.push_back(std::move(mark));
  }
  model.notes.emplace_back(kMeasuredCaption);
}

void add_units(const Run& run, const Evaluation& best, RooflineModel& model) {
  std::vector<Roof> roofs = unit_roofs(run.info, best, run.time_of(best).median);
  if (roofs.empty()) return;
  model.roofs.insert(model.roofs.end(), std::make_move_iterator(roofs.begin()), std::make_move_iterator(roofs.end()));
  model.notes.emplace_back(
      "Roofs of issue slots, special functions and shared memory: what the best does, over how busy it keeps each of "
      "them, by hardware counters. Units that it keeps less than 2 % busy have none.");
}

/// The target's projection of the best in its space as a mark and a note.
void add_projection(const RunInfo& info, const Evaluation& best, bool best_of_all, RooflineModel& model) {
  if (!info.target) return;
  const auto projection = projected(info, best);
  if (!projection) return;
  const std::string name = short_device_name(info.target->label());
  RooflineMark mark;
  mark.intensity = info.flops / static_cast<double>(info.compulsory_bytes);
  mark.gflops = projection->gflops;
  mark.provenance = Provenance::projected;
  mark.evaluated = false;
  // Both ends to as many digits.
  const int digits = std::max(0, 2 - static_cast<int>(std::floor(std::log10(projection->low_ms))));
  mark.callout = fmt::format("projected {} ({:.{}f}-{:.{}f})\non {}", time_text(projection->time_ms),
                             projection->low_ms, digits, projection->high_ms, digits, name);
  mark.label = fmt::format(
      "#{}, {}: projected {} on {}, in 80 of 100 cases {} to {}, bound by {}: {}, {} of its peak, not measured",
      best.sequence, best_of_all ? "the best here" : "the best of its space", time_text(projection->time_ms), name,
      time_text(projection->low_ms), time_text(projection->high_ms), to_string(projection->bound),
      bandwidth_text(projection->gbps), percent_text(projection->share));
  if (!best_of_all) mark.label += fmt::format(". The best here is not in its space: {}", info.target_fit->misfit);
  model.notes.push_back(
      fmt::format("Projected (diamond), not measured: the best{} on {} by what it did on {}: {}, in 80 of 100 cases {} "
                  "to {}, bound "
                  "by {}, where the data sheet allows {}.{}",
                  best_of_all ? "" : " of its space, which is not the best here,", name,
                  short_device_name(info.device.name), time_text(projection->time_ms), time_text(projection->low_ms),
                  time_text(projection->high_ms), to_string(projection->bound), time_text(projection->floor_ms),
                  projection->fits_l2 ? " The compulsory bytes fit its L2, so warm runs may be faster." : ""));
  model.marks.push_back(std::move(mark));
}

}  // namespace

std::string filtered_text(const Run& run, const std::optional<std::vector<std::uint64_t>>& passing) {
  if (!passing) return "";
  const Passing passes(passing);
  const auto ranked = run.ranked();
  const auto drawn =
      std::count_if(ranked.begin(), ranked.end(), [&](const Evaluation* each) { return passes.has(each->sequence); });
  return fmt::format("{} of {} that worked pass the filter and are drawn.", grouped(static_cast<double>(drawn)),
                     grouped(static_cast<double>(ranked.size())));
}

RooflineModel roofline_model(const Run& run, const RooflineParts& parts) {
  const RunInfo& info = run.info;
  RooflineModel model;
  model.title = plot_title(info);
  model.subtitle = plot_subtitle(run);
  if (!says_bytes_and_operations(info)) return model;
  add_device_roofs(info, model.roofs);
  add_target_roofs(info, model.roofs);
  model.copy_gbps = copy_gbps(info);

  const auto ranked = run.ranked();
  const std::string copy =
      model.copy_gbps > 0
          ? fmt::format("Copy {}: {} GB/s. ", info.copy_gbps > 0 ? "in the same run" : "by the device's ceilings",
                        grouped(model.copy_gbps))
          : "";
  model.notes.push_back(origin_text(info) + ".");
  model.notes.push_back(copy + compulsory_caption(info));
  if (parts.passing) model.notes.push_back(filtered_text(run, parts.passing));
  if (parts.hierarchy && !ranked.empty()) add_levels(run, *ranked.front(), model);
  if (parts.units && !ranked.empty()) add_units(run, *ranked.front(), model);
  const Passing passes(parts.passing);
  for (auto evaluation = ranked.rbegin(); evaluation != ranked.rend(); ++evaluation) {
    if (!passes.has((*evaluation)->sequence)) continue;
    if (run.time_of(**evaluation).median > 0)
      model.marks.push_back(mark_of(run, **evaluation, *evaluation == ranked.front()));
  }
  if (const Evaluation* there = run.best_for_target()) add_projection(info, *there, there == ranked.front(), model);
  return model;
}

}  // namespace fuseline::tuner
