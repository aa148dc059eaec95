#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "tuner/base/text.hpp"
#include "tuner/problem/problem.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/static_report.hpp"
#include "tuner/report/table.hpp"
#include "tuner/report/varying.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::size_t kReasonsShown = 5;
constexpr const char* kNotKnown = "n/a";

std::string emphasised(const std::string& text, bool colour) { return colour ? "\x1b[33m" + text + "\x1b[0m" : text; }

std::string how_many(double count, const char* what) {
  return fmt::format("{} {}{}", grouped(count), what, count == 1 ? "" : "s");
}

template <class T>
std::string told(const std::optional<T>& value) {
  return value ? fmt::format("{}", *value) : kNotKnown;
}

std::string static_heading(const StaticSpace& space, bool colour) {
  const Problem& problem = *space.instance.problem;
  const std::string title = problem.name + (problem.title.empty() ? "" : ": " + printable(problem.title));
  std::string text =
      (colour ? "\x1b[1m" + title + "\x1b[0m" : title) + "\n" + std::string(to_string(space.instance.dtype));
  for (const Dimension& dim : space.instance.dims) text += fmt::format(" {}={}", printable(dim.name), dim.value);
  if (!space.instance.shape.empty()) text += " (shape " + printable(space.instance.shape) + ")";
  return text + ", " + format_bytes(static_cast<double>(space.instance.compulsory_bytes)) + " compulsory\n";
}

std::string chip_text(const StaticSpace& space, bool colour) {
  const Target& chip = space.chip;
  return emphasised(
             fmt::format("Compiled for {} ({}, limits of its device file) and not run: nothing here is measured.",
                         printable(chip.label()), chip.limits.sm()),
             colour) +
         "\n";
}

std::string floor_text(const StaticSpace& space) {
  if (space.floor_ms <= 0) return "Floor: not known, as the device file gives no bandwidth.\n";
  std::string text = fmt::format("Floor of every configuration, worked out and not measured: {} by the data sheet's {}",
                                 time_text(space.floor_ms), bandwidth_text(space.chip.dram_gbps));
  if (space.copy_floor_ms > 0) {
    text += fmt::format(",\n{} at the {} that a copy {} there", time_text(space.copy_floor_ms),
                        bandwidth_text(space.copy.gbps), space.copy.measured ? "reaches" : "is taken to reach");
  }
  return text + ".\n";
}

bool has_image(const StaticEntry& entry) {
  return entry.state == StaticState::fits || entry.state == StaticState::open || entry.state == StaticState::spills;
}

std::vector<std::string> row(const StaticEntry& entry, std::size_t place, const VaryingParameters& varying) {
  const StaticLaunch* launch = entry.shown_launch();
  const auto& held = launch->residency;
  return {std::to_string(place),
          "",
          printable(entry.configuration.variant),
          printable(varying.of(entry.configuration)),
          told(launch->registers),
          told(entry.spill_bytes),
          told(launch->static_shared_bytes),
          std::to_string(launch->launch.shared_bytes),
          held ? percent_text(held->occupancy) : kNotKnown,
          held ? (held->limiter().empty() ? "-" : std::string(held->limiter())) : kNotKnown,
          held ? std::to_string(held->blocks) : kNotKnown,
          entry.in_flight_per_sm ? fmt::format("{:.1f}", *entry.in_flight_per_sm / 1024) : kNotKnown,
          launch->waves ? fmt::format("{:.4g}", *launch->waves) : kNotKnown};
}

constexpr std::size_t kAlike = 1, kConfiguration = 3;  // Columns.

bool same_figures(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (i != kAlike && i != kConfiguration && a[i] != b[i]) return false;
  }
  return true;
}

