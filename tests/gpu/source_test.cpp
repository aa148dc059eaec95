// What a source profile says of this GPU's kernels is what they are known to do.
#include <fmt/format.h>

#include <map>
#include <string>

#include "tests/gpu/fixture.hpp"

namespace fuseline::gpu {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kSourceElements = std::int64_t{16} << 20;
constexpr int kHotLine = 6;

/// out = 2 x, after 400 divisions an element in line kHotLine that change nothing.
constexpr const char* kDividing =
    "extern \"C\" __global__ void k(const float* x, float* out) {\n"
    "  const unsigned long long i = blockIdx.x * 256ull + threadIdx.x;\n"
    "  float one, v = x[i];\n"
    "  asm volatile(\"mov.f32 %0, 0f3f800000;\" : \"=f\"(one));\n"
    "  #pragma unroll 1\n"
    "  for (int n = 0; n < 400; ++n) v = __fdividef(v, one);\n"
    "  out[i] = 2.0f * v;\n"
    "}\n";

std::optional<tuner::SourceProfile> profile_of(Conversation& worker, const tuner::EvaluateRequest& request) {
  worker.send(tuner::SourceProfileRequest{request});
  auto reply = worker.expect<tuner::SourceProfileReply>();
  EXPECT_TRUE(reply.has_value()) << worker.last_error << worker.why_not();
  return reply ? std::optional(reply->profile) : std::nullopt;
}

class SourceProfile : public GpuTest {};

TEST_F(SourceProfile, HasItsSamplesInTheLineThatTakesTheTimeAndCountsWhatWasExecuted) {
  prepare(twice_job(kSourceElements));
  const auto request = configuration(1, job_, kDividing);
  ASSERT_EQ(evaluate(request).outcome, tuner::Outcome::ok);
  const auto profile = profile_of(worker_, request);
  ASSERT_TRUE(profile.has_value());
  EXPECT_GE(profile->samples, 20'000U);
  EXPECT_EQ(profile->outside, 0U);
  double inside = 0, hot = 0, stores = 0;
  std::map<std::string, double> by_line;
  for (const tuner::SampledInstruction& each : profile->instructions) {
    double samples = 0;
    for (const auto& [reason, count] : each.samples) samples += static_cast<double>(count);
    inside += samples;
    if (each.line == kHotLine) hot += samples;
    by_line[fmt::format("{}:{}", each.file, each.line)] += samples;
    const auto executed = each.metrics.find("inst_executed");
    if (each.text.starts_with("STG") && executed != each.metrics.end()) stores += executed->second;
  }
  EXPECT_EQ(inside, static_cast<double>(profile->samples));
  EXPECT_GT(hot / inside, 0.8) << ::testing::PrintToString(by_line);
  ASSERT_FALSE(profile->instructions.empty());
  const auto& first = profile->instructions.front().metrics;
  EXPECT_EQ(first.at("inst_executed"), static_cast<double>(kSourceElements) / 32);
  EXPECT_EQ(first.at("thread_inst_executed"), static_cast<double>(kSourceElements));
  if (profile->disassembler.empty()) return;  // No nvdisasm here.
  EXPECT_EQ(stores, static_cast<double>(kSourceElements) / 32);
}

TEST_F(SourceProfile, IsTakenOnceAWorkerAndTimingGoesOn) {
  prepare(twice_job(kSourceElements));
  const auto request = configuration(1, job_, kDividing);
  const auto before = evaluate(request);
  ASSERT_TRUE(profile_of(worker_, request).has_value());
  worker_.send(tuner::SourceProfileRequest{request});
  EXPECT_FALSE(worker_.expect<tuner::SourceProfileReply>().has_value());
  EXPECT_THAT(worker_.last_error, HasSubstr("start another worker"));
  const auto after = evaluate(configuration(2, job_, kDividing));
  ASSERT_EQ(after.outcome, tuner::Outcome::ok) << after.reason;
  EXPECT_NEAR(after.time_ms.median / before.time_ms.median, 1, 0.05);
}

}  // namespace
}  // namespace fuseline::gpu
