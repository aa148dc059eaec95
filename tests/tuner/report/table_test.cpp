#include "tuner/report/table.hpp"

#include <gmock/gmock.h>

#include "tests/tuner/plot/samples.hpp"
#include "tests/tuner/support/sample_run.hpp"
#include "tuner/counters/names.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/run/steadiness.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(TextTable, AlignsNumbersToTheRightAndTextToTheLeft) {
  const TextTable table{{"name", "ms", "of copy"}, {{"rows", "0.5", "99.2 %"}, {"given_mapping", "12.5", "-"}}};
  EXPECT_EQ(table.render(),
            "name             ms  of copy\n"
            "-------------  ----  -------\n"
            "rows            0.5   99.2 %\n"
            "given_mapping  12.5        -\n");
}

TEST(TextTable, ShowsControlCharactersInsteadOfSendingThem) {
  const TextTable table{{"a"}, {{"\x1b[31mred"}, {std::string(300, 'x')}}};
  const std::string text = table.render();
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, HasSubstr("xxx..."));
}

TEST(TextTable, ColoursOnlyWhereAsked) {
  const TextTable table{{"a"}, {{"b"}}};
  EXPECT_THAT(table.render(false), Not(HasSubstr("\x1b")));
  EXPECT_THAT(table.render(true), HasSubstr("\x1b[1ma\x1b[0m"));
}

TEST(TextTable, RowsMayBeShorterThanTheHeader) {
  const TextTable table{{"a", "b"}, {{"x"}, {}, {"y", "z", "beyond"}}};
  EXPECT_EQ(table.render(), "a  b\n-  -\nx\n\ny  z\n");
}

TEST(Format, Numbers) {
  EXPECT_EQ(format_ms(0.5063), "0.5063");
  EXPECT_EQ(format_ms(12.34), "12.34");
  EXPECT_EQ(format_ms(0), "-");
  EXPECT_EQ(format_bytes(1073741824.0), "1.00 GiB");
  EXPECT_EQ(format_bytes(512), "512 B");
  EXPECT_EQ(format_duration(80), "1m 20s");
  EXPECT_EQ(format_duration(3.52), "3.5s");
  EXPECT_EQ(format_duration(9.97), "10s");
  EXPECT_EQ(format_duration(7384), "2h 3m");
  EXPECT_EQ(format_duration(-1), "-");
}

