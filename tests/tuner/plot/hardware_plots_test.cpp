// The memory chart and the occupancy curves of one configuration.
#include "tuner/plot/hardware_plots.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "tests/support/temporary_folder.hpp"
#include "tests/tuner/plot/tidy_canvas.hpp"
#include "tests/tuner/support/sample_run.hpp"
#include "tuner/base/files.hpp"
#include "tuner/formats/read_run.hpp"
#include "tuner/plot/plot_text.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::HasSubstr;

tuner::Run recorded() {
  return read_run(data_folder() / "presets" / "recordings" / "h200" / "layernorm_gelu_scale.f32.kernelbench.t4.json")
      .value();
}

/// The target as `fuseline` gives it to a replay.
tuner::Run for_rtx4090(tuner::Run run) {
  run.info.target = find_target(data_folder(), "rtx4090").value();
  return run;
}

bool says(const std::vector<std::string>& lines, const std::string& part) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const std::string& line) { return line.find(part) != std::string::npos; });
}

TEST(MemoryChart, HasTheBytesOfEveryLevelBesideTheCompulsoryOnes) {
  const tuner::Run run = recorded();
  const MemoryModel model = memory_model(run.info, *run.ranked().front());
  ASSERT_EQ(model.boxes.size(), 4U);
  ASSERT_EQ(model.arrows.size(), 3U);
  EXPECT_EQ(model.boxes[3].name, "DRAM");
  EXPECT_THAT(model.boxes[3].busy_text, HasSubstr("% of peak"));
  EXPECT_TRUE(says(model.boxes[2].lines, "hit rate"));
  ASSERT_EQ(model.arrows[2].size(), 2U);
  const auto& counters = run.ranked().front()->measurement.counters;
  EXPECT_EQ(*model.arrows[2][0].bytes, counters.at("dram__bytes_read.sum"));
  EXPECT_THAT(model.arrows[2][0].text, HasSubstr("GB read"));
  EXPECT_THAT(model.arrows[2][0].detail, HasSubstr("1.00 \u00d7 the inputs"));
  EXPECT_THAT(model.arrows[0][0].detail, HasSubstr("\u00d7 compulsory"));
}

TEST(InstructionRoofline, HasEveryCountedConfigurationWhereItsCountersPutIt) {
  const tuner::Run run = recorded();
  const RooflineModel model = instruction_roofline_model(run);
  const Evaluation& best = *run.ranked().front();
  const auto& counters = best.measurement.counters;
  const double transactions = (counters.at("dram__bytes_read.sum") + counters.at("dram__bytes_write.sum")) / 32;
  const auto mark = std::find_if(model.marks.begin(), model.marks.end(), [](const auto& each) { return each.best; });
  ASSERT_NE(mark, model.marks.end());
  EXPECT_DOUBLE_EQ(mark->intensity, counters.at("smsp__inst_executed.sum") / transactions);
  EXPECT_NEAR(mark->gflops, counters.at("smsp__inst_executed.sum") / run.time_of(best).median / 1e6, 1e-6);
  EXPECT_EQ(std::count_if(model.marks.begin(), model.marks.end(), [](const auto& each) { return each.best; }), 1);
  EXPECT_GE(model.marks.size(), run.ranked().size()) << "every one was counted, the best at three levels";
  ASSERT_GE(model.roofs.size(), 2U);
  EXPECT_NEAR(model.roofs[0].bandwidth_gbps, run.info.copy_gbps / 32, 1e-9);
  EXPECT_NEAR(model.roofs[0].compute_gflops, 132 * 4 * 1.98, 132 * 4 * 0.05);
  for (const RooflineMark& each : model.marks) {
    EXPECT_LT(each.gflops, model.roofs[0].compute_gflops) << "nothing issues more than all schedulers do";
  }
}

TEST(InstructionRoofline, IsDrawnWithItsOwnAxesAndRefusedWithoutCounters) {
  tuner::Run run = recorded();
  const auto svg = plot_text(run, "instructions", ".svg");
  ASSERT_TRUE(svg) << svg.error().message();
  EXPECT_THAT(*svg, HasSubstr("Warp instructions a transaction (32 bytes)"));
  EXPECT_THAT(*svg, HasSubstr("(GIPS)"));
  EXPECT_THAT(*svg, ::testing::Not(HasSubstr("FLOP/s")));
  for (Evaluation& each : run.evaluations) each.measurement.counters.clear();
  const auto without = plot_text(run, "instructions", ".svg");
  ASSERT_FALSE(without);
  EXPECT_THAT(without.error().message(), HasSubstr("sweep with --counters all"));
}

TEST(MemoryChart, SaysWhatWasNotRead) {
  tuner::Run run = recorded();
  Evaluation& evaluation = run.evaluations.front();
  evaluation.measurement.counters.erase("l1tex__t_bytes.sum");
  evaluation.measurement.counters.erase("lts__throughput.avg.pct_of_peak_sustained_elapsed");
  const MemoryModel model = memory_model(run.info, evaluation);
  ASSERT_EQ(model.boxes.size(), 4U);
  EXPECT_FALSE(model.arrows[0][0].bytes);
  EXPECT_EQ(model.arrows[0][0].text, "not read");
  EXPECT_FALSE(model.boxes[2].busy);
  EXPECT_EQ(model.boxes[2].busy_text, "utilization not read");
  EXPECT_TRUE(says(model.notes, "L1 bytes"));
  evaluation.measurement.counters.clear();
  EXPECT_TRUE(memory_model(run.info, evaluation).boxes.empty());
}