/// Configurations that differ in nothing that is shown, such as cache hints, have one line: that of the first of them.
std::string ranking(const StaticSpace& space, std::size_t count, bool colour) {
  TextTable table{{"#", "alike", "variant", "configuration", "regs", "spill B", "static B", "dynamic B", "occup.",
                   "limited by", "blocks", "KiB in flight", "waves"},
                  {}};
  VaryingParameters varying;
  for (const StaticEntry& entry : space.entries) varying.add(entry.configuration);
  std::map<std::string, std::string> constant;
  std::vector<std::size_t> alike;
  std::size_t place = 0;
  for (std::size_t i = 0; i < space.entries.size(); ++i) {
    const StaticEntry& entry = space.entries[i];
    if (!has_image(entry)) break;
    if (i == 0 || !equal_in_order(space.entries[i - 1], entry)) place = i + 1;
    auto cells = row(entry, place, varying);
    const auto found =
        std::find_if(table.rows.begin(), table.rows.end(), [&](const auto& each) { return same_figures(each, cells); });
    if (found != table.rows.end()) {
      ++alike[static_cast<std::size_t>(found - table.rows.begin())];
    } else if (table.rows.size() < count) {
      table.rows.push_back(std::move(cells));
      alike.push_back(1);
      constant[entry.configuration.variant] = varying.constant_of(entry.configuration);
    }
  }
  for (std::size_t i = 0; i < alike.size(); ++i) table.rows[i][kAlike] = std::to_string(alike[i]);
  if (table.rows.empty()) return emphasised("No configuration can run there.", colour) + "\n";
  std::string text = table.render(colour);
  for (const auto& [variant, values] : constant) {
    if (!values.empty()) text += printable(fmt::format("Every {}: {}", variant, values)) + "\n";
  }
  return text;
}

std::string counts_text(const StaticSpace& space) {
  const auto count = [&](StaticState state) { return static_cast<double>(space.count(state)); };
  std::string text = fmt::format(
      "{} of {}, {} compiled: {} can run there without spills",
      how_many(static_cast<double>(space.entries.size()), "configuration"), how_many(space.raw_size, "combination"),
      how_many(static_cast<double>(space.images), "image"), grouped(count(StaticState::fits)));
  const auto add = [&](StaticState state, const char* what) {
    if (count(state) > 0) text += fmt::format(", {} {}", grouped(count(state)), what);
  };
  add(StaticState::open, "may (whether they spill is not known)");
  add(StaticState::spills, "spill");
  add(StaticState::misfit, "do not fit an SM");
  add(StaticState::failed, "have no image");
  return text + ".\n";
}

/// Of how many a reason holds, and the first of them.
struct Refused {
  std::size_t count = 0;
  const StaticEntry* first = nullptr;
};

/// Why configurations cannot run there, each reason (its first line) once.
std::map<std::string, Refused> refusals(const StaticSpace& space) {
  std::map<std::string, Refused> reasons;
  for (const StaticEntry& entry : space.entries) {
    if (has_image(entry)) continue;
    Refused& refused = reasons[entry.reason.substr(0, entry.reason.find('\n'))];
    if (refused.count++ == 0) refused.first = &entry;
  }
  return reasons;
}

std::string refusal_text(const std::string& reason, const Refused& refused) {
  return fmt::format("{} {}: {} (such as {})", refused.first->state == StaticState::misfit ? "misfit" : "no image",
                     refused.count, reason.substr(0, 200), printable(refused.first->configuration.key()));
}

std::string refusals_text(const StaticSpace& space) {
  const auto reasons = refusals(space);
  std::string text;
  std::size_t shown = 0;
  for (const auto& [reason, refused] : reasons) {
    if (shown++ == kReasonsShown) break;
    text += "  " + refusal_text(reason, refused) + "\n";
  }
  if (reasons.size() > kReasonsShown) text += fmt::format("  and {} more reasons\n", reasons.size() - kReasonsShown);
  return text.empty() ? "" : "Cannot run there:\n" + text;
}

}  // namespace

std::string static_text(const StaticSpace& space, std::size_t count, bool colour) {
  return static_heading(space, colour) + chip_text(space, colour) + floor_text(space) + "\n" +
         ranking(space, count, colour) + "\n" + counts_text(space) +
         "Order: without spills first, then more occupancy, more bytes in flight, fewer registers. It tells what can "
         "be "
         "left out,\nand not which is fastest: that is measured alone.\n"
         "alike: configurations of the same figures, of which the first is shown. blocks, KiB in flight: of an SM.\n" +
         refusals_text(space);
}

std::string nothing_runs_text(const StaticSpace& space) {
  const auto reasons = refusals(space);
  const auto most = std::max_element(reasons.begin(), reasons.end(),
                                     [](const auto& a, const auto& b) { return a.second.count < b.second.count; });
  std::string text =
      fmt::format("no configuration of {} can run on {}", space.entries.size(), printable(space.chip.label()));
  if (most != reasons.end()) text += ": " + refusal_text(most->first, most->second);
  return text + (reasons.size() > 1 ? fmt::format("; and {} more", reasons.size() - 1) : "");
}

}  // namespace fuseline::tuner
