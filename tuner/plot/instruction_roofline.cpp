// The instruction roofline: warp instructions a second over warp instructions for each 32-byte transaction of a level
// of memory, both by hardware counters. From Ding and Williams, "An Instruction Roofline Model for GPUs" (PMBS 2019).
// Beside the roofline of operations it says whether issuing itself, addresses and conversions among it, is what bounds.
#include <fmt/format.h>

#include <utility>

#include "tuner/plot/captions.hpp"
#include "tuner/plot/passing.hpp"
#include "tuner/plot/roofline_plot.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/run/memory.hpp"
#include "tuner/run/projected.hpp"

namespace fuseline::tuner {
namespace {

std::string transactions_text(double gbps) { return fmt::format("{:.3g} GTXN/s", gbps / kTransactionBytes); }
std::string instructions_text(double gips) { return grouped(gips) + " GIPS"; }

void add_roofs(const Run& run, const Evaluation& best, std::vector<Roof>& roofs) {
  const RunInfo& info = run.info;
  const std::string name = short_device_name(info.device.name);
  const std::string word = info.backend == Backend::replay ? " (recorded)" : " (measured)";
  const double clock_mhz = likely_sm_mhz(info, best);
  const double peak = kSchedulersPerSm * info.device.limits.sm_count * clock_mhz / 1e3;
  std::string plateau =
      peak > 0 ? fmt::format("{} issues {} ({} SMs \u00d7 {:.0f} \u00d7 {:.0f} MHz)", name, instructions_text(peak),
                             info.device.limits.sm_count, kSchedulersPerSm, clock_mhz)
               : "";
  const auto add = [&](const std::string& what, double gbps, bool measured) {
    if (!(gbps > 0)) return;
    roofs.push_back(
        {fmt::format("{} {} {}{}", name, what, transactions_text(gbps), measured ? word : " (nominal peak)"),
         std::exchange(plateau, ""), gbps / kTransactionBytes, peak, measured, false});
  };
  add("copy", copy_gbps(info), true);
  if (info.device.ceilings) add("L2", info.device.ceilings->l2_gbps, true);
  add("DRAM", info.device.dram_peak_gbps, false);
}

/// Of one level; nothing where it was not counted.
std::optional<RooflineMark> mark_of(const RunInfo& info, const Evaluation& evaluation, const MemoryFigures& figures,
                                    const char* level, double bytes) {
  const auto point = figures.instructions_over(bytes);
  if (!point) return std::nullopt;
  RooflineMark mark;
  mark.intensity = point->per_transaction;
  mark.gflops = point->gips;
  mark.series = evaluation.configuration.variant;
  mark.provenance = info.backend == Backend::replay ? Provenance::replayed : Provenance::measured;
  mark.label = fmt::format("{}: {}, {}, {}", evaluation.configuration.key(), time_text(figures.time_ms),
                           instruction_point_text(*point, level), to_string(mark.provenance));
  return mark;
}

void add_marks(const Run& run, const Evaluation& evaluation, bool best, std::vector<RooflineMark>& marks) {
  const MemoryFigures figures = memory_figures(run.info, evaluation);
  const MemoryTraffic& traffic = figures.traffic;
  const auto level = [&](const char* name, const std::optional<double>& bytes, const std::string& callout) {
    auto mark = mark_of(run.info, evaluation, figures, name, bytes.value_or(0));
    if (!mark) return;
    mark->callout = callout;
    mark->best = best && callout.starts_with("best");
    mark->tied = !best && figures_of(run.info, evaluation).tied;
    marks.push_back(std::move(*mark));
  };
  if (best) {
    level("L1", traffic.l1_bytes, "L1");
    level("L2", traffic.l2_bytes, "L2");
  }
  level("DRAM", figures.dram_bytes(), best ? best_instructions_text(figures.time_ms) : "");
}

}  // namespace

std::string instruction_point_text(const InstructionPoint& point, const std::string& level) {
  return fmt::format("{}, {:.3g} warp instructions a transaction of {}", instructions_text(point.gips),
                     point.per_transaction, level);
}

std::string best_instructions_text(double time_ms) { return fmt::format("best {}\nDRAM", time_text(time_ms)); }

RooflineModel instruction_roofline_model(const Run& run, const std::optional<std::vector<std::uint64_t>>& passing) {
  const RunInfo& info = run.info;
  RooflineModel model;
  model.view = RooflineView::instructions;
  model.title = plot_title(info);
  model.subtitle = plot_subtitle(run);
  const auto ranked = run.ranked();
  if (ranked.empty()) return model;
  add_roofs(run, *ranked.front(), model.roofs);
  const Passing passes(passing);
  std::size_t counted = 0;
  for (auto evaluation = ranked.rbegin(); evaluation != ranked.rend(); ++evaluation) {
    if (!passes.has((*evaluation)->sequence)) continue;
    const std::size_t before = model.marks.size();
    add_marks(run, **evaluation, *evaluation == ranked.front(), model.marks);
    counted += model.marks.size() > before ? 1 : 0;
  }
  model.notes.push_back(origin_text(info) + ".");
  model.notes.push_back(fmt::format(
      "Warp instructions (GIPS: 10\u2079 a second) and transactions of 32 bytes (GTXN/s) by hardware counters, "
      "of {} of {} that worked. The best also by what L2 and L1 moved, where that was read.",
      counted, ranked.size()));
  if (passing) model.notes.push_back(filtered_text(run, passing));
  return model;
}

}  // namespace fuseline::tuner
