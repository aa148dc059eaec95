// The same configuration takes the same time whatever ran before it, and whatever the device does meanwhile: the whole
// worker on a stand-in driver whose launches depend on both.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "profiler/measure/clock_watch.hpp"
#include "profiler/measure/l2_flush.hpp"
#include "tests/profiler/worker_fixture.hpp"
#include "tests/support/environment_variable.hpp"
#include "tuner/stats/statistics.hpp"

namespace fuseline::profiler {
namespace {

using ::testing::DoubleNear;
using ::testing::Each;
using tuner::Outcome;
using tuner::Predecessor;

constexpr double kEventsMs = 0.0015;  // What recording the events adds on the stand-in.

/// Read by the worker, so that they must be there before it is started: a base before that which starts it.
class Words : public ::testing::WithParamInterface<const char*> {
 private:
  EnvironmentVariable words_{"FUSELINE_FAKE_CUDA", GetParam()};
};

class OnAnUnsteadyDevice : public Words, public WorkerConversation {};

struct Verdict {
  std::vector<std::uint64_t> order;
  std::map<std::uint64_t, bool> tied;
  friend bool operator==(const Verdict&, const Verdict&) = default;
};

Verdict verdict(const tuner::FinalsReply& reply) {
  Verdict found;
  for (const tuner::Finalist& ranked : tuner::rank_finalists(reply.rounds_ms)) {
    found.order.push_back(reply.ids[ranked.finalist]);
    found.tied[reply.ids[ranked.finalist]] = ranked.tied;
  }
  return found;
}

INSTANTIATE_TEST_SUITE_P(Effects, OnAnUnsteadyDevice,
                         ::testing::Values("steady", "drift", "predecessors", "drift,predecessors"),
                         [](const auto& effects) {
                           std::string name = effects.param;
                           std::replace(name.begin(), name.end(), ',', '_');
                           return name;
                         });

TEST_P(OnAnUnsteadyDevice, FinalsNameTheSameBestAndTies) {
  prepare();
  tuner::FinalsRequest finals;
  finals.finalists = {request(11, "far"), request(12, "k"), request(13, "near"), request(14, "slow")};
  finals.rounds = 25;
  worker_.send(finals);
  const auto reply = worker_.expect<tuner::FinalsReply>();
  ASSERT_TRUE(reply.has_value()) << worker_.last_error;
  const Verdict wanted{{12, 13, 11, 14}, {{12, true}, {13, true}, {11, false}, {14, false}}};
  EXPECT_EQ(verdict(*reply), wanted);
  if (std::string(GetParam()).find("drift") != std::string::npos) return;
  for (const auto& times_ms : reply->rounds_ms) EXPECT_NEAR(times_ms[1], 0.5, kEventsMs) << "as alone, in every round";
}

TEST_P(OnAnUnsteadyDevice, FinalsTakeTurnsInOrdersThatDifferOnPlacesThatRotate) {
  prepare();
  tuner::FinalsRequest finals;
  finals.finalists = {request(11, "far"), request(12, "k"), request(13, "near")};
  finals.rounds = 6;
  finals.first_round = 8;
  worker_.send(finals);
  const auto reply = worker_.expect<tuner::FinalsReply>();
  ASSERT_TRUE(reply.has_value()) << worker_.last_error;
  ASSERT_EQ(reply->rounds.size(), 6U);
  std::set<std::vector<std::int64_t>> orders;
  for (std::size_t i = 0; i < reply->rounds.size(); ++i) {
    EXPECT_THAT(reply->rounds[i].order, ::testing::UnorderedElementsAre(11, 12, 13, tuner::FinalRound::copy));
    EXPECT_EQ(reply->rounds[i].place, static_cast<int>((8 + i) % 3));
    orders.insert(reply->rounds[i].order);
    ASSERT_TRUE(reply->rounds[i].clocks.has_value());
    EXPECT_NEAR(reply->rounds[i].clocks->sm_mhz, 1980, 1);
  }
  EXPECT_GT(orders.size(), 2U);
}

class BehindOthers : public OnAnUnsteadyDevice {};
INSTANTIATE_TEST_SUITE_P(Effects, BehindOthers, ::testing::Values("predecessors"));

TEST_P(BehindOthers, ASampleTakesWhatItTakesAlone) {
  prepare();
  EXPECT_THAT(evaluate("k").samples_ms, Each(DoubleNear(0.5, kEventsMs)));
  EXPECT_THAT(evaluate("near").samples_ms, Each(DoubleNear(0.502, kEventsMs)));
  const auto measured = evaluate("k");
  EXPECT_THAT(measured.samples_ms, Each(DoubleNear(0.5, kEventsMs)));
  EXPECT_EQ(measured.after, Predecessor::clean);
}

TEST_P(BehindOthers, AProducerCostsWhatItLeavesAndTheInputsStayTheSame) {
  job_.timing.after = Predecessor::producer;
  prepare();
  const auto measured = evaluate("k");
  ASSERT_EQ(measured.outcome, Outcome::ok) << measured.reason;
  EXPECT_EQ(measured.after, Predecessor::producer);
  EXPECT_THAT(measured.samples_ms, Each(DoubleNear(0.515, kEventsMs))) << "3 % behind a kernel that wrote the inputs";
  EXPECT_EQ(evaluate("k").outcome, Outcome::ok);
}

TEST_P(BehindOthers, WarmRunsFollowThemselvesOnOneSetOfBuffers) {
  job_.timing.after = Predecessor::itself;
  prepare();
  EXPECT_EQ(prepared_->buffer_sets, 1);
  const auto measured = evaluate("k");
  EXPECT_EQ(measured.after, Predecessor::itself);
  EXPECT_THAT(measured.samples_ms, Each(DoubleNear(0.515, kEventsMs))) << "3 % behind its own lines";
}

class WithThrottledClocks : public OnAnUnsteadyDevice {};
INSTANTIATE_TEST_SUITE_P(ForAWhile, WithThrottledClocks, ::testing::Values("throttle"));

TEST_P(WithThrottledClocks, SamplesAreTakenAgain) {
  prepare();
  const auto measured = evaluate("k");
  ASSERT_EQ(measured.outcome, Outcome::ok) << measured.reason;
  EXPECT_THAT(measured.samples_ms, Each(DoubleNear(0.5, kEventsMs))) << "those of 0.65 ms were thrown away";
  ASSERT_TRUE(measured.clocks.has_value());
  EXPECT_EQ(measured.clocks->retaken, 15U) << "five times three";
  EXPECT_FALSE(tuner::is_throttled(measured.clocks->reasons));
  EXPECT_NEAR(measured.clocks->sm_mhz_lowest, 1980, 1);
  EXPECT_EQ(measured.clocks->power_w, 456.7);
  EXPECT_EQ(measured.clocks->temperature_c, 45);
}

class AlwaysThrottled : public OnAnUnsteadyDevice {};
INSTANTIATE_TEST_SUITE_P(Device, AlwaysThrottled, ::testing::Values("always_throttled"));

TEST_P(AlwaysThrottled, SamplesAreKeptAndSaySo) {
  prepare();
  const auto first = evaluate("k");
  ASSERT_EQ(first.outcome, Outcome::ok) << first.reason;
  ASSERT_TRUE(first.clocks.has_value());
  EXPECT_EQ(tuner::throttle_names(first.clocks->reasons), std::vector<std::string>{"sw_thermal_slowdown"});
  EXPECT_EQ(first.clocks->retaken, 15U) << "five times three, then no more";
  EXPECT_NEAR(first.clocks->sm_mhz, 1400, 1);
  EXPECT_EQ(evaluate("k").clocks->retaken, 0U) << "clocks were never better since";
}

TEST_P(AlwaysThrottled, FinalsOfManyTakeAFewTurnsAgainAndNotTheRound) {
  prepare();
  tuner::FinalsRequest finals;
  for (std::uint64_t id = 1; id <= 20; ++id) finals.finalists.push_back(request(id, "k"));
  finals.rounds = 1;
  worker_.send(finals);
  const auto reply = worker_.expect<tuner::FinalsReply>();
  ASSERT_TRUE(reply.has_value()) << worker_.last_error;
  ASSERT_EQ(reply->rounds.size(), 1U);
  EXPECT_EQ(reply->rounds[0].order.size(), 21U) << "with the copy";
  ASSERT_TRUE(reply->rounds[0].clocks.has_value());
  EXPECT_EQ(reply->rounds[0].clocks->retaken, 40U) << "five times eight of them, then no more";
  ASSERT_EQ(reply->rounds_ms.size(), 1U);
  EXPECT_THAT(reply->rounds_ms[0], ::testing::SizeIs(20));
  EXPECT_THAT(reply->rounds_ms[0], Each(DoubleNear(0.65, kEventsMs))) << "each has its own time";
}

/// Readings by a script; the last one stays.
class ScriptedReader : public ClockReader {
 public:
  explicit ScriptedReader(std::vector<std::uint64_t> reasons) : reasons_(std::move(reasons)) {}
  [[nodiscard]] tuner::ClockReading read() const override {
    const std::uint64_t reasons = reasons_[std::min(next_++, reasons_.size() - 1)];
    return {reasons == 0 ? 2000.0 : 1500.0, 3000, 100, 50, reasons};
  }

