// What cannot be compiled, loaded, launched or ended: each costs one configuration, and says why.
#include "tests/gpu/fixture.hpp"

namespace fuseline::gpu {
namespace {

using ::testing::HasSubstr;
using tuner::Outcome;

class Failures : public GpuTest {
 protected:
  void SetUp() override {
    GpuTest::SetUp();
    if (HasFatalFailure()) return;
    auto job = twice_job(100'000);
    job.deadlines.compile_s = 20;
    prepare(job);
  }
};

TEST_F(Failures, ACompileErrorKeepsTheLog) {
  const auto result = evaluate("out[i] = nonsense;");
  EXPECT_EQ(result.outcome, Outcome::compile_error);
  EXPECT_THAT(result.reason, HasSubstr("nonsense"));
  EXPECT_THAT(result.compiler_log, HasSubstr("kernel.cu"));
  EXPECT_EQ(evaluate(kGood).outcome, Outcome::ok);
}

TEST_F(Failures, ACompilationThatDoesNotEndIsKilledWhileOthersGoOn) {
  auto job = twice_job(100'000);
  job.deadlines.compile_s = 4;
  prepare(job);
  auto slow =
      configuration(1, job_,
                    "template <unsigned long long N, int D> struct S { static constexpr int v = S<2 * N, D - 1>::v + "
                    "S<2 * N + 1, D - 1>::v; };\n"
                    "template <unsigned long long N> struct S<N, 0> { static constexpr int v = int(N % 3); };\n" +
                        kernel("out[i] = (float)S<1, 24>::v;"));
  worker_.send(slow);
  for (std::uint64_t id = 2; id <= 5; ++id)
    worker_.send(configuration(id, job_, kernel(kGood + " // " + std::to_string(id))));
  int ok = 0;
  for (int i = 0; i < 5; ++i) {
    const auto reply = worker_.expect<tuner::OutcomeReply>();
    ASSERT_TRUE(reply.has_value());
    if (reply->id == 1) {
      EXPECT_EQ(reply->measurement.outcome, Outcome::timeout);
      EXPECT_THAT(reply->measurement.reason, HasSubstr("compile deadline"));
      EXPECT_EQ(i, 4) << "the others should not wait for it";
    } else if (reply->measurement.outcome == Outcome::ok) {
      ++ok;
    }
  }
  EXPECT_EQ(ok, 4);
}

TEST_F(Failures, AnUnknownArgumentOrKernelIsALaunchError) {
  auto request = configuration(1, job_, kernel(kGood));
  request.resolved.launches[0].args = buffers({"x", "gamma"});
  EXPECT_EQ(evaluate(request).outcome, Outcome::launch_error);
  request = configuration(2, job_, kernel(kGood));
  request.resolved.launches[0].kernel = "other";
  const auto result = evaluate(request);
  EXPECT_EQ(result.outcome, Outcome::launch_error);
  EXPECT_THAT(result.reason, HasSubstr("other"));
  EXPECT_EQ(evaluate(kGood).outcome, Outcome::ok);
}

TEST_F(Failures, MoreThreadsThanTheKernelAllowsIsALaunchError) {
  auto source = kernel(kGood);
  source.replace(source.find("void k("), 7, "void __launch_bounds__(128) k(");
  const auto result = evaluate(configuration(1, job_, source));
  EXPECT_EQ(result.outcome, Outcome::launch_error);
  EXPECT_THAT(result.reason, HasSubstr("256 threads"));
}

TEST_F(Failures, MoreSharedMemoryThanThereIsIsSkipped) {
  auto request = configuration(1, job_, kernel(kGood));
  request.resolved.launches[0].launch.shared_bytes = std::int64_t{10} << 20;
  EXPECT_EQ(evaluate(request).outcome, Outcome::skipped);
}

TEST_F(Failures, SharedMemoryBeyondTheDefaultIsOptedInto) {
  auto source = kernel("shared[threadIdx.x + 15000] = 2 * x[i]; out[i] = shared[threadIdx.x + 15000];");
  source.insert(source.find("extern \"C\""), "extern __shared__ float shared[];\n");
  auto request = configuration(1, job_, source);
  request.resolved.launches[0].launch.shared_bytes = std::int64_t{64} * 1024;
  const auto result = evaluate(request);
  EXPECT_EQ(result.outcome, Outcome::ok) << result.reason;
}

TEST_F(Failures, AnIllegalAddressEndsTheWorkerWithItsOutcome) {
  const auto result = evaluate("out[i] = *(const volatile float*)16;");
  EXPECT_EQ(result.outcome, Outcome::launch_error);
  EXPECT_THAT(result.reason, HasSubstr("CUDA_ERROR_ILLEGAL_ADDRESS"));
  const auto error = worker_.expect<tuner::ErrorReply>();
  ASSERT_TRUE(error.has_value());
  EXPECT_TRUE(error->fatal);
  EXPECT_TRUE(worker_.ends_within(std::chrono::seconds(20)));
  Conversation another;
  another.send(tuner::HelloRequest{});
  EXPECT_TRUE(another.expect<tuner::HelloReply>().has_value()) << "the GPU is usable again";
}

TEST_F(Failures, AnEndlessLoopCanBeKilled) {
  worker_.send(configuration(1, job_, kernel("volatile T* p = x; while (p[i] != (T)1e30f) {} out[i] = 0;")));
  const auto started = worker_.expect<tuner::OutcomeReply>(std::chrono::seconds(5));
  EXPECT_FALSE(started.has_value());
  EXPECT_EQ(worker_.stages, std::vector<std::string>{"verify"});
  const auto begin = std::chrono::steady_clock::now();
  worker_.kill();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
  Conversation another;
  another.send(tuner::HelloRequest{});
  ASSERT_TRUE(another.expect<tuner::HelloReply>().has_value());
  another.send(tuner::PrepareRequest{twice_job(1000)});
  EXPECT_TRUE(another.expect<tuner::PreparedReply>().has_value()) << another.last_error;
}

TEST_F(Failures, TooMuchMemoryIsAnErrorWithFigures) {
  worker_.send(tuner::PrepareRequest{twice_job(std::int64_t{1} << 38)});
  const auto error = worker_.expect<tuner::ErrorReply>();
  ASSERT_TRUE(error.has_value());
  EXPECT_FALSE(error->fatal);
  EXPECT_THAT(error->reason, HasSubstr("MiB are free"));
  prepare(twice_job(1000));
  EXPECT_EQ(evaluate(kGood).outcome, Outcome::ok);
}

TEST_F(Failures, AReferenceThatDoesNotCompileOrWriteIsAnError) {
  auto job = twice_job(1000);
  job.reference_source = "nonsense";
  worker_.send(tuner::PrepareRequest{job});
  EXPECT_THAT(worker_.expect<tuner::ErrorReply>().value_or(tuner::ErrorReply{}).reason, HasSubstr("reference"));
  job = twice_job(1000);
  job.reference_launches[0].launch.grid[0] = 1;
  worker_.send(tuner::PrepareRequest{job});
  EXPECT_THAT(worker_.expect<tuner::ErrorReply>().value_or(tuner::ErrorReply{}).reason, HasSubstr("unwritten"));
}

}  // namespace
}  // namespace fuseline::gpu
