// Signatures as they stand in sources.
#include "tuner/problem/kernel_signature.hpp"

#include <gmock/gmock.h>

#include <string>
#include <tuple>
#include <vector>

#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

KernelText kernels_of(const std::string& source) {
  auto text = read_kernel_text(source, "k.cu");
  EXPECT_TRUE(text) << text.error().message();
  return text ? std::move(*text) : KernelText{};
}
/// "name:type", with * for a pointer and "const " before what may not be written.
std::vector<std::string> parameters(const KernelSignature& kernel) {
  std::vector<std::string> all;
  for (const KernelParameter& each : kernel.parameters)
    all.push_back((each.constant ? "const " : "") + each.name + ":" + each.type + (each.pointer ? "*" : ""));
  return all;
}
std::vector<std::string> parameters(const std::string& list) {
  const KernelText text = kernels_of("__global__ void k(" + list + ") {}");
  return text.kernels.empty() ? std::vector<std::string>{"none"} : parameters(text.kernels[0]);
}

TEST(KernelSignatures, APlainOne) {
  const KernelText text = kernels_of(
      "#include <cuda_fp16.h>\n"
      "extern \"C\" __global__ void scaled_add(const float* x, const float* y, float a, float* out, int n) {\n"
      "  const int i = blockIdx.x * blockDim.x + threadIdx.x;\n"
      "  if (i < n) out[i] = a * x[i] + y[i];\n}\n");
  ASSERT_EQ(text.kernels.size(), 1U);
  EXPECT_EQ(text.kernels[0].name, "scaled_add");
  EXPECT_EQ(text.kernels[0].line, 2);
  EXPECT_TRUE(text.kernels[0].extern_c);
  EXPECT_THAT(parameters(text.kernels[0]), ElementsAre("const x:f32*", "const y:f32*", "a:f32", "out:f32*", "n:i32"));
  EXPECT_EQ(text.block_axes, 1);
  EXPECT_FALSE(text.dynamic_shared);
}

TEST(KernelSignatures, TypesOfEveryKind) {
  EXPECT_THAT(parameters("const __half *__restrict__ x, half* const y, __nv_bfloat16 z[], double d"),
              ElementsAre("const x:f16*", "y:f16*", "z:bf16*", "d:f64"));
  EXPECT_THAT(parameters("unsigned n, unsigned int m, long long l, long k, unsigned long long u, std::size_t s"),
              ElementsAre("n:u32", "m:u32", "l:i64", "k:i64", "u:u64", "s:u64"));
  EXPECT_THAT(parameters("float const * const __restrict x, int64_t* i, unsigned char const* b, ::std::uint32_t q"),
              ElementsAre("const x:f32*", "i:i64*", "const b:u8*", "q:u32"));
  EXPECT_THAT(parameters("float*, int, const int"), ElementsAre("arg0:f32*", "arg1:i32", "arg2:i32"));
  EXPECT_THAT(parameters("void"), IsEmpty());
  EXPECT_THAT(parameters(""), IsEmpty());
}

TEST(KernelSignatures, WhatCannotBePassedHasNoType) {
  EXPECT_THAT(parameters("Params p, float** rows, std::pair<int, int> both, const float4* v, bool flag, short s"),
              ElementsAre("p:", "rows:", "both:", "const v:*", "flag:", "s:"));
  EXPECT_THAT(parameters("const __grid_constant__ CUtensorMap map, int n = 4"), ElementsAre("map:", "n:i32"));
}

TEST(KernelSignatures, TemplatesAndNamespaces) {
  const KernelText text = kernels_of(
      "namespace fused { namespace {\n"
      "template <typename Element, int kBlock = 256, bool Wide = (1 == 1)>\n"
      "__global__ void __launch_bounds__(256, 2)\nrows(const Element* x, Element* out, int n) { }\n"
      "} }\n"
      "template <class A, class B> __global__ void two(const A* a, B* b) { }\n"
      "template <> __global__ void two<float, float>(const float* a, float* b) { }\n"
      "struct After { int x; }; __global__ void plain(T* x) { }\n");
  ASSERT_EQ(text.kernels.size(), 3U);
  const KernelSignature& rows = text.kernels[0];
  EXPECT_EQ(rows.scope, "fused::");
  EXPECT_EQ(rows.most_threads, 256);
  ASSERT_EQ(rows.templates.size(), 3U);
  EXPECT_TRUE(rows.templates[0].is_type);
  EXPECT_EQ(rows.templates[1].name, "kBlock");
  EXPECT_TRUE(rows.templates[2].is_boolean);
  EXPECT_THAT(parameters(rows), ElementsAre("const x:T*", "out:T*", "n:i32"));
  EXPECT_THAT(parameters(text.kernels[1]), ElementsAre("const a:T*", "b:*"));
  EXPECT_EQ(text.kernels[1].scope, "");
  EXPECT_THAT(text.kernels[2].templates, IsEmpty());
  EXPECT_THAT(parameters(text.kernels[2]), ElementsAre("x:T*"));
}

