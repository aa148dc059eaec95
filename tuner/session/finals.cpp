#include "tuner/session/finals.hpp"

#include <algorithm>
#include <cmath>

#include "tuner/run/figures.hpp"

namespace fuseline::tuner {
namespace {

double median_of(const EvaluationPointer& evaluation) { return evaluation->measurement.time_ms.median; }

/// Timings of `finalists`, by rank, from the samples of each (equally many).
std::vector<FinalTiming> rank(const std::vector<EvaluationPointer>& finalists,
                              const std::map<std::uint64_t, std::vector<double>>& samples_ms, const TieRule& rule) {
  if (finalists.empty()) return {};
  std::vector<std::vector<double>> rows(samples_ms.at(finalists.front()->sequence).size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (const auto& finalist : finalists) rows[i].push_back(samples_ms.at(finalist->sequence)[i]);
  }
  if (rows.empty()) return {};
  std::vector<FinalTiming> timings;
  for (const auto& ranked : rank_finalists(rows, rule)) {
    const auto sequence = finalists[ranked.finalist]->sequence;
    const auto& samples = samples_ms.at(sequence);
    timings.push_back({sequence, samples, summarize(samples), ranked.ratio, ranked.ratio_interval, ranked.tied});
  }
  return timings;
}

constexpr double kLeastSpread = 0.01;

/// By how much the times of the cards may differ for other reasons than the configurations.
double spread_of_cards(const RunInfo& info) {
  return info.cards.size() > 1 ? std::max(cards_apart(info), kLeastSpread) : 0;
}

/// Each is launched once untimed and once timed.
constexpr double kLaunchesATurn = 2;

double seconds_a_round(const std::vector<EvaluationPointer>& finalists) {
  double ms = 0;
  for (const auto& finalist : finalists) ms += kLaunchesATurn * median_of(finalist);
  return std::max(ms / 1000, 1e-9);
}

}  // namespace

std::vector<EvaluationPointer> choose_finalists(const RunInfo& info, const std::vector<EvaluationPointer>& evaluations,
                                                const FinalsPolicy& policy) {
  const auto median_ms = [&](const EvaluationPointer& evaluation) { return sweep_ms(info, evaluation->measurement); };
  const double within = (1 + policy.within) * (1 + spread_of_cards(info));
  std::vector<EvaluationPointer> chosen;
  for (const auto& evaluation : evaluations) {
    const auto& measurement = evaluation->measurement;
    if (worked(measurement) && !measurement.abandoned) chosen.push_back(evaluation);
  }
  std::stable_sort(chosen.begin(), chosen.end(),
                   [&](const auto& a, const auto& b) { return median_ms(a) < median_ms(b); });
  const auto slow = [&](const auto& evaluation) { return median_ms(evaluation) > median_ms(chosen.front()) * within; };
  chosen.erase(std::find_if(chosen.begin(), chosen.end(), slow), chosen.end());
  if (chosen.size() > policy.maximum) chosen.resize(policy.maximum);
  return chosen;
}

Finals::Finals(std::vector<EvaluationPointer> finalists, FinalsPolicy policy)
    : policy_(policy), finalists_(std::move(finalists)) {}

std::optional<Finals::Phase> Finals::next() const {
  if (finalists_.empty() || phase_ > 1) return std::nullopt;
  const double left_s = std::max(0.0, policy_.allowance_s - busy_s_);
  const double affordable = std::min(left_s / seconds_a_round(finalists_), 1e6);
  if (phase_ == 0) {
    const int half = static_cast<int>(affordable / 2);  // The other half is for those who stay in.
    return Phase{finalists_, std::clamp(half, policy_.least_rounds, policy_.first_rounds), 0};
  }
  const int done = static_cast<int>(samples_ms_.at(finalists_.front()->sequence).size());
  const int rounds = std::min(static_cast<int>(affordable), policy_.rounds - done);
  return rounds > 0 ? std::optional(Phase{finalists_, rounds, done}) : std::nullopt;
}

void Finals::add(const FinalsReply& reply) {
  for (const auto& round : reply.rounds_ms) {
    for (std::size_t i = 0; i < reply.ids.size(); ++i) {
      samples_ms_[reply.ids[i]].push_back(round[i]);
      busy_s_ += kLaunchesATurn * round[i] / 1000;
    }
  }
  rounds_.insert(rounds_.end(), reply.rounds.begin(), reply.rounds.end());
  const auto missing = [&](const EvaluationPointer& finalist) {
    return reply.rounds_ms.empty() ||
           std::find(reply.ids.begin(), reply.ids.end(), finalist->sequence) == reply.ids.end();
  };
  for (const auto& finalist : finalists_) {
    if (missing(finalist)) failed_.push_back(finalist->sequence);
  }
  std::erase_if(finalists_, missing);
  if (phase_++ == 0) drop_slow();
}

/// Those that are clearly slower keep what they have. This screens each by itself: with many finalists a bound shared
/// among all of them (as in the ranking) would need more rounds than it saves.
void Finals::drop_slow() {
  auto timings = rank(finalists_, samples_ms_, policy_.tie);
  if (timings.empty()) return;
  const auto& best = samples_ms_.at(timings.front().sequence);
  for (auto& timing : timings) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < best.size(); ++i) ratios.push_back(timing.samples_ms[i] / best[i]);
    const Interval interval = median_interval(ratios, policy_.screening_confidence);
    if (timing.sequence == timings.front().sequence || !std::isfinite(interval.low) ||
        interval.low <= 1 + policy_.tie.margin)
      continue;
    timing.ratio_interval = interval;
    timing.tied = false;
    std::erase_if(finalists_, [&](const EvaluationPointer& finalist) { return finalist->sequence == timing.sequence; });
    dropped_.push_back(std::move(timing));
  }
}

std::vector<FinalTiming> Finals::result() const {
  auto timings = rank(finalists_, samples_ms_, policy_.tie);
  timings.insert(timings.end(), dropped_.begin(), dropped_.end());
  return timings;
}

double Finals::copy_gbps() const {
  std::vector<double> copies;
  for (const FinalRound& round : rounds_) {
    if (std::isfinite(round.copy_gbps) && round.copy_gbps > 0) copies.push_back(round.copy_gbps);
  }
  return copies.empty() ? 0 : median(copies);
}

}  // namespace fuseline::tuner
