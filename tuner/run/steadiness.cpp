#include "tuner/run/steadiness.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "tuner/base/text.hpp"
#include "tuner/run/figures.hpp"
#include "tuner/stats/shift.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kFar = 0.01;
constexpr std::size_t kLeastRoundsOnAPlace = 3, kLeastPlaces = 2;

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * std::abs(share)); }

std::string shift_warning(const RunInfo& info, const Evaluation& best) {
  const Figures figures = figures_of(info, best);
  const auto moved = [&](const FinalTiming& timing) {
    const auto shift = largest_shift(timing.samples_ms);
    return timing.tied && timing.sequence != best.sequence && shift && shift->counts();
  };
  const auto tied = std::count_if(info.finals.begin(), info.finals.end(), moved);
  if (!figures.shift || !figures.shift->counts()) {
    return tied == 0 ? ""
                     : fmt::format("Own runs of {} that {} tied with the best moved by more than 1 %.", tied,
                                   tied == 1 ? "is" : "are");
  }
  std::string text =
      fmt::format("The best's own runs moved: from run {} of {} on they are {} {}.", figures.shift->at + 1,
                  figures.samples, percent(figures.shift->relative), figures.shift->relative > 0 ? "slower" : "faster");
  if (tied > 0) text += fmt::format(" So did those of {} tied with it.", tied);
  return text;
}

std::string sweep_warning(const RunInfo& info, const Evaluation& best) {
  const auto place = final_place(info, best.sequence);
  if (!place) return "";
  const double apart = sweep_ms(info, best.measurement) / info.finals[*place].time_ms.median - 1;
  if (!std::isfinite(apart) || std::abs(apart) <= kFar) return "";
  return fmt::format("The best's median in the sweep is {} {} that of its finals.", percent(apart),
                     apart > 0 ? "above" : "under");
}

/// "1,980 MHz", "1,755 to 1,980 MHz"; empty where not known.
std::string range_text(double lowest, double highest) {
  if (!(highest > 0)) return "";
  const std::string low = grouped(lowest), high = grouped(highest);
  return (low == high ? high : low + " to " + high) + " MHz";
}

/// Of SM and memory.
std::vector<std::string> clock_parts(const Clocks& clocks) {
  std::vector<std::string> parts;
  if (const auto sm = range_text(clocks.sm_mhz_lowest, clocks.sm_mhz_highest); !sm.empty())
    parts.push_back("SM clock " + sm);
  if (const auto memory = range_text(clocks.memory_mhz_lowest, clocks.memory_mhz_highest); !memory.empty())
    parts.push_back("memory " + memory);
  return parts;
}

std::string throttle_warning(const Clocks& clocks) {
  std::string text;
  if (clocks.retaken > 0)
    text = fmt::format("{} sample{} taken again because clocks were held back.",
                       grouped(static_cast<double>(clocks.retaken)), clocks.retaken == 1 ? " was" : "s were");
  // At its power limit a device says that it is throttled where it gave up one step of its clock.
  if (const auto names = throttle_names(clocks.reasons); !names.empty() && clocks.moved())
    text += fmt::format("{}Samples were kept although clocks were held back ({}).", text.empty() ? "" : " ",
                        fmt::join(names, ", "));
  return text;
}

/// The runs of the turn over all places that sample `i` is of; the last ones where fewer are left.
std::span<const double> turn_of(std::span<const double> samples, std::size_t i, std::size_t places) {
  if (samples.size() < places) return samples;
  return samples.subspan(std::min(i / places * places, samples.size() - places), places);
}

/// What people call a reason of NVML's; its own name where there is none.
std::string throttle_words(const std::string& name) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kWords = {
      std::pair("sw_power_cap", "at the power limit"), std::pair("sw_thermal_slowdown", "slowed by heat"),
      std::pair("hw_thermal_slowdown", "slowed by heat")};
  for (const auto& [known, words] : kWords) {
    if (known == name) return std::string(words);
  }
  return name;
}

}  // namespace

std::string clocks_text(const Clocks& clocks) {
  std::vector<std::string> parts = clock_parts(clocks);
  if (clocks.power_w > 0) parts.push_back(fmt::format("up to {:.0f} W", clocks.power_w));
  if (clocks.temperature_c > 0) parts.push_back(fmt::format("{:.0f} \u00B0C", clocks.temperature_c));
  for (const std::string& name : throttle_names(clocks.reasons)) parts.push_back(throttle_words(name));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::optional<Clocks> clocks_of(const RunInfo& info, const Evaluation& evaluation) {
  return evaluation.measurement.clocks ? std::optional<Clocks>(evaluation.measurement.clocks) : info.clocks;
}

std::vector<std::string> timing_warnings(const RunInfo& info, const Evaluation& best) {
  std::vector<std::string> warnings = {shift_warning(info, best), sweep_warning(info, best)};
  if (const auto clocks = info.clocks ? info.clocks : std::optional<Clocks>(best.measurement.clocks)) {
    if (clocks->moved())
      warnings.push_back(fmt::format("Clocks moved during timing: {}.", fmt::join(clock_parts(*clocks), ", ")));
    warnings.push_back(throttle_warning(*clocks));
  }
  std::erase(warnings, "");
  return warnings;
}

std::optional<PlaceEffect> place_effect(const RunInfo& info) {
  if (info.finals.empty()) return std::nullopt;
  const std::span<const double> samples(info.finals.front().samples_ms);
  const std::size_t count = std::min(samples.size(), info.final_rounds.size());
  std::set<int> places;
  for (std::size_t i = 0; i < count; ++i) places.insert(info.final_rounds[i].place);
  std::map<int, std::vector<double>> by_place;
  for (std::size_t i = 0; i < count && places.size() >= kLeastPlaces; ++i) {
    const double share = samples[i] / median(turn_of(samples.first(count), i, places.size()));
    if (std::isfinite(share) && share > 0) by_place[info.final_rounds[i].place].push_back(share);
  }
  PlaceEffect effect;
  const double whole_ms = median(samples.first(count));
  for (const auto& [place, shares] : by_place) {
    if (shares.size() >= kLeastRoundsOnAPlace)
      effect.places.push_back({place, whole_ms * median(shares), shares.size()});
  }
  if (effect.places.size() < kLeastPlaces) return std::nullopt;
  const auto [low, high] = std::minmax_element(effect.places.begin(), effect.places.end(),
                                               [](const auto& a, const auto& b) { return a.median_ms < b.median_ms; });
  effect.range = high->median_ms / low->median_ms - 1;
  return effect;
}

std::string place_effect_text(const PlaceEffect& effect) {
  return fmt::format("The place of the buffers counts for {}: medians of the best on {} places", percent(effect.range),
                     effect.places.size());
}

}  // namespace fuseline::tuner
