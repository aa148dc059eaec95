#include "tuner/counters/analysis.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "tuner/base/files.hpp"
#include "tuner/counters/names.hpp"
#include "tuner/problem/catalog.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
constexpr double kGiB = 1073741824.0;

CounterContext gibibyte_problem() {
  CounterContext context;
  context.input_bytes = context.output_bytes = kGiB;
  context.l2_size = 60 << 20;
  context.time_ms = 0.5;
  return context;
}

TEST(FusionCheck, AnOutputWrittenOncePasses) {
  const auto check =
      fusion_check({{metric::kDramRead, 1.004 * kGiB}, {metric::kDramWritten, 0.985 * kGiB}}, gibibyte_problem());
  ASSERT_TRUE(check);
  EXPECT_TRUE(check->pass);
  EXPECT_NEAR(check->written_ratio, 0.985, 1e-9);
  EXPECT_NEAR(check->read_ratio, 1.004, 1e-9);
  EXPECT_THAT(check->text, HasSubstr("0.985 of the outputs"));
}

TEST(FusionCheck, TwoPercentOfWriteBacksPassAndMoreDoesNot) {
  EXPECT_TRUE(fusion_check({{metric::kDramWritten, 1.019 * kGiB}}, gibibyte_problem())->pass);
  EXPECT_FALSE(fusion_check({{metric::kDramWritten, 1.021 * kGiB}}, gibibyte_problem())->pass);
}

TEST(FusionCheck, AnIntermediateInMemoryFailsWithTheFigure) {
  const auto check =
      fusion_check({{metric::kDramRead, 2 * kGiB}, {metric::kDramWritten, 2 * kGiB}}, gibibyte_problem());
  ASSERT_TRUE(check);
  EXPECT_FALSE(check->pass);
  EXPECT_NEAR(check->excess_bytes, kGiB, 1);
  EXPECT_THAT(check->text, HasSubstr("1073.7 MB too many"));
  EXPECT_THAT(check->text, HasSubstr("more than once"));
}

TEST(FusionCheck, InputsReadTwiceAreSaidAndDoNotFail) {
  const auto check = fusion_check({{metric::kDramRead, 2 * kGiB}, {metric::kDramWritten, kGiB}}, gibibyte_problem());
  EXPECT_TRUE(check->pass);
  EXPECT_THAT(check->text, HasSubstr("2.000 of the inputs' bytes read, some of them more than once"));
}

TEST(FusionCheck, AnOutputThatFitsL2MayStayThereOrMeetOthersLines) {
  CounterContext small = gibibyte_problem();
  small.input_bytes = small.output_bytes = 8 << 20;
  EXPECT_TRUE(fusion_check({{metric::kDramWritten, 0}}, small)->pass);
  EXPECT_TRUE(fusion_check({{metric::kDramWritten, 60.0 * (1 << 20)}}, small)->pass);
  EXPECT_FALSE(fusion_check({{metric::kDramWritten, 100.0 * (1 << 20)}}, small)->pass);
}

TEST(FusionCheck, IsAbsentWhereBytesOrOutputsAreNotKnown) {
  EXPECT_FALSE(fusion_check({{metric::kDramRead, kGiB}}, gibibyte_problem()));
  EXPECT_FALSE(fusion_check({{metric::kDramWritten, kGiB}}, {}));
  EXPECT_FALSE(fusion_check({{metric::kDramWritten, std::numeric_limits<double>::quiet_NaN()}}, gibibyte_problem()));
}

TEST(ExecutedFlops, AMultiplyAddIsTwoAndAHalfInstructionWorksOnAPair) {
  const Counters counters = {{metric::kFadd, 1},    {metric::kFmul, 10},    {metric::kFfma, 100},
                             {metric::kHadd, 1000}, {metric::kHmul, 10000}, {metric::kHfma, 100000}};
  EXPECT_DOUBLE_EQ(executed_flops(counters).value(), 1 + 10 + 200 + 2000 + 20000 + 400000);
}

