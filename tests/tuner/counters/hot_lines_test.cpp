#include "tuner/counters/hot_lines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/tuner/support/sample_source_profile.hpp"
#include "tuner/counters/instruction_mix.hpp"
#include "tuner/counters/stall_reasons.hpp"

namespace fuseline::tuner {
namespace {

using testing::sample_source_profile;
using testing::sampled;

const LineProfile* line_of(const std::vector<LineProfile>& lines, int number) {
  for (const LineProfile& line : lines) {
    if (line.line == number) return &line;
  }
  return nullptr;
}

TEST(StallReasons, EachHasAMeaningAndANameOfItsOwn) {
  std::set<std::string_view> names;
  for (const StallReason& reason : stall_reasons()) {
    EXPECT_TRUE(names.insert(reason.name).second) << reason.name;
    EXPECT_TRUE(reason.meaning.ends_with('.')) << reason.name;
    EXPECT_FALSE(reason.waits.empty()) << reason.name;
  }
  EXPECT_EQ(stall_text("long_scoreboard"), "global memory (long scoreboard)");
  EXPECT_EQ(stall_text("a_new_one"), "a new one");
  EXPECT_TRUE(is_stalled("a_new_one"));
  EXPECT_FALSE(is_stalled("selected"));
  EXPECT_FALSE(is_stalled("not_selected"));
}

TEST(HotLines, InstructionsOfALineAreAddedUp) {
  const auto lines = line_profiles(sample_source_profile());
  ASSERT_EQ(lines.size(), 9U);  // One of them without a line.
  const LineProfile* hot = line_of(lines, 41);
  ASSERT_NE(hot, nullptr);
  EXPECT_EQ(hot->file, "common/rows.cuh");
  EXPECT_EQ(hot->instructions, 2U);
  EXPECT_EQ(hot->samples, 450U);
  EXPECT_EQ(hot->stalled, 405U);
  EXPECT_DOUBLE_EQ(hot->share, 0.5);  // Of the kernel's 900; the predecessor's 100 are no part of it.
  ASSERT_EQ(hot->stalls.size(), 2U);
  EXPECT_EQ(hot->stalls[0].reason, "long_scoreboard");
  EXPECT_EQ(hot->stalls[0].samples, 400U);
  EXPECT_EQ(hot->stalls[1].reason, "wait");
  EXPECT_EQ(hot->executed, 1024);
  EXPECT_FALSE(hot->excess_sectors);
  EXPECT_EQ(line_of(lines, 40)->excess_sectors, 2048);
  EXPECT_EQ(line_of(lines, 35)->excess_sectors, 0);
  EXPECT_EQ(line_of(lines, 31)->bank_conflicts, 96);
}

TEST(HotLines, TheHottestComeFirstAndThoseWithoutSamplesNotAtAll) {
  const auto hottest = hottest_lines(sample_source_profile(), 3);
  ASSERT_EQ(hottest.size(), 3U);
  EXPECT_EQ(hottest[0].line, 41);
  EXPECT_EQ(hottest[1].line, 40);
  EXPECT_EQ(hottest[2].line, 30);
  EXPECT_EQ(hottest_lines(sample_source_profile(), 100).size(), 8U);
}

TEST(HotLines, AWaitIsHotFromItsShareOfWaitingWarpsOn) {
  const auto waits = hot_waits(sample_source_profile(), 0.25);
  ASSERT_EQ(waits.size(), 1U);
  EXPECT_EQ(place_text(waits[0].file, waits[0].line), "common/rows.cuh:41");
  EXPECT_EQ(waits[0].reason, "long_scoreboard");
  EXPECT_DOUBLE_EQ(waits[0].of_stalled, 0.5);
  EXPECT_DOUBLE_EQ(waits[0].of_all, 400.0 / 900);
  EXPECT_EQ(hot_waits(sample_source_profile(), 0.1).size(), 3U);
}

TEST(HotLines, FewSamplesSayNothing) {
  SourceProfile few;
  few.instructions = {sampled("FADD R0, R1, R2", "rows.cu", 4, {{"long_scoreboard", kEnoughSamples - 1}})};
  EXPECT_TRUE(hot_waits(few, 0.25).empty());
  few.instructions[0].samples["long_scoreboard"] = kEnoughSamples;
  EXPECT_EQ(hot_waits(few, 0.25).size(), 1U);
  few.instructions[0].line = 0;
  EXPECT_TRUE(hot_waits(few, 0.25).empty());
  EXPECT_TRUE(line_profiles({}).empty());
}

TEST(InstructionMix, OpcodesAreFoundBehindPredicates) {
  EXPECT_EQ(opcode_of("@!P0 LDG.E.128.CONSTANT R4, desc[UR4][R2.64] ;"), "LDG.E.128.CONSTANT");
  EXPECT_EQ(opcode_of("  EXIT ;"), "EXIT");
  EXPECT_EQ(opcode_of("@UP0 UIADD3 UR4, UR4, 0x1, URZ"), "UIADD3");
  EXPECT_EQ(opcode_of(""), "");
  EXPECT_EQ(opcode_of("@P0"), "");
}

TEST(InstructionMix, OpcodesHaveTheClassOfTheInstructionSetReference) {
  using Class = InstructionClass;
  const std::pair<const char*, Class> kOpcodes[] = {{"FFMA", Class::fp32},
                                                    {"FSETP.GT.AND", Class::fp32},
                                                    {"FSEL", Class::fp32},
                                                    {"HFMA2.BF16_V2", Class::half},
                                                    {"HMNMX2", Class::half},
                                                    {"HMMA.16816.F32", Class::tensor},
                                                    {"HGMMA.64x256x16.F32", Class::tensor},
                                                    {"DFMA", Class::fp64},
                                                    {"DMMA.884", Class::tensor},
                                                    {"IMAD.WIDE", Class::integer},
                                                    {"IMAD.MOV.U32", Class::move},
                                                    {"LOP3.LUT", Class::integer},
                                                    {"ULEA", Class::integer},
                                                    {"UIADD3", Class::integer},
                                                    {"MUFU.EX2", Class::special},
                                                    {"F2FP.BF16.F32.PACK_AB", Class::conversion},
                                                    {"I2F.RP", Class::conversion},
                                                    {"S2R", Class::move},
                                                    {"R2UR", Class::move},
                                                    {"LDG.E.128", Class::global},
                                                    {"LDGSTS.E.BYPASS.128", Class::global},
                                                    {"UTMALDG.2D", Class::global},
                                                    {"STG.E", Class::global},
                                                    {"ATOMG.E.ADD", Class::global},
                                                    {"RED.E.ADD", Class::global},
                                                    {"LDS.128", Class::shared},
                                                    {"LDSM.16.M88.4", Class::shared},
                                                    {"ATOMS.ADD", Class::shared},
                                                    {"LDL.64", Class::local},
                                                    {"LDC.64", Class::constant},
                                                    {"ULDC.64", Class::constant},
                                                    {"TEX.LL", Class::texture},
                                                    {"BRA", Class::control},
                                                    {"BAR.SYNC.DEFER_BLOCKING", Class::control},
                                                    {"LDGDEPBAR", Class::control},
                                                    {"B2R.RESULT", Class::control},
                                                    {"SHFL.BFLY", Class::warp},
                                                    {"VOTE.ANY", Class::warp},
                                                    {"REDUX.SUM", Class::warp},
                                                    {"NOP", Class::other}};
  for (const auto& [opcode, of] : kOpcodes) EXPECT_EQ(class_of(opcode), of) << opcode;
}

TEST(InstructionMix, IsWeightedByWhatWasExecuted) {
  const InstructionMix mix = instruction_mix(sample_source_profile());
  EXPECT_TRUE(mix.executed);
  EXPECT_DOUBLE_EQ(mix.total, 2688);
  ASSERT_FALSE(mix.classes.empty());
  EXPECT_EQ(mix.classes[0].of, InstructionClass::fp32);
  EXPECT_DOUBLE_EQ(mix.classes[0].count, 1024);
  EXPECT_DOUBLE_EQ(mix.classes[0].share, 1024.0 / 2688);
}

TEST(InstructionMix, CountsTheCodeWhereNothingWasExecuted) {
  SourceProfile profile = sample_source_profile();
  for (SampledInstruction& each : profile.instructions) each.metrics.clear();
  const InstructionMix mix = instruction_mix(profile);
  EXPECT_FALSE(mix.executed);
  EXPECT_DOUBLE_EQ(mix.total, 10);
  for (SampledInstruction& each : profile.instructions) each.text.clear();
  EXPECT_TRUE(instruction_mix(profile).classes.empty());
}

TEST(OpcodeCounts, ADiffHasWhatChangedFirst) {
  const SourceProfile here = sample_source_profile();
  SourceProfile there = here;
  there.instructions[1].text = "LDG.E.64.CONSTANT R4, desc[UR4][R2.64]";
  there.instructions[1].metrics["inst_executed"] = 1024;
  const OpcodeDiff diff = opcode_diff(here, there);
  EXPECT_TRUE(diff.executed);
  ASSERT_GE(diff.opcodes.size(), 3U);
  EXPECT_EQ(diff.opcodes[0].opcode, "LDG.E.64.CONSTANT");
  EXPECT_DOUBLE_EQ(diff.opcodes[0].difference(), 1024);
  EXPECT_EQ(diff.opcodes[1].opcode, "LDG.E.128.CONSTANT");
  EXPECT_DOUBLE_EQ(diff.opcodes[1].difference(), -512);
  EXPECT_DOUBLE_EQ(diff.opcodes[2].difference(), 0);
  EXPECT_DOUBLE_EQ(diff.there - diff.here, 512);
  const auto counts = opcode_counts(here);
  EXPECT_EQ(counts.front().executed, 512);
  there.instructions[0].metrics.clear();
  for (SampledInstruction& each : there.instructions) each.metrics.clear();
  EXPECT_FALSE(opcode_diff(here, there).executed);
}

}  // namespace
}  // namespace fuseline::tuner
