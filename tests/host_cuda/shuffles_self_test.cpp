#include <gmock/gmock.h>

#include <numeric>
#include <vector>

#include "self_test_support.hpp"

namespace fuseline::host_cuda {
namespace {

using testing::HasSubstr;

constexpr unsigned kAll = 0xffffffffu;

// What each of 64 threads (two warps) gets; every order must agree.
std::vector<int> gather(const std::function<int(int)>& operation) {
  std::vector<int> first;
  for (const Order order : kOrders) {
    std::vector<int> results(64, -1);
    const std::string error =
        run_block(64, [&] { results[threadIdx.x] = operation(static_cast<int>(threadIdx.x)); }, {order, 11, true});
    EXPECT_EQ(error, "");
    if (first.empty()) first = results;
    EXPECT_EQ(results, first) << to_string(order);
  }
  return first;
}

TEST(HarnessShuffle, XorSwapsLanesOfAWarp) {
  const std::vector<int> results = gather([](int thread) { return __shfl_xor_sync(kAll, thread, 5); });
  for (int thread = 0; thread < 64; ++thread) EXPECT_EQ(results[thread], thread ^ 5);
}

TEST(HarnessShuffle, XorReadsEarlierSegmentsButNotLaterOnes) {
  const std::vector<int> results = gather([](int thread) { return __shfl_xor_sync(kAll, thread, 8, 8); });
  for (int thread = 0; thread < 64; ++thread) EXPECT_EQ(results[thread], thread % 16 < 8 ? thread : thread - 8);
}

TEST(HarnessShuffle, IndexedReadsWrapInTheirSegment) {
  const std::vector<int> results = gather([](int thread) { return __shfl_sync(kAll, thread, 11, 8); });
  for (int thread = 0; thread < 64; ++thread) EXPECT_EQ(results[thread], thread / 8 * 8 + 3);
}

TEST(HarnessShuffle, UpAndDownKeepTheirOwnValueAtTheEdges) {
  const std::vector<int> up = gather([](int thread) { return __shfl_up_sync(kAll, thread, 3, 16); });
  const std::vector<int> down = gather([](int thread) { return __shfl_down_sync(kAll, thread, 3, 16); });
  for (int thread = 0; thread < 64; ++thread) {
    EXPECT_EQ(up[thread], thread % 16 < 3 ? thread : thread - 3);
    EXPECT_EQ(down[thread], thread % 16 > 12 ? thread : thread + 3);
  }
}

TEST(HarnessShuffle, CarriesDoublesAndSixtyFourBits) {
  double sum = 0.0;
  const std::string error = run_in_every_order(32, [&] {
    double value = 1.0 + threadIdx.x * 1e-12;
    for (int step = 16; step > 0; step /= 2) value += __shfl_xor_sync(kAll, value, step);
    sum = value;
  });
  EXPECT_EQ(error, "");
  EXPECT_NEAR(sum, 32.0 + 496e-12, 1e-14);
}

TEST(HarnessShuffle, HalvesOfAWarpMayShuffleByThemselves) {
  const std::vector<int> results = gather([](int thread) {
    if (thread % 32 < 16) return __shfl_xor_sync(0x0000ffffu, thread, 1);
    return __shfl_xor_sync(0xffff0000u, thread, 2) + 100;
  });
  for (int thread = 0; thread < 64; ++thread)
    EXPECT_EQ(results[thread], thread % 32 < 16 ? thread ^ 1 : (thread ^ 2) + 100);
}

TEST(HarnessVote, BallotAnyAndAllSeeTheLanesOfTheMask) {
  const std::vector<int> ballots =
      gather([](int thread) { return static_cast<int>(__ballot_sync(kAll, thread % 4 == 1)); });
  const std::vector<int> any = gather([](int thread) { return __any_sync(kAll, thread == 40); });
  const std::vector<int> all = gather([](int thread) { return __all_sync(kAll, thread < 32); });
  for (int thread = 0; thread < 64; ++thread) {
    EXPECT_EQ(ballots[thread], 0x22222222);
    EXPECT_EQ(any[thread], thread < 32 ? 0 : 1);
    EXPECT_EQ(all[thread], thread < 32 ? 1 : 0);
  }
}

TEST(HarnessShuffle, ReportsAMaskWithoutTheCaller) {
  EXPECT_THAT(run_block(32, [] { static_cast<void>(__shfl_xor_sync(0xfffffffeu, 1, 1)); }),
              HasSubstr("leaves the calling lane out"));
}

TEST(HarnessShuffle, ReportsAReadOfALaneThatTakesNoPart) {
  const std::string error = run_block(32, [] {
    if (threadIdx.x < 16) static_cast<void>(__shfl_xor_sync(0x0000ffffu, 1, 16));
  });
  EXPECT_THAT(error, HasSubstr("takes no part in the shuffle"));
}

TEST(HarnessShuffle, ReportsLanesThatNeverCome) {
  const std::string error = run_block(64, [] {
    if (threadIdx.x != 3) static_cast<void>(__shfl_xor_sync(kAll, 1, 1));
    __syncthreads();
  });
  EXPECT_THAT(error, HasSubstr("deadlock"));
  EXPECT_THAT(error, HasSubstr("a shuffle of lanes 0xffffffff"));
}

TEST(HarnessAtomics, CountEveryThread) {
  int count = 0;
  float sum = 0.0f;
  EXPECT_EQ(run_block(128,
                      [&] {
                        atomicAdd(&count, 1);
                        atomicAdd(&sum, 0.5f);
                      }),
            "");
  EXPECT_EQ(count, 128);
  EXPECT_EQ(sum, 64.0f);
}

}  // namespace
}  // namespace fuseline::host_cuda
