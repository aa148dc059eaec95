// The instruction roofline: warp instructions a second over warp instructions for each 32-byte transaction of a level
// of memory, both by hardware counters. From Ding and Williams, "An Instruction Roofline Model for GPUs" (PMBS 2019).
// Beside the roofline of operations it says whether issuing itself, addresses and conversions among it, is what bounds.
#include <fmt/format.h>

#include <unordered_set>
#include <utility>

#include "tuner/plot/plots.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/run/memory.hpp"
#include "tuner/run/projected.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kTransactionBytes = 32;  ///< A sector: what L1, L2 and DRAM move at least.
constexpr double kSchedulers = 4;         ///< An SM, since compute capability 7.0: a warp instruction a cycle each.

std::string transactions_text(double gbps) { return fmt::format("{:.3g} GTXN/s", gbps / kTransactionBytes); }
std::string instructions_text(double gips) { return grouped(gips) + " GIPS"; }

void add_roofs(const Run& run, const Evaluation& best, std::vector<Roof>& roofs) {
  const RunInfo& info = run.info;
  const std::string name = short_device_name(info.device.name);
  const std::string word = info.backend == Backend::replay ? " (recorded)" : " (measured)";
  const double clock_mhz = sm_mhz(info, best);
  const double peak = kSchedulers * info.device.limits.sm_count * clock_mhz / 1e3;
  std::string plateau = peak > 0 ? fmt::format("{} issues {} ({} SMs x 4 x {:.0f} MHz)", name, instructions_text(peak),
                                               info.device.limits.sm_count, clock_mhz)
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
  const double instructions = figures.traffic.instructions.value_or(0);
  if (!(bytes > 0 && instructions > 0 && figures.time_ms > 0)) return std::nullopt;
  RooflineMark mark;
  mark.intensity = instructions / (bytes / kTransactionBytes);
  mark.gflops = instructions / figures.time_ms / 1e6;
  mark.series = evaluation.configuration.variant;
  mark.provenance = info.backend == Backend::replay ? Provenance::replayed : Provenance::measured;
  mark.label = fmt::format("{}: {}, {}, {:.3g} warp instructions a transaction of {}, {}",
                           evaluation.configuration.key(), time_text(figures.time_ms), instructions_text(mark.gflops),
                           mark.intensity, level, to_string(mark.provenance));
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
  if (traffic.dram_read && traffic.dram_written)
    level("DRAM", *traffic.dram_read + *traffic.dram_written,
          best ? fmt::format("best {}\nDRAM", time_text(figures.time_ms)) : "");
}

}  // namespace

RooflineModel instruction_roofline_model(const Run& run, const std::optional<std::vector<std::uint64_t>>& passing) {
  const RunInfo& info = run.info;
  RooflineModel model;
  model.instructions = true;
  model.title = (info.problem_title.empty() ? info.problem : info.problem_title) + " on " +
                (info.device.name.empty() ? "an unnamed device" : info.device.name);
  model.subtitle = fmt::format("{}  \u00b7  {}  \u00b7  {}", info.problem, instance_text(info), outcomes_text(run));
  const auto ranked = run.ranked();
  if (ranked.empty()) return model;
  add_roofs(run, *ranked.front(), model.roofs);
  const std::unordered_set<std::uint64_t> members(
      passing ? passing->begin() : std::vector<std::uint64_t>::const_iterator(),
      passing ? passing->end() : std::vector<std::uint64_t>::const_iterator());
  std::size_t counted = 0;
  for (auto evaluation = ranked.rbegin(); evaluation != ranked.rend(); ++evaluation) {
    if (passing && !members.contains((*evaluation)->sequence)) continue;
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
