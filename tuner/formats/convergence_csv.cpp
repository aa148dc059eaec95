#include "tuner/formats/convergence_csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tuner/run/figures.hpp"
#include "tuner/stats/statistics.hpp"

namespace fuseline::tuner {
namespace {

bool timed(const Evaluation& evaluation) { return worked(evaluation.measurement); }

/// What random search over the times of a run is expected to have reached.
class ExpectedRandom {
 public:
  explicit ExpectedRandom(const Run& run) : total_(run.evaluations.size()) {
    for (const Evaluation& evaluation : run.evaluations) {
      if (timed(evaluation)) times_.push_back(sweep_ms(run.info, evaluation.measurement));
      if (std::isfinite(evaluation.elapsed_s)) seconds_ = std::max(seconds_, evaluation.elapsed_s);
    }
    std::sort(times_.begin(), times_.end());
  }
  [[nodiscard]] std::string after_evaluations(std::uint64_t draws) const {
    if (times_.empty() || draws == 0) return "";
    return fmt::format("{:.6g}", expected_best(times_, total_, std::min(draws, total_)));
  }
  [[nodiscard]] std::string after_seconds(double seconds) const {
    if (!(seconds_ > 0) || !std::isfinite(seconds)) return "";
    return after_evaluations(
        static_cast<std::uint64_t>(std::max(0.0, seconds / seconds_ * static_cast<double>(total_))));
  }

 private:
  std::vector<double> times_;
  std::uint64_t total_;
  double seconds_ = 0;
};

}  // namespace

Result<std::string> convergence_csv(const Run& run) {
  if (!run.info.objective.is_time())
    return bad_input("the run is ranked " + objective_text(run.info.objective) +
                     ": its convergence is no matter of time");
  const ExpectedRandom random(run);
  std::string text =
      "evaluation,elapsed_s,outcome,time_ms,best_ms,random_best_ms_after_evaluations,random_best_ms_after_seconds\r\n";
  std::string best;
  double best_ms = 0;
  std::uint64_t number = 0;
  for (const Evaluation& evaluation : run.evaluations) {
    const double ms = sweep_ms(run.info, evaluation.measurement);
    if (timed(evaluation) && (best.empty() || ms < best_ms)) {
      best_ms = ms;
      best = fmt::format("{}", ms);
    }
    ++number;
    text += fmt::format("{},{},{},{},{},{},{}\r\n", number, evaluation.elapsed_s,
                        to_string(evaluation.measurement.outcome), timed(evaluation) ? fmt::format("{}", ms) : "", best,
                        random.after_evaluations(number), random.after_seconds(evaluation.elapsed_s));
  }
  return text;
}

}  // namespace fuseline::tuner
