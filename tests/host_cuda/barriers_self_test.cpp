#include <gmock/gmock.h>

#include <cmath>
#include <set>
#include <vector>

#include "self_test_support.hpp"

namespace fuseline::host_cuda {
namespace {

using testing::HasSubstr;

TEST(HarnessGrid, RunsEveryThreadOfEveryBlockOnce) {
  std::multiset<unsigned> seen;
  const std::string error = run_grid({{2, 3, 1}, {4, 2, 2}, 0}, {}, own_statics(), [&] {
    const unsigned block = blockIdx.x + gridDim.x * blockIdx.y;
    const unsigned thread = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
    seen.insert(block * 100 + thread);
  });
  EXPECT_EQ(error, "");
  ASSERT_EQ(seen.size(), 6u * 16u);
  EXPECT_EQ(*seen.rbegin(), 515u);
  EXPECT_EQ(std::set<unsigned>(seen.begin(), seen.end()).size(), seen.size());
}

TEST(HarnessBarrier, LetsEveryThreadSeeWhatTheOthersWrote) {
  std::vector<float> sums(256, -1.0f);
  const std::string error = run_in_every_order(256, [&] {
    __shared__ float values[256];
    values[threadIdx.x] = static_cast<float>(threadIdx.x);
    __syncthreads();
    float sum = 0.0f;
    for (const float value : values) sum += value;
    sums[threadIdx.x] = sum;
  });
  EXPECT_EQ(error, "");
  EXPECT_EQ(sums, std::vector<float>(256, 255.0f * 128.0f));
}

TEST(HarnessBarrier, WithoutOneThreadsReadWhatIsNotYetThereInEveryOrder) {
  for (const Order order : kOrders) {
    unsigned missing = 0;
    const std::string error = run_block(64,
                                        [&] {
                                          __shared__ float values[64];
                                          values[threadIdx.x] = 1.0f;
                                          for (const float value : values) missing += std::isnan(value) ? 1 : 0;
                                        },
                                        {order, 3, true});
    EXPECT_EQ(error, "");
    EXPECT_GT(missing, 0u) << to_string(order);
  }
}

// The first barrier is there and the second, which keeps a fast warp from overwriting what a slow one has yet to read,
// is not.
unsigned wrong_reads_without_second_barrier(Order order) {
  unsigned wrong = 0;
  const std::string error = run_block(128,
                                      [&] {
                                        __shared__ int value[4];
                                        for (int round = 0; round < 4; ++round) {
                                          if (threadIdx.x % 32 == 0) value[threadIdx.x / 32] = round;
                                          __syncthreads();
                                          for (const int read : value) wrong += read != round ? 1 : 0;
                                        }
                                      },
                                      {order, 3, true});
  EXPECT_EQ(error, "");
  return wrong;
}

TEST(HarnessBarrier, GreedyOrdersShowThatABarrierAfterReadingIsMissing) {
  EXPECT_GT(wrong_reads_without_second_barrier(Order::ascending), 0u);
  EXPECT_GT(wrong_reads_without_second_barrier(Order::descending), 0u);
}

TEST(HarnessBarrier, CountsPredicates) {
  std::vector<int> counts(64), any(64), all(64);
  const std::string error = run_in_every_order(64, [&] {
    const int own = threadIdx.x % 2 == 0;
    counts[threadIdx.x] = __syncthreads_count(own);
    any[threadIdx.x] = __syncthreads_or(own);
    all[threadIdx.x] = __syncthreads_and(own);
  });
  EXPECT_EQ(error, "");
  EXPECT_EQ(counts, std::vector<int>(64, 32));
  EXPECT_EQ(any, std::vector<int>(64, 1));
  EXPECT_EQ(all, std::vector<int>(64, 0));
}

TEST(HarnessBarrier, DoesNotWaitForThreadsThatHaveEnded) {
  EXPECT_EQ(run_in_every_order(96,
                               [] {
                                 if (threadIdx.x >= 64) return;
                                 __syncthreads();
                               }),
            "");
}

TEST(HarnessBarrier, ReportsThreadsAtDifferentBarriers) {
  const std::string error = run_block(64, [] {
    if (threadIdx.x < 32) {
      __syncthreads();
    } else {
      __syncthreads();
    }
  });
  EXPECT_THAT(error, HasSubstr("different barriers"));
}

TEST(HarnessBarrier, ReportsADeadlockWithWhoWaitsWhere) {
  const std::string error = run_block(64, [] {
    if (threadIdx.x == 5) {
      __syncthreads();
    } else {
      __syncwarp();
    }
    __syncthreads();
  });
  EXPECT_THAT(error, HasSubstr("deadlock"));
  EXPECT_THAT(error, HasSubstr("barriers_self_test.cpp"));
  EXPECT_THAT(error, HasSubstr("(5, 0, 0)"));
  EXPECT_THAT(error, HasSubstr("__syncwarp of lanes 0xffffffff"));
}

TEST(HarnessBarrier, GoesOnAfterAFailedBlock) {
  EXPECT_NE(run_block(64, [] { threadIdx.x == 0 ? __syncthreads() : __syncwarp(); }), "");
  EXPECT_EQ(run_block(64, [] { __syncthreads(); }), "");
}

TEST(HarnessShared, IsPoisonedBeforeEveryBlock) {
  unsigned fresh = 0;
  const auto kernel = [&] {
    __shared__ float fixed;
    FUSELINE_SHARED(float, dynamic);
    fresh += std::isnan(fixed) && std::isnan(dynamic[0]) ? 1 : 0;
    fixed = 1.0f;
    dynamic[0] = 1.0f;
  };
  EXPECT_EQ(run_grid({{5, 1, 1}, {1, 1, 1}, 4}, {}, own_statics(), kernel), "");
  EXPECT_EQ(fresh, 5u);
}

TEST(HarnessSharedDeathTest, AnAccessPastDynamicSharedMemoryIsDetected) {
  const auto kernel = [] {
    FUSELINE_SHARED(float, values);
    values[25] = 1.0f;
  };
  EXPECT_DEATH(static_cast<void>(run_block(1, kernel, {}, 100)), "use-after-poison");
}

TEST(HarnessSharedDeathTest, AnAccessPastAStaticArrayIsDetected) {
  const auto kernel = [] {
    __shared__ float values[10];
    float* const first = values;
    volatile unsigned at = 10 + threadIdx.x;
    first[at] = 1.0f;
  };
  EXPECT_DEATH(static_cast<void>(run_block(1, kernel)), "global-buffer-overflow|insufficient space");
}

TEST(HarnessVectorDeathTest, AMisalignedAccessIsDetected) {
  alignas(16) static float values[8];
  const auto kernel = [] {
    volatile unsigned at = 1 + threadIdx.x;
    const float4 read = *reinterpret_cast<const float4*>(values + at);
    values[0] = read.x;
  };
  EXPECT_DEATH(static_cast<void>(run_block(1, kernel)), "misaligned address");
}

}  // namespace
}  // namespace fuseline::host_cuda
