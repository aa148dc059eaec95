// Forms of a kernel, typed arguments, cooperative grids and zeroed workspaces through the worker's protocol, on the
// stand-in driver.
#include <gmock/gmock.h>

#include "tests/profiler/worker_fixture.hpp"

namespace fuseline::profiler {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using tuner::ArgumentKind;
using tuner::KernelForm;
using tuner::Outcome;
using tuner::WorkspaceZero;

const std::string kPtx = R"(.version 8.0
.target sm_90
.address_size 64
.visible .entry k(.param .u64 x, .param .u64 out)
{
  ret;
}
)";

class Forms : public WorkerConversation {
 protected:
  static std::string signed_as(const std::string& name, const std::string& parameters) {
    return "extern \"C\" __global__ void " + name + "(" + parameters + ") { out[0] = x[0]; }\n";
  }
  /// Evaluates a configuration of kernel "k" given as these bytes.
  tuner::Measurement evaluate_as(KernelForm form, const std::string& bytes, const std::string& kernel = "k") {
    auto made = request(++id_, kernel);
    gpu::give_source(made, bytes, form);
    return evaluate(made);
  }
  using WorkerConversation::evaluate;
  tuner::Measurement evaluate(const tuner::EvaluateRequest& made) {
    worker_.send(made);
    const auto reply = worker_.expect<tuner::OutcomeReply>();
    EXPECT_TRUE(reply.has_value()) << worker_.last_error << worker_.why_not();
    return reply ? reply->measurement : tuner::Measurement{};
  }
  /// Kernel "adds", which is right while its workspace begins with zero, and leaves a one there.
  tuner::EvaluateRequest adds(WorkspaceZero zero, std::int64_t bytes = 1024) {
    auto made = request(++id_, "adds");
    gpu::give_source(made, signed_as("adds", "const float* x, float* out, float* scratch"));
    made.resolved.launches[0].args = gpu::buffers({"x", "out", "scratch"});
    made.resolved.workspace = {{"scratch", bytes, zero}};
    return made;
  }
  tuner::EvaluateRequest together(std::int64_t threads) {
    auto made = request(++id_, "together");
    made.resolved.launches[0].cooperative = true;
    made.resolved.launches[0].launch.block[0] = threads;
    made.resolved.launches[0].launch.grid[0] = kConversationElements / threads;
    return made;
  }
  /// Launches of these kernels, one after the other.
  tuner::EvaluateRequest launches(const std::vector<std::string>& kernels) {
    auto made = request(++id_, "k");
    gpu::give_source(made, named("brief") + named("too_many_registers"));
    made.resolved.launches.assign(kernels.size(), made.resolved.launches[0]);
    for (std::size_t i = 0; i < kernels.size(); ++i) made.resolved.launches[i].kernel = kernels[i];
    return made;
  }
};

TEST_F(Forms, PtxIsAssembledByTheDriverAndItsLogTellsTheSpills) {
  prepare();
  const auto result = evaluate_as(KernelForm::ptx, kPtx);
  ASSERT_EQ(result.outcome, Outcome::ok) << result.reason;
  EXPECT_EQ(result.facts->registers, 32);
  EXPECT_EQ(result.facts->spill_bytes, 20);
  EXPECT_THAT(result.compiler_log, HasSubstr("12 bytes spill stores"));
  EXPECT_GT(result.compile_ms, 0);
  EXPECT_FALSE(result.compile_cached);
  EXPECT_TRUE(result.compile_options.empty()) << "none of ours went into it";
  EXPECT_EQ(result.source_sha256.size(), 64U);
}

TEST_F(Forms, PtxThatCannotBeAssembledIsACompileErrorWithTheAssemblersLine) {
  prepare();
  const auto result = evaluate_as(KernelForm::ptx, kPtx + "nonsense\n");
  EXPECT_EQ(result.outcome, Outcome::compile_error);
  EXPECT_THAT(result.reason, HasSubstr("line 3; error   : Unexpected 'nonsense'"));
  EXPECT_THAT(result.compiler_log, HasSubstr("Ptx assembly aborted"));
  EXPECT_EQ(evaluate("k").outcome, Outcome::ok);
}

TEST_F(Forms, ACubinIsTakenAsItIs) {
  const auto compiled = compile(testing::request(named("k")));
  ASSERT_EQ(compiled.status, CompileResult::Status::ok) << compiled.log;
  prepare();
  const auto result = evaluate_as(KernelForm::cubin, compiled.image);
  ASSERT_EQ(result.outcome, Outcome::ok) << result.reason;
  EXPECT_EQ(result.facts->registers, 32);
  EXPECT_EQ(result.compile_ms, 0);
  EXPECT_EQ(result.source_sha256.size(), 64U);
}