 private:
  std::vector<std::uint64_t> reasons_;
  mutable std::size_t next_ = 0;
};

/// A host whose time passes by itself in no pause and at no look, but `each_ms` at each look at it.
struct ScriptedHost {
  double each_ms = 0;
  double now_ms = 0;
  std::vector<double> pauses_ms = {};

  ClockWatch::Host host() {
    return {[this] { return ClockWatch::Duration(now_ms += each_ms); },
            [this](ClockWatch::Duration pause) { pauses_ms.push_back(pause.count()); }};
  }
};

/// How often ten samples were taken, with one look each time.
int taken_until_kept(ClockWatch& watch, std::optional<tuner::Clocks>& clocks) {
  int taken = 0;
  const auto take = [&]() -> DeviceResult<void> {
    ++taken;
    watch.look();
    return {};
  };
  EXPECT_TRUE(watch.unthrottled(10, clocks, take).has_value());
  return taken;
}

TEST(ClockWatches, PauseLongerEachTimeAndForgetWhatWasThrottled) {
  const ScriptedReader reader({0, 0x4, 0x4, 0, 0});
  ScriptedHost scripted;
  ClockWatch watch(&reader, scripted.host());
  std::optional<tuner::Clocks> clocks;
  const int taken = taken_until_kept(watch, clocks);
  EXPECT_EQ(taken, 3);
  const double first_ms = ClockWatch::kFirstPause.count();
  EXPECT_EQ(scripted.pauses_ms, (std::vector<double>{first_ms, 2 * first_ms}));
  EXPECT_EQ(clocks->retaken, 20U);
  EXPECT_EQ(clocks->reasons, 0U);
  EXPECT_EQ(clocks->sm_mhz, 2000);
}

TEST(ClockWatches, PauseNearThePowerLimitAndTakeNothingAgainForOneStepOfTheClock) {
  class OneStep : public ClockReader {
   public:
    [[nodiscard]] tuner::ClockReading read() const override {
      const bool capped = ++reads_ > 2;
      return {capped ? 1965.0 : 1980.0, 3201, capped ? 690.0 : 600.0, 56, capped ? 0x4ULL : 0ULL, 700};
    }

   private:
    mutable int reads_ = 0;
  };
  const OneStep reader;
  ScriptedHost scripted{8};
  ClockWatch watch(&reader, scripted.host());
  std::optional<tuner::Clocks> clocks;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(taken_until_kept(watch, clocks), 1);
  }
  EXPECT_EQ(clocks->retaken, 0U);
  const double share = PowerPace::kMost / (1 - PowerPace::kMost);
  EXPECT_THAT(scripted.pauses_ms, Each(DoubleNear(8 * share, 1e-9)));
  EXPECT_EQ(scripted.pauses_ms.size(), 2U) << "not at 600 W";
  EXPECT_EQ(tuner::throttle_names(clocks->reasons), std::vector<std::string>{"sw_power_cap"}) << "it is said";
  EXPECT_EQ(clocks->sm_mhz_lowest, 1965);
}

TEST(ClockWatches, WithoutAReaderTakeOnceAndSayNothing) {
  ClockWatch watch(nullptr);
  std::optional<tuner::Clocks> clocks;
  const int taken = taken_until_kept(watch, clocks);
  EXPECT_EQ(taken, 1);
  EXPECT_FALSE(clocks.has_value());
}

TEST(ClockWatches, GoByWhatIsMeasuredOnTheDeviceWhereThereIsNoReader) {
  ScriptedHost scripted;
  ClockWatch watch(nullptr, scripted.host());
  std::optional<tuner::Clocks> clocks;
  std::vector<double> measured_mhz = {1970, 1975, 1900, 1880, 1960};
  std::size_t next = 0;
  const auto take = [&]() -> DeviceResult<void> {
    watch.measured(measured_mhz.at(next++));
    return {};
  };
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(watch.unthrottled(10, clocks, take).has_value());
  EXPECT_EQ(next, measured_mhz.size());
  EXPECT_EQ(scripted.pauses_ms.size(), 2U);
  EXPECT_EQ(clocks->retaken, 20U);
  EXPECT_EQ(clocks->sm_mhz_lowest, 1960) << "of what was kept";
}

TEST(PowerPaces, HoldADeviceBelowItsLimitAndLetOthersBe) {
  // A device that would take 1.08 times its limit, 0.2 of it while it idles, and tells a mean over a second.
  PowerPace pace;
  double mean = 0.2, busy_ms = 0, idle_ms = 0, highest = 0;
  const auto pass = [&](double power, double milliseconds) { mean += (power - mean) * milliseconds / 1000; };
  for (int i = 0; i < 2000; ++i) {
    pass(1.08, 6);
    const double pause_ms = pace.due(mean, PowerPace::Duration(6)).count();
    pass(0.2, pause_ms);
    busy_ms += 6;
    idle_ms += pause_ms;
    highest = std::max(highest, mean);
  }
  EXPECT_LT(highest, 0.95);
  EXPECT_GT(mean, 0.9) << "no more idling than it takes";
  EXPECT_NEAR(idle_ms / (busy_ms + idle_ms), 0.17, 0.02);
  EXPECT_EQ(pace.due(0.85, PowerPace::Duration(1000)).count(), 0);
  EXPECT_EQ(pace.due(0, PowerPace::Duration(1000)).count(), 0) << "not known";
}

TEST(SmClocks, AreCyclesOverNanosecondsBetweenTwoFlushes) {
  EXPECT_DOUBLE_EQ(sm_mhz_between({0, 0, 1'000, 500}, {991'000, 500'500, 0, 0}), 1980);
  EXPECT_EQ(sm_mhz_between({0, 0, 1'000, 500}, {991'000, 500, 0, 0}), 0) << "no time passed";
  EXPECT_EQ(sm_mhz_between({0, 0, 1'000, 500}, {900, 600, 0, 0}), 0) << "another SM, or a counter begun anew";
}

TEST(ClockReaders, AreAbsentWhereThereIsNoNvmlOrItDoesNotKnowTheDevice) {
  const std::string known = "GPU-5a5a5a5a-5a5a-5a5a-5a5a-5a5a5a5a5a5a";
  {
    const EnvironmentVariable library("FUSELINE_LIBNVML", "/nowhere/libnvidia-ml.so.1");
    EXPECT_EQ(ClockReader::open(known), nullptr);
  }
  const EnvironmentVariable library("FUSELINE_LIBNVML", FUSELINE_FAKE_DRIVER);
  EXPECT_EQ(ClockReader::open("GPU-00000000-0000-0000-0000-000000000000"), nullptr);
  EXPECT_NE(ClockReader::open(known), nullptr);
}

}  // namespace
}  // namespace fuseline::profiler
