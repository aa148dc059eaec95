// The device memory of a job, worked out ahead and counted by the stand-in driver.
#include "tuner/worker/device_memory.hpp"

#include <gmock/gmock.h>

#include <string>

#include "tests/gpu/conversation.hpp"
#include "tests/profiler/support.hpp"
#include "tests/support/environment_variable.hpp"

namespace fuseline::profiler {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kStandInL2Bytes = 1 << 20;             // Of the stand-in.
constexpr std::int64_t kJobElements = std::int64_t{1} << 22;  // 16 MiB a tensor.

class DeviceMemoryOfAJob : public ::testing::Test {
 protected:
  struct Answer {
    std::optional<tuner::PreparedReply> prepared;
    std::string error;
  };
  /// What a worker with so much memory says of the job. `variable`: who says how much there is.
  Answer prepare(std::int64_t bytes, const char* variable = "FUSELINE_FAKE_MEMORY") const {
    const EnvironmentVariable memory(variable, std::to_string(bytes).c_str());
    gpu::Conversation worker;
    worker.send(tuner::HelloRequest{});
    static_cast<void>(worker.expect<tuner::HelloReply>());
    worker.send(tuner::PrepareRequest{job_});
    Answer answer;
    answer.prepared = worker.expect<tuner::PreparedReply>();
    answer.error = worker.last_error;
    return answer;
  }

  const EnvironmentVariable driver_{"FUSELINE_LIBCUDA", FUSELINE_FAKE_DRIVER};
  const EnvironmentVariable worker_{"FUSELINE_WORKER", testing::kWorkerProgram.c_str()};
  const tuner::Job job_ = gpu::twice_job(kJobElements);
  const tuner::MemoryQuestion question_{job_.tensors, tuner::kPlaces, kStandInL2Bytes};
};

TEST_F(DeviceMemoryOfAJob, IsWhatIsWorkedOutToTheByte) {
  const std::int64_t least = tuner::memory_least(question_).total();
  const Answer enough = prepare(least);
  ASSERT_TRUE(enough.prepared) << enough.error;
  EXPECT_EQ(enough.prepared->device_bytes, least);
  EXPECT_EQ(enough.prepared->buffer_sets, 1);
  const Answer short_of_one = prepare(least - 1);
  EXPECT_FALSE(short_of_one.prepared);
  EXPECT_THAT(short_of_one.error, HasSubstr("it needs at least 0.1 GiB: 0.0 of tensors, 0.0 of the fp64 reference"));
}

TEST_F(DeviceMemoryOfAJob, IsWhatFitsInBetween) {
  for (const std::int64_t mebibytes : {90, 128, 200, 333, 700}) {
    SCOPED_TRACE(mebibytes);
    const auto expected = tuner::memory_within(question_, mebibytes << 20);
    ASSERT_TRUE(expected);
    const Answer answer = prepare(mebibytes << 20);
    ASSERT_TRUE(answer.prepared) << answer.error;
    EXPECT_EQ(answer.prepared->device_bytes, expected->total());
    EXPECT_EQ(answer.prepared->buffer_sets, expected->sets);
    EXPECT_LE(expected->total(), mebibytes << 20);
  }
  const auto plenty = tuner::memory_within(question_, std::int64_t{1} << 30);
  ASSERT_TRUE(plenty);
  EXPECT_EQ(plenty->total(), tuner::memory_wanted(question_).total());
}

TEST_F(DeviceMemoryOfAJob, MayBeLimitedBelowWhatTheCardHas) {
  const EnvironmentVariable card("FUSELINE_FAKE_MEMORY", "1073741824");
  const auto expected = tuner::memory_within(question_, std::int64_t{128} << 20);
  ASSERT_TRUE(expected);
  const Answer answer = prepare(std::int64_t{128} << 20, "FUSELINE_DEVICE_MEMORY_LIMIT");
  ASSERT_TRUE(answer.prepared) << answer.error;
  EXPECT_EQ(answer.prepared->device_bytes, expected->total());
}

}  // namespace
}  // namespace fuseline::profiler
