#include <gmock/gmock.h>

#include <algorithm>
#include <array>

#include "tests/support/temporary_folder.hpp"
#include "tests/tuner/plot/recording_canvas.hpp"
#include "tests/tuner/plot/samples.hpp"
#include "tests/tuner/plot/tidy_canvas.hpp"
#include "tests/tuner/plot/xml.hpp"
#include "tuner/base/files.hpp"
#include "tuner/plot/relations_plots.hpp"
#include "tuner/plot/roofline_plot.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::HasSubstr;

void expect_within(const RecordingCanvas& canvas) {
  const auto inside = [&](Vec2 point) {
    return point.x >= 0 && point.y >= 0 && point.x <= canvas.size().x && point.y <= canvas.size().y;
  };
  for (const auto& circle : canvas.circles) EXPECT_TRUE(inside(circle.centre));
  for (const auto& polygon : canvas.polygons) EXPECT_TRUE(std::all_of(polygon.begin(), polygon.end(), inside));
  for (const auto& line : canvas.lines) EXPECT_TRUE(std::all_of(line.points.begin(), line.points.end(), inside));
}

TEST(DrawRoofline, NothingOverlapsOrIsCutOff) {
  for (const Provenance provenance : {Provenance::measured, Provenance::replayed}) {
    for (const int count : {1, 60, 400}) {
      RecordingCanvas canvas(1120, 680);
      draw_roofline(canvas, samples::roofline(provenance, count), Theme::light);
      expect_tidy(canvas);
      expect_within(canvas);
    }
  }
}

TEST(DrawRoofline, FitsSmallCanvases) {
  for (const auto& [width, height] : {std::pair{700.0, 480.0}, {420.0, 320.0}, {200.0, 150.0}, {60.0, 40.0}}) {
    RecordingCanvas canvas(width, height);
    draw_roofline(canvas, samples::roofline(), Theme::dark);
    EXPECT_EQ(canvas.open_clips, 0);
    if (width >= 400) expect_tidy(canvas);
  }
}

TEST(DrawRoofline, LabelsEveryRoof) {
  RecordingCanvas canvas(1120, 680);
  const RooflineModel model = samples::roofline();
  draw_roofline(canvas, model, Theme::light);
  for (const Roof& roof : model.roofs) EXPECT_NE(canvas.find(roof.label), nullptr) << roof.label;
  EXPECT_NE(canvas.find("RTX 4090 FP32 82.6 TFLOP/s"), nullptr);
  EXPECT_NE(canvas.find("best 0.5090 ms"), nullptr);
  EXPECT_NE(canvas.find("projected 2.424 ms"), nullptr);
  EXPECT_NE(canvas.find("3 below 60 %"), nullptr);
}

TEST(DrawRoofline, PointsStandWhereTheModelSays) {
  RooflineModel model = samples::roofline();
  model.marks.resize(1);
  model.marks[0] = {.intensity = 2.5, .gflops = 5000, .label = "tooltip", .series = "rows", .callout = ""};
  RecordingCanvas canvas(700, 600);  // Too narrow for the strip: one panel.
  draw_roofline_panel(canvas, style_of(Theme::light), model, {0, 0, 700, 600});
  const RooflineRanges ranges = roofline_ranges(model);
  ASSERT_EQ(canvas.circles.size(), 1U);
  const Rect frame = canvas.frames.at(0);
  const Axis x{Scale::log, ranges.intensity.low, ranges.intensity.high, frame.x, frame.x + frame.width};
  const Axis y{Scale::log, ranges.gflops.low, ranges.gflops.high, frame.y + frame.height, frame.y};
  EXPECT_NEAR(canvas.circles[0].centre.x, x.pixel(2.5), 1e-6);
  EXPECT_NEAR(canvas.circles[0].centre.y, y.pixel(5000), 1e-6);
  EXPECT_THAT(canvas.tooltips, ::testing::Contains("tooltip"));
}

