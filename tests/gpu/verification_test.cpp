// Planted faults must be found, and must not be blamed on the configuration that comes next.
#include "tests/gpu/fixture.hpp"

namespace fuseline::gpu {
namespace {

using ::testing::HasSubstr;
using tuner::Outcome;

constexpr std::int64_t kVerified = 1'000'003;  // No multiple of anything.

class Verification : public GpuTest {
 protected:
  void SetUp() override {
    GpuTest::SetUp();
    if (HasFatalFailure()) return;
    prepare(twice_job(kVerified));
  }
  void expect_the_next_is_ok() {
    const auto next = evaluate(kGood);
    EXPECT_EQ(next.outcome, Outcome::ok) << next.reason;
  }
};

TEST_F(Verification, AGoodKernelIsOkWithAllItsFacts) {
  const auto result = evaluate(kGood);
  ASSERT_EQ(result.outcome, Outcome::ok) << result.reason;
  EXPECT_GE(result.samples_ms.size(), 10U);
  EXPECT_GT(result.time_ms.median, 0);
  ASSERT_TRUE(result.verification.has_value());
  EXPECT_EQ(result.verification->mismatches, 0);
  ASSERT_TRUE(result.facts.has_value());
  EXPECT_GT(result.facts->registers, 0);
  EXPECT_GT(result.facts->occupancy, 0.9);
  EXPECT_GT(result.facts->waves, 0);
  EXPECT_GT(result.gpu_ms, 0);
  EXPECT_GT(result.cost_s, 0);
  EXPECT_EQ(result.source_sha256.size(), 64U);
  EXPECT_EQ(worker_.stages, (std::vector<std::string>{"verify", "time"}));
}

TEST_F(Verification, OneWrongElementIsFound) {
  const auto result = evaluate("out[i] = 2 * x[i] + (i == 12345 ? 1 : 0);");
  EXPECT_EQ(result.outcome, Outcome::incorrect);
  ASSERT_TRUE(result.verification.has_value());
  EXPECT_EQ(result.verification->mismatches, 1);
  EXPECT_EQ(result.verification->worst_index, 12345);
  EXPECT_NEAR(result.verification->max_absolute_error, 1, 1e-3);
  EXPECT_NEAR(result.verification->got - result.verification->expected, 1, 1e-3);
  expect_the_next_is_ok();
}

TEST_F(Verification, AnUnwrittenElementIsFound) {
  const auto result = evaluate("if (i != n - 1) out[i] = 2 * x[i];");
  EXPECT_EQ(result.outcome, Outcome::incorrect);
  EXPECT_THAT(result.reason, HasSubstr("1 not written"));
  EXPECT_EQ(result.verification->worst_index, kVerified - 1);
}

TEST_F(Verification, OneElementPastTheEndIsFound) {
  const auto result = evaluate(kGood + " if (i == 0) out[n] = 0;");
  EXPECT_EQ(result.outcome, Outcome::incorrect);
  EXPECT_TRUE(result.verification->guard_overwritten);
  expect_the_next_is_ok();
}

TEST_F(Verification, OneElementBeforeTheBeginningIsFound) {
  const auto result = evaluate(kGood + " if (i == 0) out[-1] = 0;");
  EXPECT_EQ(result.outcome, Outcome::incorrect);
  EXPECT_TRUE(result.verification->guard_overwritten);
  expect_the_next_is_ok();
}

TEST_F(Verification, ANanIsFound) {
  const auto result = evaluate("out[i] = i == 7 ? __int_as_float(0x7fc00000) : 2 * x[i];");
  EXPECT_EQ(result.outcome, Outcome::incorrect);
  EXPECT_EQ(result.verification->mismatches, 1);
  EXPECT_EQ(result.verification->worst_index, 7);
}

TEST_F(Verification, AnInfinityIsFound) {
  const auto result = evaluate("out[i] = i == 7 ? __int_as_float(0x7f800000) : 2 * x[i];");
  EXPECT_EQ(result.outcome, Outcome::incorrect);
  EXPECT_EQ(result.verification->mismatches, 1);
}

TEST_F(Verification, OverwrittenInputsAreFoundAndRestored) {
  const auto result = evaluate(kGood + " if (i == 99) x[i] = x[i] + 1;");
  EXPECT_EQ(result.outcome, Outcome::incorrect);
  EXPECT_THAT(result.reason, HasSubstr("inputs"));
  expect_the_next_is_ok();
}

TEST_F(Verification, WrongOnlyInLaterLaunchesIsFound) {
  auto request = configuration(
      1, job_,
      "__device__ unsigned long long launches;\n" + kernel("const bool first = atomicAdd(&launches, 1ull) < (unsigned "
                                                           "long long)n; out[i] = first ? 2 * x[i] : 3 * x[i];"));
  const auto result = evaluate(request);
  EXPECT_EQ(result.outcome, Outcome::incorrect);
  EXPECT_THAT(result.reason, HasSubstr("right at first"));
  expect_the_next_is_ok();
}

TEST_F(Verification, ALargeErrorWithinToleranceIsNone) {
  const auto result = evaluate("out[i] = 2 * x[i] * 1.000005f;");
  EXPECT_EQ(result.outcome, Outcome::ok) << result.reason;
  EXPECT_GT(result.verification->max_absolute_error, 1e-6);
}

TEST_F(Verification, SixteenBitTypesAreCompared) {
  for (const tuner::Dtype dtype : {tuner::Dtype::f16, tuner::Dtype::bf16}) {
    prepare(twice_job(kVerified, dtype));
    EXPECT_EQ(evaluate(kGood).outcome, Outcome::ok);
    const auto wrong = evaluate("if (i != 5) " + kGood);
    EXPECT_EQ(wrong.outcome, Outcome::incorrect);
    EXPECT_THAT(wrong.reason, HasSubstr("1 not written"));
  }
}

TEST_F(Verification, NansOfTheReferenceMatchNans) {
  auto job = twice_job(1000);
  job.reference_source.insert(job.reference_source.rfind('}'),
                              "  if (i == 3) out[i] = 0.0 / (i - 3.0);\n  if (i == 4) out[i] = 1.0 / (i - 4.0);\n");
  prepare(job);
  EXPECT_EQ(evaluate("out[i] = i == 3 ? __int_as_float(0x7fc00000) : i == 4 ? __int_as_float(0x7f800000) : 2 * x[i];")
                .outcome,
            Outcome::ok);
  EXPECT_EQ(evaluate("out[i] = i == 3 ? 0.0f : i == 4 ? __int_as_float(0x7f800000) : 2 * x[i];").outcome,
            Outcome::incorrect);
  EXPECT_EQ(evaluate("out[i] = i == 3 ? __int_as_float(0x7fc00000) : i == 4 ? __int_as_float(0xff800000) : 2 * x[i];")
                .outcome,
            Outcome::incorrect);
}

}  // namespace
}  // namespace fuseline::gpu
