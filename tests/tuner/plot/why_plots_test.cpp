#include "tuner/plot/why_plots.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "tests/tuner/plot/samples.hpp"
#include "tests/tuner/plot/tidy_canvas.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::HasSubstr;

/// Values of `count` parameters, each with as many as its number, and one that did not work.
EffectsModel effects(int count, int values) {
  EffectsModel model{"LayerNorm, GELU and scale: effect of each parameter on NVIDIA H200",
                     "layernorm_gelu_scale",
                     {},
                     0.5,
                     {"Measured on NVIDIA H200, driver 580.159."}};
  for (int parameter = 0; parameter < count; ++parameter) {
    ParameterEffect effect{"parameter_" + std::to_string(parameter), {}, 0.4, 0.2};
    for (int value = 0; value < values; ++value) {
      const bool ok = value != 1;
      effect.values.push_back({std::to_string(1 << (value % 12)), 9, ok ? std::size_t{8} : std::size_t{0},
                               ok ? 0.5 + 0.01 * value : 0, ok ? 0.6 + 0.05 * value : 0,
                               static_cast<std::uint64_t>(value), value == 0});
    }
    model.parameters.push_back(std::move(effect));
  }
  return model;
}

SamplesModel samples_of(const std::vector<double>& medians, double spread) {
  SamplesModel model{"LayerNorm, GELU and scale: run times on NVIDIA H200",
                     "layernorm_gelu_scale",
                     {},
                     Provenance::measured,
                     {"Measured on NVIDIA H200."}};
  for (const double ms : medians) {
    SampleSet set{
        "#1  row_group lanes=16 vector_bytes=16 in_flight=2 block=128 load=normal store=normal gelu=logistic6",
        1,
        {ms * (1 - spread), ms, ms * (1 + spread)},
        {},
        {}};
    set.summary = summarize(set.sweep_ms);
    model.sets.push_back(std::move(set));
  }
  return model;
}

TEST(EffectsPlot, TheFigureIsTidyAndHasEveryValue) {
  for (const int count : {1, 3, 12}) {
    const EffectsModel model = effects(count, 5);
    RecordingCanvas canvas(1120, effects_figure_height(model, 1120));
    draw_effects(canvas, model, Theme::light);
    expect_tidy(canvas);
    for (const ParameterEffect& parameter : model.parameters)
      EXPECT_NE(canvas.find(parameter.name), nullptr) << parameter.name;
    EXPECT_EQ(
        std::count_if(canvas.texts.begin(), canvas.texts.end(), [](const auto& text) { return text.text == "none"; }),
        count);
  }
}

TEST(EffectsPlot, AParameterWithAValueForEveryConfigurationKeepsItsBestInAFile) {
  const EffectsModel model = effects(2, 1000);
  RecordingCanvas canvas(1120, effects_figure_height(model, 1120));
  EXPECT_LT(canvas.size().y, 1000);
  draw_effects(canvas, model, Theme::dark);
  expect_tidy(canvas);
  ASSERT_NE(canvas.find("976 more values"), nullptr);
  EXPECT_NE(canvas.find("0.5"), nullptr) << "the best value is kept";
}

TEST(EffectsPlot, OnlyWhatIsInViewIsDrawnAndSaysWhereItIs) {
  const EffectsModel model = effects(1, 5000);
  RecordingCanvas canvas(300, 400);
  const auto placed = draw_effects_panel(canvas, style_of(Theme::dark), model, {0, -20000, 300, 400}, {0, 400});
  ASSERT_GT(placed.size(), 15U);
  EXPECT_LT(placed.size(), 30U);
  for (const PlacedEffect& each : placed) {
    EXPECT_GT(each.box.y + each.box.height, 0);
    EXPECT_LT(each.box.y, 400);
  }
  EXPECT_NEAR(effects_height(model, 300), 5000 * 19, 100);
}

TEST(EffectsPlot, BarsAreWhatIsLostOnAnAxisThatFitsIt) {
  EffectsModel model = effects(1, 5);
  EXPECT_DOUBLE_EQ(effects_axis(model), 0.1) << "0.54 ms against 0.5";
  model.parameters[0].values[4].best_ms = 5;
  EXPECT_DOUBLE_EQ(effects_axis(model), 1) << "what loses more is broken";
  model.parameters[0].values.resize(1);
  EXPECT_DOUBLE_EQ(effects_axis(model), 0.02);
}

