#include "tuner/run/objective.hpp"

#include <algorithm>
#include <array>

#include "tuner/base/text.hpp"
#include "tuner/stats/statistics.hpp"

namespace fuseline::tuner {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

template <std::size_t N>
bool has_any(const std::string& name, const std::array<std::string_view, N>& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return name.find(word) != std::string::npos; });
}

constexpr std::array<std::string_view, 3> kTimes = {"time", "duration", "latency"};
constexpr std::array<std::string_view, 7> kRates = {"flop",    "throughput", "bandwidth", "speedup",
                                                    "fitness", "per_second", "efficiency"};
constexpr std::array<std::string_view, 4> kRateEndings = {"/s", "/w", "/j", "gbps"};
constexpr std::array<std::string_view, 8> kSpent = {"energy", "power", "cost",   "loss",
                                                    "joule",  "watt",  "cycles", "edp"};

}  // namespace

bool names_time(std::string_view name) { return has_any(lower(name), kTimes); }

std::optional<bool> higher_is_better(std::string_view name) {
  const std::string word = lower(name);
  // "GFLOP/s per watt" and "energy_efficiency" are rates of what is spent.
  if (has_any(word, kRates) || std::any_of(kRateEndings.begin(), kRateEndings.end(),
                                           [&](std::string_view ending) { return word.ends_with(ending); }))
    return true;
  if (has_any(word, kSpent) || has_any(word, kTimes)) return false;
  return std::nullopt;
}

double rank_value(const Objective& objective, const Measurement& measurement) {
  if (!worked(measurement)) return 0;
  if (objective.is_time()) return measurement.time_ms.median;
  const auto found = measurement.counters.find(objective.name);
  if (found == measurement.counters.end() || !is_time(found->second)) return 0;
  const double value = objective.higher_is_better ? 1 / found->second : found->second;
  return is_time(value) ? value : 0;
}

std::string objective_text(const Objective& objective) {
  if (objective.is_time()) return "by time";
  return "by " + printable(objective.name) + ", of which " + (objective.higher_is_better ? "more" : "less") +
         " is better";
}

}  // namespace fuseline::tuner