TEST(KernelSignatures, CommentsMacrosAndLiteralsHoldNone) {
  const KernelText text = kernels_of(
      "// __global__ void a(int n) {}\n"
      "/* __global__ void b(int n) {\n} */\n"
      "#define KERNEL __global__ void c(int n) \\\n  { }\n"
      "# define BLOCK /* of\n two lines */ 256\n"
      "const char* s = \"__global__ void d(int n) {\"; const char q = '\"';\n"
      "const char* r = R\"x(__global__ void e() {})\" )x\";\n"
      "__global__ void f(int n);\n"
      "__global__ void\n  g(/* how many */ int n,  // elements\n    float* x) { }\n");
  ASSERT_EQ(text.kernels.size(), 1U);
  EXPECT_EQ(text.kernels[0].name, "g");
  EXPECT_EQ(text.kernels[0].line, 11);
  EXPECT_THAT(parameters(text.kernels[0]), ElementsAre("n:i32", "x:f32*"));
}

TEST(KernelSignatures, WhatElseTheSourceUses) {
  const KernelText text = kernels_of(
      "extern \"C\" {\n"
      "__global__ void __launch_bounds__(PARAM_block) k(float* x) {\n"
      "  extern __shared__ float tile[];\n"
      "  int i = blockDim.y * threadIdx.y + PARAM_items * PARAM_items;\n}\n"
      "}\n__global__ void after(float* x) { }\n");
  EXPECT_TRUE(text.dynamic_shared);
  EXPECT_EQ(text.block_axes, 2);
  EXPECT_THAT(text.macros, ElementsAre("block", "items"));
  EXPECT_TRUE(text.kernels.at(0).extern_c);
  EXPECT_FALSE(text.kernels.at(1).extern_c);
  EXPECT_FALSE(text.kernels.at(0).most_threads);
}

TEST(KernelSignatures, WhatDoesNotCloseIsAnErrorWithItsLine) {
  EXPECT_THAT(read_kernel_text("\n__global__ void k(int n", "k.cu").error().message(),
              HasSubstr("k.cu: line 2: \"(\" is not closed"));
  EXPECT_THAT(read_kernel_text("__global__ int x;", "k.cu").error().message(), HasSubstr("no function"));
  EXPECT_TRUE(read_kernel_text("template <int N = (1 < 2)> struct S; \"", "k.cu"));
  EXPECT_TRUE(read_kernel_text("} } /* R\"( ", "k.cu"));
}

/// A cut anywhere, and any byte for another: an answer or an error, never a crash.
TEST(KernelSignatures, AnyBytesAreSurvived) {
  const std::string source =
      "namespace a { template <typename T, int N> __global__ void k(const T* x, int n = 3) { R\"(\")\"; } }\n#define X "
      "\\";
  for (std::size_t i = 0; i < source.size(); ++i) {
    static_cast<void>(read_kernel_text(source.substr(0, i), "k.cu"));
    for (const char c : {'<', '(', '"', '\\', '\0', '\xff', '='}) {
      std::string changed = source;
      changed[i] = c;
      static_cast<void>(read_kernel_text(changed, "k.cu"));
    }
  }
}

TEST(KernelSignatures, TheKernelsOfThisTreeAreRead) {
  const std::string folder = std::string(FUSELINE_SOURCE_DIR) + "/kernels/";
  const std::vector<std::tuple<std::string, std::string, std::vector<std::string>>> cases = {
      {"swiglu/reference.cu", "", {}}, {"layernorm_gelu_scale/row_group.cu", "", {}}};
  for (const auto& [name, kernel, wanted] : cases) {
    const KernelText text = kernels_of(read_file(folder + name).value());
    ASSERT_FALSE(text.kernels.empty()) << name;
    for (const KernelSignature& each : text.kernels) {
      EXPECT_TRUE(each.extern_c) << name;
      for (const KernelParameter& parameter : each.parameters) EXPECT_NE(parameter.type, "") << name << parameter.text;
    }
  }
}

}  // namespace
}  // namespace fuseline::tuner
