// The model behind `surrogate`: regression that is right, kept up to date step by step.
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "tests/tuner/search/spaces.hpp"
#include "tuner/search/features.hpp"
#include "tuner/search/pool_model.hpp"
#include "tuner/search/random_source.hpp"
#include "tuner/search/training_set.hpp"

namespace fuseline::tuner {
namespace {

Eigen::MatrixXd random_points(Eigen::Index features, Eigen::Index count, std::uint64_t seed) {
  RandomSource random(seed);
  Eigen::MatrixXd x(features, count);
  for (Eigen::Index i = 0; i < x.size(); ++i) x.data()[i] = random.uniform();
  return x;
}

Covariance covariance(Eigen::Index features) {
  Covariance c;
  c.log_inverse_length = Eigen::VectorXd::Constant(features, 0.4);
  return c;
}

TEST(PoolModel, AgreesWithTheTextbookFormula) {
  const auto c = covariance(3);
  const auto x = random_points(3, 12, 1), candidates = random_points(3, 5, 2);
  const Eigen::VectorXd y = (x.row(0) * 3 - x.row(1)).transpose();
  Eigen::MatrixXd k = c.between(x, x);
  k.diagonal().array() += c.noise_variance() + 1e-9 * c.variance();
  const Eigen::MatrixXd cross = c.between(x, candidates);
  const Eigen::MatrixXd inverse = k.inverse();
  const PoolModel model(c, x, candidates, 0);
  EXPECT_LT((model.mean(y) - cross.transpose() * inverse * y).norm(), 1e-8);
  const Eigen::VectorXd variance = c.variance() - (cross.transpose() * inverse * cross).diagonal().array();
  EXPECT_LT((model.variance() - variance).norm(), 1e-8);
}

TEST(PoolModel, GrownStepByStepIsTheSameAsBuiltAtOnce) {
  const auto c = covariance(4);
  const auto x = random_points(4, 20, 3), candidates = random_points(4, 9, 4);
  const Eigen::VectorXd y = x.colwise().sum().transpose();
  const PoolModel whole(c, x, candidates, 0);
  PoolModel grown(c, x.leftCols(6), candidates.leftCols(5), 14);
  for (Eigen::Index i = 6; i < 13; ++i) grown.add_point(x.col(i));
  grown.add_candidates(candidates.rightCols(4));
  for (Eigen::Index i = 13; i < 20; ++i) grown.add_point(x.col(i));
  EXPECT_TRUE(grown.full());
  EXPECT_LT((grown.mean(y) - whole.mean(y)).norm(), 1e-7);
  EXPECT_LT((grown.variance() - whole.variance()).norm(), 1e-7);
}

TEST(Covariance, FittingFindsTheFeatureThatMatters) {
  const auto x = random_points(3, 60, 5);
  const Eigen::VectorXd y = (x.row(1).array() * 9).sin().transpose();
  const auto fitted = fit_covariance(x, y, covariance(3), 60);
  EXPECT_GT(fitted.log_inverse_length[1], fitted.log_inverse_length[0] + 1);
  EXPECT_GT(fitted.log_inverse_length[1], fitted.log_inverse_length[2] + 1);
}

TEST(TrainingSet, KeepsTheFastestAndASampleOfTheRest) {
  History history(1000, 1);
  for (std::uint64_t i = 0; i < 500; ++i) history.tell({i, i % 10 != 9, 1.0 + static_cast<double>(i), 0.1});
  const auto set = TrainingSet::choose(history, 100);
  EXPECT_EQ(set.indices().size(), 100U);
  for (std::uint64_t i = 0; i < 50; ++i) {
    if (i % 10 == 9) continue;
    EXPECT_NE(std::find(set.indices().begin(), set.indices().end(), i), set.indices().end()) << i;
  }
  EXPECT_GT(*std::max_element(set.indices().begin(), set.indices().end()), 300U);
}

TEST(TrainingSet, AFailureCountsAsTheSlowest) {
  History history(10, 1);
  history.tell({0, true, 1.0, 0.1});
  history.tell({1, true, 4.0, 0.1});
  history.tell({2, false, 0.0, 0.1});
  const auto set = TrainingSet::choose(history, 100);
  EXPECT_DOUBLE_EQ(set.targets()[2], set.targets()[1]);
  EXPECT_EQ(set.failures()[2], 1);
}

TEST(FeatureMap, LiesInTheUnitCubeAndTellsConfigurationsApart) {
  const auto space = testing::mixed_space();
  const FeatureMap features(*space);
  Eigen::MatrixXd x(features.size(), static_cast<Eigen::Index>(space->size()));
  for (std::uint64_t i = 0; i < space->size(); ++i)
    features.write(space->point(i), x.col(static_cast<Eigen::Index>(i)));
  EXPECT_GE(x.minCoeff(), 0);
  EXPECT_LE(x.maxCoeff(), 1);
  for (Eigen::Index i = 0; i < x.cols(); ++i)
    for (Eigen::Index j = 0; j < i; ++j) EXPECT_GT((x.col(i) - x.col(j)).norm(), 1e-6);
}

TEST(FeatureMap, PowersOfTwoAreEvenlySpaced) {
  const auto space = testing::built({{"v", {testing::numbers("x", {16, 32, 64, 128})}, {}, {}, {}, ""}});
  const FeatureMap features(*space);
  ASSERT_EQ(features.size(), 1);
  Eigen::VectorXd x(1);
  features.write(Point{0, {1}}, x);
  EXPECT_NEAR(x[0], 1.0 / 3, 1e-12);
}

}  // namespace
}  // namespace fuseline::tuner
