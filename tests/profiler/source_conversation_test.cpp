// Source profiles through the worker's protocol, on stand-ins for driver, CUPTI and nvdisasm: what comes together, and
// every way of lacking a part.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <ostream>

#include "tests/gpu/conversation.hpp"
#include "tests/profiler/support.hpp"
#include "tests/support/temporary_folder.hpp"

namespace fuseline::profiler {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using tuner::SampledInstruction;

/// As nvdisasm prints two kernels.
constexpr const char* kDisassembler = R"(#!/bin/sh
if [ "$1" = --version ]; then echo "Cuda compilation tools, release 13.0, V13.0.85"; exit 0; fi
test -s "$2" || exit 4
cat <<'END'
	.section	.text.other,"ax",@progbits
.text.other:
        /*0000*/                   NOP ;
	.section	.text.k,"ax",@progbits
k:
.text.k:
        /*0000*/                   LDG.E R2, desc[UR4][R2.64] ;
        /*0010*/              @!P0 BRA `(.L_x_0) ;
.L_x_0:
        /*0020*/                   EXIT ;
        /*0030*/                   BRA `(.L_x_1);
END
)";

class SourceConversation : public ::testing::Test {
 protected:
  void SetUp() override {
    setenv("FUSELINE_LIBCUDA", FUSELINE_FAKE_DRIVER, 1);
    setenv("FUSELINE_LIBCUPTI", FUSELINE_FAKE_CUPTI_LIBRARY, 1);
    setenv("FUSELINE_WORKER", testing::kWorkerProgram.c_str(), 1);
    choose_disassembler(kDisassembler);
  }
  void TearDown() override {
    for (const char* name :
         {"FUSELINE_LIBCUDA", "FUSELINE_LIBCUPTI", "FUSELINE_FAKE_CUPTI", "FUSELINE_WORKER", "FUSELINE_NVDISASM"})
      unsetenv(name);
  }
  void choose_disassembler(const std::string& script) {
    const auto program = folder_.write("nvdisasm", script);
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    setenv("FUSELINE_NVDISASM", program.c_str(), 1);
  }
  void start(std::vector<std::string> metrics = {}) {
    worker_.emplace();
    ASSERT_TRUE(worker_->started()) << worker_->why_not();
    job_ = gpu::twice_job(4096);
    job_.headers["common/rows.cuh"] = "";
    job_.counters = {std::move(metrics), 1};
    worker_->send(tuner::HelloRequest{});
    ASSERT_TRUE(worker_->expect<tuner::HelloReply>().has_value()) << worker_->last_error << worker_->why_not();
    worker_->send(tuner::PrepareRequest{job_});
    ASSERT_TRUE(worker_->expect<tuner::PreparedReply>().has_value()) << worker_->last_error << worker_->why_not();
  }
  tuner::EvaluateRequest request(std::uint64_t id, const std::string& kernel = "k") {
    auto made = gpu::configuration(id, job_,
                                   "extern \"C\" __global__ void " + kernel +
                                       "(const float* x, float* out) { out[0] = x[0]; }\n// " + std::to_string(id));
    made.resolved.launches[0].kernel = kernel;
    return made;
  }
  /// Empty where the worker refused; why() says why.
  std::optional<tuner::SourceProfile> profile(const tuner::EvaluateRequest& wanted) {
    worker_->last_error.clear();
    worker_->send(tuner::SourceProfileRequest{wanted});
    auto reply = worker_->expect<tuner::SourceProfileReply>();
    if (!reply) return std::nullopt;
    EXPECT_EQ(reply->id, wanted.id);
    return reply->profile;
  }
  [[nodiscard]] std::string why() const { return worker_->last_error + worker_->why_not(); }

  TemporaryFolder folder_;
  std::optional<gpu::Conversation> worker_;
  tuner::Job job_;
};

