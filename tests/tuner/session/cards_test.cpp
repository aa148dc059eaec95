// Sweeps on several GPUs at once: each time says of which it is, and what is compared is as if of one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "toy.hpp"
#include "tuner/formats/csv.hpp"
#include "tuner/formats/result.hpp"
#include "tuner/formats/t4.hpp"
#include "tuner/run/figures.hpp"
#include "tuner/session/device_choice.hpp"
#include "tuner/session/instances.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::kToySize;
using ::testing::Not;
using testing::Toy;

/// Workers on two GPUs, of which the second takes five percent longer for everything.
class Cards : public ::testing::Test {
 protected:
  Cards() {
    toy_.script["noise"] = 0;
    toy_.script["delay_ms"] = 2;
    first_ = second_ = toy_.script;
    first_["log"] = toy_.path("first.log").string();
    second_["log"] = toy_.path("second.log").string();
    first_["uuid"] = "GPU-a";
    second_["uuid"] = "GPU-b";
    second_["speed"] = 0.95;
  }
  std::string worker(const std::string& name, const nlohmann::json& script) {
    toy_.script = script;
    return toy_.worker(name);
  }
  SweepRequest request() {
    SweepRequest request = toy_.request();
    request.workers = {worker("first.json", first_), worker("second.json", second_)};
    return request;
  }
  tuner::Run swept() {
    auto run = toy_.sweep(request());
    EXPECT_TRUE(run) << (run ? "" : run.error().message());
    return run ? std::move(*run) : tuner::Run{};
  }
  tuner::Run swept_on_one() {
    SweepRequest one = toy_.request();
    one.workers = {worker("one.json", first_)};
    return toy_.sweep(one).value();
  }
  int logged(const std::string& file, const std::string& start) const {
    std::ifstream log(toy_.path(file));
    int count = 0;
    for (std::string line; std::getline(log, line);) count += line.starts_with(start);
    return count;
  }
  static std::vector<std::string> order(const tuner::Run& run) {
    std::vector<std::string> names;
    for (const Evaluation* each : run.ranked()) names.push_back(each->configuration.key());
    return names;
  }
  /// Once, from outside.
  static nlohmann::json killed_at(const std::string& point) {
    return nlohmann::json::array(
        {nlohmann::json::object({{"match", ""}, {"at", point}, {"do", "signal"}, {"signal", 9}})});
  }
  static long timed_on(const tuner::Run& run, int card) {
    return std::count_if(run.evaluations.begin(), run.evaluations.end(),
                         [card](const Evaluation& each) { return each.measurement.card == card; });
  }

  Toy toy_;
  nlohmann::json first_, second_;
};

TEST_F(Cards, OfWhichOneIsSlowerRankAsOneCardDoes) {
  toy_.ahead = 2;
  const tuner::Run run = swept();
  ASSERT_EQ(run.info.cards.size(), 2U);
  EXPECT_EQ(run.info.cards[0].uuid, "GPU-a");
  EXPECT_EQ(run.info.cards[1].uuid, "GPU-b");
  EXPECT_NEAR(cards_apart(run.info), 0.05, 1e-9);
  EXPECT_GT(timed_on(run, 1), 3);
  EXPECT_GT(timed_on(run, 2), 3);
  EXPECT_EQ(timed_on(run, 1) + timed_on(run, 2), static_cast<long>(kToySize));
  const tuner::Run one = swept_on_one();
  EXPECT_TRUE(one.info.cards.empty());
  EXPECT_EQ(timed_on(one, 0), static_cast<long>(kToySize));
  EXPECT_EQ(order(run).front(), order(one).front());
  for (const Evaluation& each : run.evaluations) {
    const Evaluation* there = testing::find(one, each.configuration.key());
    EXPECT_NEAR(sweep_ms(run.info, each.measurement), there->measurement.time_ms.median, 1e-9)
        << "every time counts as if it had been taken on the first card";
  }
  EXPECT_THAT(toy_.messages(), Not(HasSubstr("the copy of")));
}

