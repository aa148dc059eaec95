// Where the time of a sweep goes, as it is written for a viewer of traces.
#include "tuner/session/timeline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/trace_events.hpp"
#include "toy.hpp"

namespace fuseline::tuner {
namespace {

using std::chrono::microseconds;
using ::testing::Contains;
using ::testing::IsSupersetOf;
using testing::Toy;

SpanRecorder::Clock::time_point at(std::int64_t us) { return SpanRecorder::Clock::time_point(microseconds(us)); }

std::vector<nlohmann::json> spans_of(const nlohmann::json& trace, int process) {
  std::vector<nlohmann::json> spans;
  for (const auto& event : trace.at("traceEvents"))
    if (event.at("ph") == "X" && event.at("pid") == process) spans.push_back(event);
  return spans;
}

TEST(Timeline, AWorkersClockIsPlacedByItsFastestMessage) {
  Timeline timeline;
  timeline.own().add("session", "search", at(1'000'000), at(1'050'000));
  // Its clock stands at 500 where ours stands at 1,000,000; messages took 300 and 20 microseconds.
  timeline.add(1, 1, "one", {10'500, {{"device", "verify", 10'000, 400}}}, at(1'010'300));
  timeline.add(1, 1, "one", {20'500, {{"device", "sample", 20'000, 450}}}, at(1'020'020));
  const auto trace = timeline.chrome_json();
  EXPECT_EQ(fault_of_trace(trace), "");
  const auto spans = spans_of(trace, 1);
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_EQ(spans[0].at("ts"), 9'520);
  EXPECT_EQ(spans[0].at("dur"), 400);
  EXPECT_EQ(spans[1].at("ts"), 19'520);
}

TEST(Timeline, AReplacedWorkerIsAProcessOfItsOwn) {
  Timeline timeline;
  timeline.add(1, 1, "one", {10, {{"device", "verify", 0, 5}}}, at(100));
  timeline.add(1, 2, "one again", {10, {{"device", "verify", 0, 5}}}, at(200));
  const auto trace = timeline.chrome_json();
  EXPECT_EQ(fault_of_trace(trace), "");
  EXPECT_EQ(spans_of(trace, 2).at(0).at("ts"), 100);
}

TEST(Timeline, ASweepShowsItsCoordinatorAndEveryWorker) {
  Toy toy;
  toy.script["delay_ms"] = 1;
  auto request = toy.request();
  request.workers = {toy.worker(), toy.worker()};
  auto environment = toy.environment();
  environment.ahead = 2;
  environment.timeline = std::make_shared<Timeline>();
  auto session = Session::start(request, environment);
  ASSERT_TRUE(session) << session.error().message();
  ASSERT_TRUE((*session)->wait());
  const auto trace = environment.timeline->chrome_json();
  EXPECT_EQ(fault_of_trace(trace), "");
  EXPECT_THAT(span_names(trace, 0), IsSupersetOf({"prepare", "search", "ask", "resolve and deal", "wait", "store",
                                                  "tell", "publish", "finals"}));
  EXPECT_THAT(span_names(trace, 1), Contains("sample"));
  EXPECT_THAT(span_names(trace, 2), Contains("sample"));
  EXPECT_EQ(spans_of(trace, 1).size() + spans_of(trace, 2).size(), testing::kToySize);
}

TEST(Timeline, NobodyIsAskedForSpansThatNobodyWants) {
  Toy toy;
  ASSERT_TRUE(toy.sweep());
  EXPECT_EQ(toy.logged("spans"), 0);
}

}  // namespace
}  // namespace fuseline::tuner