TEST_F(Forms, ACubinThatIsCutShortIsNotGivenToTheDriver) {
  const std::string cubin = compile(testing::request(named("k"))).image;
  prepare();
  const auto result = evaluate_as(KernelForm::cubin, cubin.substr(0, cubin.size() / 2));
  EXPECT_EQ(result.outcome, Outcome::compile_error);
  EXPECT_THAT(result.reason, HasSubstr(".cubin"));
  EXPECT_EQ(evaluate("k").outcome, Outcome::ok);
}

TEST_F(Forms, AKernelThatTheImageLacksIsNamed) {
  prepare();
  const auto result = evaluate_as(KernelForm::ptx, kPtx, "other");
  EXPECT_EQ(result.outcome, Outcome::launch_error);
  EXPECT_THAT(result.reason, HasSubstr("kernel other"));
}

TEST_F(Forms, ATemplateIsInstantiatedByItsNameExpression) {
  prepare();
  auto made = request(++id_, "k");
  gpu::give_source(made, "template <class T, int N> __global__ void rows(const T* x, T* out) { out[0] = x[N]; }\n");
  made.resolved.launches[0].kernel = "rows<float, 256>";
  EXPECT_EQ(evaluate(made).outcome, Outcome::ok);
  made.resolved.launches[0].kernel = "rows<float, none>";
  const auto result = evaluate(made);
  EXPECT_EQ(result.outcome, Outcome::compile_error);
  EXPECT_THAT(result.compiler_log, HasSubstr("none"));
}