TEST_F(Cards, HaveTheirFinalsOnTheFirstAlone) {
  const tuner::Run run = swept();
  EXPECT_FALSE(run.info.finals.empty());
  EXPECT_EQ(run.info.reference_card, 1);
  EXPECT_GT(logged("first.log", "finals"), 0);
  EXPECT_EQ(logged("second.log", "finals"), 0);
  EXPECT_EQ(figures_of(run.info, *run.ranked().front()).card, 1);
  EXPECT_THAT(toy_.messages(), HasSubstr("reaches 950 GB/s, 5.0 % less than 1,000 GB/s of the reference card"));
}

TEST_F(Cards, ThatAreGoneLeaveTheRestToTheOthers) {
  toy_.ahead = 2;
  first_["delay_ms"] = 40;
  second_["lives"] = 1;
  second_["rules"] = killed_at("time");
  const tuner::Run run = swept();
  EXPECT_EQ(run.info.state, RunState::finished);
  EXPECT_EQ(run.evaluations.size(), kToySize);
  EXPECT_THAT(toy_.messages(), HasSubstr("was lost and is replaced"));
  EXPECT_GE(timed_on(run, 1), static_cast<long>(kToySize) - 2);
}

TEST_F(Cards, WhoseFirstIsGoneHaveTheirFinalsOnAnother) {
  first_["lives"] = 1;
  first_["rules"] = killed_at("time");
  const tuner::Run run = swept();
  EXPECT_EQ(run.info.state, RunState::finished);
  EXPECT_EQ(run.info.reference_card, 2);
  EXPECT_FALSE(run.info.finals.empty());
  EXPECT_GT(logged("second.log", "finals"), 0);
  EXPECT_EQ(logged("first.log", "finals"), 0);
  EXPECT_THAT(toy_.messages(), HasSubstr("the reference card is now"));
}

TEST_F(Cards, LostInTheFinalsBeginThemAgainElsewhere) {
  const std::string best = order(swept_on_one()).front();
  toy_.folder().write("first.log", "");
  first_["lives"] = 1;
  first_["rules"] = killed_at("finals");
  const tuner::Run run = swept();
  EXPECT_EQ(run.info.reference_card, 2);
  ASSERT_FALSE(run.info.final_rounds.empty());
  EXPECT_EQ(run.info.final_rounds.size(), run.info.finals.front().samples_ms.size());
  EXPECT_EQ(order(run).front(), best);
}

TEST_F(Cards, AreKeptInFilesAndReadBack) {
  toy_.ahead = 2;
  toy_.open_store();
  const tuner::Run run = swept();
  const auto check = [&](const tuner::Run& back, const char* from) {
    SCOPED_TRACE(from);
    ASSERT_EQ(back.info.cards.size(), 2U);
    EXPECT_EQ(back.info.cards[1].where, run.info.cards[1].where);
    EXPECT_EQ(back.info.cards[1].copy_gbps, 950);
    EXPECT_EQ(back.info.reference_card, 1);
    for (const Evaluation* each : back.ranked()) {
      const Evaluation* before = testing::find(run, each->configuration.key());
      EXPECT_NEAR(back.time_of(*each).median, run.time_of(*before).median, 1e-9);
      EXPECT_EQ(figures_of(back.info, *each).card, figures_of(run.info, *before).card);
    }
  };
  check(toy_.store->load(run.info.id).value(), "the store");
  check(run_from_t4(t4_text(run), "run.t4.json").value(), "T4");
  check(run_from_result(result_json(run).value(), "result.json").value(), "a result");
  EXPECT_THAT(csv(run), HasSubstr(",card,"));
  EXPECT_THAT(csv(swept_on_one()), Not(HasSubstr(",card,"))) << "of one card it says nothing";
  EXPECT_FALSE(result_json(swept_on_one()).value()["device"].contains("cards"));
}

