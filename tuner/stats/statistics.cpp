#include "tuner/stats/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>

namespace fuseline::tuner {
namespace {

std::vector<double> sorted_copy(std::span<const double> values) {
  std::vector<double> sorted;
  sorted.reserve(values.size());
  // NaN has no place in an order: sorting it is undefined behaviour.
  std::copy_if(values.begin(), values.end(), std::back_inserter(sorted),
               [](double value) { return !std::isnan(value); });
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

double quantile_of_sorted(const std::vector<double>& sorted, double q) {
  if (sorted.empty()) return std::numeric_limits<double>::quiet_NaN();
  const double position = std::clamp(q, 0.0, 1.0) * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (position - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

/// Largest r with P(Binomial(n, 1/2) < r) <= tail: order statistics r and n + 1 - r enclose the median. 0 where even
/// the extremes do not.
std::size_t outer_rank(std::size_t n, double tail) {
  const double count = static_cast<double>(n);
  double cumulative = 0;
  for (std::size_t k = 0; 2 * k < n; ++k) {
    const double i = static_cast<double>(k);
    // Logarithms, as 2^-n underflows from n = 1075 on.
    const double log_probability =
        std::lgamma(count + 1) - std::lgamma(i + 1) - std::lgamma(count - i + 1) - count * std::log(2.0);
    cumulative += std::exp(log_probability);
    if (cumulative > tail) return k;
  }
  return n / 2;
}

std::vector<double> column(const std::vector<std::vector<double>>& rounds, std::size_t finalist) {
  std::vector<double> times;
  times.reserve(rounds.size());
  for (const std::vector<double>& round : rounds) times.push_back(round[finalist]);
  return times;
}

/// Median of a finalist's times over the pace of their rounds, which is the median of all finalists there. A drift that
/// all share spreads times wider than finalists are apart, and a median of such times goes by chance.
double paced_median(const std::vector<double>& times, const std::vector<double>& paces) {
  std::vector<double> paced;
  for (std::size_t i = 0; i < times.size(); ++i) paced.push_back(times[i] / paces[i]);
  return median(paced);
}

/// Time of a finalist over that of the best in the same round: a drift of the clock that lasts longer than a round
/// cancels.
std::vector<double> ratios(const std::vector<double>& times, const std::vector<double>& best) {
  std::vector<double> values;
  for (std::size_t i = 0; i < times.size(); ++i) values.push_back(times[i] / best[i]);
  return values;
}

void compare(Finalist& finalist, const std::vector<double>& times, const std::vector<double>& best, double confidence,
             double margin) {
  const std::vector<double> to_best = ratios(times, best);
  finalist.ratio = median(to_best);
  finalist.ratio_interval = median_interval(to_best, confidence);
  finalist.tied = finalist.ratio_interval.low <= 1.0 + margin;
  if (std::isinf(finalist.ratio_interval.low)) {
    const auto [low, high] = std::minmax_element(to_best.begin(), to_best.end());
    finalist.ratio_interval = {*low, *high};
  }
}

bool usable(const std::vector<double>& round, std::size_t finalists) {
  return round.size() == finalists &&
         std::all_of(round.begin(), round.end(), [](double t) { return std::isfinite(t) && t > 0; });
}

/// Rounds in which every finalist was timed: one cut short says nothing about ratios.
std::vector<std::vector<double>> complete_rounds(const std::vector<std::vector<double>>& rounds) {
  std::size_t finalists = 0;
  for (const std::vector<double>& round : rounds) finalists = std::max(finalists, round.size());
  std::vector<std::vector<double>> complete;
  std::copy_if(rounds.begin(), rounds.end(), std::back_inserter(complete),
               [&](const auto& round) { return usable(round, finalists); });
  return complete;
}

}  // namespace

double quantile(std::span<const double> values, double q) { return quantile_of_sorted(sorted_copy(values), q); }

double sum(std::span<const double> values) { return std::accumulate(values.begin(), values.end(), 0.0); }

double median(std::span<const double> values) { return quantile(values, 0.5); }

bool is_time(double ms) { return std::isfinite(ms) && ms > 0; }

std::string_view to_string(Middle middle) {
  return middle == Middle::median ? "median" : middle == Middle::mean ? "mean" : "recorded";
}

std::optional<Middle> middle_from_string(std::string_view text) {
  for (const Middle middle : {Middle::median, Middle::mean, Middle::recorded})
    if (to_string(middle) == text) return middle;
  return std::nullopt;
}

Summary summarize(std::span<const double> values) {
  const std::vector<double> sorted = sorted_copy(values);
  if (sorted.empty()) return {};
  return {quantile_of_sorted(sorted, 0.5),  sorted.front(), quantile_of_sorted(sorted, 0.25),
          quantile_of_sorted(sorted, 0.75), sorted.size(),  Middle::median};
}

Summary summarize_recorded(std::span<const double> samples, double recorded_ms) {
  // Other tools keep their samples in single precision.
  const auto close = [recorded_ms](double value) { return std::abs(value - recorded_ms) <= 1e-6 * recorded_ms; };
  Summary summary = summarize(samples);
  const double mean = summary.samples > 0 ? sum(samples) / static_cast<double>(summary.samples) : 0.0;
  if (close(summary.median)) {
    summary.middle = Middle::median;
  } else if (close(mean)) {
    summary.middle = Middle::mean;
  } else {
    summary.middle = Middle::recorded;
    summary.minimum = summary.p25 = summary.p75 = std::numeric_limits<double>::quiet_NaN();
  }
  summary.median = recorded_ms;
  return summary;
}

double median_standard_error(std::span<const double> values) {
  const std::vector<double> sorted = sorted_copy(values);
  if (sorted.size() < 4) return std::numeric_limits<double>::infinity();
  const double iqr = quantile_of_sorted(sorted, 0.75) - quantile_of_sorted(sorted, 0.25);
  return 1.25 * iqr / (1.35 * std::sqrt(static_cast<double>(sorted.size())));
}

Interval median_interval(std::span<const double> values, double confidence) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const std::vector<double> sorted = sorted_copy(values);
  const std::size_t rank = outer_rank(sorted.size(), (1.0 - confidence) / 2.0);
  if (rank == 0) return {-infinity, infinity};
  return {sorted[rank - 1], sorted[sorted.size() - rank]};
}

bool enough_samples(std::span<const double> values, const StoppingRule& rule) {
  if (values.size() < rule.minimum_samples) return false;
  if (values.size() >= rule.maximum_samples) return true;
  if (std::accumulate(values.begin(), values.end(), 0.0) >= rule.maximum_ms) return true;
  return median_standard_error(values) <= rule.relative_error * median(values);
}

std::vector<Finalist> rank_finalists(const std::vector<std::vector<double>>& rounds, const TieRule& rule) {
  const std::vector<std::vector<double>> complete = complete_rounds(rounds);
  if (complete.empty()) return {};
  std::vector<double> paces;
  paces.reserve(complete.size());
  for (const std::vector<double>& round : complete) paces.push_back(median(round));
  std::vector<Finalist> ranked(complete.front().size());
  std::vector<double> paced(ranked.size());
  for (std::size_t k = 0; k < ranked.size(); ++k) {
    const std::vector<double> times = column(complete, k);
    ranked[k].finalist = k;
    ranked[k].median_ms = median(times);
    paced[k] = paced_median(times, paces);
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [&](const Finalist& a, const Finalist& b) { return paced[a.finalist] < paced[b.finalist]; });

  const std::vector<double> best = column(complete, ranked.front().finalist);
  const double comparisons = static_cast<double>(std::max<std::size_t>(ranked.size() - 1, 1));
  const double confidence = 1.0 - (1.0 - rule.confidence) / comparisons;
  for (Finalist& finalist : ranked)
    compare(finalist, column(complete, finalist.finalist), best, confidence, rule.margin);
  ranked.front() = {ranked.front().finalist, ranked.front().median_ms, 1.0, {1.0, 1.0}, true};
  return ranked;
}

double expected_best(std::span<const double> sorted, std::uint64_t total, std::uint64_t draws) {
  const double n = static_cast<double>(total), k = static_cast<double>(draws);
  // P(the best drawn is the i-th of all) = C(n-i, k-1) / C(n, k): k/n for the first, then times (n-i-k+1)/(n-i).
  double probability = k / n, weight = 0, sum = 0;
  for (std::size_t i = 0; i < sorted.size() && probability > 0; ++i) {
    sum += probability * sorted[i];
    weight += probability;
    const double left = n - static_cast<double>(i) - 1;
    probability = left > 0 ? probability * std::max(0.0, left - k + 1) / left : 0.0;
  }
  return weight > 0 ? sum / weight : 0.0;
}

}  // namespace fuseline::tuner
