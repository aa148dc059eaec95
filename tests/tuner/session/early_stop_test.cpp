// Stopping because nothing more is to be gained: on what grounds, and that it ends.
#include "tuner/session/early_stop.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "toy.hpp"
#include "tuner/formats/result.hpp"
#include "tuner/formats/t4.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::StartsWith;
using testing::Toy;

Observation took(double time_ms) { return {0, true, time_ms, 0.1}; }

/// 1 GB at 1000 GB/s: 1 ms.
EarlyStop millisecond() { return {1e9, 1000}; }

TEST(EarlyStop, StopsAtTheBandwidthWithinNoise) {
  auto stop = millisecond();
  stop.answered(took(1.01), {});
  EXPECT_FALSE(stop.reason());
  stop.answered(took(1.004), {});
  ASSERT_TRUE(stop.reason());
  EXPECT_EQ(*stop.reason(), "the best reaches the bandwidth of the device: 99.6 % of 1000 GB/s");
}

TEST(EarlyStop, AnUnknownBandwidthOrAFailureIsNoGround) {
  EarlyStop unknown(0, 1000), unmeasured(1e9, 0);
  auto failing = millisecond();
  for (int i = 0; i < 1000; ++i) {
    unknown.answered(took(1e-6), {});
    unmeasured.answered(took(1e-6), {});
    failing.answered({0, false, 0.1, 0.1}, 0.0);
  }
  EXPECT_FALSE(unknown.reason());
  EXPECT_FALSE(unmeasured.reason());
  EXPECT_FALSE(failing.reason()) << "there is no best to be satisfied with";
}

TEST(EarlyStop, StopsWhereNothingMoreIsExpectedForAWhile) {
  auto stop = millisecond();
  for (std::uint64_t i = 0; i < EarlyStop::at_least; ++i) stop.answered(took(5), 0.1);
  for (std::uint64_t i = 0; i + 1 < EarlyStop::a_while; ++i) stop.answered(took(5), 0.001);
  EXPECT_FALSE(stop.reason());
  stop.answered(took(5), 0.001);
  ASSERT_TRUE(stop.reason());
  EXPECT_EQ(*stop.reason(), "expected improvement under 0.5 % for 20 evaluations");
}

TEST(EarlyStop, AHopeOrABetterOneBeginsTheWhileAnew) {
  auto stop = millisecond();
  for (int i = 0; i < 100; ++i) stop.answered(took(5), i % 15 == 0 ? 0.01 : 0.001);
  EXPECT_FALSE(stop.reason());
  for (int i = 0; i < 30; ++i) stop.answered(took(5), 0.001);
  EXPECT_TRUE(stop.reason());
  stop.answered(took(4), 0.001);
  EXPECT_FALSE(stop.reason()) << "what was still out turned out better";
}

TEST(EarlyStop, AModelOfAFewAnswersIsNotBelieved) {
  auto stop = millisecond();
  for (std::uint64_t i = 0; i + 1 < EarlyStop::at_least; ++i) stop.answered(took(5), 0.0);
  EXPECT_FALSE(stop.reason());
  stop.answered(took(5), 0.0);
  EXPECT_TRUE(stop.reason());
}

/// Recordings of two parameters with 20 values each.
class StoppingEarly : public ::testing::Test {
 protected:
  /// The best of `valley` takes 1 ms.
  static tuner::Run recorded(bool working = true) {
    tuner::Run run;
    run.info.problem = "valley";
    run.info.compulsory_bytes = 1'000'000'000;
    run.info.device.name = "Scripted GPU";
    for (int x = 1; x <= 20; ++x)
      for (int y = 1; y <= 20; ++y) {
        Evaluation evaluation;
        evaluation.sequence = run.evaluations.size();
        evaluation.configuration = {"recorded", {{"x", Value(x)}, {"y", Value(y)}}};
        evaluation.measurement.outcome = working ? Outcome::ok : Outcome::incorrect;
        evaluation.measurement.cost_s = 0.1;
        const double time_ms = 1 + 0.05 * (std::abs(x - 7) + std::abs(y - 12));
        if (working) {
          evaluation.measurement.samples_ms.assign(10, time_ms);
          evaluation.measurement.time_ms = summarize(evaluation.measurement.samples_ms);
        }
        run.evaluations.push_back(evaluation);
      }
    return run;
  }