TEST(ExecutedFlops, AreNotMadeOfHalfTheCounts) {
  EXPECT_FALSE(executed_flops({{metric::kFadd, 1}, {metric::kFmul, 10}}));
  EXPECT_EQ(executed_flops({{metric::kFadd, 1}, {metric::kFmul, 10}, {metric::kFfma, 0}}), 11);
}

TEST(Intensities, FallFromDramToL1) {
  const Counters counters = {{metric::kFadd, 0},       {metric::kFmul, 0},          {metric::kFfma, 4e9},
                             {metric::kDramRead, 1e9}, {metric::kDramWritten, 1e9}, {metric::kL2Bytes, 4e9},
                             {metric::kL1Bytes, 8e9}};
  const auto found = intensities(counters, gibibyte_problem());
  ASSERT_TRUE(found);
  EXPECT_DOUBLE_EQ(found->flops, 8e9);
  EXPECT_DOUBLE_EQ(found->gflops, 16000);
  ASSERT_EQ(found->levels.size(), 3U);
  EXPECT_EQ(found->levels[0].name, "DRAM");
  EXPECT_DOUBLE_EQ(found->levels[0].intensity, 4);
  EXPECT_DOUBLE_EQ(found->levels[0].gbps, 4000);
  EXPECT_DOUBLE_EQ(found->levels[1].intensity, 2);
  EXPECT_DOUBLE_EQ(found->levels[2].intensity, 1);
}

TEST(Intensities, KeepToTheLevelsThatWereRead) {
  const auto found = intensities(
      {{metric::kFadd, 1}, {metric::kFmul, 1}, {metric::kFfma, 1}, {metric::kDramRead, 1}, {metric::kL1Bytes, 4}}, {});
  ASSERT_TRUE(found);
  ASSERT_EQ(found->levels.size(), 1U);
  EXPECT_EQ(found->levels[0].name, "L1");
  EXPECT_EQ(found->gflops, 0);
}

TEST(OccupancyReading, SetsTheAchievedAgainstThePossible) {
  CounterContext context;
  context.theoretical_occupancy = 0.75;
  context.occupancy_limiter = "registers";
  const auto reading = occupancy_reading({{metric::kWarpsActive, 50}}, context);
  ASSERT_TRUE(reading);
  EXPECT_DOUBLE_EQ(reading->achieved, 0.5);
  EXPECT_THAT(reading->text, HasSubstr("75.0 % are possible (registers limit them)"));
  EXPECT_THAT(reading->text, HasSubstr("the gap is"));
  EXPECT_THAT(occupancy_reading({{metric::kWarpsActive, 73}}, context)->text, Not(HasSubstr("the gap is")));
  EXPECT_FALSE(occupancy_reading({}, context));
  context.occupancy_limiter.clear();
  EXPECT_THAT(occupancy_reading({{metric::kWarpsActive, 50}}, context)->text, Not(HasSubstr("limit")));
}

TEST(Bounds, AreTheCopysRateWhereDramMovesAsMuchAsACopy) {
  // As the best layernorm_gelu_scale in f32 reads on an H200.
  const Counters counters = {{metric::kDramThroughput, 87.6}, {metric::kL2Throughput, 91.4},
                             {metric::kDramRead, 1.074e9},    {metric::kDramWritten, 1.047e9},
                             {metric::kIssueActive, 45},      {metric::kSmThroughput, 45}};
  CounterContext context;
  context.reachable_gbps = 4270;
  context.time_ms = 2.121e9 / 4270 / 1e6 / 0.998;
  const auto found = bounds(counters, context);
  EXPECT_EQ(found[0].kind, BoundKind::copy);
  EXPECT_EQ(found[0].level, BoundLevel::limits);
  EXPECT_NEAR(found[0].share, 0.998, 1e-9);
  EXPECT_THAT(found[0].text, HasSubstr("4261 GB/s, 99.8 % of what a copy"));
  EXPECT_EQ(found[1].kind, BoundKind::l2) << "the others follow as they did";
  EXPECT_EQ(found.size(), bounds(counters, {}).size() + 1);
  const auto first = [&] { return bounds(counters, context).front().kind; };
  context.time_ms /= 0.94 / 0.998;
  EXPECT_EQ(first(), BoundKind::copy) << "94 % of it";
  EXPECT_EQ(bounds(counters, context).front().rival, BoundKind::l2) << "and L2's share says nothing by itself";
  context.time_ms *= 0.5;
  EXPECT_EQ(first(), BoundKind::copy) << "faster than the copy";
  context.reachable_gbps = 0;
  EXPECT_EQ(first(), BoundKind::l2) << "what a copy reaches is not known";
  context.reachable_gbps = 4270;
  context.time_ms = 0;
  EXPECT_EQ(first(), BoundKind::l2) << "nor the time";
}

