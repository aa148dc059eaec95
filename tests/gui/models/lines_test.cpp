// Where warps stood, beside the source: shares by line, SASS, opcodes, and having them profiled.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <fstream>

#include "app/gui/models/lines_model.hpp"
#include "tests/gui/models/support.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/tuner/support/sample_source_profile.hpp"
#include "tuner/formats/read_run.hpp"
#include "tuner/problem/source_digest.hpp"

namespace fuseline::app::gui {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using tuner::testing::sample_source_profile;
using tuner::testing::sampled;

std::shared_ptr<const tuner::SourceProfile> shared(tuner::SourceProfile profile) {
  return std::make_shared<const tuner::SourceProfile>(std::move(profile));
}

LinesModel sample_model(const LinesSubject& other = {}) {
  LinesModel model;
  model.show({shared(sample_source_profile()), "#1 rows", ""}, other);
  return model;
}

TEST(LinesModel, AGutterHasTheShareOfEachLineOfAFile) {
  const LinesModel model = sample_model();
  const auto* lines = model.lines_of("common/rows.cuh");
  ASSERT_NE(lines, nullptr);
  ASSERT_EQ(lines->size(), 2U);
  EXPECT_EQ(gutter_text(lines->at(41)), "50.0 %");
  EXPECT_DOUBLE_EQ(model.highest_share(), 0.5);
  EXPECT_EQ(model.lines_of("element.cuh"), nullptr);
  const std::string told = line_tooltip(lines->at(41));
  EXPECT_THAT(told, StartsWith("50.0 % of all samples (450)"));
  EXPECT_THAT(told, HasSubstr("98.8 %  global memory (long scoreboard): An operand is to come from global"));
  EXPECT_THAT(told, HasSubstr("1,024 executed by warps"));
  EXPECT_THAT(line_tooltip(lines->at(40)), HasSubstr("2,048 sectors of 32 bytes beyond the fewest"));
}

TEST(LinesModel, NothingStandsBesideASourceThatIsAnother) {
  LinesModel model;
  model.show({shared(sample_source_profile()), "#1 rows", "it was edited"}, {});
  EXPECT_EQ(model.lines_of("common/rows.cuh"), nullptr);
  EXPECT_FALSE(model.hottest().empty()) << "places are told all the same";
}

TEST(LinesModel, InstructionsHaveSamplesAndTheirLine) {
  LinesModel model = sample_model();
  ASSERT_EQ(model.instructions(), 10U);
  const InstructionCells cells = model.instruction(2);
  EXPECT_EQ(cells.offset, "00020");
  EXPECT_EQ(cells.text, "FADD R8, R4, R5");
  EXPECT_EQ(cells.share, "45.0 %");
  EXPECT_EQ(cells.executed, "512");
  EXPECT_EQ(cells.place, "common/rows.cuh:41");
  EXPECT_EQ(cells.waits, "global memory (long scoreboard)");
  EXPECT_EQ(model.instruction(9).place, "");
  EXPECT_EQ(model.instruction_tooltip(9), "");
  EXPECT_EQ(model.first_of("common/rows.cuh", 41), 2U);
  EXPECT_FALSE(model.first_of("common/rows.cuh", 1));
  model.go_to(2);
  EXPECT_EQ(model.take_scroll(), 2U);
  EXPECT_FALSE(model.take_scroll());
  EXPECT_THAT(model.listing(), HasSubstr("00020   45.0 %  FADD R8, R4, R5  // common/rows.cuh:41\n"));
}

TEST(LinesModel, OpcodesAreComparedWithAnotherConfiguration) {
  EXPECT_FALSE(sample_model().compared());
  EXPECT_EQ(sample_model().counts_of(), "warp instructions that a launch executed");
  tuner::SourceProfile other = sample_source_profile();
  other.instructions[1].text = "LDG.E.64.CONSTANT R4, desc[UR4][R2.64]";
  const LinesModel model = sample_model({shared(other), "#2 rows", ""});
  ASSERT_TRUE(model.compared());
  EXPECT_EQ(model.opcode(0).difference, "-512");
  EXPECT_EQ(model.opcode(1).difference, "+512");
  EXPECT_EQ(model.opcode(2).difference, "");
}

TEST(LinesModel, TwentyThousandInstructionsAreQuick) {
  tuner::SourceProfile profile = sample_source_profile();
  const std::vector<tuner::SampledInstruction> few = profile.instructions;
  for (int i = 0; i < 20'000; ++i) {
    profile.instructions.push_back(few[static_cast<std::size_t>(i) % few.size()]);
    profile.instructions.back().line = 1 + i % 900;
  }
  const auto much = shared(std::move(profile));
  // Of the processor: what else runs here is no matter.
  const std::clock_t begin = std::clock();
  LinesModel model;
  model.show({much, "", ""}, {much, "", ""});
  for (std::size_t i = 10'000; i < 10'100; ++i) EXPECT_FALSE(model.instruction(i).text.empty());
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  EXPECT_LT(seconds, tuner::kSanitized ? 10 : 2);
}

class LinesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::copy(std::filesystem::path(FUSELINE_SOURCE_DIR) / "tests/data/user_problem",
                          folder.path() / "mine", std::filesystem::copy_options::recursive);
    auto made = make_app({folder.path()});
    ASSERT_TRUE(made) << made.error().message();
    app = std::move(*made);
    ASSERT_TRUE(update_until(*app, [&] { return app->idle() && !app->devices.searching(); }));
  }
  void act(const std::string& id, const std::string& value = {}) {
    const auto result = app->actions.run(id, value);
    ASSERT_TRUE(result) << result.error().message();
  }
  /// Two configurations of the problem that the folder holds, with lines of its files.
  void show_profiled_run() {
    tuner::Run run = run_of({evaluation(0, "strided", 128, 0.4), evaluation(1, "strided", 256, 0.5)});
    run.info.problem = "scale_add";
    run.info.dims = {{"rows", 64}, {"width", 256}};
    run.info.scalars = {{"alpha", 0.5}};
    run.info.device.limits = app->devices.target("rtx4090")->limits;
    for (std::size_t i = 0; i < 2; ++i) {
      tuner::Evaluation& each = run.evaluations[i];
      each.configuration = {"strided", {{"block", i == 0 ? 128 : 256}, {"items", 2}, {"order", tuner::Value("fused")}}};
      each.measurement.source_sha256 = digest_of(run.info, each.configuration);
      tuner::SourceProfile profile = sample_source_profile();
      for (tuner::SampledInstruction& instruction : profile.instructions) {
        if (instruction.line > 0) instruction.file = "strided.cu", instruction.line = 2 + instruction.line % 5;
      }
      each.measurement.source_profile = shared(std::move(profile));
    }
    app->show_run(std::make_shared<const tuner::Run>(run));
    app->update();
  }
  [[nodiscard]] std::string digest_of(const tuner::RunInfo& info, const tuner::Configuration& configuration) const {
    const auto entry = app->catalog->find(info.problem);
    if (!entry) return "";
    const tuner::Variant& variant = (*entry)->variants.front();
    const auto instance = tuner::instantiate((*entry)->problem, "", info.dims, info.dtype, info.scalars);
    const auto resolved = tuner::resolve(variant, configuration, *instance, info.device.limits);
    const auto source = tuner::digested_source(*app->catalog, **entry, variant, *resolved);
    return source ? tuner::source_digest(*source) : "";
  }
  TemporaryFolder folder;
  std::unique_ptr<App> app;
};