TEST_F(SourceConversation, BringsSamplesCountsTextAndLinesTogether) {
  start();
  const auto taken = profile(request(5));
  ASSERT_TRUE(taken) << why();
  EXPECT_EQ(taken->kernel, "k");
  EXPECT_EQ(taken->disassembler, "nvdisasm 13.0.85");
  // 4,600 of the kernel a launch: five launches. 50 of another's in each.
  EXPECT_EQ(taken->samples, 5 * 4650U);
  EXPECT_EQ(taken->outside, 5 * 50U);
  EXPECT_EQ(taken->dropped, 5 * 7U);
  EXPECT_EQ(taken->launches, 1 + 5 + 1);  // To choose the period by, with samples, and with counts.
  EXPECT_GE(taken->period_cycles, 32U);
  EXPECT_GT(taken->seconds, 0);
  ASSERT_EQ(taken->instructions.size(), 4U);
  const SampledInstruction& first = taken->instructions[0];
  EXPECT_EQ(first.text, "LDG.E R2, desc[UR4][R2.64]");
  EXPECT_EQ(first.file, "/where/it/was/compiled/own.cu");  // Of none of the names that were sent.
  EXPECT_EQ(first.line, 3);
  EXPECT_THAT(first.samples, ElementsAre(Pair("long_scoreboard", 15'000), Pair("selected", 500)));
  EXPECT_THAT(first.metrics, AllOf(Contains(Pair("inst_executed", 1000)), Contains(Pair("thread_inst_executed", 2000)),
                                   Not(Contains(Pair("l1tex_tags_mem_global", ::testing::_)))));
  const SampledInstruction& second = taken->instructions[1];
  EXPECT_EQ(second.text, "@!P0 BRA `(.L_x_0)");
  EXPECT_EQ(second.file, "common/rows.cuh");
  // Those in cycles without an issue are the same ones.
  EXPECT_THAT(second.samples, ElementsAre(Pair("wait", 7'500)));
  EXPECT_THAT(second.metrics, Contains(Pair("inst_executed", 1016)));
  // Counted and never sampled; then neither, and named by the disassembly alone.
  EXPECT_THAT(taken->instructions[2].samples, IsEmpty());
  EXPECT_THAT(taken->instructions[2].metrics, Contains(Pair("inst_executed", 1032)));
  EXPECT_EQ(taken->instructions[3].text, "BRA `(.L_x_1)");
  EXPECT_THAT(taken->instructions[3].metrics, IsEmpty());
  EXPECT_EQ(taken->instructions[3].line, 0);
  EXPECT_THAT(taken->remarks, ElementsAre(HasSubstr("smsp__sass_l1tex_tags_mem_global")));
  EXPECT_THAT(worker_->stages, ElementsAre("source", "source"));
}

/// The sessions exclude one another: that of the counters is closed first.
TEST_F(SourceConversation, FollowsCountersOfTheSameWorker) {
  start({"first.sum"});
  worker_->send(request(1));
  ASSERT_TRUE(worker_->expect<tuner::OutcomeReply>().has_value()) << why();
  ASSERT_TRUE(worker_->expect<tuner::CountersReply>().has_value()) << why();
  const auto taken = profile(request(2));
  ASSERT_TRUE(taken) << why();
  EXPECT_GT(taken->samples, 0U);
  EXPECT_THAT(taken->instructions[0].metrics, Contains(Pair("inst_executed", 1000)));
}

TEST_F(SourceConversation, ASecondOneOfAWorkerIsRefusedAndTheWorkerLivesOn) {
  start();
  ASSERT_TRUE(profile(request(1))) << why();
  EXPECT_FALSE(profile(request(2)));
  EXPECT_THAT(why(), HasSubstr("start another worker"));
  worker_->send(request(3));
  const auto outcome = worker_->expect<tuner::OutcomeReply>();
  ASSERT_TRUE(outcome) << why();
  EXPECT_EQ(outcome->measurement.outcome, tuner::Outcome::ok) << outcome->measurement.reason;
}

TEST_F(SourceConversation, AKernelWithoutSamplesHasItsCountsAndARemark) {
  setenv("FUSELINE_FAKE_CUPTI", "elsewhere", 1);
  start();
  const auto taken = profile(request(1));
  ASSERT_TRUE(taken) << why();
  EXPECT_EQ(taken->samples, taken->outside);
  EXPECT_THAT(taken->remarks, Contains(HasSubstr("only 0 samples of k, in 200 launches")));
  EXPECT_THAT(taken->instructions,
              Contains(AllOf(Field(&SampledInstruction::samples, IsEmpty()),
                             Field(&SampledInstruction::metrics, Contains(Pair("inst_executed", 1000))))));
}

TEST_F(SourceConversation, WhatDoesNotCompileIsRefusedWithTheCompilersReason) {
  start();
  auto broken = request(1);
  gpu::give_source(broken, "this is no kernel");
  EXPECT_FALSE(profile(broken));
  EXPECT_THAT(why(), HasSubstr("error"));
}

TEST_F(SourceConversation, AKernelThatFaultsTakesTheWorkerAlong) {
  start();
  EXPECT_FALSE(profile(request(1, "fault")));
  EXPECT_THAT(why(), HasSubstr("source profile"));
  EXPECT_TRUE(worker_->ends_within(std::chrono::seconds(30)));
}

TEST_F(SourceConversation, ADisassemblerThatHangsOrFailsCostsTheTextAlone) {
  choose_disassembler("#!/bin/sh\necho 'cannot read it' >&2\nexit 3\n");
  start();
  const auto taken = profile(request(1));
  ASSERT_TRUE(taken) << why();
  EXPECT_EQ(taken->disassembler, "");
  EXPECT_THAT(taken->remarks, Contains(AllOf(HasSubstr("no disassembly"), HasSubstr("cannot read it"))));
  ASSERT_EQ(taken->instructions.size(), 3U);  // Those that samples and counts name.
  EXPECT_EQ(taken->instructions[0].text, "");
  EXPECT_EQ(taken->instructions[0].line, 3);
}

/// What is missing, and the remark that says so.
struct Lacking {
  const char* name;
  const char* library;  ///< Empty: the stand-in.
  const char* goes_wrong;
  const char* says;
  bool samples, counts;
};
void PrintTo(const Lacking& lacking, std::ostream* out) { *out << lacking.name; }

class PartOfAProfile : public SourceConversation, public ::testing::WithParamInterface<Lacking> {};

TEST_P(PartOfAProfile, IsGivenWithARemark) {
  setenv("FUSELINE_FAKE_CUPTI", GetParam().goes_wrong, 1);
  start();
  const auto taken = profile(request(1));
  ASSERT_TRUE(taken) << why();
  EXPECT_EQ(taken->samples > 0, GetParam().samples);
  EXPECT_EQ(!taken->instructions.at(0).metrics.empty(), GetParam().counts);
  EXPECT_THAT(taken->remarks, Contains(HasSubstr(GetParam().says)));
}

INSTANTIATE_TEST_SUITE_P(Parts, PartOfAProfile,
                         ::testing::Values(Lacking{"NoSampling", "", "unsampled", "no samples: ", false, true},
                                           Lacking{"FullBuffer", "", "full", "buffer of samples was full", false, true},
                                           Lacking{"NoCounts", "", "uncounted", "no counts by instruction: ", true,
                                                   false}),
                         [](const auto& tested) { return std::string(tested.param.name); });

class NoProfile : public SourceConversation, public ::testing::WithParamInterface<Lacking> {};

TEST_P(NoProfile, IsRefusedWithTheReasonAndTheWorkerLivesOn) {
  if (*GetParam().library != '\0') setenv("FUSELINE_LIBCUPTI", GetParam().library, 1);
  setenv("FUSELINE_FAKE_CUPTI", GetParam().goes_wrong, 1);
  start();
  EXPECT_FALSE(profile(request(1)));
  EXPECT_THAT(why(), HasSubstr(GetParam().says));
  worker_->send(request(2));
  EXPECT_TRUE(worker_->expect<tuner::OutcomeReply>().has_value()) << why();
}

INSTANTIATE_TEST_SUITE_P(
    Reasons, NoProfile,
    ::testing::Values(Lacking{"Neither", "", "unsampled,uncounted", "no counts by instruction: ", false, false},
                      Lacking{"OfBefore", FUSELINE_PLAIN_CUPTI_LIBRARY, "", "has no PC sampling", false, false},
                      Lacking{"UnderAProfiler", "", "profiler", "another profiler", false, false},
                      Lacking{"NoLibrary", "/nonexistent/libcupti.so", "", "CUPTI was not found", false, false},
                      Lacking{"OldLibrary", FUSELINE_FAKE_DRIVER, "", "is too old", false, false}),
    [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace fuseline::profiler
