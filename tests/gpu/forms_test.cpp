// Kernels in every form, typed arguments, cooperative grids and zeroed workspaces, as a real driver takes them.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "tests/gpu/fixture.hpp"
#include "tests/gpu/forms_preset.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tuner/base/files.hpp"
#include "tuner/store/store.hpp"

namespace fuseline::gpu {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using tuner::ArgumentKind;
using tuner::KernelForm;
using tuner::Outcome;
using tuner::WorkspaceZero;

/// A launch of some 0.8 ms: what a launch follows costs it up to 6 us, which is no property of its form.
constexpr std::int64_t kFormElements = std::int64_t{256} << 20;
constexpr double kSameTime = 0.02;

const std::string kPlain = R"(
extern "C" __global__ void k(const float* x, float* out) {
  const long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = 2.0f * x[i];
})";
/// Right only where its workspace begins with zeros.
const std::string kAdding = R"(
extern "C" __global__ void k(const float* x, float* out, float* scratch) {
  const long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = 2.0f * x[i] + scratch[i];
  scratch[i] += 1.0f;
})";

class FormsOnGpu : public GpuTest {
 protected:
  void SetUp() override {
    GpuTest::SetUp();
    if (!HasFatalFailure()) prepare(twice_job(kFormElements));
  }
  [[nodiscard]] std::string architecture() const {
    return hello_->devices.at(static_cast<std::size_t>(hello_->device)).limits.sm();
  }
  tuner::EvaluateRequest as(KernelForm form, const std::string& bytes) {
    auto made = configuration(++id_, job_, kPlain);
    give_source(made, bytes, form);
    return made;
  }
  using GpuTest::evaluate;
  tuner::EvaluateRequest adding(WorkspaceZero zero) {
    auto made = configuration(++id_, job_, kAdding);
    made.resolved.launches[0].args = buffers({"x", "out", "scratch"});
    made.resolved.workspace = {{"scratch", 4 * kFormElements, zero}};
    return made;
  }
};

TEST_F(FormsOnGpu, TextPtxAndCubinTakeTheSameTime) {
  const auto ptx = ptx_of(kPlain, architecture());
  const auto cubin = cubin_of(kPlain, architecture());
  ASSERT_TRUE(ptx.has_value()) << ptx.error().message();
  ASSERT_TRUE(cubin.has_value()) << cubin.error().message();
  tuner::FinalsRequest finals;
  finals.finalists = {as(KernelForm::cuda, kPlain), as(KernelForm::ptx, *ptx), as(KernelForm::cubin, *cubin)};
  finals.rounds = 31;
  for (const auto& each : finals.finalists) {
    const auto result = evaluate(each);
    ASSERT_EQ(result.outcome, Outcome::ok) << result.reason;
    EXPECT_GT(result.facts->registers, 0);
    EXPECT_EQ(result.facts->spill_bytes, 0);
    EXPECT_GT(result.facts->occupancy, 0.5);
  }
  worker_.send(finals);
  const auto reply = worker_.expect<tuner::FinalsReply>();
  ASSERT_TRUE(reply.has_value()) << worker_.last_error;
  ASSERT_EQ(reply->ids.size(), 3U);
  std::vector<std::vector<double>> times_ms(3);
  for (const auto& round : reply->rounds_ms) {
    for (std::size_t i = 0; i < 3; ++i) times_ms[i].push_back(round[i]);
  }
  const double text_ms = tuner::median(times_ms[0]), ptx_ms = tuner::median(times_ms[1]),
               cubin_ms = tuner::median(times_ms[2]);
  std::printf("text %.4f ms, ptx %.4f ms, cubin %.4f ms\n", text_ms, ptx_ms, cubin_ms);
  EXPECT_NEAR(ptx_ms / text_ms, 1, kSameTime);
  EXPECT_NEAR(cubin_ms / text_ms, 1, kSameTime);
}

