// Which configurations of a real recording come first on a target that was not measured.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "tests/support/environment_variable.hpp"
#include "tuner/counters/names.hpp"
#include "tuner/formats/read_run.hpp"
#include "tuner/run/projected.hpp"

namespace fuseline::tuner {
namespace {

const std::filesystem::path source{FUSELINE_SOURCE_DIR};

double moved(const Evaluation& evaluation) {
  return evaluation.measurement.counters.at(metric::kDramRead) +
         evaluation.measurement.counters.at(metric::kDramWritten);
}

class TargetRankings : public ::testing::Test {
 protected:
  static tuner::Run softmax(const std::string& target) {
    auto run = read_run(source / "presets/recordings/h200/softmax_bias_scale_sigmoid.f32.kernelbench.t4.json").value();
    run.info.target = find_target(source, target).value();
    run.info.target_fit.reset();
    return run;
  }

  EnvironmentVariable data_{"FUSELINE_DATA", source.string()};
};

TEST_F(TargetRankings, OnAnRtx4090BytesDecideAndNotWhatIsFastOnAnH200) {
  const tuner::Run run = softmax("rtx4090");
  const TargetRanking ranking = rank_on_target(run);
  ASSERT_GT(ranking.order.size(), 50u);
  // Of any two that the target can run, which is ahead there and which is ahead here, and who moves less.
  std::size_t swapped = 0, by_bytes = 0;
  for (std::size_t i = 0; i < ranking.order.size(); ++i) {
    for (std::size_t j = i + 1; j < ranking.order.size(); ++j) {
      const Evaluation &first = run.evaluations[ranking.order[i]], &second = run.evaluations[ranking.order[j]];
      if (run.time_of(first).median <= run.time_of(second).median) continue;
      ++swapped;
      if (moved(first) < moved(second)) ++by_bytes;
    }
  }
  EXPECT_GT(swapped, 100u);
  EXPECT_GT(static_cast<double>(by_bytes), 0.5 * static_cast<double>(swapped));
  EXPECT_GT(ranking.together, 1u);
  EXPECT_LT(ranking.together, ranking.order.size());
}

TEST_F(TargetRankings, WhatDoesNotFitIsNotCounted) {
  const tuner::Run run = softmax("rtx4090");
  const TargetRanking ranking = rank_on_target(run);
  std::size_t too_large = 0;
  for (std::size_t i = 0; i < run.evaluations.size(); ++i) {
    const ObservedWork work = observed_work(run.info, run.evaluations[i], 1);
    if (work.block.shared_bytes <= run.info.target->limits.shared_bytes_per_block) continue;
    ++too_large;
    EXPECT_EQ(std::count(ranking.order.begin(), ranking.order.end(), i), 0) << run.evaluations[i].configuration.key();
  }
  EXPECT_GT(too_large, 0u) << "channel_ring keeps more in shared memory than an SM of the RTX 4090 has";
}

TEST_F(TargetRankings, WhatIsKnownNotToBeInItsSpaceIsNotCounted) {
  tuner::Run run = softmax("rtx4090");
  const Evaluation& first = run.evaluations[rank_on_target(run).order.front()];
  run.info.target_fit = TargetFit{std::nullopt, "", {first.sequence}};
  EXPECT_NE(&run.evaluations[rank_on_target(run).order.front()], &first);
  EXPECT_FALSE(projected(run.info, first));
}

TEST_F(TargetRankings, ThereIsNoneOnTheDeviceItself) { EXPECT_TRUE(rank_on_target(softmax("h200")).order.empty()); }

}  // namespace
}  // namespace fuseline::tuner