TEST(MemoryChart, IsTidySideBySideAndOneBelowTheOther) {
  const tuner::Run run = recorded();
  const MemoryModel model = memory_model(run.info, *run.ranked().front());
  RecordingCanvas file(1120, memory_figure_height(model, 1120));
  draw_memory(file, model, Theme::light);
  expect_tidy(file);
  for (const double width : {260.0, 340.0, 500.0, 900.0}) {
    RecordingCanvas canvas(width, memory_height(model, width));
    canvas.background = style_of(Theme::dark).background;
    draw_memory_panel(canvas, style_of(Theme::dark), model, {0, 0, width, memory_height(model, width)});
    expect_tidy(canvas);
    for (const MemoryBox& box : model.boxes) EXPECT_NE(canvas.find(box.name), nullptr) << width;
  }
}

TEST(OccupancyPlot, HasACurveOfTheDeviceAndOneOfTheTargetThroughTheConfigurationsOwnPoint) {
  const tuner::Run run = for_rtx4090(recorded());
  const Evaluation& best = *run.ranked().front();
  const OccupancyModel model = occupancy_model(run.info, best);
  ASSERT_EQ(model.panels.size(), 3U);
  for (const OccupancyPanel& panel : model.panels) {
    ASSERT_EQ(panel.curves.size(), 2U);
    EXPECT_EQ(panel.curves[0].name, "H200");
    EXPECT_EQ(panel.curves[1].name, "RTX 4090");
    EXPECT_TRUE(panel.curves[1].target);
    EXPECT_DOUBLE_EQ(panel.curves[0].own, best.measurement.facts->occupancy) << "as NVIDIA's calculator had it";
    for (const OccupancyCurve& curve : panel.curves) {
      const OccupancyStep* step = step_at(curve.steps, static_cast<std::int64_t>(panel.own * panel.unit));
      ASSERT_NE(step, nullptr);
      EXPECT_DOUBLE_EQ(step->residency.occupancy, curve.own) << panel.heading << curve.name;
    }
  }
}

/// What the worker's calculator said when they were recorded, over all of a recording.
TEST(OccupancyPlot, OwnPointsAreTheRecordedOccupancies) {
  const tuner::Run run = recorded();
  std::size_t compared = 0;
  for (const Evaluation& evaluation : run.evaluations) {
    const OccupancyModel model = occupancy_model(run.info, evaluation);
    if (model.panels.empty()) continue;
    EXPECT_NEAR(model.panels[0].curves[0].own, evaluation.measurement.facts->occupancy, 1e-9)
        << evaluation.configuration.key();
    ++compared;
  }
  EXPECT_GT(compared, 100U);
}

TEST(OccupancyPlot, IsTidyAndMarksItsOwnPoint) {
  const tuner::Run run = for_rtx4090(recorded());
  const OccupancyModel model = occupancy_model(run.info, *run.ranked().front());
  RecordingCanvas file(1120, occupancy_figure_height(model, 1120));
  draw_occupancy(file, model, Theme::light);
  expect_tidy(file);
  EXPECT_NE(file.find("this configuration on H200"), nullptr);
  for (const double width : {280.0, 420.0, 1000.0}) {
    RecordingCanvas canvas(width, occupancy_height(model, width));
    canvas.background = style_of(Theme::dark).background;
    draw_occupancy_panel(canvas, style_of(Theme::dark), model, {0, 0, width, occupancy_height(model, width)});
    expect_tidy(canvas);
    EXPECT_EQ(std::count_if(canvas.lines.begin(), canvas.lines.end(),
                            [](const auto& line) { return line.points.size() > 4; }),
              6)
        << "steps of three needs on two chips";
  }
}

TEST(HardwarePlots, AreWrittenToFilesOfOneConfiguration) {
  TemporaryFolder folder;
  const tuner::Run run = for_rtx4090(recorded());
  for (const char* kind : {"memory", "occupancy"}) {
    for (const char* ending : {".svg", ".png"}) {
      const std::string file = (folder.path() / (std::string(kind) + ending)).string();
      const auto written = plot_to_file(run, kind, file);
      ASSERT_TRUE(written) << written.error().message();
    }
    const std::string file = (folder.path() / "one.svg").string();
    ASSERT_TRUE(plot_to_file(run, kind, file, {.selected = {run.evaluations[5].sequence}}));
    EXPECT_THAT(read_file(file).value(), HasSubstr("#5"));
    const auto refused = plot_to_file(run, kind, file, {.selected = {9999}});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().reason, HasSubstr("the run has no configuration 9999"));
  }
  const auto refused = plot_to_file(run, "effects", (folder.path() / "x.svg").string(), {.selected = {1}});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().reason, HasSubstr("belongs to samples, rounds, memory and occupancy"));
}

}  // namespace
}  // namespace fuseline::tuner
