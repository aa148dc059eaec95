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

TEST(ComparisonPlot, TheFigureIsTidyWideAndNarrow) {
  ComparisonModel model{
      "LayerNorm: #3 and #4 on NVIDIA H200", "layernorm", "#3 best", "#4", {}, {"Shaded: what differs."}};
  for (int i = 0; i < 12; ++i) {
    using Group = ComparisonLine::Group;
    model.lines.push_back({i < 4   ? Group::parameters
                           : i < 8 ? Group::result
                                   : Group::counters,
                           "a rather long name of a line " + std::to_string(i), "no_allocate",
                           i % 2 == 0 ? "no_allocate" : "streaming and more", i % 2 != 0, i % 3 - 1,
                           i > 4 ? std::optional(0.01 * i * i * i) : std::nullopt, ""});
  }
  for (const double width : {260.0, 420.0, 1120.0}) {
    RecordingCanvas canvas(width, comparison_figure_height(model));
    draw_comparison(canvas, model, Theme::dark);
    expect_tidy(canvas);
    EXPECT_EQ(canvas.find("change") != nullptr, width > 300) << width;
  }
}

}  // namespace
}  // namespace fuseline::tuner
