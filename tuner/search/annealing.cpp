// Simulated annealing (Kirkpatrick, Gelatt & Vecchi 1983) on the logarithm of time; the temperature follows the budget.
#include <algorithm>
#include <cmath>

#include "tuner/search/methods.hpp"
#include "tuner/search/proposer.hpp"

namespace fuseline::tuner {

namespace {

class Annealing final : public Proposer {
 public:
  explicit Annealing(StrategyContext context) : Proposer("annealing", std::move(context)) {}

 private:
  /// Temperatures in standard deviations of the logarithm of time seen so far, at the beginning and the end of the
  /// budget.
  static constexpr double hot = 0.3, cold = 0.01;
  static constexpr std::uint64_t starts = 6;
  static constexpr int free_moves = 30;
  /// After so many answers in a row that were not taken, the walk goes on from the best.
  static constexpr int patience = 40;

  std::optional<std::uint64_t> propose() override {
    if (history().proposed_count() < starts || !current_) return std::nullopt;
    // A neighbour that was measured before costs nothing: it is taken or left at once, and the walk goes on.
    for (int i = 0; i < free_moves; ++i) {
      const auto next = neighbourhood().random_step(current_->index, 1, random().chance(0.5) ? 1 : 4, random());
      if (!next) break;
      if (!history().proposed(*next)) return next;
      if (const auto* known = history().answer(*next)) consider(*known);
    }
    return fresh(current_->index);
  }

  void learn(const Observation& observation) override {
    if (observation.ok) {
      const double log = std::log(std::max(observation.time_ms, 1e-12));
      ++count_;
      sum_ += log;
      squares_ += log * log;
    }
    if (!current_ || history().told().size() <= starts) {
      if (observation.ok) current_ = *history().best();
      return;
    }
    if (consider(observation)) {
      refused_ = 0;
    } else if (++refused_ >= patience) {
      refused_ = 0;
      current_ = *history().best();
    }
  }

  bool consider(const Observation& observation) {
    if (!observation.ok) return false;
    const double temperature = deviation() * hot * std::pow(cold / hot, progress());
    const double worse = std::log(observation.time_ms / current_->time_ms);
    if (worse > 0 && !random().chance(std::exp(-worse / temperature))) return false;
    current_ = observation;
    return true;
  }

  [[nodiscard]] double deviation() const {
    const double mean = sum_ / count_;
    return std::max(std::sqrt(std::max(squares_ / count_ - mean * mean, 0.0)), 1e-6);
  }

  std::optional<Observation> current_;
  double count_ = 0, sum_ = 0, squares_ = 0;
  int refused_ = 0;
};

}  // namespace

std::unique_ptr<Strategy> make_annealing(StrategyContext context) {
  return std::make_unique<Annealing>(std::move(context));
}

}  // namespace fuseline::tuner
