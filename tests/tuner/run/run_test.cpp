#include "tuner/run/run.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "tuner/run/figures.hpp"

namespace fuseline::tuner {
namespace {

template <class T>
OrderedJson through_text(const T& value) {
  return *parse_json(to_json(value).dump(), "test");
}

TEST(Run, WordsOfEnumerationsAreReadAsTheyAreWritten) {
  for (const RunState state : {RunState::running, RunState::finished, RunState::interrupted, RunState::failed})
    EXPECT_EQ(run_state_from_string(to_string(state)), state);
  for (const Backend backend : {Backend::cuda, Backend::replay})
    EXPECT_EQ(backend_from_string(to_string(backend)), backend);
  for (const CounterMode mode : {CounterMode::none, CounterMode::best, CounterMode::all})
    EXPECT_EQ(counter_mode_from_string(to_string(mode)), mode);
  for (const char* text : {"", "Running", "unknown", "running "}) EXPECT_FALSE(run_state_from_string(text)) << text;
}

TEST(Budgets, AreNumbersOrTimes) {
  EXPECT_EQ(Budget::parse("")->kind, Budget::Kind::exhaustive);
  EXPECT_EQ(Budget::parse("200")->kind, Budget::Kind::evaluations);
  EXPECT_EQ(Budget::parse("200")->amount, 200);
  EXPECT_EQ(Budget::parse("30s")->kind, Budget::Kind::seconds);
  EXPECT_EQ(Budget::parse("1.5m")->amount, 90);
  EXPECT_EQ(Budget::parse("auto")->kind, Budget::Kind::automatic);
  for (const char* text : {"0", "-3", "s", "m", "3h", "1.5", "nan", "infs", "inf", "1e999s", "12 s", "two", "3ss"})
    EXPECT_FALSE(Budget::parse(text)) << text;
}

TEST(Budgets, AreWrittenAsTheyAreRead) {
  for (const char* text : {"", "200", "30s", "0.5s", "auto"}) EXPECT_EQ(Budget::parse(text)->to_string(), text);
  EXPECT_EQ(Budget::parse("5m")->to_string(), "300s");
}

RunInfo some_info() {
  RunInfo info;
  info.id = 5;
  info.started_at = "2025-01-01T00:00:00Z";
  info.state = RunState::interrupted;
  info.problem = "toy";
  info.compulsory_bytes = 12;
  info.input_bytes = 8;
  info.output_bytes = 4;
  info.request.dims = {{"W", 3}, {"A", 4}};
  info.request.parameters["block"] = {"64", "128"};
  info.request.counters = CounterMode::all;
  info.request.seed = std::numeric_limits<std::uint64_t>::max();
  info.dims = {{"W", 3}, {"A", 4}};
  info.request.scalars = {{"scale", 0.1}};
  info.scalars = {{"scale", 0.1}, {"eps", 1e-5}};
  info.set_scalars = {"scale"};
  info.dtype = Dtype::f16;
  info.backend = Backend::replay;
  info.device.name = "GPU";
  info.device.ceilings = Ceilings{1, 2, 3, 4, "then"};
  info.target = Target{};
  info.target->sources = {"a", "b"};
  info.subspaces = {{"v", {{"p", {1, 2.5, "x", true}, false}}, 3, 4, 1e20}};
  FinalTiming timing;
  timing.samples_ms = {1, 2};
  timing.ratio_interval = {1, std::numeric_limits<double>::infinity()};
  timing.tied = true;
  info.finals = {timing};
  info.after = Predecessor::producer;
  info.request.after = "producer";
  info.clocks.emplace();
  info.clocks->add(ClockReading{1980, 3201, 460, 45, 0x04});
  info.final_rounds = {{{3, FinalRound::copy}, 2, 4000, info.clocks}, {{}, 0, 0, {}}};
  return info;
}

TEST(RunInfos, SurviveJson) {
  const auto json = through_text(some_info());
  const auto back = run_info_from_json(JsonView(json, "test"));
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(to_json(*back), to_json(some_info()));
  EXPECT_EQ(back->dims[0].name, "W");
  EXPECT_EQ(back->scalars, some_info().scalars) << "in the problem's order";
  EXPECT_EQ(back->request.scalars, some_info().request.scalars);
  EXPECT_EQ(changed_scalars(*back), (Scalars{{"scale", 0.1}}));
  EXPECT_EQ(back->input_bytes, 8);
  EXPECT_EQ(back->subspaces[0].parameters[0].values[1], Value(2.5));
  EXPECT_EQ(back->finals[0].ratio_interval.high, std::numeric_limits<double>::infinity());
  EXPECT_EQ(back->after, Predecessor::producer);
  EXPECT_EQ(back->final_rounds[0].order, (std::vector<std::int64_t>{3, FinalRound::copy}));
  EXPECT_EQ(back->final_rounds[0].clocks->reasons, 0x04U);
  EXPECT_FALSE(back->final_rounds[1].clocks);
}

TEST(RunInfos, OfBeforeThereWasAChoiceFollowedWhateverRanBeforeOrThemselves) {
  auto json = through_text(some_info());
  for (const char* member : {"after", "clocks", "final_rounds"}) json.erase(member);
  EXPECT_EQ(run_info_from_json(JsonView(json, "test"))->after, Predecessor::unsettled);
  json["request"]["warm"] = true;
  json["request"].erase("after");
  const auto warm = run_info_from_json(JsonView(json, "test"));
  EXPECT_EQ(warm->after, Predecessor::itself);
  EXPECT_EQ(warm->request.after, "itself") << "so that it is asked for again";
  const auto measurement = parse_json(R"({"outcome": "ok", "warm": true})", "test");
  EXPECT_EQ(measurement_from_json(JsonView(*measurement, "test"))->after, Predecessor::itself);
  const auto cold = parse_json(R"({"outcome": "ok"})", "test");
  EXPECT_EQ(measurement_from_json(JsonView(*cold, "test"))->after, Predecessor::unsettled);
}

TEST(RunInfos, AreNoLongerThanASweepCanBe) {
  auto json = through_text(some_info());
  json["final_rounds"][0]["order"] = OrderedJson(std::vector<int>(5000, 1));
  EXPECT_FALSE(run_info_from_json(JsonView(json, "test")));
  json = through_text(some_info());
  json["final_rounds"] = OrderedJson(std::vector<OrderedJson>(5000, OrderedJson::object()));
  EXPECT_FALSE(run_info_from_json(JsonView(json, "test")));
}

TEST(RunInfos, OfBeforeThatTellTheOutputsAloneStayAsTheyWere) {
  auto info = some_info();
  info.input_bytes = 0;
  const auto json = through_text(info);
  EXPECT_FALSE(json.contains("input_bytes"));
  const auto back = run_info_from_json(JsonView(json, "test"));
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(compulsory_parts(*back).inputs, 8);
}

TEST(RunInfos, ThatAreIllTypedAreErrorsWithTheirPlace) {
  auto json = through_text(some_info());
  json["request"]["dims"][1][1] = "four";
  const auto back = run_info_from_json(JsonView(json, "runs.db"));
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().message(), "runs.db: /request/dims/1/1: expected an integer");
}

TEST(Evaluations, SurviveJsonWithTheOrderOfTheirParameters) {
  Evaluation evaluation;
  evaluation.sequence = 12;
  evaluation.configuration = {"v", {{"zeta", 1}, {"alpha", "x"}, {"beta", 2.0}}};
  evaluation.measurement.outcome = Outcome::timeout;
  evaluation.measurement.reason = "because";
  evaluation.measurement.counters["a"] = std::numeric_limits<double>::quiet_NaN();
  const auto json = through_text(evaluation);
  const auto back = evaluation_from_json(JsonView(json, "test"));
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(back->configuration, evaluation.configuration);
  EXPECT_EQ(back->configuration.key(), evaluation.configuration.key());
  EXPECT_EQ(to_json(*back), to_json(evaluation));
  EXPECT_EQ(json["configuration"]["alpha"], "x");
}

Evaluation timed(std::uint64_t sequence, double median_ms, Outcome outcome = Outcome::ok) {
  Evaluation evaluation;
  evaluation.sequence = sequence;
  evaluation.measurement.outcome = outcome;
  evaluation.measurement.time_ms.median = median_ms;
  return evaluation;
}

TEST(Measurements, KeepWhichLaunchIsShown) {
  Measurement measurement;
  EXPECT_EQ(shown_launch(measurement), nullptr);
  measurement.launches.resize(2);
  measurement.launches[1].grid[0] = 7;
  EXPECT_EQ(shown_launch(measurement)->grid[0], 1);
  EXPECT_FALSE(to_json(measurement).contains("shown_launch")) << "as before where it is the first";
  measurement.shown_launch = 1;
  const OrderedJson json = through_text(measurement);
  const auto back = measurement_from_json(JsonView(json, "test"));
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(shown_launch(*back)->grid[0], 7);
  measurement.shown_launch = 9;
  EXPECT_EQ(shown_launch(measurement)->grid[0], 1) << "one that is not there is the first";
}

TEST(Runs, FinalistsComeFirstInTheOrderOfTheFinals) {
  tuner::Run run;
  run.evaluations = {timed(0, 1.0), timed(1, 1.1), timed(2, 0.5, Outcome::incorrect), timed(3, 1.2)};
  FinalTiming best, second;
  best.sequence = 1;
  best.time_ms.median = 1.05;
  second.sequence = 0;
  second.time_ms.median = 1.04;  // Dropped early, when the device was still cooler: its rank stands.
  run.info.finals = {best, second};
  const auto ranked = run.ranked();
  ASSERT_EQ(ranked.size(), 3U);
  EXPECT_EQ(ranked[0]->sequence, 1U);
  EXPECT_EQ(ranked[1]->sequence, 0U);
  EXPECT_EQ(ranked[2]->sequence, 3U);
  EXPECT_EQ(run.time_of(*ranked[0]).median, 1.05);
  EXPECT_EQ(run.final_of(*ranked[2]), nullptr);
  EXPECT_EQ(run.outcome_counts().at(Outcome::incorrect), 1U);
}

}  // namespace
}  // namespace fuseline::tuner