TEST(EffectsPlot, TakesWhatTheRunSays) {
  const tuner::Run run = samples::run({0.4, 0.3, 0});
  const EffectsModel model = effects_model(run);
  EXPECT_DOUBLE_EQ(model.best_ms, 0.3);
  const EffectsModel filtered = effects_model(run, {{run.evaluations[0].sequence}});
  EXPECT_DOUBLE_EQ(filtered.best_ms, 0.3) << "losses stay those to the run's best";
  EXPECT_TRUE(filtered.parameters.empty()) << "one alone varies nothing";
  ASSERT_FALSE(model.parameters.empty());
  const auto& values = model.parameters.back().values;
  EXPECT_EQ(std::count_if(values.begin(), values.end(), [](const ValueEffect& value) { return value.of_best; }), 1);
}

TEST(SamplesPlot, TheFigureIsTidyNearAndFarApart) {
  for (const auto& medians : {std::vector<double>{0.5}, {0.5, 0.501, 0.5003}, {0.5, 2.1, 40}}) {
    const SamplesModel model = samples_of(medians, 0.004);
    RecordingCanvas canvas(1120, samples_figure_height(model));
    draw_samples(canvas, model, Theme::light);
    expect_tidy(canvas);
  }
}

TEST(SamplesPlot, SetsThatLieFarApartAreDrawnAsDeviations) {
  EXPECT_FALSE(drawn_as_deviations(samples_of({0.5}, 0.01).sets));
  EXPECT_FALSE(drawn_as_deviations(samples_of({0.5, 0.505}, 0.01).sets));
  const SamplesModel far = samples_of({0.5, 2.0}, 0.01);
  ASSERT_TRUE(drawn_as_deviations(far.sets));
  RecordingCanvas canvas(600, 200);
  draw_samples_panel(canvas, style_of(Theme::light), far, {0, 0, 600, 200});
  EXPECT_NE(canvas.find("Deviation"), nullptr);
  // Spread over most of the width, which on a common scale they would not be.
  double left = 1e9, right = 0;
  for (const auto& circle : canvas.circles)
    left = std::min(left, circle.centre.x), right = std::max(right, circle.centre.x);
  EXPECT_GT(right - left, 300);
}

TEST(SamplesPlot, UnaskedItIsOfTheBestAndItsTies) {
  tuner::Run run = samples::run({0.4, 0.3, 0.31});
  for (Evaluation& evaluation : run.evaluations)
    evaluation.measurement.samples_ms = {evaluation.measurement.time_ms.median};
  EXPECT_EQ(samples_model(run, {}).sets.size(), 1U);
  EXPECT_EQ(samples_model(run, {0, 2, 77}).sets.size(), 2U);
}

/// A run of two finalists over four rounds, the second dropped out after two; with clocks where `clocks`.
Run finals_by_round(bool clocks) {
  Run run;
  run.info.problem = "layernorm_gelu_scale";
  run.info.device.name = "NVIDIA H200";
  for (const std::uint64_t sequence : {0, 1, 2}) {
    Evaluation evaluation;
    evaluation.sequence = sequence;
    evaluation.configuration = {"rows", {{"block", Value(std::int64_t{128} << sequence)}}};
    evaluation.measurement.outcome = Outcome::ok;
    evaluation.measurement.samples_ms = {0.5, 0.5};
    evaluation.measurement.time_ms = summarize(evaluation.measurement.samples_ms);
    run.evaluations.push_back(std::move(evaluation));
  }
  const auto timing = [](std::uint64_t sequence, const std::vector<double>& samples, double ratio, bool tied) {
    return FinalTiming{sequence, samples, summarize(samples), ratio, {ratio, ratio}, tied};
  };
  run.info.finals = {timing(1, {0.500, 0.501, 0.499, 0.502}, 1, true), timing(0, {0.520, 0.521}, 1.04, false)};
  const std::int64_t copy = FinalRound::copy;
  run.info.final_rounds = {
      {{copy, 0, 1}, 0, 4200}, {{1, copy, 0}, 1, 4210}, {{copy, 1}, 0, 4190}, {{1, copy}, 1, 4205}};
  for (std::size_t i = 0; clocks && i < run.info.final_rounds.size(); ++i) {
    Clocks& of = run.info.final_rounds[i].clocks.emplace();
    of.add(ClockReading{1980.0 - 15 * static_cast<double>(i), 3201, 600, 55,
                        i == 3 ? throttle_reasons({"sw_power_cap"}) : 0, 700});
  }
  return run;
}