/// A kernel beside the copy and the reduction of an H200 (presets/devices/h200.json), at shares that are read there.
class BesideACopy : public ::testing::Test {
 protected:
  struct Kernel {
    double gbps = 4283, l2 = 93.8, issue = 5;
    double read_share = 0.5, shared = 0;
  };
  std::vector<Bound> bounds_of(const Kernel& kernel) {
    const double bytes = 2 * kGiB, ns = bytes / kernel.gbps;
    counters_ = {{metric::kDramRead, kernel.read_share * bytes},
                 {metric::kDramWritten, (1 - kernel.read_share) * bytes},
                 {metric::kDuration, ns},
                 {metric::kDramThroughput, 100 * kernel.gbps / 4814},
                 {metric::kL2Throughput, kernel.l2},
                 {metric::kIssueActive, kernel.issue},
                 {metric::kSharedBusy, kernel.shared},
                 {metric::kStallBarrier, 3},
                 {metric::kStallWait, 1}};
    context_.time_ms = ns / 1e6;
    context_.reachable_gbps = 4283;
    context_.copy = &copy_;
    context_.read = &read_;
    return bounds(counters_, context_);
  }
  static std::string said(const std::vector<Bound>& found) { return bound_name(found.front()); }

  Counters copy_ = {
      {metric::kDramRead, kGiB},       {metric::kDramWritten, kGiB},  {metric::kDuration, 2 * kGiB / 4050},
      {metric::kDramThroughput, 84.1}, {metric::kL2Throughput, 88.8}, {metric::kIssueActive, 5.4}};
  Counters read_ = {{metric::kDramRead, kGiB},       {metric::kDramWritten, 0},     {metric::kDuration, kGiB / 4480},
                    {metric::kDramThroughput, 93.1}, {metric::kL2Throughput, 94.8}, {metric::kIssueActive, 9.3}};
  Counters counters_;
  CounterContext context_;
};

TEST_F(BesideACopy, TheCopyItselfIsAtTheCopysRate) {
  context_.copy = &copy_;
  context_.read = &read_;
  for (const Counters* stream : {&copy_, &read_}) {
    const auto found = bounds(*stream, context_);
    EXPECT_EQ(said(found), "the copy's rate");
    EXPECT_EQ(found.front().level, BoundLevel::limits);
    EXPECT_NEAR(found.front().share, 1, 1e-9);
    EXPECT_EQ(
        std::count_if(found.begin(), found.end(), [](const Bound& bound) { return bound.level == BoundLevel::limits; }),
        1)
        << "its L2 and DRAM are busy, and neither is the limit";
  }
}

TEST_F(BesideACopy, L2LimitsWhereItIsAskedForMoreAndAsBusyAsTheCopyMakesIt) {
  // 9 % less than a copy moves, and L2 is as busy: softmax_bias_scale_sigmoid in 16 bits.
  const auto found = bounds_of({.gbps = 3890, .l2 = 93.3, .issue = 44});
  EXPECT_EQ(said(found), "L2");
  EXPECT_EQ(found.front().level, BoundLevel::limits);
  EXPECT_THAT(found.front().text, HasSubstr("a byte asks 1.09 times what a copy's does"));
}

TEST_F(BesideACopy, ABusyL2ThatOnlyFollowsTheTrafficIsNoLimit) {
  // layernorm_gelu_scale_backward in 16 bits: as much less of L2 as of DRAM, and issue slots 70 % busy.
  const auto found = bounds_of({.gbps = 3900, .l2 = 87, .issue = 70});
  EXPECT_EQ(said(found), "the copy's rate or issue slots");
  EXPECT_NEAR(found.front().share, 0.91, 0.01);
  EXPECT_EQ(bound_level_text(found.front()), "not told apart");
  EXPECT_THAT(found.front().text, HasSubstr("an instruction is issued in 70.0 % of the cycles"));
  EXPECT_EQ(said(bounds_of({.gbps = 3900, .l2 = 87, .issue = 50})), "the copy's rate or latency");
}