TEST_F(FormsOnGpu, SpillsOfPtxComeFromTheDriversAssembler) {
  // Two hundred values kept over a barrier, and a limit on registers that cannot hold them.
  const auto ptx = ptx_of(R"(
extern "C" __global__ void __launch_bounds__(1024) k(const float* x, float* out) {
  const long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  float v[200];
#pragma unroll
  for (int j = 0; j < 200; ++j) v[j] = x[(i + j) % 4096];
  __syncthreads();
  float sum = 0;
#pragma unroll
  for (int j = 0; j < 200; ++j) sum += v[j] * v[(j * 7 + 3) % 200];
  out[i] = sum == 12345.0f ? sum : 2.0f * x[i];
})",
                          architecture());
  ASSERT_TRUE(ptx.has_value()) << ptx.error().message();
  const auto result = evaluate(as(KernelForm::ptx, *ptx));
  ASSERT_EQ(result.outcome, Outcome::ok) << result.reason;
  EXPECT_LE(result.facts->registers, 64);
  EXPECT_GT(result.facts->spill_bytes, 0);
  EXPECT_GT(result.facts->local_bytes, 0);
}

TEST_F(FormsOnGpu, BrokenPtxIsACompileErrorWithTheAssemblersLog) {
  const auto result = evaluate(as(KernelForm::ptx, ".version 8.0\n.target sm_80\n.address_size 64\nnonsense;\n"));
  EXPECT_EQ(result.outcome, Outcome::compile_error);
  EXPECT_THAT(result.reason, HasSubstr("line 4"));
  EXPECT_THAT(result.compiler_log, HasSubstr("nonsense"));
  EXPECT_EQ(evaluate(kGood).outcome, Outcome::ok);
}

TEST_F(FormsOnGpu, ACubinOfAnotherArchitectureIsRefusedAndTheWorkerGoesOn) {
  const std::string other = architecture() == "sm_75" ? "sm_80" : "sm_75";
  const auto cubin = cubin_of(kPlain, other);
  ASSERT_TRUE(cubin.has_value()) << cubin.error().message();
  const auto result = evaluate(as(KernelForm::cubin, *cubin));
  EXPECT_EQ(result.outcome, Outcome::launch_error);
  EXPECT_THAT(result.reason, HasSubstr("CUDA_ERROR_NO_BINARY_FOR_GPU"));
  EXPECT_EQ(evaluate(kGood).outcome, Outcome::ok);
}

TEST_F(FormsOnGpu, AnInstanceOfATemplateIsLaunched) {
  auto made = configuration(++id_, job_, R"(
template <class T, int kBlock> __global__ void rows(const T* x, T* out) {
  const long long i = (long long)blockIdx.x * kBlock + threadIdx.x;
  out[i] = T(2) * x[i];
})");
  made.resolved.launches[0].kernel = "rows<float, 256>";
  const auto result = evaluate(made);
  EXPECT_EQ(result.outcome, Outcome::ok) << result.reason;
}