TEST(DrawRoofline, MeasuredIsFilledReplayedIsHollow) {
  RooflineModel model = samples::roofline();
  model.marks.resize(1);
  model.marks[0] = {.intensity = 2.5, .gflops = 5000, .label = "", .series = "rows", .callout = ""};
  RecordingCanvas measured(700, 600), replayed(700, 600);
  draw_roofline_panel(measured, style_of(Theme::light), model, {0, 0, 700, 600});
  model.marks[0].provenance = Provenance::replayed;
  draw_roofline_panel(replayed, style_of(Theme::light), model, {0, 0, 700, 600});
  EXPECT_TRUE(measured.circles.at(0).filled);
  EXPECT_FALSE(replayed.circles.at(0).filled);
}

TEST(DrawRoofline, MeasuredCeilingsAreSolidDataSheetsDashed) {
  RooflineModel model = samples::roofline();
  model.marks.clear();
  RecordingCanvas canvas(1120, 680);
  draw_roofline_panel(canvas, style_of(Theme::light), model, {0, 0, 800, 600});
  const auto dashed =
      std::count_if(canvas.lines.begin(), canvas.lines.end(), [](const auto& line) { return line.dashed; });
  EXPECT_EQ(dashed, 3) << "the slope of the device's data sheet, slope and plateau of the target";
}

TEST(DrawRoofline, ThousandsOfPointsStayAFewHundredMarks) {
  RecordingCanvas canvas(1120, 680);
  draw_roofline_panel(canvas, style_of(Theme::light), samples::roofline(Provenance::measured, 20000), {0, 0, 800, 600});
  EXPECT_LT(canvas.circles.size(), 5000U);
}

TEST(DrawRoofline, HostileNamesAreShortenedAndWellFormed) {
  RooflineModel model = samples::roofline();
  model.title = std::string(3000, 'W') + "<&>";
  model.subtitle = "\xff\xfe<svg>\x01";
  for (RooflineMark& mark : model.marks) mark.series = std::string(500, 'x') + mark.series + "<" + std::string(1, '\0');
  model.notes = {std::string(5000, 'n')};
  RecordingCanvas canvas(1120, 680);
  draw_roofline(canvas, model, Theme::light);
  expect_tidy(canvas);
  const auto svg = make_svg_canvas(1120, 680);
  draw_roofline(*svg, model, Theme::light);
  EXPECT_EQ(xml_fault(*svg->finish()), "");
}

TEST(DrawConvergence, NothingOverlapsOrIsCutOff) {
  for (const double spread : {0.02, 0.8, 8.0, 300.0}) {
    RecordingCanvas canvas(1120, 680);
    const ConvergenceModel model = samples::convergence(Provenance::measured, spread);
    draw_convergence(canvas, model, Theme::light);
    expect_tidy(canvas);
    expect_within(canvas);
    EXPECT_NE(canvas.find("floor 0.5060 ms"), nullptr) << spread;
    const std::string best = "#" + std::to_string(model.best.back().sequence);
    EXPECT_NE(canvas.find(best), nullptr) << spread << ": the best is called as it is everywhere else";
  }
}

TEST(DrawConvergence, AgainstSecondsAsWell) {
  ConvergenceModel model = samples::convergence();
  model.against = Against::seconds;
  RecordingCanvas canvas(1120, 680);
  draw_convergence(canvas, model, Theme::light);
  expect_tidy(canvas);
  expect_within(canvas);
  EXPECT_NE(canvas.find("Time since the start (s)"), nullptr);
  EXPECT_EQ(canvas.find("#" + std::to_string(model.best.back().sequence)), nullptr);
  EXPECT_NE(canvas.find("random search, expected"), nullptr);
}

TEST(DrawConvergence, AFloorFarBelowDoesNotSquashTheSamples) {
  ConvergenceModel model = samples::convergence();
  model.floor_ms = 1e-4;
  RecordingCanvas canvas(1120, 680);
  draw_convergence(canvas, model, Theme::light);
  expect_tidy(canvas);
  EXPECT_EQ(canvas.find("floor"), nullptr);
}