TEST_F(BesideACopy, AUnitAtItsLimitIsNamedAndOneFarFromTheCopyWaits) {
  EXPECT_EQ(said(bounds_of({.gbps = 3900, .l2 = 87, .issue = 88})), "issue slots");
  EXPECT_EQ(said(bounds_of({.gbps = 3000, .l2 = 66, .issue = 30})), "latency") << "a copy moves 43 % more";
  EXPECT_EQ(said(bounds_of({.gbps = 3000, .l2 = 66, .issue = 30, .shared = 70})), "shared memory");
  EXPECT_EQ(said(bounds_of({.gbps = 1500, .l2 = 94, .issue = 30})), "L2") << "most of it hits";
}

TEST_F(BesideACopy, WhereReadingPrevailsTheMixIsTheMeasure) {
  Kernel kernel{.gbps = 4283, .l2 = 0, .issue = 40, .read_share = 0.9};
  kernel.l2 = 100 * (0.2 * 0.888 / 4050 + 0.8 * 0.948 / 4480) * 4283;
  const auto found = bounds_of(kernel);
  EXPECT_EQ(said(found), "the copy's rate");
  const auto l2 =
      std::find_if(found.begin(), found.end(), [](const Bound& bound) { return bound.kind == BoundKind::l2; });
  ASSERT_NE(l2, found.end());
  EXPECT_THAT(l2->text, HasSubstr("100 % of what it is at the copy's rate; a byte asks 1.00 times"));
}

TEST_F(BesideACopy, OutputsThatAreStillInL2CountAsWritten) {
  // 256 MiB each way, of which a tenth has not left L2: such a copy asks for no more and moves no less.
  static_cast<void>(bounds_of({.gbps = 3912, .l2 = 93.8}));
  context_.time_ms = 0.5 * kGiB / 4283 / 1e6;
  context_.output_bytes = kGiB / 4;
  counters_[metric::kDramRead] = 0.25 * kGiB, counters_[metric::kDramWritten] = 0.225 * kGiB;
  counters_[metric::kDuration] = 0.5 * kGiB / 4283;
  const auto found = bounds(counters_, context_);
  EXPECT_EQ(said(found), "the copy's rate");
  EXPECT_NEAR(found.front().share, 1, 1e-9);
  const auto l2 =
      std::find_if(found.begin(), found.end(), [](const Bound& bound) { return bound.kind == BoundKind::l2; });
  ASSERT_NE(l2, found.end());
  EXPECT_THAT(l2->text, HasSubstr("asks 1.00 times"));
}

TEST_F(BesideACopy, WithoutTheCopysCountersOfL2TheFixedSharesHold) {
  copy_.erase(metric::kL2Throughput);
  EXPECT_EQ(said(bounds_of({.gbps = 3900, .l2 = 87, .issue = 50})), "the copy's rate or L2");
  EXPECT_EQ(said(bounds_of({.gbps = 1500, .l2 = 94, .issue = 30})), "L2");
}

TEST(Bounds, SayNothingOfNothing) { EXPECT_TRUE(bounds({{metric::kDramRead, 1e9}}, {}).empty()); }

TEST(Bounds, ABusyDramLimits) {
  const auto found = bounds({{metric::kDramThroughput, 91},
                             {metric::kSmThroughput, 35},
                             {metric::kDramRead, 1e9},
                             {metric::kDramWritten, 2e9}},
                            {});
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0].kind, BoundKind::dram);
  EXPECT_EQ(found[0].level, BoundLevel::limits);
  EXPECT_THAT(found[0].text, HasSubstr("91.0 % busy: 1.000 GB read, 2.000 GB written"));
  EXPECT_EQ(found.back().kind, BoundKind::latency);
}