TEST_F(Forms, NumbersOfEveryKindReachTheKernel) {
  prepare();
  auto made = request(++id_, "typed");
  gpu::give_source(made, signed_as("typed",
                                   "const float* x, float* out, int a, long long b, unsigned c, unsigned long long d, "
                                   "float e, double f"));
  auto& arguments = made.resolved.launches[0].args;
  for (const auto& number :
       {gpu::whole(ArgumentKind::i32, -7), gpu::whole(ArgumentKind::i64, std::int64_t{1} << 40),
        gpu::whole(ArgumentKind::u32, 3'000'000'000), gpu::whole(ArgumentKind::u64, std::int64_t{1} << 62),
        gpu::real(ArgumentKind::f32, 0.5), gpu::real(ArgumentKind::f64, 0.25)})
    arguments.push_back(number);
  EXPECT_EQ(evaluate(made).outcome, Outcome::ok);
  made.id = ++id_;
  arguments[3].integer += 1;
  EXPECT_EQ(evaluate(made).outcome, Outcome::incorrect) << "the stand-in looks at what it was given";
}

TEST_F(Forms, ArgumentsThatAKernelDoesNotTakeAreRefusedBeforeItIsLaunched) {
  prepare();
  auto fewer = request(++id_, "k");
  fewer.resolved.launches[0].args = gpu::buffers({"x"});
  auto result = evaluate(fewer);
  EXPECT_EQ(result.outcome, Outcome::launch_error);
  EXPECT_EQ(result.reason, "kernel k: takes 2 arguments (8 and 8 bytes), 1 are given (8 bytes)");
  auto smaller = request(++id_, "k");
  smaller.resolved.launches[0].args = {gpu::buffer("x"), gpu::whole(ArgumentKind::i32, 1)};
  result = evaluate(smaller);
  EXPECT_EQ(result.reason, "kernel k: takes 2 arguments (8 and 8 bytes), 2 are given (8 and 4 bytes)");
  EXPECT_FALSE(result.verification.has_value());
  EXPECT_EQ(evaluate("k").outcome, Outcome::ok);
}

TEST_F(Forms, ACooperativeLaunchIsOneGrid) {
  prepare();
  EXPECT_EQ(evaluate(together(1024)).outcome, Outcome::ok);
  auto apart = together(1024);
  apart.resolved.launches[0].cooperative = false;
  EXPECT_EQ(evaluate(apart).outcome, Outcome::incorrect);
}

TEST_F(Forms, ACooperativeGridThatDoesNotFitIsRefused) {
  job_ = gpu::twice_job(16 * kConversationElements);
  prepare();
  auto made = request(++id_, "together");
  made.resolved.launches[0].cooperative = true;
  const auto result = evaluate(made);
  EXPECT_EQ(result.outcome, Outcome::skipped);
  EXPECT_THAT(result.reason, HasSubstr("256 blocks, of which the device holds 32 at once"));
}

TEST_F(Forms, AWorkspaceIsZeroedBeforeEverySequence) {
  prepare();
  EXPECT_EQ(evaluate(adds(WorkspaceZero::never)).outcome, Outcome::incorrect);
  const auto untimed = evaluate(adds(WorkspaceZero::untimed));
  const auto timed = evaluate(adds(WorkspaceZero::timed));
  ASSERT_EQ(untimed.outcome, Outcome::ok) << untimed.reason;
  ASSERT_EQ(timed.outcome, Outcome::ok) << timed.reason;
  // Zeroing takes the stand-in 0.05 ms.
  EXPECT_NEAR(untimed.time_ms.median, 0.5, 0.01);
  EXPECT_NEAR(timed.time_ms.median, 0.55, 0.01);
}

TEST_F(Forms, FinalsZeroWorkspacesToo) {
  prepare();
  tuner::FinalsRequest finals;
  finals.finalists = {adds(WorkspaceZero::untimed), adds(WorkspaceZero::timed)};
  finals.rounds = 3;
  worker_.send(finals);
  const auto reply = worker_.expect<tuner::FinalsReply>();
  ASSERT_TRUE(reply.has_value()) << worker_.last_error;
  ASSERT_EQ(reply->ids.size(), 2U);
  EXPECT_NEAR(reply->rounds_ms[2][0], 0.5, 0.01);
  EXPECT_NEAR(reply->rounds_ms[2][1], 0.55, 0.01);
}

TEST_F(Forms, AWorkspaceMayHaveMoreThan2To31Elements) {
  prepare();
  const auto result = evaluate(adds(WorkspaceZero::never, (std::int64_t{1} << 33) + 4));
  EXPECT_EQ(result.outcome, Outcome::launch_error);
  EXPECT_THAT(result.reason, AllOf(HasSubstr("out of memory"), HasSubstr("8192.0 MiB were asked for")));
  EXPECT_EQ(evaluate(adds(WorkspaceZero::untimed)).outcome, Outcome::ok);
}

TEST_F(Forms, TheLongestLaunchIsShownUnlessOneIsNamed) {
  prepare();
  auto result = evaluate(launches({"too_many_registers", "brief"}));
  ASSERT_EQ(result.outcome, Outcome::ok) << result.reason;
  EXPECT_EQ(result.shown_launch, 0U);
  result = evaluate(launches({"brief", "too_many_registers", "brief"}));
  EXPECT_EQ(result.shown_launch, 1U);
  EXPECT_EQ(result.facts->registers, 168) << "facts are of the launch that is shown";
  EXPECT_NEAR(result.time_ms.median, 0.7, 0.01) << "times are of all";
  auto first = launches({"brief", "too_many_registers"});
  first.resolved.shown_launch = 0;
  result = evaluate(first);
  EXPECT_EQ(result.shown_launch, 0U);
  EXPECT_EQ(result.facts->registers, 32);
}

TEST_F(Forms, ASourceThatWasNeverSentIsAnOutcome) {
  prepare();
  auto made = request(++id_, "k");
  made.source = nullptr;
  made.resolved.source_name = "never.cu";
  const auto result = evaluate(made);
  EXPECT_EQ(result.outcome, Outcome::compile_error);
  EXPECT_EQ(result.reason, "the worker was never sent the source 'never.cu'");
  EXPECT_EQ(evaluate("k").outcome, Outcome::ok);
}

TEST_F(Forms, ASourceIsSentOnceAJobAndForgottenWithIt) {
  prepare();
  auto made = request(++id_, "k");
  EXPECT_EQ(evaluate(made).outcome, Outcome::ok);
  made.id = ++id_;
  made.source = nullptr;
  EXPECT_EQ(evaluate(made).outcome, Outcome::ok) << "by its name alone";
  prepare();
  EXPECT_THAT(evaluate(made).reason, HasSubstr("never sent"));
}

/// The stand-in as another driver or device.
class OtherDriver : public Forms {
 protected:
  static void TearDownTestSuite() {
    unsetenv("FUSELINE_FAKE_CUDA");
    WorkerConversation::TearDownTestSuite();
  }
};

class NoCooperativeLaunch : public OtherDriver {
 protected:
  static void SetUpTestSuite() {
    WorkerConversation::SetUpTestSuite();
    setenv("FUSELINE_FAKE_CUDA", "no_cooperative", 1);
  }
};

TEST_F(NoCooperativeLaunch, IsAReasonToSkip) {
  prepare();
  const auto result = evaluate(together(1024));
  EXPECT_EQ(result.outcome, Outcome::skipped);
  EXPECT_THAT(result.reason, HasSubstr("the device does not have"));
}

class BeforeCuda124 : public OtherDriver {
 protected:
  static void SetUpTestSuite() {
    WorkerConversation::SetUpTestSuite();
    setenv("FUSELINE_FAKE_CUDA", "no_parameters", 1);
  }
};

TEST_F(BeforeCuda124, ArgumentsAreHeldAgainstTheImagesOwnTable) {
  prepare();
  EXPECT_EQ(evaluate("k").outcome, Outcome::ok);
  auto made = request(++id_, "k");
  made.resolved.launches[0].args = gpu::buffers({"x"});
  EXPECT_THAT(evaluate(made).reason, HasSubstr("takes 2 arguments (8 and 8 bytes), 1 are given"));
  gpu::give_source(made, kPtx, KernelForm::ptx);
  made.id = ++id_;
  EXPECT_THAT(evaluate(made).reason, HasSubstr("takes 2 arguments (8 and 8 bytes), 1 are given"));
}

}  // namespace
}  // namespace fuseline::profiler