TEST_F(FormsOnGpu, NumbersOfEveryKindReachTheKernel) {
  auto made = configuration(++id_, job_, R"(
extern "C" __global__ void k(const float* x, float* out, int a, long long b, unsigned c, unsigned long long d, float e,
                             double f) {
  const long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (a == -7 && b == 1ll << 40 && c == 3000000000u && d == 1ull << 62 && e == 0.5f && f == 0.25) out[i] = 2.0f * x[i];
})");
  for (const auto& number : {whole(ArgumentKind::i32, -7), whole(ArgumentKind::i64, std::int64_t{1} << 40),
                             whole(ArgumentKind::u32, 3'000'000'000), whole(ArgumentKind::u64, std::int64_t{1} << 62),
                             real(ArgumentKind::f32, 0.5), real(ArgumentKind::f64, 0.25)})
    made.resolved.launches[0].args.push_back(number);
  const auto result = evaluate(made);
  EXPECT_EQ(result.outcome, Outcome::ok) << result.reason;
}

TEST_F(FormsOnGpu, ArgumentsThatTheKernelDoesNotTakeAreRefused) {
  auto made = as(KernelForm::cuda, kPlain);
  made.resolved.launches[0].args = {buffer("x"), whole(ArgumentKind::i32, 1)};
  auto result = evaluate(made);
  EXPECT_EQ(result.outcome, Outcome::launch_error);
  EXPECT_EQ(result.reason, "kernel k: takes 2 arguments (8 and 8 bytes), 2 are given (8 and 4 bytes)");
  made.id = ++id_;
  made.resolved.launches[0].args = buffers({"x", "out", "x"});
  result = evaluate(made);
  EXPECT_EQ(result.reason, "kernel k: takes 2 arguments (8 and 8 bytes), 3 are given (8, 8 and 8 bytes)");
  EXPECT_EQ(evaluate(kGood).outcome, Outcome::ok);
}

TEST_F(FormsOnGpu, ACooperativeGridThatDoesNotFitIsRefused) {
  auto made = as(KernelForm::cuda, kPlain);
  made.resolved.launches[0].cooperative = true;
  const auto result = evaluate(made);
  EXPECT_EQ(result.outcome, Outcome::skipped);
  EXPECT_THAT(result.reason, HasSubstr("at once"));
}

/// As many blocks as the worker's own reckoning says are resident: the driver must agree.
TEST_F(FormsOnGpu, ACooperativeGridThatJustFitsIsLaunched) {
  auto made = configuration(++id_, job_, R"(
#include <cooperative_groups.h>
extern "C" __global__ void k(const float* x, float* out) {
  const auto grid = cooperative_groups::this_grid();
  if (!grid.is_valid()) return;
  grid.sync();
  const long long step = (long long)gridDim.x * blockDim.x;
  for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < DIM_N; i += step) out[i] = 2.0f * x[i];
})");
  const auto& limits = hello_->devices.at(static_cast<std::size_t>(hello_->device)).limits;
  auto& launch = made.resolved.launches[0];
  launch.cooperative = true;
  launch.launch.block[0] = 1024;
  launch.launch.grid[0] = std::int64_t{limits.sm_count} * (limits.max_threads_per_sm / 1024);
  const auto result = evaluate(made);
  EXPECT_EQ(result.outcome, Outcome::ok) << result.reason;
  made.id = ++id_;
  ++launch.launch.grid[0];
  EXPECT_EQ(evaluate(made).outcome, Outcome::skipped);
}

TEST_F(FormsOnGpu, AWorkspaceIsZeroedBeforeEverySequence) {
  EXPECT_EQ(evaluate(adding(WorkspaceZero::never)).outcome, Outcome::incorrect);
  const auto untimed = evaluate(adding(WorkspaceZero::untimed));
  const auto timed = evaluate(adding(WorkspaceZero::timed));
  ASSERT_EQ(untimed.outcome, Outcome::ok) << untimed.reason;
  ASSERT_EQ(timed.outcome, Outcome::ok) << timed.reason;
  std::printf("zeroing untimed: %.4f ms, timed: %.4f ms\n", untimed.time_ms.median, timed.time_ms.median);
  EXPECT_GT(timed.time_ms.median, 1.05 * untimed.time_ms.median) << "256 MiB are zeroed, beside 1 GiB moved";
}

TEST_F(FormsOnGpu, AWorkspaceMayHaveMoreThan2To31Elements) {
  constexpr std::int64_t elements = (std::int64_t{1} << 31) + 4096;
  auto made = configuration(++id_, job_, R"(
extern "C" __global__ void k(const float* x, float* out, unsigned char* scratch, long long n) {
  const long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (i < 4096) scratch[n - 1 - i] = 1;
  out[i] = 2.0f * x[i] + (i < 4096 ? scratch[n - 1 - i] - 1 : scratch[i]);
})");
  made.resolved.launches[0].args = {buffer("x"), buffer("out"), buffer("scratch"), whole(ArgumentKind::i64, elements)};
  made.resolved.workspace = {{"scratch", elements, WorkspaceZero::untimed}};
  const auto result = evaluate(made);
  EXPECT_EQ(result.outcome, Outcome::ok) << result.reason;
}

