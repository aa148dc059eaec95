// Images for GPUs that are not there, by the real worker on a machine without one.
#include "tuner/session/images.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "profiler/compile/compiler.hpp"
#include "tests/profiler/support.hpp"
#include "tuner/base/files.hpp"
#include "tuner/problem/kernel_image.hpp"

namespace fuseline::profiler {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using tuner::KernelForm;

tuner::BuildRequest request(std::uint64_t id, const std::string& architecture, const std::string& source) {
  tuner::BuildRequest build;
  build.configuration.id = id;
  build.configuration.resolved.source_name = "twice.cu";
  build.configuration.resolved.defines = {"-DDIM_N=4"};
  build.configuration.resolved.launches = {{"twice<float, 4>", {}, {}, false}, {"plain", {}, {}, false}};
  build.configuration.source = std::make_shared<const std::string>(source);
  build.headers = {{"common/factor.cuh", "constexpr int kFactor = 2;\n"}};
  build.architecture = architecture;
  build.cache_folder = "none";
  return build;
}

constexpr const char* kSource = R"(
#include "common/factor.cuh"
template <class T, int N> __global__ void twice(T* x) { x[threadIdx.x + N] *= kFactor * DIM_N; }
extern "C" __global__ void plain(float* x) { x[threadIdx.x] = 0; }
)";

TEST(Images, AreBuiltForAnyArchitectureInTheOrderAskedFor) {
  const auto built = tuner::build_images(testing::kWorkerProgram,
                                         {request(0, "sm_89", kSource), request(1, "compute_90", kSource),
                                          request(2, "sm_90", "this is no source"), request(3, "sm_12", kSource)});
  ASSERT_TRUE(built.has_value()) << built.error().message();
  const tuner::BuildReply& cubin = built->at(0);
  EXPECT_THAT(cubin.reason, IsEmpty());
  EXPECT_EQ(cubin.form, KernelForm::cubin);
  const auto image = tuner::read_cubin(cubin.image, "cubin");
  ASSERT_TRUE(image.has_value()) << image.error().message();
  EXPECT_THAT(cubin.symbols.at("twice<float, 4>"), HasSubstr("_Z5twice"));
  EXPECT_EQ(cubin.symbols.at("plain"), "plain");
  EXPECT_GT(cubin.registers, 0);
  EXPECT_EQ(cubin.source_sha256.size(), 64U);
  const tuner::BuildReply& ptx = built->at(1);
  EXPECT_EQ(ptx.form, KernelForm::ptx);
  EXPECT_THAT(ptx.image, HasSubstr(".target sm_90"));
  EXPECT_THAT(ptx.image, Not(HasSubstr(std::string(1, '\0')))) << "text without its terminator";
  EXPECT_EQ(ptx.source_sha256, cubin.source_sha256) << "of what is compiled, not for what";
  EXPECT_THAT(built->at(2).reason, HasSubstr("twice.cu"));
  EXPECT_THAT(built->at(2).image, IsEmpty());
  EXPECT_THAT(built->at(3).reason, Not(IsEmpty())) << "an architecture that NVRTC does not know";
}

TEST(Images, ThePackagesOwnCompilerHasTheSameOptions) {
  // It is Python and compiles for shapes that were not tuned.
  const auto loader = tuner::read_file(std::filesystem::path(FUSELINE_SOURCE_DIR) / "assets/package/_compiler.py");
  ASSERT_TRUE(loader.has_value());
  CompileRequest request;
  request.architecture = "sm_90";
  const auto options = full_options(request);
  EXPECT_GE(options.size(), 4U);
  for (const std::string& option : options) {
    const std::string text = option.substr(0, option.find("sm_90"));
    EXPECT_THAT(*loader, HasSubstr('"' + text)) << option;
  }
}

TEST(Images, NeedAWorkerThatCanBeStarted) {
  const auto none = tuner::build_images("/nowhere/fuseline-worker", {request(0, "sm_89", kSource)});
  ASSERT_FALSE(none.has_value());
  EXPECT_THAT(none.error().message(), HasSubstr("no kernels can be compiled"));
  EXPECT_THAT(tuner::build_images(testing::kWorkerProgram, {}).value(), IsEmpty());
}

}  // namespace
}  // namespace fuseline::profiler
