// Bayesian optimisation with a Gaussian process over the logarithm of time (Snoek, Larochelle & Adams 2012), on a pool
// of candidates.
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <deque>
#include <unordered_set>

#include "tuner/search/acquisition.hpp"
#include "tuner/search/features.hpp"
#include "tuner/search/methods.hpp"
#include "tuner/search/pool_model.hpp"
#include "tuner/search/proposer.hpp"
#include "tuner/search/training_set.hpp"

namespace fuseline::tuner {

namespace {

constexpr std::size_t training_limit = 250;  ///< Observations in the model: bounds its cost.
constexpr std::size_t fit_limit = 150;       ///< Of these, for the length scales.
constexpr double fit_growth = 1.25;  ///< Length scales are fitted again when there are so many times the observations.
constexpr std::uint64_t whole_space = 3000;  ///< Spaces up to this size are candidates as a whole.
constexpr std::size_t pool_draws = 2000;     ///< Random candidates in larger ones, besides neighbours of the best.
constexpr std::size_t pool_centres = 10;
constexpr std::size_t initial_tries = 8;  ///< The initial design takes the farthest of so many.
constexpr std::size_t central_tries = 50;
constexpr std::size_t outstanding_limit = 64;  ///< Proposals still out that a new model takes account of.

class Surrogate final : public Proposer {
 public:
  Surrogate(std::string_view name, StrategyContext context) : Proposer(name, std::move(context)), features_(space()) {
    covariance_.log_inverse_length = Eigen::VectorXd::Constant(width(), 0.0);
  }
  [[nodiscard]] std::optional<double> expected_improvement() const override { return expected_improvement_; }

 private:
  std::optional<std::uint64_t> propose() override;
  void learn(const Observation& observation) override;

  [[nodiscard]] Eigen::Index width() const { return features_.size(); }
  [[nodiscard]] Eigen::VectorXd features_of(std::uint64_t index) const;
  [[nodiscard]] Eigen::MatrixXd features_of(const std::vector<std::uint64_t>& indices) const;
  [[nodiscard]] std::size_t initial_size() const;
  [[nodiscard]] std::uint64_t central();
  [[nodiscard]] std::optional<std::uint64_t> initial();
  void rebuild();
  void fit(const Eigen::MatrixXd& points);
  void choose_pool();
  bool add_to_pool(std::uint64_t index);
  void extend_pool(std::uint64_t centre);
  [[nodiscard]] Eigen::VectorXd log_acquisition(const Eigen::VectorXd& mean) const;
  void take(std::size_t candidate, double believed);

