// Fills, times, finals and ceilings are what they are said to be.
#include <numeric>

#include "tests/gpu/fixture.hpp"
#include "tests/support/temporary_folder.hpp"

namespace fuseline::gpu {
namespace {

using tuner::Outcome;

constexpr std::int64_t kLarge = std::int64_t{64} << 20;  // 256 MiB in f32.
const std::string kCopyLike = R"(
extern "C" __global__ void k(const float4* x, float4* out) {
  const long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= DIM_N / 4) return;
  float4 v = x[i];
  v.x *= 2; v.y *= 2; v.z *= 2; v.w *= 2;
  out[i] = v;
})";

class Measurements : public GpuTest {
 protected:
  tuner::EvaluateRequest copy_like(std::uint64_t id, int launches = 1) {
    auto request = configuration(id, job_, kCopyLike + "// " + std::to_string(id));
    request.resolved.launches[0].launch.grid[0] = (job_.tensors[0].elements / 4 + 255) / 256;
    request.resolved.launches.resize(static_cast<std::size_t>(launches), request.resolved.launches[0]);
    return request;
  }
};

TEST_F(Measurements, FillsAreTheDocumentedFunctionOfSeedNameAndIndex) {
  // The generator once more, from its description: splitmix64 over a counter, Box-Muller, the tensor's name hashed by
  // FNV-1a.
  auto job = twice_job(100'000);
  job.seed = 42;
  job.tensors[0].fill.mean = 3;
  job.tensors[0].fill.stddev = 0.5;
  prepare(job);
  const auto result = evaluate(R"(
  unsigned long long h = 0xcbf29ce484222325ull;
  h = (h ^ 'x') * 0x100000001b3ull;
  unsigned long long z = (h ^ (42ull * 0x9e3779b97f4a7c15ull)) + (i + 1) * 0x9e3779b97f4a7c15ull;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  z = z ^ (z >> 31);
  const float u2 = (float)((unsigned)z >> 8) / 16777216.0f;
  const float u1 = ((float)(unsigned)(z >> 40) + 1.0f) / 16777216.0f;
  out[i] = 2 * (3.0f + 0.5f * sqrtf(-2.0f * logf(u1)) * cospif(2.0f * u2));)");
  EXPECT_EQ(result.outcome, Outcome::ok) << result.reason;
}

TEST_F(Measurements, ACopyReachesTheCopyBandwidth) {
  prepare(twice_job(kLarge));
  EXPECT_EQ(prepared_->buffer_sets, 3);
  const auto result = evaluate(copy_like(1));
  ASSERT_EQ(result.outcome, Outcome::ok) << result.reason;
  const double gbps = 8.0 * static_cast<double>(kLarge) / (result.time_ms.median * 1e-3) / 1e9;
  EXPECT_GT(gbps / prepared_->copy_gbps, 0.8);
  EXPECT_LT(gbps / prepared_->copy_gbps, 1.05) << "over the copy's bandwidth by more than noise";
}

TEST_F(Measurements, TwiceTheWorkTakesTwiceTheTime) {
  prepare(twice_job(kLarge));
  const auto once = evaluate(copy_like(1, 1));
  const auto twice = evaluate(copy_like(2, 2));
  ASSERT_EQ(once.outcome, Outcome::ok);
  ASSERT_EQ(twice.outcome, Outcome::ok);
  EXPECT_NEAR(twice.time_ms.median / once.time_ms.median, 2.0, 0.2);
}

TEST_F(Measurements, HopelessConfigurationsAreAbandoned) {
  prepare(twice_job(kLarge));
  ASSERT_EQ(evaluate(copy_like(1)).outcome, Outcome::ok);
  const auto slow = evaluate(copy_like(2, 8));
  EXPECT_EQ(slow.outcome, Outcome::ok);
  EXPECT_TRUE(slow.abandoned);
  EXPECT_EQ(slow.samples_ms.size(), 3U);
}

TEST_F(Measurements, SmallWorkingSetsAreTimedColdUnlessAskedOtherwise) {
  auto job = twice_job(std::int64_t{3} << 20);
  prepare(job);
  EXPECT_GT(prepared_->buffer_sets, 1);
  const auto cold = evaluate(copy_like(1));
  job.timing.after = tuner::Predecessor::itself;
  prepare(job);
  EXPECT_EQ(prepared_->buffer_sets, 1);
  const auto warm = evaluate(copy_like(2));
  ASSERT_EQ(cold.outcome, Outcome::ok);
  ASSERT_EQ(warm.outcome, Outcome::ok);
  EXPECT_EQ(cold.after, tuner::Predecessor::clean);
  EXPECT_EQ(warm.after, tuner::Predecessor::itself);
  EXPECT_GT(cold.time_ms.median, warm.time_ms.median);
}

TEST_F(Measurements, WorkspacesCarryDataBetweenLaunches) {
  prepare(twice_job(100'000));
  auto request = configuration(1, job_, R"(
extern "C" __global__ void first(const float* x, float* scratch, float factor) {
  const long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (i < DIM_N) scratch[i] = factor * x[i];
}
extern "C" __global__ void second(const float* scratch, float* out) {
  const long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (i < DIM_N) out[i] = scratch[i];
})");
  auto launch = request.resolved.launches[0];
  request.resolved.launches = {launch, launch};
  request.resolved.launches[0].kernel = "first";
  request.resolved.launches[0].args = {buffer("x"), buffer("scratch"), real(tuner::ArgumentKind::f32, 2)};
  request.resolved.launches[1].kernel = "second";
  request.resolved.launches[1].args = buffers({"scratch", "out"});
  request.resolved.workspace = {{"scratch", 400'000}};
  EXPECT_EQ(evaluate(request).outcome, Outcome::ok);
  request.resolved.workspace = {{"scratch", 399'996}};
  EXPECT_EQ(evaluate(request).outcome, Outcome::incorrect) << "one element more than the workspace has";
}

TEST_F(Measurements, TheSecondCompilationComesFromTheCache) {
  const TemporaryFolder folder;
  auto job = twice_job(1000);
  job.cache_folder = folder.path().string();
  prepare(job);
  const auto first = evaluate(kGood);
  const auto second = evaluate(kGood);
  EXPECT_FALSE(first.compile_cached);
  EXPECT_GT(first.compile_ms, 0);
  EXPECT_TRUE(second.compile_cached);
  EXPECT_EQ(second.outcome, Outcome::ok);
  EXPECT_EQ(first.source_sha256, second.source_sha256);
}

TEST_F(Measurements, FinalsLeaveOutWhatIsWrong) {
  prepare(twice_job(kLarge));
  tuner::FinalsRequest finals;
  finals.finalists = {copy_like(11), configuration(12, job_, kernel("out[i] = 0;")), copy_like(13, 2)};
  finals.rounds = 7;
  worker_.send(finals);
  const auto reply = worker_.expect<tuner::FinalsReply>();
  ASSERT_TRUE(reply.has_value()) << worker_.last_error;
  EXPECT_EQ(reply->ids, (std::vector<std::uint64_t>{11, 13}));
  ASSERT_EQ(reply->rounds_ms.size(), 7U);
  ASSERT_EQ(reply->rounds.size(), 7U);
  std::vector<double> ratios, copies;
  for (const auto& round : reply->rounds) copies.push_back(round.copy_gbps);
  for (const auto& round : reply->rounds_ms) {
    ASSERT_EQ(round.size(), 2U);
    ratios.push_back(round[1] / round[0]);
  }
  EXPECT_NEAR(tuner::median(ratios), 2.0, 0.2);
  EXPECT_NEAR(tuner::median(copies) / prepared_->copy_gbps, 1.0, 0.1);
  EXPECT_EQ(evaluate(copy_like(14)).outcome, Outcome::ok);
}

TEST_F(Measurements, CeilingsArePlausible) {
  worker_.send(tuner::CeilingsRequest{});
  const auto reply = worker_.expect<tuner::CeilingsReply>();
  ASSERT_TRUE(reply.has_value()) << worker_.last_error;
  const tuner::Ceilings& ceilings = reply->ceilings;
  const tuner::DeviceInfo& device = hello_->devices.at(static_cast<std::size_t>(hello_->device));
  std::printf("%s, driver %s, CUDA %s: copy %.0f, read %.0f, L2 %.0f GB/s, FP32 %.0f GFLOP/s, DRAM peak %.0f GB/s\n",
              device.name.c_str(), device.driver.c_str(), device.cuda.c_str(), ceilings.copy_gbps, ceilings.read_gbps,
              ceilings.l2_gbps, ceilings.fp32_gflops, device.dram_peak_gbps);
  EXPECT_GT(ceilings.copy_gbps, 100);
  EXPECT_GT(ceilings.read_gbps, 0.8 * ceilings.copy_gbps);
  EXPECT_GT(ceilings.l2_gbps, ceilings.read_gbps);
  EXPECT_GT(ceilings.fp32_gflops, 1000);
  if (device.dram_peak_gbps > 0) {
    EXPECT_LT(ceilings.copy_gbps, device.dram_peak_gbps);
    EXPECT_LT(ceilings.read_gbps, device.dram_peak_gbps);
    EXPECT_GT(ceilings.copy_gbps, 0.6 * device.dram_peak_gbps);
  }
  EXPECT_EQ(ceilings.measured_at.size(), 20U);
}

TEST_F(Measurements, ManyConfigurationsKeepTheDeviceBusy) {
  prepare(twice_job(kLarge * 2));
  constexpr int count = 60;
  static_cast<void>(evaluate(copy_like(999)));
  for (int i = 0; i < count; ++i) worker_.send(copy_like(std::uint64_t{1000} + static_cast<std::uint64_t>(i)));
  double gpu_ms = 0;
  auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < count; ++i) {
    const auto reply = worker_.expect<tuner::OutcomeReply>();
    ASSERT_TRUE(reply.has_value()) << worker_.last_error;
    ASSERT_EQ(reply->measurement.outcome, Outcome::ok) << reply->measurement.reason;
    // The first wait is for the compilers.
    if (i == 0) {
      begin = std::chrono::steady_clock::now();
    } else {
      gpu_ms += reply->measurement.gpu_ms;
    }
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::printf("%.1f configurations a second, GPU busy %.1f %%\n", (count - 1) / seconds, gpu_ms / seconds / 10);
  EXPECT_GT(gpu_ms / seconds / 1000, 0.5);
  EXPECT_LT(gpu_ms / seconds / 1000, 1.0);
}

}  // namespace
}  // namespace fuseline::gpu
