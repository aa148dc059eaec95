// Every kind of file that holds a run, plain and packed, through the one function that all commands use.
#include "tuner/formats/read_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/gzip.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/tuner/support/sample_run.hpp"
#include "tuner/formats/kernel_tuner.hpp"
#include "tuner/formats/result.hpp"
#include "tuner/formats/t4.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::HasSubstr;
using testing::sample_run;

constexpr const char* kForeign =
    R"({"schema_version": "1.0.0", "results": [{"configuration": {"block": 64}, "times": {"runtimes": [0.5]},
    "invalidity": "correct", "correctness": 1, "measurements": [], "objectives": ["time"]}]})";

std::string cache_text() { return kernel_tuner_text(sample_run()).value(); }
std::string result_text_of(const Run& run) { return json_text(result_json(run).value()); }

class ReadRun : public ::testing::Test {
 protected:
  /// Of a file with this content, plain, which packed must be alike.
  tuner::Run read(const std::string& text) {
    const auto plain = read_run(folder_.write("run.json", text));
    const auto packed = read_run(folder_.write("run.json.gz", gzip(text)));
    EXPECT_TRUE(plain) << plain.error().message();
    EXPECT_TRUE(packed) << packed.error().message();
    if (!plain || !packed) return {};
    EXPECT_EQ(plain->evaluations.size(), packed->evaluations.size());
    return *plain;
  }
  std::string refusal(const std::string& text) {
    const auto run = read_run(folder_.write("run.json", text));
    return run ? "read" : run.error().message();
  }
  TemporaryFolder folder_;
};

TEST_F(ReadRun, ReadsEveryKindPlainAndPacked) {
  EXPECT_EQ(read(t4_text(sample_run())).evaluations.size(), 9U);
  EXPECT_EQ(read(kForeign).evaluations.front().configuration.key(), "recorded block=64");
  EXPECT_EQ(read(cache_text()).evaluations.size(), 9U);
  EXPECT_EQ(read(result_text_of(sample_run())).evaluations.size(), 3U);
}

TEST_F(ReadRun, ReadsACacheThatIsStillWrittenTo) {
  const std::string text = cache_text();
  const tuner::Run run = read(text.substr(0, text.rfind("\"time\"")));
  EXPECT_EQ(run.evaluations.size(), 8U);
  EXPECT_EQ(run.info.state, RunState::interrupted);
}

TEST_F(ReadRun, LeavesTheCommandsOfStrangersOut) {
  tuner::Run run = sample_run();
  run.info.request.workers = {"sh -c 'echo owned'"};
  ASSERT_THAT(t4_text(run), HasSubstr("owned"));
  EXPECT_TRUE(read(t4_text(run)).info.request.workers.empty());
}

TEST_F(ReadRun, ReadsARecordingOfTheFirstVersion) {
  const auto run = read_run(std::string(FUSELINE_SOURCE_DIR) + "/tests/data/v0_1/recording.t4.json");
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->info.tool_version, "0.1.0");
  EXPECT_EQ(run->info.state, RunState::finished);
  ASSERT_EQ(run->evaluations.size(), 20U);
  EXPECT_EQ(run->info.finals.size(), 12U);
  EXPECT_EQ(run->outcome_counts().at(Outcome::incorrect), 1U);
  EXPECT_EQ(run->ranked().front()->sequence, run->info.finals.front().sequence);
  EXPECT_FALSE(run->ranked().front()->measurement.samples_ms.empty());
  EXPECT_EQ(run->info.after, Predecessor::unsettled);
  EXPECT_EQ(run->ranked().front()->measurement.after, Predecessor::unsettled);
  EXPECT_TRUE(run->info.final_rounds.empty());
  EXPECT_FALSE(run->info.clocks);
}

