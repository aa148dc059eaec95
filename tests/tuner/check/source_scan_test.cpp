#include "tuner/check/source_scan.hpp"

#include <gmock/gmock.h>

namespace fuseline::tuner {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::SizeIs;

constexpr const char* kSource = R"(#include "own.cuh"  // PARAM_spoken
/* PARAM_of_old
   #include "old.cuh" */
#ifndef PARAM_settled
#define PARAM_settled 1
#endif
#define TAKE(name) PARAM_pasted_##name
extern "C" __global__ void __launch_bounds__(PARAM_block) rows(const T* __restrict__ x, T const* y, float a,
                                                               T *out) { const char* text = "PARAM_quoted"; }
template <class E, int N> __global__ void tiles(E* x, int) { rows(x); }
)";

TEST(SourceScan, NamesAreThoseOfCodeAloneAndOfTheHeadersIncluded) {
  const std::map<std::string, std::string> headers = {{"own.cuh", "#include \"common/deep.cuh\"\n"},
                                                      {"common/deep.cuh", "int a = PARAM_deep;"},
                                                      {"other.cuh", "PARAM_other"}};
  const auto codes = code_with_headers(kSource, headers);
  ASSERT_THAT(codes, SizeIs(3));
  const CodeNames names(codes);
  for (const char* name : {"PARAM_block", "PARAM_deep", "PARAM_pasted_lanes"})
    EXPECT_TRUE(names.mentions(name)) << name;
  for (const char* name : {"PARAM_spoken", "PARAM_of_old", "PARAM_quoted", "PARAM_other", "PARAM_bloc"})
    EXPECT_FALSE(names.mentions(name)) << name;
  EXPECT_EQ(names.lines().at("PARAM_block"), 8);
  EXPECT_TRUE(names.settles("PARAM_settled"));
  EXPECT_TRUE(names.settles("PARAM_pasted_"));
  EXPECT_FALSE(names.settles("PARAM_block"));
}

TEST(SourceScan, KernelsSayWhatTheyTake) {
  const std::vector<std::string> codes = {code_of(kSource)};
  EXPECT_THAT(kernel_parameters(codes, "rows"),
              Eq(std::vector<SourceParameter>{
                  {"x", true, true}, {"y", true, true}, {"a", false, false}, {"out", true, false}}));
  EXPECT_THAT(kernel_parameters(codes, "fused::tiles<{T}, {block}>"),
              Eq(std::vector<SourceParameter>{{"x", true, false}, {"", false, false}}));
  EXPECT_THAT(kernel_parameters({"__global__ void none(void) {}"}, "none"), Eq(std::vector<SourceParameter>{}));
}

TEST(SourceScan, WhatIsNotPlainIsNotGuessed) {
  const auto parameters = [](const char* code) { return kernel_parameters({code_of(code)}, "k"); };
  EXPECT_EQ(parameters("void k(float* x) {}"), std::nullopt) << "no kernel";
  EXPECT_EQ(parameters("__global__ void k(ARGUMENTS) {}"), std::nullopt);
  EXPECT_EQ(parameters("__global__ void k(float* x,\n#if A\nint n\n#endif\n) {}"), std::nullopt);
  EXPECT_EQ(parameters("__global__ void k(int* x);\n__global__ void k(float* x, int n) {}"), std::nullopt)
      << "two of them";
  EXPECT_EQ(parameters("__global__ void k(float* x"), std::nullopt);
  EXPECT_EQ(kernel_parameters({}, "k<"), std::nullopt);
}

}  // namespace
}  // namespace fuseline::tuner
