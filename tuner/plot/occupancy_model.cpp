// Occupancy as registers, shared memory and block size vary, of one configuration on the device and on the target.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "tuner/plot/hardware_plots.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/table.hpp"
#include "tuner/run/projected.hpp"

namespace fuseline::tuner {
namespace {

constexpr BlockNeed kNeeds[] = {BlockNeed::registers, BlockNeed::shared_memory, BlockNeed::threads};
constexpr double kKibibyte = 1024;

std::string need_text(BlockNeed need, std::int64_t amount) {
  switch (need) {
    case BlockNeed::registers:
      return fmt::format("{} registers a thread", amount);
    case BlockNeed::shared_memory:
      return fmt::format("{} of shared memory a block", format_bytes(static_cast<double>(amount)));
    case BlockNeed::threads:
      return fmt::format("{} threads a block", amount);
  }
  return {};
}

struct Chip {
  std::string name;
  const DeviceLimits* limits = nullptr;
  bool target = false;
};

std::vector<Chip> chips_of(const RunInfo& info) {
  std::vector<Chip> chips;
  if (info.device.limits.max_threads_per_sm > 0)
    chips.push_back({short_device_name(info.device.name), &info.device.limits, false});
  // As its own target the device would be drawn twice.
  const bool other = info.target && info.target->title != info.device.name;
  if (other && info.target->limits.max_threads_per_sm > 0)
    chips.push_back({short_device_name(info.target->label()), &info.target->limits, true});
  return chips;
}

OccupancyPanel panel_of(const std::vector<Chip>& chips, const BlockNeeds& block, BlockNeed need) {
  OccupancyPanel panel;
  panel.need = need;
  panel.unit = need == BlockNeed::shared_memory ? kKibibyte : 1;
  panel.own = static_cast<double>(amount_of(block, need)) / panel.unit;
  panel.heading = need_text(need, amount_of(block, need));
  panel.x_title = need == BlockNeed::shared_memory ? "shared memory a block (KiB)" : std::string(to_string(need));
  for (const Chip& chip : chips) {
    OccupancyCurve curve{chip.name, chip.target, occupancy_steps(*chip.limits, block, need), 0};
    curve.own = residency(*chip.limits, block).occupancy;
    if (!curve.steps.empty()) panel.curves.push_back(std::move(curve));
  }
  return panel;
}

/// "H200: 75.0 %, limited by registers; 87.5 % at 36 registers a thread, 100.0 % ...". One need varied at a time.
std::string lever_text(const Chip& chip, const BlockNeeds& block) {
  const Residency own = residency(*chip.limits, block);
  if (own.blocks == 0) return chip.name + ": not one block fits an SM";
  std::string text = fmt::format("{}: {}", chip.name, percent_text(own.occupancy));
  if (own.limiter().empty()) return text + ", every warp fits";
  text += fmt::format(", limited by {}", own.limiter());
  std::vector<std::string> levers;
  for (const BlockNeed need : kNeeds) {
    const auto steps = occupancy_steps(*chip.limits, block, need);
    const std::int64_t amount = amount_of(block, need);
    const OccupancyStep* step = nearest_higher(steps, amount);
    if (step == nullptr) continue;
    levers.push_back(fmt::format("{} with {}", percent_text(step->residency.occupancy),
                                 need_text(need, step->to < amount ? step->to : step->from)));
  }
  return levers.empty() ? text + "; no one of the three alone lifts it"
                        : fmt::format("{}; {}", text, fmt::join(levers, ", or "));
}

}  // namespace

OccupancyModel occupancy_model(const RunInfo& info, const Evaluation& evaluation) {
  OccupancyModel model;
  model.title = fmt::format("{}: occupancy what-if", info.problem_title.empty() ? info.problem : info.problem_title);
  model.subtitle = fmt::format("#{}  \u00b7  {}  \u00b7  {}", evaluation.sequence, evaluation.configuration.key(),
                               instance_text(info));
  model.provenance = info.backend == Backend::replay ? Provenance::replayed : Provenance::measured;
  const BlockNeeds block = observed_work(info, evaluation, evaluation.measurement.time_ms.median).block;
  const std::vector<Chip> chips = chips_of(info);
  if (chips.empty() || block.threads <= 0 || block.registers <= 0) return model;
  for (const BlockNeed need : kNeeds) model.panels.push_back(panel_of(chips, block, need));
  for (const Chip& chip : chips) model.notes.push_back(lever_text(chip, block) + ".");
  model.notes.emplace_back(
      "One of the three varies in each panel, the others are the configuration's. Worked out by the rules of NVIDIA's "
      "occupancy "
      "calculator; registers are those of the code compiled for the device measured.");
  return model;
}

}  // namespace fuseline::tuner