TEST_F(ReadRun, SaysWhereAFileIsWrong) {
  EXPECT_THAT(refusal("{\"results\": ["), HasSubstr("run.json: line 1, column "));
  EXPECT_THAT(refusal("{\"results\": [{\"a\": 1},\n{\"b\": }]}"), HasSubstr("run.json: line 2, column 7"));
  EXPECT_THAT(refusal("{\"results\": [{\"a\": 1} {\"b\": 2}]}"), HasSubstr("run.json: line 1, column "));
  EXPECT_THAT(refusal("{\"results\": [5, 5]}"), HasSubstr("run.json: /results/0: expected an object"));
  EXPECT_THAT(refusal("{\"results\": {}}"), HasSubstr("run.json: /results: expected an array"));
  EXPECT_THAT(refusal("{\"results\": [], \"results\": []}"), HasSubstr("run.json: line 1"));
  EXPECT_THAT(refusal("[]"), HasSubstr("is no T4 file"));
  EXPECT_THAT(refusal("{\"schema\": \"fuseline/result/9\"}"), HasSubstr("run.json: /schema: is \"fuseline/result/9\""));
  const auto missing = read_run(folder_.file("none.json"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::bad_input);
  EXPECT_THAT(missing.error().message(), HasSubstr("none.json"));
}

TEST_F(ReadRun, AResultIsKnownWhereItsMembersAreSorted) {
  const auto sorted = nlohmann::json::parse(result_text_of(sample_run()));
  EXPECT_EQ(read(sorted.dump(2)).evaluations.size(), 3U);
  tuner::Run run = sample_run();
  run.info.note = "{\"schema\": \"fuseline/result/1\"}";
  EXPECT_EQ(read(t4_text(run)).evaluations.size(), 9U) << "what a recording quotes makes no result of it";
}

TEST_F(ReadRun, AnEscapedMemberNameHidesNoResult) {
  std::string text = kForeign;
  text.replace(text.find("results"), 1, "\\u0072");
  EXPECT_EQ(read(text).evaluations.size(), 1U);
}

/// Without what needs the bytes that the kernel wrote, which a result does not say.
OrderedJson without_analysis(OrderedJson entry) {
  entry.erase("analysis");
  return entry;
}

TEST_F(ReadRun, AResultThatIsReadMakesTheSameResult) {
  tuner::Run run = sample_run();
  run.info.first_outcome_s = 0.25;
  run.info.counter_cost = {{"full", {2, 8, 0.5, 0.125}}};
  run.info.target_fit = TargetFit{2, "block=256: too many registers"};
  run.evaluations[1].measurement.launches.push_back({{8, 1, 1}, {64, 1, 1}, 0});
  const OrderedJson before = result_json(run).value();
  const tuner::Run again = read(json_text(before));
  const OrderedJson after = result_json(again).value();
  for (const char* member : {"schema", "tool", "started_at", "problem", "device", "target", "tied", "top"})
    EXPECT_EQ(before.at(member), after.at(member)) << member;
  EXPECT_EQ(without_analysis(before.at("best")), without_analysis(after.at("best")));
  for (const char* member : {"strategy", "seed", "space_size", "seconds", "first_outcome_seconds", "stop_reason"})
    EXPECT_EQ(before.at("search").at(member), after.at("search").at(member)) << member;
  EXPECT_EQ(before.at("search").at("counter_cost"), after.at("search").at("counter_cost"));
  EXPECT_EQ(again.info.note, "a result file: 3 of the 9 evaluated configurations");
  EXPECT_EQ(again.info.finals.size(), 2U);
}

TEST_F(ReadRun, AResultThatIsReadTellsHowItWasTimed) {
  const tuner::Run run = testing::sample_timed_run();
  const OrderedJson before = result_json(run).value();
  const tuner::Run again = read(json_text(before));
  const OrderedJson after = result_json(again).value();
  for (const char* member : {"device", "place_effect", "tied", "top"})
    EXPECT_EQ(before.at(member), after.at(member)) << member;
  EXPECT_EQ(without_analysis(before.at("best")), without_analysis(after.at("best")));
  // A file has no times of the search, which the middle one compares with those of the finals.
  ASSERT_EQ(before.at("warnings").size(), 3U);
  EXPECT_EQ(after.at("warnings"), OrderedJson::array({before["warnings"][0], before["warnings"][2]}));
  EXPECT_EQ(again.info.after, Predecessor::producer);
  ASSERT_EQ(again.info.final_rounds.size(), 24U);
  // The best is the first of the file, whatever its sequence was.
  EXPECT_EQ(again.info.final_rounds[0].order, (std::vector<std::int64_t>{1, FinalRound::copy, 0}));
  EXPECT_EQ(again.info.finals[0].samples_ms, run.info.finals[0].samples_ms);
  EXPECT_EQ(again.info.finals[1].samples_ms, run.info.finals[1].samples_ms);
  EXPECT_EQ(again.info.final_rounds[0].clocks->power_w, 459.5);
}

TEST_F(ReadRun, AResultOfBeforeSaysWhetherItWasWarm) {
  OrderedJson json = result_json(sample_run()).value();
  for (OrderedJson* entry : {&json["best"], &json["top"][0]}) {
    entry->erase("after");
    (*entry)["timing"] = "warm";
  }
  json["search"]["finals"].erase("rounds");
  json["search"]["finals"].erase("timed");
  json["device"].erase("clocks");
  json.erase("warnings");
  json.erase("place_effect");
  EXPECT_EQ(read(json_text(json)).info.after, Predecessor::itself);
  json["best"]["timing"] = "cold";
  const tuner::Run cold = read(json_text(json));
  EXPECT_EQ(cold.info.after, Predecessor::unsettled);
  EXPECT_TRUE(cold.info.final_rounds.empty());
}

TEST_F(ReadRun, AResultWithoutWhatIsNeededIsRefused) {
  const OrderedJson sound = result_json(testing::sample_timed_run()).value();
  const auto spoilt = [&](const char* pointer, const OrderedJson& value) {
    OrderedJson json = sound;
    json[OrderedJson::json_pointer(pointer)] = value;
    return refusal(json.dump());
  };
  EXPECT_THAT(spoilt("/best/time_ms/median", -1), HasSubstr("/best: has no time above zero"));
  EXPECT_THAT(spoilt("/best/config", 3), HasSubstr("/best/config: expected an object"));
  EXPECT_THAT(spoilt("/tied", 3), HasSubstr("/tied: "));
  EXPECT_THAT(spoilt("/top/0/variant", 3), HasSubstr("/top/0/variant: "));
  EXPECT_THAT(spoilt("/problem/dims/N", "x"), HasSubstr("/problem/dims/N: "));
  EXPECT_THAT(spoilt("/device/copy_gbps", "x"), HasSubstr("/device/copy_gbps: "));
  EXPECT_THAT(spoilt("/device/clocks", 3), HasSubstr("/device/clocks: expected an object"));
  EXPECT_THAT(spoilt("/device/clocks/sm_mhz", "x"), HasSubstr("/device/clocks/sm_mhz: "));
  EXPECT_THAT(spoilt("/best/after", "lunch"), HasSubstr("/best/after: 'lunch' is not known here"));
  EXPECT_THAT(spoilt("/search/finals/rounds/2/order/0", "x"), HasSubstr("/search/finals/rounds/2/order/0: "));
  EXPECT_THAT(spoilt("/search/finals/rounds/2/place", "x"), HasSubstr("/search/finals/rounds/2/place: "));
  EXPECT_THAT(spoilt("/search/finals/timed/1/samples_ms/3", "x"), HasSubstr("/search/finals/timed/1/samples_ms/3: "));
  EXPECT_THAT(spoilt("/search/finals/timed/1/sequence", -1), HasSubstr("/search/finals/timed/1/sequence: "));
}

}  // namespace
}  // namespace fuseline::tuner
