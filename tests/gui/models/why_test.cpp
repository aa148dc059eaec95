#include <gtest/gtest.h>

#include "tests/gui/models/support.hpp"
#include "tuner/formats/read_run.hpp"
#include "tuner/report/documents.hpp"

namespace fuseline::app::gui {
namespace {

using namespace testing;

TEST(Why, EffectsAreBestAndMedianOfEachValue) {
  RunData data;
  data.show(small_run());
  const auto effects = parameter_effects(standing_rows(data), data.best(), "");
  ASSERT_EQ(effects.size(), 3U);
  EXPECT_EQ(effects[0].name, "variant");
  const auto block =
      std::find_if(effects.begin(), effects.end(), [](const auto& effect) { return effect.name == "block"; });
  ASSERT_NE(block, effects.end());
  ASSERT_EQ(block->values.size(), 4U);
  EXPECT_EQ(block->values[0].value, "128");
  EXPECT_DOUBLE_EQ(block->values[0].best_ms, 0.4);
  EXPECT_DOUBLE_EQ(block->values[0].median_ms, 0.65);
  EXPECT_EQ(block->values[0].best_sequence, 2U);
  EXPECT_TRUE(block->values[0].of_best);
  EXPECT_EQ(block->values[2].ok, 0U) << "512 was tried and did not work";
  EXPECT_EQ(block->values[2].evaluated, 1U);
  EXPECT_DOUBLE_EQ(block->influence, 1.0);
}

TEST(Why, WithinAVariantNoParameterTakesTheBlameForAnother) {
  // Variant b is slow whatever its block; 2048 occurs in b alone.
  RunData data;
  data.show(std::make_shared<const tuner::Run>(run_of({evaluation(0, "a", 128, 0.50), evaluation(1, "a", 256, 0.51),
                                                       evaluation(2, "b", 128, 2.0), evaluation(3, "b", 2048, 2.0)})));
  const auto influence = [](const std::vector<ParameterEffect>& effects) {
    for (const ParameterEffect& effect : effects) {
      if (effect.name == "block") return effect.influence;
    }
    return -1.0;
  };
  EXPECT_NEAR(influence(parameter_effects(standing_rows(data), data.best(), "")), 3, 0.01)
      << "+300 %, which is the variant's";
  const auto within = parameter_effects(standing_rows(data), data.best(), "a");
  EXPECT_NEAR(influence(within), 0.02, 1e-9);
  ASSERT_EQ(within.front().name, "variant");
  EXPECT_EQ(within.front().values.size(), 2U) << "variants are compared over all";
  EXPECT_GT(within.front().explained, 0.99);
}

TEST(Why, OneSillyValueExplainsLittle) {
  std::vector<tuner::Evaluation> many;
  for (std::uint64_t i = 0; i < 64; ++i) many.push_back(evaluation(i, "a", 32 << (i % 4), i % 8 < 4 ? 1.0 : 2.0));
  for (std::size_t i = 0; i < many.size(); ++i)
    many[i].configuration.values.push_back({"unroll", i == 0 ? 9 : static_cast<int>(i % 8 / 4)});
  many[0].measurement.time_ms.median = 5;
  RunData data;
  data.show(std::make_shared<const tuner::Run>(run_of(std::move(many))));
  const auto effects = parameter_effects(standing_rows(data), data.best(), "a");
  ASSERT_FALSE(effects.empty());
  EXPECT_EQ(effects.front().name, "unroll");
  EXPECT_GT(effects.front().explained, 0.9);
  for (const ParameterEffect& effect : effects) {
    EXPECT_TRUE(effect.name != "block" || effect.explained < 0.1) << effect.explained;
  }
}

const ComparisonLine& line_of(const std::vector<ComparisonLine>& lines, const std::string& label) {
  return *std::find_if(lines.begin(), lines.end(), [&](const auto& each) { return each.label == label; });
}

TEST(Why, AComparisonMarksDifferencesAndWhichIsBetterThanTheBaseline) {
  RunData data;
  data.show(small_run());
  const auto lines = compare(compared(data, {}, {0, 2, 4}));
  EXPECT_TRUE(line_of(lines, "variant").differs);
  EXPECT_TRUE(line_of(lines, "block").differs);
  const ComparisonLine& time = line_of(lines, "time (ms)");
  ASSERT_EQ(time.cells.size(), 3U);
  EXPECT_EQ(time.cells[0].better, 0) << "the baseline itself";
  EXPECT_EQ(time.cells[1].better, 1);
  EXPECT_NEAR(*time.cells[1].change, 0.4 / 0.9 - 1, 1e-9);
  EXPECT_EQ(line_of(lines, "registers").cells[1].better, 0);
  EXPECT_EQ(line_of(lines, "GB/s").cells[2].better, 1);
  EXPECT_EQ(line_of(lines, "to the baseline").cells[0].text, "baseline");
  EXPECT_EQ(line_of(lines, "timed with it").cells[1].text, "not paired");
}

TEST(Why, WhatWasCutShortIsNotSaidToBeAsFastAsTheBaseline) {
  tuner::Run run = *small_run();
  run.evaluations[4].measurement.abandoned = true;
  RunData data;
  data.show(std::make_shared<const tuner::Run>(run));
  const auto lines = compare(compared(data, {}, {0, 4}));
  EXPECT_EQ(line_of(lines, "to the baseline").cells[1].text, "-");
  EXPECT_EQ(line_of(lines, "timed with it").cells[1].text, "-");
}

TEST(Why, FinalistsOfOneRunAreComparedByTheirRounds) {
  tuner::Run run = *small_run();
  // The device slowed down half way: the medians of the two are of different rounds, the ratio is 1.1 in each.
  const std::vector<double> best = {0.40, 0.40, 0.40, 0.40, 0.40, 0.40, 0.50, 0.50, 0.50, 0.50, 0.50, 0.50, 0.50};
  std::vector<double> other;
  for (std::size_t i = 0; i < 6; ++i) other.push_back(1.1 * best[i]);
  run.info.finals = {{2, best, tuner::summarize(best), 1, {1, 1}, true},
                     {1, other, tuner::summarize(other), 1.1, {1.1, 1.1}, false}};
  RunData data;
  data.show(std::make_shared<const tuner::Run>(run));
  const auto lines = compare(compared(data, {}, {2, 1, 4}));
  EXPECT_EQ(line_of(lines, "to the baseline").cells[1].text, "+10 %");
  EXPECT_EQ(line_of(lines, "timed with it").cells[1].text, "paired");
  EXPECT_EQ(line_of(lines, "timed with it").cells[2].text, "not paired") << "#4 was no finalist";
}

TEST(Why, SamplesComeWithThoseOfTheFinals) {
  tuner::Run run = *small_run();
  run.info.finals = {{2, {0.41, 0.42, 0.43}, tuner::summarize(std::vector<double>{0.41, 0.42, 0.43}), 1, {1, 1}, true}};
  RunData data;
  data.show(std::make_shared<const tuner::Run>(run));
  const auto sets = samples_of(data, {2, 0, 3, 99}).sets;
  ASSERT_EQ(sets.size(), 2U) << "what was not timed has no samples";
  EXPECT_DOUBLE_EQ(sets[0].summary.median, 0.42);
  EXPECT_EQ(sets[0].sweep_ms.size(), 4U);
  EXPECT_TRUE(sets[1].finals_ms.empty());
}

TEST(Why, WithNothingSelectedSamplesAreOfTheBestAndItsTies) {
  tuner::Run run = *small_run();
  run.info.finals = {{2, {0.41}, tuner::summarize(std::vector<double>{0.41}), 1, {1, 1}, true},
                     {1, {0.42}, tuner::summarize(std::vector<double>{0.42}), 1, {1, 1}, true},
                     {4, {0.8}, tuner::summarize(std::vector<double>{0.8}), 2, {2, 2}, false}};
  RunData data;
  data.show(std::make_shared<const tuner::Run>(run));
  const auto sets = samples_of(data, {}).sets;
  ASSERT_EQ(sets.size(), 2U);
  EXPECT_EQ(sets[0].sequence, 2U);
  EXPECT_EQ(sets[1].sequence, 1U);
}

TEST(Why, ClocksAreThoseOfTheNewestOutcomeWhileASweepGoesOn) {
  tuner::Run run = *small_run();
  run.info.clocks.emplace().add(tuner::ClockReading{1980, 3201, 500, 50, 0, 700});
  run.info.clocks->add(tuner::ClockReading{1755, 3201, 690, 70, tuner::throttle_reasons({"sw_power_cap"}), 700});
  run.evaluations.back().measurement.clocks.emplace().add(tuner::ClockReading{1965, 3201, 610, 58, 0, 700});
  RunData data;
  data.show(std::make_shared<const tuner::Run>(run));
  EXPECT_EQ(data.clocks(true).text, "SM clock 1,965 MHz, memory 3,201 MHz, up to 610 W, 58 \u00B0C");
  EXPECT_FALSE(data.clocks(true).held_back);
  EXPECT_EQ(data.clocks(false).text,
            "SM clock 1,755 to 1,980 MHz, memory 3,201 MHz, up to 690 W, 70 \u00B0C, at the power limit");
  EXPECT_TRUE(data.clocks(false).held_back);
}

TEST(Why, ComparedAreThePinnedAndTheSelectedOrTheOneSelectedWithTheBest) {
  RunData data;
  data.show(small_run());
  const auto names = [&](const std::vector<Pin>& pins, const std::vector<std::uint64_t>& selected) {
    std::vector<std::string> all;
    for (const Compared& each : compared(data, pins, selected)) all.push_back(each.name);
    return all;
  };
  using ::testing::ElementsAre;
  EXPECT_THAT(names({}, {0, 1, 4}), ElementsAre("#0", "#1", "#4"));
  EXPECT_THAT(names({}, {4}), ElementsAre("#2 best", "#4")) << "the best first";
  EXPECT_EQ(names({}, {2}).size(), 1U) << "the best with itself";
  EXPECT_TRUE(names({}, {}).empty());
  tuner::RunInfo elsewhere = info();
  elsewhere.id = 3;
  const Pin other = pin_of(elsewhere, evaluation(9, "c", 64, 0.45)),
            here = pin_of(info(), evaluation(1, "a", 256, 0.5));
  EXPECT_THAT(names({other, here}, {4, 1}), ElementsAre("run 3 #9", "#1", "#4")) << "#1 once";
  EXPECT_THAT(names({other}, {}), ElementsAre("run 3 #9", "#2 best")) << "one that is pinned, with the best";
  const auto lines = compare(compared(data, {other}, {4}));
  EXPECT_EQ(line_of(lines, "to the baseline").cells[1].text, "+78 %");
  EXPECT_EQ(line_of(lines, "timed with it").cells[1].text, "not paired") << "two runs never are";
  EXPECT_FALSE(line_of(lines, "device").differs);
}

TEST(Why, AComparisonHasAColumnForEach) {
  RunData data;
  data.show(small_run());
  const auto model = comparison_of(data, compared(data, {}, {2, 4, 0}));
  EXPECT_EQ(model.columns, (std::vector<std::string>{"#2 best", "#4", "#0"}));
  EXPECT_NEAR(*line_of(model.lines, "time (ms)").cells[1].change, 1.0, 1e-9) << "0.8 ms after 0.4";
  EXPECT_EQ(line_of(model.lines, "time (ms)").cells[1].better, -1);
}

TEST(Exporter, WritesOnlyTheSelected) {
  const tuner::Run run = *small_run();
  const tuner::Run chosen = only(run, {1, 4});
  ASSERT_EQ(chosen.evaluations.size(), 2U);
  EXPECT_EQ(chosen.evaluations[1].sequence, 4U);
  EXPECT_EQ(only(run, {}).evaluations.size(), 5U);
}

TEST(Exporter, SaysWhatIsExported) {
  EXPECT_EQ(what_is_exported("json", 0), "Nothing is selected: every configuration.");
  EXPECT_EQ(what_is_exported("json", 3), "") << "the user has the choice";
  EXPECT_EQ(what_is_exported("samples", 3), "Of the 3 selected, those selected last.");
  EXPECT_NE(what_is_exported("samples", 0), what_is_exported("comparison", 0));
  for (const ExportFormat& format : export_formats()) EXPECT_FALSE(what_is_exported(format.id, 0).empty()) << format.id;
}

TEST(Exporter, WritesTheBriefOfTheWholeRunWhateverIsSelected) {
  const auto data = tuner::data_folder();
  const auto catalog = std::make_shared<const tuner::Catalog>(tuner::Catalog::load(data, {}).value());
  const auto recording = data / "presets" / "recordings" / "h200" / "bias_gelu.f32.default.t4.json";
  const tuner::Run run = tuner::read_run(recording).value();
  ExportRequest request{"brief", suggested_file(run.info, "brief", ::testing::TempDir()), {}};
  EXPECT_TRUE(request.file.ends_with("/bias_gelu.f32.brief.md")) << request.file;
  request.catalog = catalog;
  ASSERT_TRUE(write_export(run, request));
  const std::string whole = tuner::read_file(request.file).value();
  EXPECT_EQ(whole, tuner::file_text("brief", {&run, catalog.get()}).value());
  request.selected = {run.evaluations.front().sequence};
  ASSERT_TRUE(write_export(run, request));
  EXPECT_EQ(tuner::read_file(request.file).value(), whole);
  EXPECT_EQ(what_is_exported("brief", 3), what_is_exported("brief", 0)) << "there is nothing to choose";
}

TEST(Exporter, WritesEveryFormatAndRefusesOthers) {
  tuner::Run run = *small_run();
  run.info.finals = {{2, {0.41}, tuner::summarize(std::vector<double>{0.41}), 1, {1, 1}, true}};
  run.info.device.limits.max_threads_per_sm = 2048;
  run.evaluations[2].measurement.counters = {
      {"dram__bytes_read.sum", 5e8}, {"dram__bytes_write.sum", 5e8}, {"smsp__inst_executed.sum", 1e8}};
  for (const ExportFormat& format : export_formats()) {
    if (format.id == "trend") continue;                         // Of a store: see AppTest.
    if (tuner::document_named(format.id) != nullptr) continue;  // They need the problem: see above.
    if (format.package) {                                       // A folder: AppTest.ThePackageOfARunIsWritten.
      EXPECT_FALSE(write_export(run, {format.id, ::testing::TempDir() + "export", {}, tuner::Theme::light}));
      continue;
    }
    const std::string file = ::testing::TempDir() + "export" + format.ending;
    if (format.id == "importance") {  // Of five configurations nothing can be told.
      EXPECT_FALSE(write_export(run, {format.id, file, {}, tuner::Theme::light}));
      continue;
    }
    const auto written =
        write_export(run, {format.id, file,
                           needs_selection(format.id) ? std::vector<std::uint64_t>{0, 2} : std::vector<std::uint64_t>(),
                           tuner::Theme::light});
    EXPECT_TRUE(written) << format.id << ": " << written.error().message();
    EXPECT_GT(tuner::read_file(file).value().size(), 100U) << format.id;
  }
  EXPECT_NE(tuner::read_file(::testing::TempDir() + "export.memory.svg").value().find("#2 "), std::string::npos)
      << "of the one selected last";
  const std::string svg = tuner::read_file(::testing::TempDir() + "export.comparison.svg").value();
  EXPECT_NE(svg.find("#2 best"), std::string::npos) << "the last one written is the comparison";
  EXPECT_FALSE(write_export(run, {"comparison", ::testing::TempDir() + "x.svg", {}, tuner::Theme::light}))
      << "nothing is selected";
  EXPECT_FALSE(write_export(run, {"pdf", ::testing::TempDir() + "x.pdf", {}, tuner::Theme::light}));
  EXPECT_FALSE(write_export(run, {"json", "/nonexistent/folder/x.json", {}, tuner::Theme::light}));
  EXPECT_FALSE(write_export(run, {"json", "", {}, tuner::Theme::light}));
}

}  // namespace
}  // namespace fuseline::app::gui
