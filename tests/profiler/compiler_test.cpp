#include "profiler/compile/compiler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "profiler/measure/support_kernels.hpp"
#include "tests/profiler/support.hpp"

namespace fuseline::profiler {
namespace {

using ::testing::HasSubstr;
using testing::request;

TEST(Compiler, MakesAnElfImageAndReportsResources) {
  const CompileResult result = compile(request(testing::kGoodSource));
  ASSERT_EQ(result.status, CompileResult::Status::ok) << result.reason << result.log;
  EXPECT_EQ(result.image.substr(1, 3), "ELF");
  ASSERT_EQ(result.kernels.size(), 1U);
  EXPECT_EQ(result.kernels[0].name, "twice");
  EXPECT_GT(result.kernels[0].registers, 0);
  EXPECT_EQ(result.kernels[0].spill_store_bytes, 0);
  EXPECT_GT(result.compile_ms, 0);
  EXPECT_EQ(result.log.find('\0'), std::string::npos);
}

TEST(Compiler, ReportsResourcesAgainWhereTheCompilerRemembersTheSource) {
  const auto source = request(testing::kGoodSource + "// again\n");
  const CompileResult first = compile(source);
  const CompileResult second = compile(source);
  ASSERT_EQ(second.status, CompileResult::Status::ok);
  EXPECT_EQ(first.kernels, second.kernels);
}

TEST(Compiler, NamesTheFirstErrorAndKeepsTheLog) {
  const CompileResult result = compile(request("extern \"C\" __global__ void bad(float* x) { *x = undefined_name; }"));
  EXPECT_EQ(result.status, CompileResult::Status::failed);
  EXPECT_THAT(result.reason, HasSubstr("test.cu(1): error"));
  EXPECT_THAT(result.reason, HasSubstr("undefined_name"));
  EXPECT_THAT(result.log, HasSubstr("undefined_name"));
  EXPECT_TRUE(result.image.empty());
}

TEST(Compiler, NamesAMissingHeader) {
  const CompileResult result = compile(request("#include \"common/none.cuh\"\n"));
  EXPECT_EQ(result.status, CompileResult::Status::failed);
  EXPECT_THAT(result.reason, HasSubstr("common/none.cuh"));
}

TEST(Compiler, FindsPassedAndToolkitHeaders) {
  auto made = request(
      "#include \"common/two.cuh\"\n#include <cuda_fp16.h>\n#include <cuda_bf16.h>\n"
      "extern \"C\" __global__ void k(__half* x) { *x = __float2half(TWO * PARAM_three); }");
  made.headers["common/two.cuh"] = "#pragma once\n#define TWO 2.0f\n";
  made.options = {"-DPARAM_three=3"};
  const CompileResult result = compile(made);
  EXPECT_EQ(result.status, CompileResult::Status::ok) << result.log;
}

TEST(Compiler, AnUnknownArchitectureIsAnError) {
  const CompileResult result = compile(request(testing::kGoodSource, "sm_12345"));
  EXPECT_EQ(result.status, CompileResult::Status::failed);
  EXPECT_FALSE(result.reason.empty());
}

TEST(Compiler, ReadsSpillsWhereRegistersAreScarce) {
  auto made = request(R"(extern "C" __global__ void crowded(float* x) {
  float v[64];
#pragma unroll
  for (int i = 0; i < 64; ++i) v[i] = x[i * 32 + threadIdx.x];
  for (int r = 0; r < 8; ++r) {
    __syncthreads();
#pragma unroll
    for (int i = 0; i < 64; ++i) v[i] = v[i] * v[(i + 7) % 64] + x[r];
  }
#pragma unroll
  for (int i = 0; i < 64; ++i) x[i * 32 + threadIdx.x] = v[i];
})");
  made.options = {"--maxrregcount=24"};
  const CompileResult result = compile(made);
  ASSERT_EQ(result.status, CompileResult::Status::ok) << result.log;
  ASSERT_EQ(result.kernels.size(), 1U);
  EXPECT_LE(result.kernels[0].registers, 24);
  EXPECT_GT(result.kernels[0].spill_store_bytes, 0);
  EXPECT_GT(result.kernels[0].spill_load_bytes, 0);
}

TEST(Compiler, SupportKernelsCompileWithoutSpills) {
  for (const char* architecture : {"sm_80", "sm_89", "sm_90"}) {
    std::set<std::string> kernels;
    for (const CompileRequest& part : support_requests(architecture)) {
      const CompileResult result = compile(part);
      ASSERT_EQ(result.status, CompileResult::Status::ok) << architecture << "\n" << result.log;
      for (const KernelResources& kernel : result.kernels) {
        EXPECT_EQ(kernel.spill_store_bytes, 0) << kernel.name;
        EXPECT_TRUE(kernels.insert(kernel.name).second) << kernel.name << " is in two parts";
      }
    }
    EXPECT_EQ(kernels.size(), 21U);
  }
}

TEST(AssemblerLog, ReadsEveryKernelAndLeavesOutDeviceFunctions) {
  const std::string log =
      "ptxas info    : 0 bytes gmem\n"
      "ptxas info    : Compiling entry function 'first' for 'sm_90'\n"
      "ptxas info    : Function properties for first\n"
      "    16 bytes stack frame, 4 bytes spill stores, 8 bytes spill loads\n"
      "ptxas info    : Function properties for helper\n"
      "    999 bytes stack frame, 999 bytes spill stores, 999 bytes spill loads\n"
      "ptxas info    : Used 40 registers, used 1 barriers, 16 bytes cumulative stack size, 2048 bytes smem\n"
      "ptxas info    : Compiling entry function 'second' for 'sm_90'\n"
      "ptxas info    : Function properties for second\n"
      "    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads\n"
      "ptxas info    : Used 8 registers, used 0 barriers\n";
  const auto kernels = parse_assembler_log(log);
  ASSERT_EQ(kernels.size(), 2U);
  EXPECT_EQ(kernels[0], (KernelResources{"first", 40, 16, 4, 8, 2048}));
  EXPECT_EQ(kernels[1], (KernelResources{"second", 8, 0, 0, 0, 0}));
}

TEST(AssemblerLog, SurvivesGarbage) {
  EXPECT_TRUE(parse_assembler_log("").empty());
  EXPECT_TRUE(parse_assembler_log(std::string("\0\xff Used registers\n bytes stack frame", 36)).empty());
  EXPECT_EQ(parse_assembler_log("Compiling entry function 'x\nUsed 99999999999999999999 registers").size(), 1U);
}

TEST(AssemblerLog, IsTrimmedInTheMiddle) {
  const std::string trimmed = trim_log("begin" + std::string(100'000, '.') + "end");
  EXPECT_EQ(trimmed.size(), kMaximumLogBytes);
  EXPECT_EQ(trimmed.substr(0, 5), "begin");
  EXPECT_EQ(trimmed.substr(trimmed.size() - 3), "end");
}

}  // namespace
}  // namespace fuseline::profiler
