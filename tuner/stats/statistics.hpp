// Robust statistics of run times. NaN values are left out everywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace fuseline::tuner {

/// Linear-interpolation quantile (Hyndman & Fan type 7). `values` need not be sorted; q in [0, 1]. NaN where there are
/// none.
[[nodiscard]] double quantile(std::span<const double> values, double q);
[[nodiscard]] double median(std::span<const double> values);
[[nodiscard]] double sum(std::span<const double> values);

/// The one rule of what is a time: finite and above zero. What is none was not measured.
[[nodiscard]] bool is_time(double ms);

/// What the middle of a summary is. Ours are medians; files of other tools give a time of their own.
enum class Middle { median, mean, recorded };
[[nodiscard]] std::string_view to_string(Middle middle);
[[nodiscard]] std::optional<Middle> middle_from_string(std::string_view text);

/// `median` is the time by which it is ranked: see `middle` for what it is. Where that is `recorded`, minimum and
/// quartiles are NaN: those of the samples are of something else.
struct Summary {
  double median = 0, minimum = 0, p25 = 0, p75 = 0;
  std::size_t samples = 0;
  Middle middle = Middle::median;
};
[[nodiscard]] Summary summarize(std::span<const double> values);
/// Of samples for which their file gives `recorded_ms` as the time, which may be their median, their mean, or neither.
[[nodiscard]] Summary summarize_recorded(std::span<const double> samples, double recorded_ms);

/// Standard error of the median from the interquartile range: 0.926 * IQR / sqrt(n)
/// (McGill, Tukey & Larsen 1978: 1.25 * IQR / (1.35 sqrt(n))). Infinite for fewer than four values.
[[nodiscard]] double median_standard_error(std::span<const double> values);

/// Distribution-free confidence interval of the median from order statistics (Conover, Practical Nonparametric
/// Statistics, 3.2). Two-sided; covers at least `confidence`. Unbounded where the values are too few for it (under six
/// for 0.95).
struct Interval {
  double low = 0, high = 0;
};
[[nodiscard]] Interval median_interval(std::span<const double> values, double confidence);

/// Expected lowest of `draws` (1 to `total`) items drawn without replacement from `total`, of which those in `sorted`
/// (ascending) have a value and the others have none; given that at least one drawn has. Exact, from order statistics
/// of sampling without replacement.
[[nodiscard]] double expected_best(std::span<const double> sorted, std::uint64_t total, std::uint64_t draws);

/// When to stop sampling one configuration.
struct StoppingRule {
  std::size_t minimum_samples = 10;
  std::size_t maximum_samples = 100;
  double relative_error = 0.005;  ///< Of the median.
  double maximum_ms = 50;         ///< Time allowed for the samples of one configuration, kernel time summed.
};
[[nodiscard]] bool enough_samples(std::span<const double> values, const StoppingRule& rule);

/// Interleaved re-timing of finalists: rounds[i][k] is the time of finalist k in round i, in whatever order they ran.
/// They are returned in ascending order of the median of their times over the pace of the round (the median of all
/// finalists in it); the first is the best. Finalist k is tied with the best where the lower confidence bound of the
/// median of its per-round ratio to the best does not exceed 1 + margin. Quotients within a round cancel drifts of
/// clock and temperature that all finalists share. Rounds that lack a positive time of a finalist are left out; with
/// none left the answer is empty. Where the rounds are too few for the confidence, all are tied.
struct TieRule {
  double confidence = 0.95;  ///< Family-wise: divided among the finalists (Bonferroni).
  double margin = 0.005;     ///< Differences below this are not told apart between sessions.
};
struct Finalist {
  std::size_t finalist = 0;  ///< Position in a round.
  double median_ms = 0;
  double ratio = 1;  ///< Median of the per-round ratios to the best.
  Interval ratio_interval{
      1, 1};  ///< Of that median; the range of the ratios where the rounds are too few for the confidence.
  bool tied = false;
};
[[nodiscard]] std::vector<Finalist> rank_finalists(const std::vector<std::vector<double>>& rounds,
                                                   const TieRule& rule = {});

}  // namespace fuseline::tuner
