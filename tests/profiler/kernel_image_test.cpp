#include "profiler/compile/kernel_image.hpp"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "profiler/cuda/driver.hpp"
#include "profiler/measure/arguments.hpp"
#include "tests/gpu/conversation.hpp"
#include "tests/profiler/support.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::profiler {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::request;
using tuner::KernelForm;

const std::string kTemplates = R"(
namespace apart { enum class Way { up, down }; }
template <class T, int N> __global__ void rows(const T* x, T* out) { out[threadIdx.x] = x[threadIdx.x] * T(N); }
namespace apart { template <Way W> __global__ void turned(float* x) { x[0] = W == Way::up ? 1.0f : 2.0f; } }
extern "C" __global__ void plain(int* x) { x[0] = 3; }
)";

CompileRequest instantiated(std::vector<std::string> expressions) {
  CompileRequest made = request(kTemplates);
  made.name_expressions = std::move(expressions);
  return made;
}

TEST(NameExpressions, BecomeSymbolsOfTheCubin) {
  const auto result = compile(instantiated({"apart::turned<apart::Way::down>", "rows<float, 256>"}));
  ASSERT_EQ(result.status, CompileResult::Status::ok) << result.log;
  EXPECT_EQ(result.symbol("rows<float, 256>"), "_Z4rowsIfLi256EEvPKT_PS0_");
  EXPECT_EQ(result.symbol("plain"), "plain");
  for (const auto& [expression, symbol] : result.lowered_names) {
    EXPECT_THAT(result.image, HasSubstr(".text." + symbol)) << expression;
  }
  EXPECT_EQ(result.lowered_names.size(), 2U);
  EXPECT_EQ(result.kernels.size(), 3U) << "the log has the resources of each instance";
}

TEST(NameExpressions, TravelThroughPoolAndCache) {
  const testing::TemporaryFolder folder;
  CompilerPool pool(testing::pool_options(1));
  for (const bool cached : {false, true}) {
    const auto result = pool.submit({instantiated({"rows<int, 3>"}), 60, folder.path(), {}}).get();
    ASSERT_EQ(result.status, CompileResult::Status::ok) << result.reason;
    EXPECT_EQ(result.cached, cached);
    EXPECT_EQ(result.symbol("rows<int, 3>"), "_Z4rowsIiLi3EEvPKT_PS0_");
  }
  const auto other = pool.submit({instantiated({"rows<int, 4>"}), 60, folder.path(), {}}).get();
  EXPECT_FALSE(other.cached) << "another instance of the same text is another cubin";
}

TEST(NameExpressions, OneThatNamesNoKernelIsACompileError) {
  const auto result = compile(instantiated({"rows<float>"}));
  EXPECT_EQ(result.status, CompileResult::Status::failed);
  EXPECT_THAT(result.log, HasSubstr("rows<float>"));
}

tuner::ResolvedConfiguration resolved(KernelForm form) {
  tuner::ResolvedConfiguration made;
  made.form = form;
  made.source_name = "k.file";
  made.defines = {"-DPARAM_a=1"};
  made.compile_options = {"--use_fast_math"};
  made.launches.resize(3);
  made.launches[0].kernel = "rows<float, 256>";
  made.launches[1].kernel = "plain";
  made.launches[2].kernel = "rows<float, 256>";
  return made;
}

TEST(KernelImage, OnlyCudaTextHasHeadersOptionsAndNameExpressions) {
  tuner::Job job;
  job.headers = {{"common/a.cuh", "a"}, {"common/b.cuh", "b"}};
  const std::string including = "#include \"common/a.cuh\"\n";
  const auto cuda = configuration_request(job, resolved(KernelForm::cuda), including, "sm_90");
  EXPECT_THAT(cuda.headers, ElementsAre(::testing::Pair("common/a.cuh", "a"))) << "b would change its identity alone";
  EXPECT_THAT(cuda.options, ElementsAre("-DPARAM_a=1", "--use_fast_math"));
  EXPECT_THAT(cuda.name_expressions, ElementsAre("rows<float, 256>"));
  const auto ptx = configuration_request(job, resolved(KernelForm::ptx), including, "sm_90");
  EXPECT_TRUE(ptx.headers.empty() && ptx.options.empty() && ptx.name_expressions.empty());
  EXPECT_TRUE(full_options(ptx).empty());
  EXPECT_EQ(source_digest(ptx), tuner::sha256_hex(including));
}

