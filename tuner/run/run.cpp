#include "tuner/run/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_map>

namespace fuseline::tuner {
namespace {

/// Text of a positive number as people write it: without a trailing ".0".
std::string plain(double value) { return fmt::format("{}", value); }

std::optional<double> positive_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value) || value <= 0)
    return std::nullopt;
  return value;
}

}  // namespace

Result<Budget> Budget::parse(const std::string& text) {
  if (text.empty()) return Budget{};
  if (text == "auto") return Budget{Kind::automatic, 0};
  const auto refuse = [&] {
    return bad_input(
        "--budget", "",
        fmt::format("'{}' is no budget: write a number of evaluations (200), a time (30s, 5m) or auto", text));
  };
  const bool timed = text.back() == 's' || text.back() == 'm';
  const auto amount = positive_number(std::string_view(text).substr(0, text.size() - (timed ? 1 : 0)));
  if (!amount) return refuse();
  if (timed) return Budget{Kind::seconds, text.back() == 'm' ? *amount * 60 : *amount};
  if (*amount != std::floor(*amount) || *amount > 1e15) return refuse();
  return Budget{Kind::evaluations, *amount};
}

std::string Budget::to_string() const {
  switch (kind) {
    case Kind::exhaustive:
      return "";
    case Kind::evaluations:
      return fmt::format("{:.0f}", amount);
    case Kind::seconds:
      return plain(amount) + "s";
    case Kind::automatic:
      return "auto";
  }
  return "";
}

std::optional<double> gpu_busy_share(const RunInfo& info) {
  const double wall = info.seconds - info.first_outcome_s;
  if (info.backend != Backend::cuda || !(wall > 0) || !(info.gpu_busy_s > 0)) return std::nullopt;
  return info.gpu_busy_s / wall;
}

std::vector<const Evaluation*> Run::ranked() const {
  std::unordered_map<std::uint64_t, std::size_t> places;
  for (const auto& timing : info.finals) places.emplace(timing.sequence, places.size());
  struct Ranked {
    std::size_t place;  ///< In the finals; past the last for those that were not in them.
    double median;
    const Evaluation* evaluation;
  };
  std::vector<Ranked> order;
  for (const auto& evaluation : evaluations) {
    if (evaluation.measurement.outcome != Outcome::ok) continue;
    const auto place = places.find(evaluation.sequence);
    const double median = evaluation.measurement.time_ms.median;
    order.push_back(
        {place == places.end() ? places.size() : place->second, std::isnan(median) ? HUGE_VAL : median, &evaluation});
  }
  std::stable_sort(order.begin(), order.end(), [&](const Ranked& a, const Ranked& b) {
    return a.place != b.place ? a.place < b.place : a.median < b.median;
  });
  std::vector<const Evaluation*> result;
  result.reserve(order.size());
  for (const auto& item : order) result.push_back(item.evaluation);
  return result;
}

const Evaluation* Run::best_for_target() const {
  const auto order = ranked();
  if (order.empty() || !info.target_fit || info.target_fit->misfit.empty())
    return order.empty() ? nullptr : order.front();
  const auto found = std::find_if(order.begin(), order.end(), [&](const Evaluation* evaluation) {
    return info.target_fit->best == evaluation->sequence;
  });
  return found == order.end() ? nullptr : *found;
}

const FinalTiming* Run::final_of(const Evaluation& evaluation) const {
  const auto found = std::find_if(info.finals.begin(), info.finals.end(),
                                  [&](const FinalTiming& t) { return t.sequence == evaluation.sequence; });
  return found == info.finals.end() ? nullptr : &*found;
}

Summary Run::time_of(const Evaluation& evaluation) const {
  const FinalTiming* timing = final_of(evaluation);
  return timing != nullptr ? timing->time_ms : evaluation.measurement.time_ms;
}

std::map<Outcome, std::uint64_t> Run::outcome_counts() const {
  std::map<Outcome, std::uint64_t> counts;
  for (const auto& evaluation : evaluations) ++counts[evaluation.measurement.outcome];
  return counts;
}

}  // namespace fuseline::tuner