TEST_F(FormsOnGpu, TheLongestLaunchIsShown) {
  auto made = configuration(++id_, job_, R"(
extern "C" __global__ void brief(const float* x, float* out) {
  if (blockIdx.x == 0) out[threadIdx.x] = x[threadIdx.x];
})" + kPlain);
  made.resolved.launches.insert(made.resolved.launches.begin(), made.resolved.launches[0]);
  made.resolved.launches[0].kernel = "brief";
  made.resolved.launches[0].launch.grid[0] = 1;
  const auto result = evaluate(made);
  ASSERT_EQ(result.outcome, Outcome::ok) << result.reason;
  EXPECT_EQ(result.shown_launch, 1U);
}

/// Installed as <prefix>/libexec/fuseline; else of the build.
fs::path fuseline_program() {
  const fs::path installed = tuner::executable_folder() / "../../bin/fuseline";
  return fs::exists(installed) ? installed : fs::path(FUSELINE_BIN_DIR "/fuseline");
}

/// As a user would: a folder of variants in every form, swept, with finals.
TEST_F(FormsOnGpu, AFolderWithEveryFormIsSwept) {
  const TemporaryFolder scratch;
  const auto written = write_forms_preset(scratch.path() / "presets", architecture());
  ASSERT_TRUE(written.has_value()) << written.error().message();
  worker_.kill();  // The sweep has the device to itself.
  const auto sweep = [&](const std::string& which, const std::string& name) {
    const std::string db = (scratch.path() / (name + ".db")).string();
    const std::string command = fmt::format(
        "'{}' --preset-path '{}' --quiet sweep doubled --shape large --device cuda:0 --strategy exhaustive "
        "--abandon 0 --db '{}' {}",
        fuseline_program().string(), (scratch.path() / "presets").string(), db, which);
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    auto store = tuner::Store::open(db);
    return (*store)->load(*(*store)->latest());
  };
  const auto forms = sweep("--variant text --variant ptx --variant cubin", "forms");
  ASSERT_TRUE(forms.has_value()) << forms.error().message();
  std::map<std::string, double> least_ms;
  for (const auto& evaluation : forms->evaluations) {
    ASSERT_EQ(evaluation.measurement.outcome, Outcome::ok)
        << evaluation.configuration.key() << ": " << evaluation.measurement.reason;
    const double time_ms = forms->time_of(evaluation).median;
    auto& known_ms = least_ms.try_emplace(evaluation.configuration.variant, time_ms).first->second;
    known_ms = std::min(known_ms, time_ms);
  }
  ASSERT_EQ(least_ms.size(), 3U);
  std::printf("in one sweep: text %.4f ms, ptx %.4f ms, cubin %.4f ms\n", least_ms["text"], least_ms["ptx"],
              least_ms["cubin"]);
  EXPECT_NEAR(least_ms["ptx"] / least_ms["text"], 1, kSameTime);
  EXPECT_NEAR(least_ms["cubin"] / least_ms["text"], 1, kSameTime);

  const auto others = sweep(
      "--variant instance --variant numbered --variant together --variant zeroed "
      "--variant zeroed_timed",
      "others");
  ASSERT_TRUE(others.has_value()) << others.error().message();
  EXPECT_EQ(others->evaluations.size(), 9U);
  for (const auto& evaluation : others->evaluations) {
    EXPECT_EQ(evaluation.measurement.outcome, Outcome::ok)
        << evaluation.configuration.key() << ": " << evaluation.measurement.reason;
  }
}

}  // namespace
}  // namespace fuseline::gpu
