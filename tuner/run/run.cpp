#include "tuner/run/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>

#include "tuner/base/text.hpp"
#include "tuner/run/figures.hpp"

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
  return info.gpu_busy_s / wall / static_cast<double>(std::max<std::size_t>(info.cards.size(), 1));
}

std::vector<const Evaluation*> Run::ranked() const {
  std::vector<const Evaluation*> result;
  for (const std::size_t position :
       rank_order(info, evaluations.size(), [this](std::size_t i) -> const Evaluation& { return evaluations[i]; }))
    result.push_back(&evaluations[position]);
  return result;
}

bool TargetFit::compiles(std::uint64_t sequence) const {
  return std::binary_search(compiled.begin(), compiled.end(), sequence);
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

Scalars changed_scalars(const RunInfo& info) {
  Scalars changed;
  std::copy_if(info.scalars.begin(), info.scalars.end(), std::back_inserter(changed), [&](const auto& scalar) {
    return std::find(info.set_scalars.begin(), info.set_scalars.end(), scalar.first) != info.set_scalars.end();
  });
  return changed;
}

const FinalTiming* Run::final_of(const Evaluation& evaluation) const {
  const auto place = final_place(info, evaluation.sequence);
  return place ? &info.finals[*place] : nullptr;
}

Summary Run::time_of(const Evaluation& evaluation) const {
  return tuner::time_of(info, evaluation, final_place(info, evaluation.sequence));
}

std::vector<FailureKind> Run::failures() const {
  std::map<Outcome, FailureKind> kinds;
  for (const Evaluation& evaluation : evaluations) {
    const Outcome outcome = evaluation.measurement.outcome;
    if (outcome == Outcome::ok) continue;
    FailureKind& kind = kinds.try_emplace(outcome, FailureKind{outcome, 0, &evaluation}).first->second;
    ++kind.count;
  }
  std::vector<FailureKind> list;
  list.reserve(kinds.size());
  for (const auto& [outcome, kind] : kinds) list.push_back(kind);
  return list;
}

std::map<Outcome, std::uint64_t> Run::outcome_counts() const {
  std::map<Outcome, std::uint64_t> counts;
  for (const auto& evaluation : evaluations) ++counts[evaluation.measurement.outcome];
  return counts;
}

Error nothing_worked(const Run& run) {
  constexpr std::size_t kLongestReason = 160;
  std::string kinds;
  for (const FailureKind& kind : run.failures()) {
    const std::string& all = kind.first->measurement.reason;
    std::string reason = all.substr(0, all.find('\n'));
    if (reason.size() > kLongestReason) reason = reason.substr(0, kLongestReason - 3) + "...";
    reason = printable(reason);  // A character may be cut.
    kinds += fmt::format("{}{} {}{}", kinds.empty() ? "" : ", ", kind.count, to_string(kind.outcome),
                         reason.empty() ? "" : " (" + reason + ")");
  }
  return {ErrorKind::worker, {}, {}, "no configuration worked: " + (kinds.empty() ? "none was evaluated" : kinds)};
}

}  // namespace fuseline::tuner
