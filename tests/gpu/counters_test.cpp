// What the range profiler reads on this GPU is what the kernel is known to do.
#include "tests/gpu/fixture.hpp"

namespace fuseline::gpu {
namespace {

using tuner::Outcome;

constexpr std::int64_t kElements = std::int64_t{64} << 20;
constexpr double kInputBytes = 4.0 * static_cast<double>(kElements);

const std::vector<std::string> kMetrics = {"dram__bytes_read.sum",
                                           "dram__bytes_write.sum",
                                           "smsp__sass_thread_inst_executed_op_ffma_pred_on.sum",
                                           "smsp__inst_executed_op_global_st.sum",
                                           "sm__warps_active.avg.pct_of_peak_sustained_active",
                                           "gpu__time_duration.sum"};

/// out = 2 x with `more` fused multiply-adds an element that change nothing.
std::string multiply_adds(int more) {
  return "float v = x[i]; for (int k = 0; k < " + std::to_string(more) +
         "; ++k) v = __fmaf_rn(v, one, 0.0f); out[i] = 2.0f * v;";
}
std::string with_one(int more) {
  return "extern \"C\" __global__ void k(const float* x, float* out) {\n"
         "  const unsigned long long i = blockIdx.x * 256ull + threadIdx.x; const unsigned long long n = DIM_N;\n"
         "  float one = 1.0f; asm volatile(\"mov.f32 %0, 0f3f800000;\" : \"=f\"(one));\n  if (i < n) { " +
         multiply_adds(more) + " }\n}\n";
}

class Counters : public GpuTest {
 protected:
  void prepare_with(std::vector<std::string> metrics, int batch) {
    auto job = twice_job(kElements);
    job.counters = {std::move(metrics), batch};
    prepare(job);
  }
  tuner::EvaluateRequest request(std::uint64_t id, int more) {
    return configuration(id, job_, with_one(more) + "// " + std::to_string(id));
  }
  /// Null with the reason printed where this GPU or user has no counters.
  std::optional<tuner::CountersReply> readings() {
    auto reply = worker_.expect<tuner::CountersReply>();
    EXPECT_TRUE(reply.has_value()) << worker_.last_error << worker_.why_not();
    if (reply && !reply->unavailable.empty()) {
      ADD_FAILURE() << "no counters: " << reply->unavailable;
      return std::nullopt;
    }
    return reply;
  }
};

TEST_F(Counters, EveryConfigurationOfABatchHasItsOwnFigures) {
  prepare_with(kMetrics, 8);
  for (int k = 0; k < 8; ++k) ASSERT_EQ(evaluate(request(static_cast<std::uint64_t>(k), 16 * k)).outcome, Outcome::ok);
  const auto reply = readings();
  ASSERT_TRUE(reply.has_value());
  ASSERT_EQ(reply->readings.size(), 8U);
  for (std::size_t k = 0; k < 8; ++k) {
    const auto& values = reply->readings[k].values;
    ASSERT_EQ(values.size(), kMetrics.size()) << reply->readings[k].reason;
    EXPECT_EQ(values.at("smsp__sass_thread_inst_executed_op_ffma_pred_on.sum"),
              16.0 * static_cast<double>(k) * static_cast<double>(kElements));
    EXPECT_EQ(values.at("smsp__inst_executed_op_global_st.sum"), static_cast<double>(kElements) / 32);
    EXPECT_NEAR(values.at("dram__bytes_read.sum") / kInputBytes, 1.0, 0.02);
    // What L2 holds at the end is not yet written.
    EXPECT_GT(values.at("dram__bytes_write.sum") / kInputBytes, 0.7);
    EXPECT_LT(values.at("dram__bytes_write.sum") / kInputBytes, 1.02);
    EXPECT_GT(values.at("sm__warps_active.avg.pct_of_peak_sustained_active"), 50);
  }
}

TEST_F(Counters, BatchesFollowOneAnotherAndOtherMetricsCanBeAskedFor) {
  prepare_with({"dram__bytes_read.sum"}, 2);
  for (std::uint64_t id = 0; id < 4; ++id) {
    ASSERT_EQ(evaluate(request(id, 0)).outcome, Outcome::ok);
    if (id % 2 == 0) continue;
    const auto reply = readings();
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->readings.size(), 2U);
  }
  worker_.send(
      tuner::CountersRequest{{"smsp__inst_executed.sum", "launch__grid_size"}, {request(10, 0), request(11, 64)}});
  const auto reply = readings();
  ASSERT_TRUE(reply.has_value());
  EXPECT_TRUE(reply->finished);
  ASSERT_EQ(reply->readings.size(), 2U);
  EXPECT_EQ(reply->readings[0].values.size(), 1U);
  EXPECT_GT(reply->readings[1].values.at("smsp__inst_executed.sum"),
            reply->readings[0].values.at("smsp__inst_executed.sum"));
}

TEST_F(Counters, LaunchesOfOneConfigurationAreAddedUp) {
  prepare_with({"dram__bytes_read.sum", "smsp__inst_executed_op_global_st.sum"}, 2);
  auto twice = request(2, 0);
  twice.resolved.launches.resize(2, twice.resolved.launches[0]);
  ASSERT_EQ(evaluate(request(1, 0)).outcome, Outcome::ok);
  ASSERT_EQ(evaluate(twice).outcome, Outcome::ok);
  const auto reply = readings();
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->readings[1].values.at("smsp__inst_executed_op_global_st.sum"),
            2 * reply->readings[0].values.at("smsp__inst_executed_op_global_st.sum"));
}

TEST_F(Counters, AnInstructionOnTwoHalvesCountsOnce) {
  // What the analysis of executed operations rests on; NVIDIA documents it nowhere.
  const std::string metric = "smsp__sass_thread_inst_executed_op_hfma_pred_on.sum";
  prepare_with({metric}, 1);
  const std::string source =
      "#include <cuda_fp16.h>\nextern \"C\" __global__ void k(const float* x, float* out) {\n"
      "  const unsigned long long i = blockIdx.x * 256ull + threadIdx.x; if (i >= DIM_N) return;\n"
      "  unsigned v = __float_as_uint(x[i]), one = __float_as_uint(out[i]) | 1;\n"
      "#pragma unroll\n  for (int k = 0; k < 32; ++k) asm volatile(\"fma.rn.f16x2 %0, %0, %1, %0;\" : \"+r\"(v) : "
      "\"r\"(one));\n"
      "  out[i] = v == 12345 ? 1.0f : 2.0f * x[i];\n}\n";
  ASSERT_EQ(evaluate(configuration(1, job_, source)).outcome, Outcome::ok);
  const auto reply = readings();
  ASSERT_TRUE(reply.has_value());
  // A few more are constants that the compiler makes with such an instruction.
  const double counted = reply->readings[0].values.at(metric) / static_cast<double>(kElements);
  EXPECT_GE(counted, 32);
  EXPECT_LE(counted, 35);
}

TEST_F(Counters, TimesAreTheSameBetweenBatches) {
  prepare(twice_job(kElements));
  const auto before = evaluate(request(1, 0));
  prepare_with({"dram__bytes_read.sum", "sm__warps_active.avg.pct_of_peak_sustained_active"}, 1);
  ASSERT_EQ(evaluate(request(2, 0)).outcome, Outcome::ok);
  ASSERT_TRUE(readings().has_value());
  const auto between = evaluate(request(3, 0));  // The session is enabled now.
  ASSERT_TRUE(readings().has_value());
  EXPECT_NEAR(between.time_ms.median / before.time_ms.median, 1.0, 0.01);
}

}  // namespace
}  // namespace fuseline::gpu