  tuner::Run swept(const tuner::Run& recording, const std::string& strategy) {
    auto request = toy_.request();
    request.device = "replay:" + toy_.folder().write("valley.json", t4_json(recording).dump()).string();
    request.workers.clear();
    request.problem.clear();
    request.strategy = strategy;
    request.budget = "auto";
    auto run = toy_.sweep(request);
    if (!run) throw std::runtime_error(run.error().message());
    return *run;
  }

  Toy toy_;
};

TEST_F(StoppingEarly, AtTheBandwidthOfTheRecordedDevice) {
  auto recording = recorded();
  recording.info.copy_gbps = 1000;
  for (const std::string strategy : {"auto", "random", "local"}) {
    const auto run = swept(recording, strategy);
    EXPECT_THAT(run.info.stop_reason, StartsWith("the best reaches the bandwidth")) << strategy;
    EXPECT_EQ(run.info.state, RunState::finished);
    EXPECT_NEAR(run.ranked().front()->measurement.time_ms.median, 1.0, 1e-9) << "only one is within noise of the floor";
    EXPECT_LT(run.evaluations.size(), 400U) << strategy;
    EXPECT_EQ(run.evaluations.back().configuration, run.ranked().front()->configuration)
        << "nothing was asked for after it";
  }
}

TEST_F(StoppingEarly, WhenTheModelExpectsNothingMore) {
  auto recording = recorded();
  recording.info.copy_gbps = 5000;
  for (const std::string strategy : {"auto", "surrogate"}) {
    const auto run = swept(recording, strategy);
    EXPECT_THAT(run.info.stop_reason, StartsWith("expected improvement under 0.5 %")) << strategy;
    EXPECT_GE(run.evaluations.size(), EarlyStop::at_least);
    EXPECT_LT(run.evaluations.size(), 200U) << strategy;
    EXPECT_LT(run.ranked().front()->measurement.time_ms.median, 1.06) << strategy;
    EXPECT_EQ(result_json(run).value().at("search").at("stop_reason"), run.info.stop_reason);
  }
}

TEST_F(StoppingEarly, WithoutAModelAtTheEndOfTheSpace) {
  auto recording = recorded();
  recording.info.copy_gbps = 5000;
  const auto run = swept(recording, "random");
  EXPECT_EQ(run.info.stop_reason, "space exhausted");
  EXPECT_EQ(run.evaluations.size(), 400U);
}

TEST_F(StoppingEarly, EndsWhereNothingWorks) {
  const auto run = swept(recorded(false), "auto");
  EXPECT_EQ(run.info.stop_reason, "space exhausted");
  EXPECT_EQ(run.evaluations.size(), 400U);
}

/// The median number of evaluations over 25 seeds; every one has to stop at the bandwidth.
std::uint64_t median_evaluations(const Catalog& catalog, const std::string& problem) {
  std::vector<double> counts;
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    SweepRequest request;
    request.problem = problem;
    request.device = "replay:h200";
    request.budget = "auto";
    request.seed = seed;
    SessionEnvironment environment;
    environment.catalog = &catalog;
    environment.data = data_folder();
    auto session = Session::start(request, environment);
    if (!session) throw std::runtime_error(session.error().message());
    const auto run = (*session)->wait();
    if (!run) throw std::runtime_error(run.error().message());
    EXPECT_THAT(run->info.stop_reason, StartsWith("the best reaches the bandwidth")) << problem << ", seed " << seed;
    counts.push_back(static_cast<double>(run->evaluations.size()));
  }
  return static_cast<std::uint64_t>(median(counts));
}

TEST(StoppingEarlyRecorded, AStridedProblemStopsAtTheBandwidthLikeItsContiguousTwin) {
  const auto catalog = Catalog::load(data_folder(), {});
  ASSERT_TRUE(catalog) << catalog.error().message();
  EXPECT_LT(median_evaluations(*catalog, "layernorm_gelu_scale"), 40U);
  EXPECT_LT(median_evaluations(*catalog, "layernorm_gelu_scale_strided"), 40U)
      << "half of what its input holds is never read: the share of reads is that of the elements used";
}

TEST(StoppingEarlyLive, EndsWithWorkersToo) {
  Toy toy;
  auto request = toy.request();
  request.budget = "auto";
  const auto run = toy.sweep(request);
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->info.state, RunState::finished);
  EXPECT_FALSE(run->info.stop_reason.empty());
  std::set<std::string> keys;
  for (const auto& evaluation : run->evaluations) EXPECT_TRUE(keys.insert(evaluation.configuration.key()).second);
}

}  // namespace
}  // namespace fuseline::tuner