TEST_F(LinesTest, OfTheConfigurationOnShowStandBesideItsSource) {
  show_profiled_run();
  ASSERT_FALSE(app->lines.empty());
  EXPECT_EQ(app->lines.subject().missing, "");
  EXPECT_NE(app->lines.lines_of("strided.cu"), nullptr);
  EXPECT_THAT(app->lines.subject().title, StartsWith("#0 strided"));
  act("source.view", "instructions");
  EXPECT_EQ(app->lines_view, LinesView::instructions);
  act("source.go_to", "strided.cu:3");
  EXPECT_EQ(app->lines_view, LinesView::source) << "a line is gone to in the source";
  act("source.view", "instructions");
  EXPECT_EQ(app->lines.take_scroll(), app->lines.first_of("strided.cu", 3)) << "and in the instructions from there";
}

TEST_F(LinesTest, OfARecordedBestStandBesideTheSourceThatIsHere) {
  const auto run =
      tuner::read_run(tuner::data_folder() / "presets/recordings/h200/layernorm_gelu_scale.f32.kernelbench.t4.json");
  ASSERT_TRUE(run) << run.error().message();
  app->show_run(std::make_shared<const tuner::Run>(*run));
  app->update();
  ASSERT_FALSE(app->lines.empty());
  EXPECT_EQ(app->lines.subject().missing, "") << "the recording is of the sources that are here";
  ASSERT_FALSE(app->lines.hottest().empty());
  const tuner::LineProfile& hottest = app->lines.hottest().front();
  const auto* lines = app->lines.lines_of(hottest.file);
  ASSERT_NE(lines, nullptr) << hottest.file;
  EXPECT_EQ(lines->count(hottest.line), 1U);
}

TEST_F(LinesTest, ASecondOneOfTheSelectionIsComparedWith) {
  show_profiled_run();
  EXPECT_FALSE(app->lines.compared());
  app->selection.set({1, 0});
  app->update();
  EXPECT_TRUE(app->lines.compared());
  EXPECT_THAT(app->lines.other().title, StartsWith("#1 strided"));
}

TEST_F(LinesTest, AnEditedSourceLosesThemAndSaysWhy) {
  show_profiled_run();
  app->folder_watch.take(app->problem_folders());
  std::ofstream(folder.path() / "mine/strided.cu", std::ios::app) << "\n// edited\n";
  ASSERT_TRUE(update_until(*app, [&] {
    app->watch_problems();
    return !app->lines.subject().missing.empty();
  }));
  EXPECT_EQ(app->lines.lines_of("strided.cu"), nullptr);
  EXPECT_THAT(app->lines.subject().missing, HasSubstr("by its digest"));
}

TEST_F(LinesTest, WithoutAProfileThereIsOnlyTheSource) {
  show_profiled_run();
  act("source.view", "opcodes");
  app->show_run(small_run());
  app->update();
  EXPECT_TRUE(app->lines.empty());
  EXPECT_EQ(app->lines_view, LinesView::source);
}

TEST_F(LinesTest, ARecordingCannotBeProfiledAndSaysSo) {
  show_profiled_run();
  act("device.choose", "replay:h200");
  app->update();
  const auto refused = app->actions.run("source.profile_lines", "");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().reason, HasSubstr("a recording cannot be profiled"));
  EXPECT_FALSE(app->profiling_lines());
}

TEST_F(LinesTest, AProfileThatComesLaterTakesItsPlaceInTheRun) {
  app->show_run(small_run());
  const auto before = app->data.rebuilt();
  auto profiled = std::make_shared<tuner::Evaluation>(*app->data.by_sequence(2)->evaluation);
  profiled->measurement.source_profile = shared(sample_source_profile());
  app->data.replace(profiled);
  EXPECT_NE(app->data.rebuilt(), before);
  EXPECT_EQ(app->data.by_sequence(2)->evaluation, profiled);
  EXPECT_EQ(app->data.best(), 2U);
}

}  // namespace
}  // namespace fuseline::app::gui