TEST_F(Cards, ReadTheCountersOfTheBestAllAtOnce) {
  auto counting = request();
  counting.counters = CounterMode::best;
  const auto run = toy_.sweep(counting);
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(logged("first.log", "counters 8 x"), 1);
  EXPECT_EQ(logged("second.log", "counters 8 x"), 1);
  const auto counted = std::count_if(run->evaluations.begin(), run->evaluations.end(),
                                     [](const Evaluation& each) { return !each.measurement.counters.empty(); });
  EXPECT_EQ(counted, 16);
  EXPECT_THAT(toy_.messages(), HasSubstr("the counters of the best were read on "));
}

TEST_F(Cards, WhoseReaderDiesHaveItsCountersReadByTheOther) {
  second_["rules"] = killed_at("counters");
  auto counting = request();
  counting.counters = CounterMode::best;
  const auto run = toy_.sweep(counting);
  ASSERT_TRUE(run) << run.error().message();
  const auto counted = std::count_if(run->evaluations.begin(), run->evaluations.end(),
                                     [](const Evaluation& each) { return !each.measurement.counters.empty(); });
  EXPECT_EQ(counted, 15) << "all but the one that the worker died of";
}

TEST_F(Cards, OfARunThatIsResumedAreKnownAgain) {
  toy_.open_store();
  toy_.ahead = 2;
  first_["delay_ms"] = second_["delay_ms"] = 20;
  auto session = Session::start(request(), toy_.environment());
  ASSERT_TRUE(session) << session.error().message();
  while ((*session)->snapshot()->evaluated < 6) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  (*session)->stop();
  ASSERT_TRUE((*session)->wait());
  auto environment = toy_.environment();
  environment.resume = true;
  auto again = Session::start(request(), environment);
  ASSERT_TRUE(again) << again.error().message();
  const auto run = (*again)->wait();
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->info.cards.size(), 2U);
  EXPECT_EQ(timed_on(*run, 1) + timed_on(*run, 2), static_cast<long>(kToySize));
}

TEST_F(Cards, OfDifferentKindsAreARunEach) {
  second_["device_name"] = "Other GPU";
  SweepRequest mixed = request();
  mixed.workers.push_back(mixed.workers.front());
  const auto kinds = split_by_kind(mixed, toy_.environment());
  ASSERT_TRUE(kinds) << kinds.error().message();
  ASSERT_EQ(kinds->size(), 2U);
  EXPECT_EQ((*kinds)[0].name, "Scripted GPU");
  EXPECT_THAT((*kinds)[0].request.workers, ElementsAre(mixed.workers[0], mixed.workers[2]));
  EXPECT_EQ((*kinds)[1].name, "Other GPU");
  EXPECT_THAT((*kinds)[1].request.workers, ElementsAre(mixed.workers[1]));
  const auto together = Session::start(mixed, toy_.environment());
  ASSERT_FALSE(together);
  EXPECT_THAT(together.error().message(), HasSubstr("times of different GPUs do not compare; name those of one kind"));
  EXPECT_TRUE(is_of_mixed_kinds(together.error()));
  EXPECT_FALSE(is_of_mixed_kinds(Error{ErrorKind::worker, {}, {}, "it ended"}));
  CampaignRequest campaign;
  campaign.each = mixed;
  for (const KindOfGpu& kind : *kinds) campaign.gpus.push_back({kind.name, kind.request.device, kind.request.workers});
  EXPECT_TRUE(is_campaign(campaign));
  const auto instances = list_instances(campaign, *toy_.environment().catalog);
  ASSERT_TRUE(instances) << instances.error().message();
  ASSERT_EQ(instances->size(), 2U);
  EXPECT_EQ(instances->front().name, "Scripted GPU f32 small");
  EXPECT_EQ(instances->back().part, "f32.small.2-other-gpu");
  EXPECT_THAT(instances->back().request.workers, ElementsAre(mixed.workers[1]));
}

TEST(CardsOfOneKind, AreNotSplit) {
  Toy toy;
  SweepRequest alike = toy.request();
  alike.workers.push_back(alike.workers.front());
  EXPECT_EQ(split_by_kind(alike, toy.environment())->size(), 1U);
}

}  // namespace
}  // namespace fuseline::tuner