TEST(Bounds, TheUnitOfTheSmThatIsBusyIsNamed) {
  const Counters calm = {{metric::kDramThroughput, 50},
                         {metric::kL2Throughput, 40},
                         {metric::kIssueActive, 30},
                         {metric::kSpecialBusy, 20},
                         {metric::kSharedBusy, 10}};
  const auto first_with = [&](const char* name) {
    Counters counters = calm;
    counters[name] = 88;
    return bounds(counters, {}).front().kind;
  };
  EXPECT_EQ(first_with(metric::kDramThroughput), BoundKind::dram);
  EXPECT_EQ(first_with(metric::kL2Throughput), BoundKind::l2);
  EXPECT_EQ(first_with(metric::kIssueActive), BoundKind::issue);
  EXPECT_EQ(first_with(metric::kSpecialBusy), BoundKind::special);
  EXPECT_EQ(first_with(metric::kSharedBusy), BoundKind::shared);
  EXPECT_EQ(first_with(metric::kSmThroughput), BoundKind::pipe);
  EXPECT_EQ(bounds(calm, {}).front().kind, BoundKind::latency);
}

TEST(Bounds, LatencyNamesWhatWarpsWaitFor) {
  const auto found = bounds({{metric::kDramThroughput, 43},
                             {metric::kSmThroughput, 7},
                             {metric::kWarpsActive, 97},
                             {metric::kStallLongScoreboard, 9},
                             {metric::kStallBarrier, 1}},
                            {});
  EXPECT_EQ(found[0].kind, BoundKind::latency);
  EXPECT_THAT(found[0].text, HasSubstr("no unit is over 43.0 % busy with 97.0 % of the warps resident"));
  EXPECT_THAT(found[0].text, HasSubstr("data from L1, L2 or DRAM (90 % of the waiting)"));
}

TEST(Bounds, TheFastSetDoesNotTellIssueFromLatency) {
  const auto found = bounds({{metric::kDramThroughput, 30}, {metric::kWarpsActive, 97}, {metric::kL2HitRate, 50}}, {});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].kind, BoundKind::execution);
  EXPECT_EQ(found[1].kind, BoundKind::dram);
}

/// The readings that came with the given kernels, from the problems' files.
const Counters& given(const std::string& problem) {
  static const auto catalog = Catalog::load(FUSELINE_SOURCE_DIR, {});
  for (const auto& entry : catalog->entries()) {
    if (entry->problem.name == problem) return entry->problem.given.at(0).counters;
  }
  throw std::runtime_error("no such problem");
}

TEST(GivenReadings, AllFiveAreThere) {
  for (const auto* problem : {"layernorm_gelu_scale", "sum_layernorm_avgpool_gelu", "softmax_bias_scale_sigmoid"}) {
    for (const auto* name : {metric::kSmThroughput, metric::kWarpsActive, metric::kDramThroughput, metric::kL2HitRate,
                             metric::kGridSize}) {
      EXPECT_TRUE(given(problem).contains(name)) << problem << " " << name;
    }
  }
}

TEST(GivenReadings, TheLayerNormKernelsAreBoundByTheSmsAndNotByDram) {
  for (const auto* problem : {"layernorm_gelu_scale", "sum_layernorm_avgpool_gelu"}) {
    const auto found = bounds(given(problem), {});
    ASSERT_GE(found.size(), 3U) << problem;
    EXPECT_EQ(found[0].kind, BoundKind::issue) << problem;
    EXPECT_EQ(found[1].kind, BoundKind::dram) << problem;
  }
  EXPECT_EQ(bounds(given("sum_layernorm_avgpool_gelu"), {})[0].level, BoundLevel::limits);
  EXPECT_EQ(bounds(given("layernorm_gelu_scale"), {})[0].level, BoundLevel::high);
}

TEST(GivenReadings, TheSoftmaxKernelIsBoundByLatency) {
  const auto found = bounds(given("softmax_bias_scale_sigmoid"), {});
  EXPECT_EQ(found[0].kind, BoundKind::latency);
  EXPECT_THAT(found[0].text, HasSubstr("97.3 % of the warps resident"));
}

}  // namespace
}  // namespace fuseline::tuner