TEST(ResultText, NamesTheBestAndHowItWasMeasured) {
  const std::string text = result_text(samples::run({0.5, 0.25, 0}), 10, false);
  EXPECT_THAT(text, HasSubstr("Measured on NVIDIA H200, driver 580.159, 2026-01-12."));
  EXPECT_THAT(text, HasSubstr("Copy 4,000 GB/s"));
  EXPECT_THAT(text, HasSubstr("2 ok, 1 incorrect"));
  EXPECT_THAT(text, ::testing::ContainsRegex("1 +best +given +0.2500 .*4,000 +100.0 % +83.3 %"));
  EXPECT_THAT(text, HasSubstr("Every given: block=65"));
  EXPECT_THAT(text, HasSubstr("0.86 configurations a second, start to finish."));
  EXPECT_THAT(text, HasSubstr("Projected, not measured: 1.160 ms on NVIDIA GeForce RTX 4090 (in 80 of 100 cases "));
  EXPECT_THAT(text, HasSubstr("incorrect rows block=66: element 3 of out is 1, expected 2"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(InstanceText, NamesTheScalarsThatWereSetAlone) {
  tuner::Run run = samples::run({0.5});
  run.info.scalars = {{"eps", 1e-5}, {"scale", 3}};
  EXPECT_EQ(instance_text(run.info), "f32, N=32 W=64 (shape today)");
  run.info.set_scalars = {"scale"};
  EXPECT_EQ(instance_text(run.info), "f32, N=32 W=64 (shape today), scale=3");
  EXPECT_THAT(result_text(run, 10, false), HasSubstr("scale=3"));
}

TEST(ResultText, WhatIsNotInTheTargetsSpaceIsNotProjectedOnIt) {
  auto run = samples::run({0.5, 0.25, 0});
  run.info.target_fit = TargetFit{0, "too much shared memory"};
  const std::string text = result_text(run, 10, false);
  EXPECT_THAT(text, HasSubstr("The best is not in the space of NVIDIA GeForce RTX 4090: too much shared memory. The "
                              "best that is takes 0.5000 ms here, 100.0 % more: "));
  EXPECT_THAT(text, HasSubstr("Projected, not measured: 1.195 ms on NVIDIA GeForce RTX 4090 (in 80 of 100 cases "));
  EXPECT_THAT(text, HasSubstr("Whether it spills registers there is not known: it was not compiled for it."));
  run.info.target_fit->compiled = {0};
  EXPECT_THAT(result_text(run, 10, false), HasSubstr("Compiled for it, it does not spill registers."));
  run.info.target_fit->best.reset();
  EXPECT_THAT(result_text(run, 10, false), AllOf(HasSubstr("Nor is any other"), Not(HasSubstr("Projected"))));
}

TEST(ResultText, ByTheTargetWhatItCanRunStandsInTheOrderOfProjectedTimes) {
  auto run = samples::run({0.5, 0.25, 0.3});
  // The best here moves twice the bytes.
  for (Evaluation& evaluation : run.evaluations) {
    const double moved = evaluation.sequence == 1 ? 1e9 : 5e8;
    evaluation.measurement.counters = {{metric::kDramRead, moved / 2},
                                       {metric::kDramWritten, moved / 2},
                                       {metric::kGridSize, 101.0 + static_cast<double>(evaluation.sequence)}};
  }
  const std::string text = result_text(run, 10, false, RankBy::target);
  EXPECT_THAT(text, ::testing::ContainsRegex("1 +together +rows .* 0.3000 +2"));
  EXPECT_THAT(text, ::testing::ContainsRegex("3 .*given .* 0.2500 +1"));
  EXPECT_THAT(text, ::testing::ContainsRegex("1 +rows .* 103 ")) << "the counters have the same numbers";
  EXPECT_THAT(text, ::testing::ContainsRegex("3 +given .* 102 "));
  EXPECT_THAT(text, HasSubstr("The fastest here that is in its space is number 3 there. Projected, not measured: "));
  EXPECT_THAT(text, HasSubstr("By projected time on RTX 4090, where nothing was measured: 3 of 3 that worked have a "
                              "projection there; the first "));
  EXPECT_THAT(text, HasSubstr("Compiled for it without spills: 0; whether the others spill there is not known."));
  run.info.target_fit = TargetFit{2, "", {}, {0, 1, 2}};
  EXPECT_THAT(result_text(run, 10, false, RankBy::target), HasSubstr("Compiled for it without spills: 3.\n"));
  run.info.target_fit = TargetFit{2, "", {2}};
  EXPECT_THAT(result_text(run, 10, false, RankBy::target), HasSubstr("2 of 3 that worked"));
  EXPECT_THAT(result_text(run, 10, false, RankBy::target), Not(::testing::ContainsRegex("0.3000 +2")));
}

TEST(TargetNote, IsOfTheBestThatIsNotInTheTargetsSpaceAndOfTheBestThatIs) {
  RunInfo info = samples::run({0.5, 0.25, 0.3}).info;
  EXPECT_EQ(target_note(info, 1, 1), "") << "nothing is known";
  info.target_fit = TargetFit{1, ""};
  EXPECT_EQ(target_note(info, 1, 1), "");
  info.target_fit = TargetFit{2, "too much shared memory"};
  EXPECT_EQ(target_note(info, 1, 1), "Not in the space of RTX 4090: too much shared memory.");
  EXPECT_EQ(target_note(info, 2, 1), "The best in the space of RTX 4090.");
  EXPECT_EQ(target_note(info, 0, 1), "");
}

TEST(ResultText, AReplaySaysSo) {
  tuner::Run run = samples::run({0.25});
  run.info.backend = Backend::replay;
  run.info.recording = "h200";
  const std::string text = result_text(run, 10, false);
  EXPECT_THAT(text, HasSubstr("Replayed from the recording h200"));
  EXPECT_THAT(text, HasSubstr("nothing was measured now"));
}

TEST(ResultText, MarksTiesOfTheFinals) {
  tuner::Run run = samples::run({0.25, 0.26});
  run.info.finals = {{0, {}, {0.251, 0.251, 0.251, 0.251, 10}, 1, {1, 1}, true},
                     {1, {}, {0.252, 0.252, 0.252, 0.252, 10}, 1.004, {0.99, 1.01}, true}};
  const std::string text = result_text(run, 10, false);
  EXPECT_THAT(text, ::testing::ContainsRegex("2 +tied +given"));
  EXPECT_THAT(text, HasSubstr("1 cannot be told apart from the best"));
}

TEST(ResultText, SaysWhatLaunchesFollowedWhereThatIsNotAsUsual) {
  tuner::Run run = samples::run({0.25, 0.26});
  EXPECT_THAT(result_text(run, 10, false), HasSubstr("\nTimed behind whatever ran before: a recording of before 0.3"));
  run.info.after = Predecessor::producer;
  EXPECT_THAT(result_text(run, 10, false), HasSubstr("\nTimed after a producer that has just written the inputs.\n"));
  run.info.after = Predecessor::itself;
  EXPECT_THAT(result_text(run, 10, false), HasSubstr("\nTimed warm: L2 as the launch before left it.\n"));
  run.info.after = Predecessor::clean;
  EXPECT_THAT(result_text(run, 10, false), Not(HasSubstr("Timed")));
  run.info.clocks.emplace();
  run.info.clocks->add(ClockReading{1980, 3201, 460, 45, 0});
  EXPECT_THAT(result_text(run, 10, false),
              HasSubstr("\nSM clock 1,980 MHz, memory 3,201 MHz, up to 460 W, 45 \u00B0C.\n"));
}

TEST(ResultText, SaysWhatToKnowBeforeTheTimesAreBelieved) {
  EXPECT_THAT(result_text(testing::sample_run(), 10, false), Not(HasSubstr("moved")));
  const tuner::Run run = testing::sample_timed_run();
  const std::string text = result_text(run, 10, false);
  for (const std::string& warning : timing_warnings(run.info, run.evaluations[1]))
    EXPECT_THAT(text, HasSubstr("\n" + warning + "\n"));
  EXPECT_THAT(text, HasSubstr("\n" + place_effect_text(*place_effect(run.info)) + ".\n"));
  EXPECT_THAT(text, ::testing::ContainsRegex("moved %"));
  EXPECT_THAT(text, ::testing::ContainsRegex("1 +best .* \\+4.0 "));
}

TEST(ResultText, WhereNothingWorkedSaysWhy) {
  const std::string text = result_text(samples::run({0, 0, 0, 0, 0}), 10, false);
  EXPECT_THAT(text, HasSubstr("No configuration worked."));
  EXPECT_THAT(text, HasSubstr("Failed (3 of 5):"));
}

TEST(ResultText, ShowsAsManyAsAskedFor) {
  const std::string text = result_text(samples::run({0.5, 0.25, 0.3, 0.4}), 2, false);
  EXPECT_THAT(text, HasSubstr("block=66"));
  EXPECT_THAT(text, Not(HasSubstr("block=64")));
}

TEST(ResultText, ParametersThatNeverVaryAreSaidOnce) {
  tuner::Run run = samples::run({0.5, 0.25, 0.3, 0.4});
  for (Evaluation& evaluation : run.evaluations)
    evaluation.configuration.values.push_back({"reduce", Value("butterfly")});
  const std::string text = result_text(run, 10, false);
  EXPECT_THAT(text, HasSubstr("Every rows: reduce=butterfly\n"));
  EXPECT_THAT(text, Not(HasSubstr("block=64 reduce")));
}

TEST(ResultText, OneConfigurationIsShownWhole) {
  const std::string text = result_text(samples::run({0.5}), 10, false);
  EXPECT_THAT(text, HasSubstr("Every rows: block=64"));
}

Snapshot running(std::uint64_t done, std::uint64_t planned) {
  Snapshot snapshot;
  const tuner::Run run = samples::run(std::vector<double>(done, 0.25));
  snapshot.state = SessionState::running;
  snapshot.info = run.info;
  for (const Evaluation& evaluation : run.evaluations)
    snapshot.evaluations.push_back(std::make_shared<Evaluation>(evaluation));
  snapshot.evaluated = snapshot.evaluations.size();
  if (done > 0) snapshot.best = snapshot.evaluations.front();
  snapshot.planned = planned;
  return snapshot;
}

TEST(ProgressLine, SaysHowFarHowGoodAndHowLong) {
  Snapshot snapshot = running(27, 54);
  snapshot.outcomes = {{Outcome::ok, 25}, {Outcome::incorrect, 2}};
  snapshot.remaining_s = 80;
  EXPECT_EQ(progress_line(snapshot, 120),
            "[##########..........]  27/54  best 0.2500 ms 4,000 GB/s 100.0 % of copy  2 failed  1m 20s left");
}

TEST(ProgressLine, NeverIsWiderThanTheTerminal) {
  Snapshot snapshot = running(27, 54);
  snapshot.activity = std::string(500, 'a');
  snapshot.state = SessionState::finals;
  for (std::size_t width = 0; width < 130; ++width) EXPECT_LE(progress_line(snapshot, width).size(), width);
  EXPECT_THAT(progress_line(snapshot, 40), HasSubstr("27/54"));
}

TEST(ProgressLine, SaysWhatElseIsGoingOn) {
  Snapshot snapshot = running(0, 54);
  snapshot.state = SessionState::preparing;
  snapshot.activity = "compiling the reference\x1b";
  const std::string line = progress_line(snapshot, 120);
  EXPECT_THAT(line, HasSubstr("compiling the reference"));
  EXPECT_THAT(line, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace fuseline::tuner
