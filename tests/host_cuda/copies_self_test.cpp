#define FUSELINE_DTYPE_F32 1
#include <gmock/gmock.h>

#include <vector>

#include "profiler/host/shim/host_cuda.hpp"
#include "self_test_support.hpp"

// After the shim, as kernels include it.
#include "common/pipeline.cuh"

namespace fuseline::host_cuda {
namespace {

using testing::HasSubstr;

alignas(16) const float four_floats[4] = {1.0f, 2.0f, 3.0f, 4.0f};

// What one thread reads after copying and waiting until `pending` groups are under way.
template <int pending>
float read_after_wait(bool late) {
  float read = -1.0f;
  const std::string error = run_block(
      1,
      [&] {
        FUSELINE_SHARED(float, values);
        values[2] = -2.0f;
        fuseline::async_copy(values, four_floats);
        fuseline::async_commit();
        fuseline::async_wait<pending>();
        read = values[2];
      },
      {Order::round_robin, 1, late}, 16);
  EXPECT_EQ(error, "");
  return read;
}

TEST(HarnessCopies, LateOnesLandOnlyWhenWaitedFor) {
  EXPECT_EQ(read_after_wait<0>(true), 3.0f);
  EXPECT_EQ(read_after_wait<1>(true), -2.0f);
  EXPECT_EQ(read_after_wait<1>(false), 3.0f);
}

TEST(HarnessCopies, ReportsAMisalignedOne) {
  const auto kernel = [] {
    FUSELINE_SHARED(float, values);
    fuseline::async_copy(values + 1, four_floats);
  };
  EXPECT_THAT(run_block(1, kernel, {}, 64), HasSubstr("multiples of 16 bytes"));
}

// Thread 0 brings 16 bytes; `wait` says whether the others wait for them.
std::vector<float> read_bulk(bool wait, const RunSettings& settings, std::string& error) {
  std::vector<float> read(64, -1.0f);
  error = run_block(
      64,
      [&] {
        FUSELINE_SHARED(float, values);
        __shared__ fuseline::BulkBarrier barrier;
        if (threadIdx.x == 0) fuseline::bulk_prepare(barrier);
        __syncthreads();
        if (threadIdx.x == 0) {
          fuseline::bulk_expect(barrier, 16);
          fuseline::bulk_copy(values, four_floats, 16, barrier);
        }
        if (wait || threadIdx.x == 0) fuseline::bulk_wait(barrier, 0);
        read[threadIdx.x] = values[3];
      },
      settings, 16);
  return read;
}

TEST(HarnessCopies, BulkOnesAreSeenByEveryThreadThatWaits) {
  for (const Order order : kOrders) {
    for (const bool late : {false, true}) {
      std::string error;
      EXPECT_EQ(read_bulk(true, {order, 5, late}, error), std::vector<float>(64, 4.0f));
      EXPECT_EQ(error, "");
    }
  }
}

TEST(HarnessCopies, BulkOnesAreMissedByThreadsThatDoNotWait) {
  std::string error;
  const std::vector<float> read = read_bulk(false, {Order::ascending, 5, true}, error);
  EXPECT_EQ(error, "");
  EXPECT_EQ(read[0], 4.0f);
  EXPECT_NE(read[1], 4.0f);
}

TEST(HarnessCopies, ReportsAWaitForBytesThatNobodySends) {
  const auto kernel = [] {
    __shared__ fuseline::BulkBarrier barrier;
    fuseline::bulk_prepare(barrier);
    fuseline::bulk_wait(barrier, 0);
  };
  EXPECT_THAT(run_block(1, kernel), HasSubstr("deadlock"));
}

TEST(HarnessCopies, ReportsABulkCopyThatNobodyWaitsFor) {
  const auto kernel = [] {
    FUSELINE_SHARED(float, values);
    __shared__ fuseline::BulkBarrier barrier;
    fuseline::bulk_prepare(barrier);
    fuseline::bulk_expect(barrier, 16);
    fuseline::bulk_copy(values, four_floats, 16, barrier);
  };
  EXPECT_THAT(run_block(1, kernel, {}, 16), HasSubstr("under way"));
}

}  // namespace
}  // namespace fuseline::host_cuda