  FeatureMap features_;
  Covariance covariance_;
  PoolModel model_;
  TrainingSet training_;
  std::vector<std::uint64_t> pool_;
  std::unordered_set<std::uint64_t> in_pool_;
  std::deque<std::uint64_t> out_;  ///< The latest proposals without an answer.
  std::size_t fitted_at_ = 0;
  bool built_ = false;
  std::optional<double> expected_improvement_;
};

Eigen::VectorXd Surrogate::features_of(std::uint64_t index) const {
  Eigen::VectorXd x(width());
  features_.write(space().point(index), x);
  return x;
}

Eigen::MatrixXd Surrogate::features_of(const std::vector<std::uint64_t>& indices) const {
  Eigen::MatrixXd x(width(), static_cast<Eigen::Index>(indices.size()));
  for (std::size_t i = 0; i < indices.size(); ++i) x.col(static_cast<Eigen::Index>(i)) = features_of(indices[i]);
  return x;
}

std::size_t Surrogate::initial_size() const {
  return static_cast<std::size_t>(std::clamp(0.03 * expected_evaluations(), 1.0, 10.0));
}

/// Extremes of a space are seldom good, and with a handful of evaluations a good start is half the search.
std::uint64_t Surrogate::central() {
  std::uint64_t best = 0;
  double nearest = static_cast<double>(width()) + 1;
  for (std::size_t i = 0; i < central_tries; ++i) {
    const auto index = random().below(space().size());
    const double distance = (features_of(index).array() - 0.5).square().sum();
    if (distance >= nearest) continue;
    nearest = distance;
    best = index;
  }
  return best;
}

/// The first is the most central of a random sample; the others maximin: of a few random configurations, the farthest
/// from all before.
std::optional<std::uint64_t> Surrogate::initial() {
  if (history().proposed_count() == 0) return central();
  constexpr std::size_t compared = 64;
  const auto& told = history().told();
  std::vector<Eigen::VectorXd> before;
  for (std::size_t i = told.size() > compared ? told.size() - compared : 0; i < told.size(); ++i)
    before.push_back(features_of(told[i].index));
  for (const auto index : out_) before.push_back(features_of(index));
  std::optional<std::uint64_t> farthest;
  double greatest = -1;
  for (std::size_t i = 0; i < initial_tries; ++i) {
    const auto index = random().below(space().size());
    if (history().proposed(index)) continue;
    const auto x = features_of(index);
    double nearest = static_cast<double>(x.size());
    for (const auto& other : before) nearest = std::min(nearest, (other - x).squaredNorm());
    if (nearest <= greatest) continue;
    greatest = nearest;
    farthest = index;
  }
  return farthest;
}

bool Surrogate::add_to_pool(std::uint64_t index) {
  if (history().proposed(index) || !in_pool_.insert(index).second) return false;
  pool_.push_back(index);
  return true;
}

void Surrogate::choose_pool() {
  pool_.clear();
  in_pool_.clear();
  if (space().size() <= whole_space) {
    for (std::uint64_t i = 0; i < space().size(); ++i) add_to_pool(i);
    return;
  }
  for (std::size_t i = 0; i < pool_draws; ++i) add_to_pool(random().below(space().size()));
  std::vector<const Observation*> best;
  for (const auto& observation : history().told())
    if (observation.ok) best.push_back(&observation);
  const auto kept = static_cast<std::ptrdiff_t>(std::min(best.size(), pool_centres));
  std::partial_sort(best.begin(), best.begin() + kept, best.end(), [](const Observation* a, const Observation* b) {
    return a->time_ms != b->time_ms ? a->time_ms < b->time_ms : a->index < b->index;
  });
  best.resize(static_cast<std::size_t>(kept));
  for (const auto* centre : best) {
    for (const auto index : neighbourhood().one_changed(centre->index, 32)) add_to_pool(index);
    for (int i = 0; i < 30; ++i)
      if (const auto index = neighbourhood().random_step(centre->index, 2, 3, random())) add_to_pool(*index);
  }
}

void Surrogate::extend_pool(std::uint64_t centre) {
  const std::size_t before = pool_.size();
  for (const auto index : neighbourhood().one_changed(centre, 32)) add_to_pool(index);
  model_.add_candidates(features_of({pool_.begin() + static_cast<std::ptrdiff_t>(before), pool_.end()}));
}

void Surrogate::fit(const Eigen::MatrixXd& points) {
  const std::size_t told = history().told().size();
  if (static_cast<double>(told) < fit_growth * static_cast<double>(fitted_at_)) return;
  const Eigen::Index count = points.cols(), used = std::min<Eigen::Index>(count, static_cast<Eigen::Index>(fit_limit));
  Eigen::MatrixXd x(points.rows(), used);
  Eigen::VectorXd y(used);
  for (Eigen::Index i = 0; i < used; ++i) {
    x.col(i) = points.col(i * count / used);
    y[i] = training_.targets()[i * count / used];
  }
  covariance_ = fit_covariance(x, y, covariance_, fitted_at_ == 0 ? 40 : 25);
  fitted_at_ = told;
}

void Surrogate::rebuild() {
  training_ = TrainingSet::choose(history(), training_limit);
  const Eigen::MatrixXd points = features_of(training_.indices());
  fit(points);
  choose_pool();
  const std::vector<std::uint64_t> out(out_.begin(), out_.end());
  auto candidates = pool_;
  candidates.insert(candidates.end(), out.begin(), out.end());
  const auto room = std::clamp<std::size_t>(history().told().size() / 8, 5, 30) + out.size();
  model_ = PoolModel(covariance_, points, features_of(candidates), static_cast<Eigen::Index>(room));
  // Proposals still out are believed to come out as predicted, so that their surroundings lose their uncertainty.
  const Eigen::VectorXd mean = model_.mean(training_.targets());
  for (std::size_t i = 0; i < out.size(); ++i) {
    model_.add_point(features_of(out[i]));
    training_.believe(out[i], mean[static_cast<Eigen::Index>(pool_.size() + i)]);
  }
  pool_ = std::move(candidates);
  built_ = true;
}

Eigen::VectorXd Surrogate::log_acquisition(const Eigen::VectorXd& mean) const {
  const Eigen::VectorXd deviation = model_.variance().cwiseSqrt();
  const double best = training_.target_of(*history().best());
  Eigen::VectorXd result(mean.size());
  for (Eigen::Index i = 0; i < mean.size(); ++i) result[i] = log_expected_improvement(best, mean[i], deviation[i]);
  const auto& failures = training_.failures();
  if (failures.maxCoeff() <= 0) return result;
  // Feasibility is the same regression on 0 and 1; it never rules a candidate out for good.
  const double base = failures.mean();
  const Eigen::ArrayXd failing = model_.mean((failures.array() - base).matrix()).array() + base;
  return result.array() + (1 - failing.cwiseMax(0.0).cwiseMin(0.95)).log();
}

void Surrogate::take(std::size_t candidate, double believed) {
  model_.add_point(features_of(pool_[candidate]));
  training_.believe(pool_[candidate], believed);
}

std::optional<std::uint64_t> Surrogate::propose() {
  std::optional<std::uint64_t> index;
  if (history().proposed_count() < initial_size() || history().best() == nullptr) {
    index = initial();
  } else {
    if (!built_ || model_.full()) rebuild();
    const Eigen::VectorXd mean = model_.mean(training_.targets());
    const Eigen::VectorXd acquisition = log_acquisition(mean);
    std::size_t chosen = pool_.size();
    for (std::size_t i = 0; i < pool_.size(); ++i)
      if (!history().proposed(pool_[i]) &&
          (chosen == pool_.size() ||
           acquisition[static_cast<Eigen::Index>(i)] > acquisition[static_cast<Eigen::Index>(chosen)]))
        chosen = i;
    if (chosen < pool_.size()) {
      expected_improvement_ =
          -std::expm1(-std::exp(acquisition[static_cast<Eigen::Index>(chosen)]) * training_.scale());
      take(chosen, mean[static_cast<Eigen::Index>(chosen)]);
      index = pool_[chosen];
    } else {
      built_ = false;
    }
  }
  if (!index) index = history().draw();
  if (index) out_.push_back(*index);
  if (out_.size() > outstanding_limit) out_.pop_front();
  return index;
}

void Surrogate::learn(const Observation& observation) {
  std::erase(out_, observation.index);
  if (!built_) return;
  // An answer that the model has no row for (a resumed sweep, a proposal drawn at random) is learned at the next
  // rebuilding.
  if (!training_.answer(observation))
    built_ = false;
  else if (history().best() != nullptr && history().best()->index == observation.index)
    extend_pool(observation.index);
}

}  // namespace

std::unique_ptr<Strategy> make_model_search(std::string_view name, StrategyContext context) {
  return std::make_unique<Surrogate>(name, std::move(context));
}

std::unique_ptr<Strategy> make_surrogate(StrategyContext context) {
  return make_model_search("surrogate", std::move(context));
}

}  // namespace fuseline::tuner