TEST(RoundsPlot, FinalistsKeepTheOrderOfTheirRoundsAndWhatRanBefore) {
  const RoundsModel model = rounds_model(finals_by_round(true), {0, 1, 2});
  ASSERT_EQ(model.series.size(), 2U) << "the third was no finalist";
  EXPECT_EQ(model.series[0].ms, (std::vector<double>{0.520, 0.521}));
  EXPECT_EQ(model.series[0].follows, (std::vector<std::string>{"the copy", "the copy"}));
  EXPECT_EQ(model.series[1].follows, (std::vector<std::string>{"#0", "", "the copy", ""}));
  const RoundsModel unasked = rounds_model(finals_by_round(true), {});
  ASSERT_EQ(unasked.series.size(), 2U) << "unasked, the first of the finals";
  EXPECT_EQ(unasked.series.front().sequence, 1U);
}

TEST(RoundsPlot, TheFigureIsTidyAndHasADotForEveryRunAndReading) {
  for (const bool clocks : {true, false}) {
    const RoundsModel model = rounds_model(finals_by_round(clocks), {0, 1});
    RecordingCanvas canvas(1120, rounds_figure_height(model));
    draw_rounds(canvas, model, Theme::light);
    expect_tidy(canvas);
    const auto drawn = std::count_if(canvas.circles.begin(), canvas.circles.end(),
                                     [](const auto& circle) { return circle.filled && circle.radius < 2.5; });
    EXPECT_EQ(drawn, 6 + 4 + (clocks ? 3 * 4 : 0)) << "runs, the copy, and clock, power and temperature";
    EXPECT_EQ(canvas.find("SM clock (MHz)") != nullptr, clocks);
    EXPECT_NE(canvas.find("Copy (GB/s)"), nullptr);
    const auto said = [&](const std::string& text) {
      return std::find(canvas.tooltips.begin(), canvas.tooltips.end(), text) != canvas.tooltips.end();
    };
    EXPECT_TRUE(said("#1, round 1: 0.5000 ms, -0.10 % of its own median\nbehind #0\nbuffers 1"));
    EXPECT_EQ(said("SM clock, round 4: 1,935 MHz\nclocks held back: sw_power_cap"), clocks);
  }
}

TEST(RoundsPlot, ARunWithoutFinalsIsRefusedWithThatWord) {
  tuner::Run run = finals_by_round(true);
  run.info.finals.clear();
  const auto drawn = plot_to_file(run, "rounds", ::testing::TempDir() + "rounds.svg", {});
  ASSERT_FALSE(drawn);
  EXPECT_THAT(drawn.error().message(), HasSubstr("the run has no finals"));
}

TEST(ComparisonPlot, TheFigureIsTidyWideAndNarrow) {
  ComparisonModel model{"LayerNorm: four on NVIDIA H200", "layernorm", {}, {}, {"Shaded: what differs."}};
  for (const char* name : {"run 7 #3", "#4 best", "#120", "#1234"}) model.columns.emplace_back(name);
  for (int i = 0; i < 12; ++i) {
    using Group = ComparisonLine::Group;
    ComparisonLine line{i < 4   ? Group::parameters
                        : i < 8 ? Group::result
                                : Group::counters,
                        "a rather long name of a line " + std::to_string(i),
                        {},
                        i % 2 != 0,
                        ""};
    for (int k = 0; k < 4; ++k) {
      line.cells.push_back({i % 2 == 0 || k == 0 ? "no_allocate" : "streaming and more", (i + k) % 3 - 1,
                            i > 4 && k > 0 ? std::optional(0.01 * i * i * i) : std::nullopt});
    }
    model.lines.push_back(std::move(line));
  }
  double before = 1e9;
  for (const double width : {260.0, 560.0, 1120.0}) {
    RecordingCanvas canvas(width, comparison_figure_height(model, width));
    draw_comparison(canvas, model, Theme::dark);
    expect_tidy(canvas);
    for (const std::string& name : model.columns) EXPECT_NE(canvas.find(name), nullptr) << name << " at " << width;
    const double height = comparison_height(model, width);
    EXPECT_LT(height, before) << "a wide one has fewer parts below one another";
    before = height;
  }
}

}  // namespace
}  // namespace fuseline::tuner