TEST(DrawConvergence, AHundredThousandAreDrawnByDensityAndEachIsCounted) {
  ConvergenceModel model = samples::convergence();
  model.samples.clear();
  model.best.clear();
  for (int i = 0; i < 100'000; ++i) model.samples.push_back({i + 1.0, 0, 0.5 + 0.001 * ((i * 7919) % 1000)});
  model.samples[50'000].best_ms = 3.0;  // Alone up there: it stays to be seen.
  model.best = {model.samples.front()};
  model.evaluations = 100'000;
  RecordingCanvas canvas(1120, 680);
  draw_convergence(canvas, model, Theme::light);
  expect_tidy(canvas);
  EXPECT_NE(canvas.find("the stronger the more"), nullptr);
  EXPECT_LT(canvas.circles.size(), 10U) << "no marks";
  const auto svg = make_svg_canvas(1120, 680);
  draw_convergence(*svg, model, Theme::light);
  const std::string text = *svg->finish();
  EXPECT_LT(text.size(), 12'000'000U);
  EXPECT_NE(text.find("evaluation 50001: 3.000 ms"), std::string::npos);
  std::size_t counted = 0;
  const std::string word = " configurations, evaluations ";
  for (std::size_t at = text.find("<title>"); at != std::string::npos; at = text.find("<title>", at + 1)) {
    const std::string title = text.substr(at + 7, text.find('<', at + 7) - at - 7);
    if (title.starts_with("evaluation ")) ++counted;
    if (title.find(word) != std::string::npos) counted += std::stoul(title);
  }
  EXPECT_EQ(counted, 100'000U);
}

TEST(DrawConvergence, OneEvaluationIsEnough) {
  RecordingCanvas canvas(1120, 680);
  draw_convergence(canvas, convergence_model(samples::run({0.3})), Theme::dark);
  expect_tidy(canvas);
  expect_within(canvas);
}

class PlotFile : public ::testing::Test {
 protected:
  [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }

 private:
  TemporaryFolder folder_;
};

TEST_F(PlotFile, TheEndingIsTheFormat) {
  tuner::Run run = samples::run({0.3, 0.25, 0});
  run.info.device.limits.max_threads_per_sm = 2048;
  for (Evaluation& evaluation : run.evaluations) {
    evaluation.measurement.samples_ms = {evaluation.measurement.time_ms.median};
    evaluation.measurement.counters = {
        {"dram__bytes_read.sum", 1e9}, {"dram__bytes_write.sum", 1e9}, {"smsp__inst_executed.sum", 1e8}};
    evaluation.measurement.launches = {Launch{{1024, 1, 1}, {256, 1, 1}, 0}};
    evaluation.measurement.facts.emplace().registers = 40;
  }
  run.info.finals = {{1, {0.25, 0.26}, summarize(std::vector<double>{0.25, 0.26}), 1, {1, 1}, true}};
  std::vector<RunSummary> trend(2);
  for (std::size_t i = 0; i < trend.size(); ++i)
    trend[i].id = static_cast<std::int64_t>(i) + 3, trend[i].best_ms = 0.25 + 0.01 * static_cast<double>(i);
  for (const std::string& kind : plot_kinds()) {
    if (is_relations_kind(kind)) continue;  // They need parameters: RelationsFile.
    ASSERT_TRUE(plot_to_file(run, kind, file("a.svg"), {.trend = trend}));
    EXPECT_EQ(xml_fault(*read_file(file("a.svg"))), "");
    ASSERT_TRUE(plot_to_file(run, kind, file("a.PNG"), {.theme = Theme::dark, .trend = trend}));
    EXPECT_THAT(*read_file(file("a.PNG")), ::testing::StartsWith("\x89PNG"));
  }
}

TEST_F(PlotFile, ATrendIsOfRunsByDateWithTheBestSoFar) {
  const tuner::Run run = samples::run({0.3});
  std::vector<RunSummary> runs(4);
  const std::array<double, 4> bests = {0.31, 0.28, 0.30, 0.25};
  for (std::size_t i = 0; i < runs.size(); ++i) {
    runs[i].id = static_cast<std::int64_t>(10 - i);  // The store has the newest first.
    runs[i].best_ms = bests[3 - i];
    runs[i].started_at = "2025-11-2" + std::to_string(9 - i) + "T10:00:00Z";
  }
  runs[1].title = "after the rewrite";
  runs.emplace_back().id = 11;  // It found none.
  const TrendModel model = trend_model(run.info, runs);
  ASSERT_EQ(model.runs.size(), 4U);
  EXPECT_EQ(model.runs.front().id, 7) << "oldest first";
  ASSERT_TRUE(plot_to_file(run, "trend", file("t.svg"), {.trend = runs}));
  const std::string svg = *read_file(file("t.svg"));
  EXPECT_THAT(svg, HasSubstr("11-26 10:00"));
  EXPECT_THAT(svg, HasSubstr("run 9: after the rewrite"));
  EXPECT_THAT(svg, HasSubstr("best so far"));
  EXPECT_THAT(plot_to_file(run, "trend", file("t.svg")).error().message(), HasSubstr("runs of the store"));
}

TEST_F(PlotFile, OtherRunsLieOverARooflineAsSquaresThatSayWhatTheyAre) {
  tuner::Run run = samples::run({0.3, 0.4}), other = samples::run({0.35, 0.5});
  other.info.device.name = "NVIDIA A100";
  const auto overlaid = overlaid_run(other, "run 7", run.info);
  ASSERT_TRUE(overlaid) << overlaid.error().message();
  EXPECT_TRUE(overlaid->other_device);
  EXPECT_EQ(overlaid->gflops.size(), 2U);
  ASSERT_TRUE(plot_to_file(run, "roofline", file("o.svg"), {.overlaid = {*overlaid}}));
  const std::string svg = *read_file(file("o.svg"));
  EXPECT_EQ(xml_fault(svg), "");
  EXPECT_THAT(svg, HasSubstr("on NVIDIA A100, another GPU"));
  EXPECT_THAT(svg, HasSubstr("not of that GPU"));
  EXPECT_FALSE(overlaid_run(run, "run 8", run.info)->other_device);
  EXPECT_EQ(overlaid_run(run, "run 8", run.info)->differs, "");
  EXPECT_FALSE(overlaid_run(samples::run({0, 0}), "run 9", run.info)) << "nothing worked";
  EXPECT_THAT(plot_to_file(run, "effects", file("o.svg"), {.overlaid = {*overlaid}}).error().message(),
              HasSubstr("--with"));
}

TEST_F(PlotFile, SaysWhatItCannotDraw) {
  const tuner::Run run = samples::run({0.3});
  EXPECT_THAT(plot_to_file(run, "roofline", file("a.pdf")).error().message(), HasSubstr(".svg or .png"));
  EXPECT_THAT(plot_to_file(run, "pie", file("a.svg")).error().message(), HasSubstr("pie"));
  EXPECT_THAT(plot_to_file(run, "roofline", file("a.svg"), {.hierarchy = true}).error().message(),
              HasSubstr("--counters best"));
  EXPECT_THAT(plot_to_file(run, "convergence", file("a.svg"), {.hierarchy = true}).error().message(),
              HasSubstr("--hierarchy"));
  EXPECT_THAT(plot_to_file(run, "roofline", file("a.svg"), {.units = true}).error().message(),
              HasSubstr("--counters best"));
  EXPECT_THAT(plot_to_file(run, "effects", file("a.svg"), {.units = true}).error().message(), HasSubstr("--units"));
  for (const auto* kind : {"roofline", "effects"})
    EXPECT_THAT(plot_to_file(run, kind, file("a.svg"), {.passing = std::vector<std::uint64_t>{}}).error().message(),
                HasSubstr("passes the filter"));
  EXPECT_THAT(plot_to_file(samples::run({0, 0}), "roofline", file("a.svg")).error().message(),
              HasSubstr("no configuration"));
  EXPECT_THAT(plot_to_file(run, "roofline", "/nonexistent/a.svg").error().message(), HasSubstr("/nonexistent/a.svg"));
  EXPECT_THAT(plot_to_file(run, "memory", file("a.svg")).error().message(), HasSubstr("no counters of bytes"));
  EXPECT_THAT(plot_to_file(run, "occupancy", file("a.svg")).error().message(), HasSubstr("registers and launch"));
  tuner::Run foreign = run;
  foreign.info.compulsory_bytes = 0;
  EXPECT_THAT(plot_to_file(foreign, "roofline", file("a.svg")).error().message(), HasSubstr("bytes"));
  EXPECT_TRUE(plot_to_file(foreign, "convergence", file("a.svg")));
  EXPECT_EQ(plot_kind_for(foreign), "convergence");
  EXPECT_EQ(plot_kind_for(run), "roofline");
}

}  // namespace
}  // namespace fuseline::tuner