TEST(KernelImage, PtxAndCubinsAreNotCompiled) {
  CompilerPool pool({{"/bin/false"}, 1});
  CompileRequest ptx = request("anything");
  ptx.form = KernelForm::ptx;
  const auto passed = make_image(pool, {ptx, 60, {}, {}}).get();
  EXPECT_EQ(passed.status, CompileResult::Status::ok);
  EXPECT_EQ(passed.form, KernelForm::ptx);
  EXPECT_EQ(passed.image, "anything");
  EXPECT_EQ(passed.source_sha256, tuner::sha256_hex("anything"));
  CompileRequest cubin = request(compile(request(testing::kGoodSource)).image);
  cubin.form = KernelForm::cubin;
  EXPECT_EQ(make_image(pool, {cubin, 60, {}, {}}).get().image, cubin.source);
  cubin.source.resize(cubin.source.size() / 2);
  const auto cut = make_image(pool, {cubin, 60, {}, {}}).get();
  EXPECT_EQ(cut.status, CompileResult::Status::failed);
  EXPECT_THAT(cut.reason, HasSubstr("test.cu"));
}

TEST(Arguments, AreBoundByNameAndEncodedByKind) {
  tuner::Job job = gpu::twice_job(16);
  const auto bound = bind_arguments(
      {gpu::buffer("out"), gpu::whole(tuner::ArgumentKind::i32, -1), gpu::buffer("partial"), gpu::buffer("x"),
       gpu::real(tuner::ArgumentKind::f32, 1.5), gpu::whole(tuner::ArgumentKind::i64, -2)},
      job, {{"partial", 64, tuner::WorkspaceZero::never}});
  ASSERT_TRUE(bound.has_value()) << bound.error();
  EXPECT_EQ((*bound)[0].kind, BoundArgument::Kind::tensor);
  EXPECT_EQ((*bound)[0].index, 1U);
  EXPECT_EQ((*bound)[1].value, 0xffffffffU);
  EXPECT_EQ((*bound)[1].bytes, 4);
  EXPECT_EQ((*bound)[2].kind, BoundArgument::Kind::workspace);
  EXPECT_EQ((*bound)[3].index, 0U);
  EXPECT_EQ((*bound)[4].value, 0x3fc00000U);
  EXPECT_EQ((*bound)[5].value, ~std::uint64_t{1});
  EXPECT_EQ((*bound)[5].bytes, 8);
}

TEST(Arguments, AnUnknownNameIsNamed) {
  const auto bound = bind_arguments(gpu::buffers({"x", "gamma"}), gpu::twice_job(16), {});
  ASSERT_FALSE(bound.has_value());
  EXPECT_THAT(bound.error(), HasSubstr("'gamma'"));
}

TEST(Arguments, AreHeldAgainstTheKernelsList) {
  const auto bound = bind_arguments(gpu::buffers({"x", "out"}), gpu::twice_job(16), {});
  ASSERT_TRUE(bound.has_value());
  EXPECT_TRUE(check_arguments(*bound, {8, 8}).has_value());
  EXPECT_EQ(check_arguments(*bound, {8, 8, 4}).error(),
            "takes 3 arguments (8, 8 and 4 bytes), 2 are given (8 and 8 bytes)");
  EXPECT_EQ(check_arguments(*bound, {}).error(), "takes 0 arguments, 2 are given (8 and 8 bytes)");
}

TEST(Arguments, ADriverWithoutParametersLeavesTheImagesTable) {
  const auto image = compile(request(
      "extern \"C\" __global__ void mixed(float* x, int a, long long b, double c, char d) { x[0] = a + b + c + d; }"));
  ASSERT_EQ(image.status, CompileResult::Status::ok) << image.log;
  const Driver old;
  const auto sizes = parameter_bytes(old, nullptr, image, "mixed");
  ASSERT_TRUE(sizes.has_value());
  EXPECT_THAT(*sizes, ElementsAre(8, 4, 8, 8, 1));
  EXPECT_FALSE(parameter_bytes(old, nullptr, image, "other").has_value());
}

/// The stand-in lacks nothing that the worker asks a driver for.
TEST(FakeDriver, HasEveryEntryPoint) {
  void* library = dlopen(FUSELINE_FAKE_DRIVER, RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(library, nullptr) << dlerror();
#define FUSELINE_TEXT(name) #name
#define FUSELINE_HAS(name) EXPECT_NE(dlsym(library, FUSELINE_TEXT(name)), nullptr) << #name;
  FUSELINE_DRIVER_FUNCTIONS(FUSELINE_HAS)
  FUSELINE_HAS(cuFuncGetParamInfo)
#undef FUSELINE_HAS
#undef FUSELINE_TEXT
  dlclose(library);
}

}  // namespace
}  // namespace fuseline::profiler
