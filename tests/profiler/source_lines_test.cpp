// From instructions to lines, with the real compiler and the real CUPTI: neither needs a GPU.
#include "profiler/counters/source_lines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "profiler/compile/compiler.hpp"
#include "profiler/compile/kernel_image.hpp"
#include "profiler/counters/pc_sampler.hpp"
#include "tuner/problem/kernel_image.hpp"

namespace fuseline::profiler {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::Eq;
using ::testing::Field;

CompileRequest request() {
  CompileRequest request;
  request.name = "rows.cu";
  request.source =
      "#include \"common/sums.cuh\"\n"
      "extern \"C\" __global__ void rows(const float* x, float* out) {\n"
      "  out[threadIdx.x] = doubled(x[threadIdx.x]);\n"
      "}\n";
  request.headers = {{"common/sums.cuh",
                      "__device__ __forceinline__ float doubled(float v) {\n"
                      "  return __shfl_xor_sync(0xffffffffu, v, 1) + v;\n"
                      "}\n"}};
  request.architecture = "sm_90";
  return request;
}

CompileResult compiled(bool with_lines) {
  CompileRequest wanted = request();
  if (with_lines) add_line_information(wanted);
  return compile(wanted);
}

std::vector<std::uint32_t> offsets(const std::string& code) {
  std::vector<std::uint32_t> all;
  for (std::size_t at = 0; at < code.size(); at += 16) all.push_back(static_cast<std::uint32_t>(at));
  return all;
}

TEST(SourceLines, AreNamedAsTheSourcesWereSentAndTheCodeIsTheSame) {
  const auto cupti = CuptiLibrary::load();
  ASSERT_TRUE(cupti) << cupti.error().message();
  const CompileResult plain = compiled(false);
  const CompileResult lines = compiled(true);
  ASSERT_EQ(lines.status, CompileResult::Status::ok) << lines.reason;
  const auto code = tuner::read_code(lines.image, "rows", "rows.cubin");
  ASSERT_TRUE(code) << code.error().message();
  EXPECT_EQ(*code, tuner::read_code(plain.image, "rows", "rows.cubin").value());
  const auto found =
      source_lines(**cupti, lines.image, "rows", offsets(*code), {"rows.cu", "sums.cuh", "common/sums.cuh"});
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_THAT(*found, Each(Field(&SourceLine::file, AnyOf(Eq("rows.cu"), Eq("common/sums.cuh"), Eq("")))));
  EXPECT_THAT(*found, Contains(AllOf(Field(&SourceLine::file, "common/sums.cuh"), Field(&SourceLine::line, 2))));
  EXPECT_THAT(*found, Contains(AllOf(Field(&SourceLine::file, "rows.cu"), Field(&SourceLine::line, 3))));
}

TEST(SourceLines, AreNoneWhereTheCompilerNamedNone) {
  const auto cupti = CuptiLibrary::load();
  ASSERT_TRUE(cupti) << cupti.error().message();
  const auto found = source_lines(**cupti, compiled(false).image, "rows", {0, 16}, {"rows.cu"});
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_THAT(*found, Each(AllOf(Field(&SourceLine::file, ""), Field(&SourceLine::line, 0))));
  EXPECT_FALSE(source_lines(**cupti, compiled(true).image, "missing", {0}, {}));
  EXPECT_FALSE(tuner::read_code(compiled(true).image, "missing", "rows.cubin"));
}

TEST(SourceLines, AreAskedForOnce) {
  CompileRequest wanted = request();
  wanted.options = {"-lineinfo"};
  add_line_information(wanted);
  EXPECT_EQ(wanted.options.size(), 1U);
}

TEST(SamplingPeriod, GivesAboutWhatIsWanted) {
  // 0.55 ms of an H200 at 1.98 GHz: every 2^14 cycles of 132 SMs some 8,800 samples, every 2^15 half of them.
  EXPECT_EQ(PcSampler::period_for(0.55e-3 * 1.98e9, 132, 5'000), 14U);
  EXPECT_EQ(PcSampler::period_for(2'000, 132, 5'000), 5U);  // Of a microsecond: as often as can be.
  EXPECT_EQ(PcSampler::period_for(1e18, 132, 5'000), 31U);
}

}  // namespace
}  // namespace fuseline::profiler
