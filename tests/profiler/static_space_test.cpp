// A space on a GPU that is not there, by the real worker and NVRTC.
#include "tuner/check/static_space.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "profiler/cuda/occupancy.hpp"
#include "tests/profiler/support.hpp"
#include "tuner/base/files.hpp"
#include "tuner/problem/problem.hpp"
#include "tuner/session/images.hpp"
#include "tuner/session/static_sweep.hpp"

namespace fuseline::profiler {
namespace {

TEST(StaticSpace, OfARealProblemIsWhatTheCompilerAndNvidiasCalculatorSay) {
  const auto catalog = tuner::Catalog::load(tuner::data_folder(), {});
  ASSERT_TRUE(catalog) << catalog.error().message();
  tuner::SweepRequest request;
  request.problem = "layernorm_gelu_scale";
  request.device = "static:rtx4090";
  request.variants = {"row_ring", "row_per_block"};
  request.parameters["lanes"] = {"8"};
  request.parameters["stages"] = {"3"};
  tuner::StaticMeans means;
  means.catalog = &*catalog;
  means.data = tuner::data_folder();
  means.build = tuner::image_stream(testing::kWorkerProgram);
  means.cache_folder = "none";
  const auto space = tuner::static_sweep(request, means);
  ASSERT_TRUE(space) << space.error().message();
  ASSERT_GE(space->entries.size(), 3U);
  EXPECT_EQ(space->count(tuner::StaticState::fits), space->entries.size());
  for (const tuner::StaticEntry& entry : space->entries) {
    const tuner::StaticLaunch& launch = *entry.shown_launch();
    ASSERT_TRUE(launch.registers && launch.static_shared_bytes && launch.residency) << entry.configuration.key();
    OccupancyQuery query;
    query.threads_per_block = static_cast<int>(launch.launch.block[0]);
    query.registers = *launch.registers;
    query.static_shared_bytes = *launch.static_shared_bytes;
    query.dynamic_shared_bytes = launch.launch.shared_bytes;
    const Occupancy expected = occupancy(space->chip.limits, query);
    EXPECT_EQ(launch.residency->blocks, expected.blocks_per_sm) << entry.configuration.key();
    EXPECT_DOUBLE_EQ(launch.residency->occupancy, expected.fraction);
    EXPECT_TRUE(entry.in_flight_per_sm) << "its manifest says what a thread has under way";
  }
}

TEST(StaticSpace, KnowsWhatSpills) {
  // A thread keeps 300 sums; a block of 1024 threads leaves it 64 registers.
  testing::TemporaryFolder folder;
  std::filesystem::copy(std::filesystem::path(FUSELINE_SOURCE_DIR) / "tests/data/user_problem", folder.path() / "mine",
                        std::filesystem::copy_options::recursive);
  folder.write("mine/strided.cu", R"(
extern "C" __global__ void __launch_bounds__(1024)
    scale_add_strided(const float* x, const float* y, float alpha, float* out) {
  float sums[PARAM_items * 40];
#pragma unroll
  for (int i = 0; i < PARAM_items * 40; ++i) sums[i] = x[threadIdx.x + i * 1024];
  __syncthreads();
#pragma unroll
  for (int i = 0; i < PARAM_items * 40; ++i) out[threadIdx.x * 320 + (i * 7) % 320] = sums[i] * alpha + y[i];
}
)");
  const auto catalog = tuner::Catalog::load(tuner::data_folder(), {folder.path() / "mine"});
  ASSERT_TRUE(catalog) << catalog.error().message();
  tuner::SweepRequest request;
  request.problem = "scale_add";
  request.device = "static:rtx4090";
  request.parameters = {{"block", {"64"}}, {"items", {"1", "8"}}, {"order", {"plain"}}};
  tuner::StaticMeans means;
  means.catalog = &*catalog;
  means.data = tuner::data_folder();
  means.build = tuner::image_stream(testing::kWorkerProgram);
  means.cache_folder = "none";
  const auto space = tuner::static_sweep(request, means);
  ASSERT_TRUE(space) << space.error().message();
  ASSERT_EQ(space->entries.size(), 2U);
  EXPECT_EQ(space->entries[0].configuration.key(), "strided block=64 items=1 order=plain");
  EXPECT_EQ(space->entries[0].state, tuner::StaticState::fits);
  EXPECT_EQ(space->entries[1].state, tuner::StaticState::spills);
  EXPECT_GT(space->entries[1].spill_bytes.value_or(0), 0);
}

}  // namespace
}  // namespace fuseline::profiler
