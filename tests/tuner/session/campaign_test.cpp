// Several instances of one problem, one after the other, cut off and gone on with.
#include "tuner/session/campaign.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <thread>

#include "toy.hpp"

namespace fuseline::tuner {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kToySize;
using testing::Toy;

/// Waits for each sweep; notes what it is told. `stop_in` and `stop_after` interrupt it.
class Follower final : public CampaignFollower {
 public:
  Result<void> check(const CampaignInstance& instance) override {
    if (instance.part == unwritable) return io_error(instance.part, "cannot be written");
    return {};
  }
  Result<void> begin(const CampaignPlace& place, const CampaignInstance& instance) override {
    places.push_back(place);
    begun.push_back(instance.name);
    return {};
  }
  Result<Run> follow(Session& session, const CampaignPlace& place) override {
    if (place.number == stop_in) {
      while (session.snapshot()->evaluated < stop_after) std::this_thread::sleep_for(1ms);
      session.stop();
      stopped_ = true;
    }
    return session.wait();
  }
  Result<void> end(const Run& run, InstanceReport& report) override {
    ended.push_back(report.instance.name);
    if (report.instance.name == fails_to_write) return io_error("file", "no space is left");
    EXPECT_EQ(run.info.dtype, *dtype_from_string(report.instance.request.dtype));
    return {};
  }
  void failed(const InstanceReport& report) override { lost.push_back(report.instance.name); }
  bool stopped() override { return stopped_; }

  std::size_t stop_in = 0, stop_after = 3;
  std::string unwritable, fails_to_write;
  std::vector<CampaignPlace> places;
  std::vector<std::string> begun, ended, lost;

 private:
  bool stopped_ = false;
};

CampaignRequest every(Toy& toy) {
  CampaignRequest request;
  request.each = toy.request();
  request.shapes = {kEvery};
  request.dtypes = {kEvery};
  return request;
}

Result<CampaignReport> run(Toy& toy, const CampaignRequest& request, Follower& follower, bool resume = false) {
  auto environment = toy.environment();
  environment.resume = resume;
  return run_campaign(request, environment, follower);
}

std::vector<InstanceState> states(const CampaignReport& report) {
  std::vector<InstanceState> all;
  for (const auto& each : report.instances) all.push_back(each.state);
  return all;
}

TEST(Campaign, EveryShapeAndDtypeIsARunOfItsOwn) {
  Toy toy;
  toy.open_store();
  Follower follower;
  const auto report = run(toy, every(toy), follower);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_THAT(follower.begun, ElementsAre("f32 small", "f16 small", "f32 tiny", "f16 tiny"));
  EXPECT_EQ(follower.ended, follower.begun);
  EXPECT_EQ(report->count(InstanceState::finished), 4U);
  const auto runs = toy.store->runs();
  ASSERT_TRUE(runs);
  ASSERT_EQ(runs->size(), 4U);
  EXPECT_EQ(runs->front().shape, "tiny");
  EXPECT_EQ(runs->front().dtype, Dtype::f16);
  for (const auto& each : report->instances) {
    const auto kept = toy.store->load(each.run);
    ASSERT_TRUE(kept);
    const auto ranked = kept->ranked();
    EXPECT_DOUBLE_EQ(each.best_ms, kept->time_of(*ranked.front()).median);
    EXPECT_EQ(each.configuration, ranked.front()->configuration.key());
    EXPECT_EQ(each.evaluated, kept->evaluations.size());
    EXPECT_GT(each.of_copy, 0);
  }
  EXPECT_FALSE(follower.places.front().later_s);
  EXPECT_TRUE(follower.places[1].later_s);
  EXPECT_DOUBLE_EQ(*follower.places.back().later_s, 0) << "none comes after the last";
}

TEST(Campaign, CutOffItGoesOnWithThatInstanceAndSkipsWhatIsDone) {
  Toy toy;
  toy.open_store();
  toy.script["delay_ms"] = 5;
  Follower first;
  first.stop_in = 2;
  const auto cut = run(toy, every(toy), first);
  ASSERT_TRUE(cut) << cut.error().message();
  EXPECT_THAT(states(*cut), ElementsAre(InstanceState::finished, InstanceState::interrupted, InstanceState::not_reached,
                                        InstanceState::not_reached));
  toy.script["delay_ms"] = 0;
  std::filesystem::remove(toy.path("log"));
  Follower second;
  const auto resumed = run(toy, every(toy), second, true);
  ASSERT_TRUE(resumed) << resumed.error().message();
  EXPECT_THAT(states(*resumed), ElementsAre(InstanceState::kept, InstanceState::finished, InstanceState::finished,
                                            InstanceState::finished));
  EXPECT_THAT(second.begun, ElementsAre("f16 small", "f32 tiny", "f16 tiny"));
  EXPECT_EQ(second.ended.size(), 4U) << "files of what was done before may be missing";
  EXPECT_EQ(resumed->instances[0].run, cut->instances[0].run);
  EXPECT_EQ(resumed->instances[1].run, cut->instances[1].run);
  EXPECT_EQ(resumed->instances[0].best_ms, cut->instances[0].best_ms);
  const auto earlier = static_cast<int>(cut->instances[1].evaluated);
  EXPECT_GE(earlier, 3);
  EXPECT_EQ(toy.logged("measured "), 3 * static_cast<int>(kToySize) - earlier) << "nothing is measured twice";
  EXPECT_EQ(toy.store->runs()->size(), 4U);
}

TEST(Campaign, ANewOneOfTheSameChoicesMeasuresAgain) {
  Toy toy;
  toy.open_store();
  Follower first, second;
  ASSERT_TRUE(run(toy, every(toy), first));
  ASSERT_TRUE(run(toy, every(toy), second));
  EXPECT_EQ(second.begun.size(), 4U);
  Follower third;
  const auto all_done = run(toy, every(toy), third, true);
  ASSERT_TRUE(all_done);
  EXPECT_THAT(third.begun, IsEmpty());
  EXPECT_EQ(all_done->instances.front().run, 5) << "of the newest campaign";
}

TEST(Campaign, AnotherBudgetIsMeasuredAndMoreInstancesMayJoin) {
  Toy toy;
  toy.open_store();
  auto request = every(toy);
  request.dtypes = {"f32"};
  request.each.budget = "5";
  Follower first, second, third;
  ASSERT_TRUE(run(toy, request, first));
  request.dtypes = {"f32", "f16"};
  ASSERT_TRUE(run(toy, request, second, true));
  EXPECT_THAT(second.begun, ElementsAre("f16 small", "f16 tiny"));
  request.each.budget = "6";
  ASSERT_TRUE(run(toy, request, third, true));
  EXPECT_EQ(third.begun.size(), 4U);
}

TEST(Campaign, ThereMustBeOneToResume) {
  Toy toy;
  Follower follower;
  EXPECT_THAT(run(toy, every(toy), follower, true).error().message(), HasSubstr("nothing is kept"));
  toy.open_store();
  EXPECT_THAT(run(toy, every(toy), follower, true).error().message(), HasSubstr("no campaign of these choices"));
  ASSERT_TRUE(run(toy, every(toy), follower));
  auto other = every(toy);
  other.each.seed = 2;
  EXPECT_FALSE(run(toy, other, follower, true));
  EXPECT_TRUE(run(toy, every(toy), follower, true));
}

TEST(Campaign, WhatIsDoneIsNoRunOfASweepResumedAlone) {
  Toy toy;
  toy.open_store();
  toy.script["delay_ms"] = 5;
  Follower first, second;
  first.stop_in = 1;
  ASSERT_TRUE(run(toy, every(toy), first));
  toy.script["delay_ms"] = 0;
  auto environment = toy.environment();
  environment.resume = true;
  auto request = toy.request();
  auto session = Session::start(request, environment);
  ASSERT_TRUE(session) << session.error().message();
  ASSERT_TRUE((*session)->wait());
  const auto resumed = run(toy, every(toy), second, true);
  ASSERT_TRUE(resumed);
  EXPECT_EQ(resumed->instances.front().state, InstanceState::kept) << "its run is still the campaign's";
}

TEST(Campaign, ARefusedInstanceCostsItselfAlone) {
  Toy toy;
  toy.open_store();
  CampaignRequest request;
  request.each = toy.request();
  request.dims = {{"N", {64, 5000, 128}}};
  Follower follower;
  const auto report = run(toy, request, follower);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_THAT(states(*report), ElementsAre(InstanceState::finished, InstanceState::refused, InstanceState::finished));
  EXPECT_THAT(report->instances[1].reason, HasSubstr("within 1 and 4096"));
  EXPECT_THAT(follower.lost, ElementsAre("f32 small N=5000"));
  EXPECT_FALSE(report->error);
}

TEST(Campaign, ASweepInWhichNothingWorksCostsItselfAlone) {
  Toy toy;
  toy.open_store();
  toy.rule("", "time", "outcome", {{"outcome", "incorrect"}, {"reason", "made up"}, {"times", 1000}});
  Follower follower;
  const auto report = run(toy, every(toy), follower);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->count(InstanceState::failed), 4U);
  EXPECT_THAT(report->instances.front().reason, HasSubstr("no configuration worked: "));
  EXPECT_THAT(report->instances.front().reason, HasSubstr(" incorrect (made up)"));
  EXPECT_EQ(follower.ended.size(), 4U) << "a recording can be written of it";
}

TEST(Campaign, WithoutAWorkerItEndsAtOnce) {
  Toy toy;
  toy.open_store();
  auto request = every(toy);
  request.each.workers = {"false"};
  Follower follower;
  const auto report = run(toy, request, follower);
  ASSERT_TRUE(report);
  ASSERT_TRUE(report->error);
  EXPECT_EQ(report->error->kind, ErrorKind::worker);
  EXPECT_EQ(report->count(InstanceState::failed), 1U);
  EXPECT_EQ(report->count(InstanceState::not_reached), 3U);
}

TEST(Campaign, AFileThatCannotBeWrittenEndsItAndItGoesOnLater) {
  Toy toy;
  toy.open_store();
  Follower full, later;
  full.fails_to_write = "f16 small";
  const auto report = run(toy, every(toy), full);
  ASSERT_TRUE(report);
  ASSERT_TRUE(report->error);
  EXPECT_EQ(report->count(InstanceState::not_reached), 2U);
  ASSERT_TRUE(run(toy, every(toy), later, true));
  EXPECT_EQ(later.begun.size(), 2U);
  EXPECT_EQ(later.ended.size(), 4U);
  Follower unwritable;
  unwritable.unwritable = "f16.tiny";
  EXPECT_FALSE(run(toy, every(toy), unwritable)) << "nothing is begun where a file could not be written";
  EXPECT_THAT(unwritable.begun, IsEmpty());
}

TEST(Campaign, WhatIsWrongForEachIsSaidBeforeAny) {
  Toy toy;
  const std::pair<void (*)(CampaignRequest&), const char*> cases[] = {
      {[](CampaignRequest& r) { r.each.budget = "much"; }, "much"},
      {[](CampaignRequest& r) { r.each.strategy = "psychic"; }, "psychic"},
      {[](CampaignRequest& r) { r.each.device = "abacus"; }, "abacus"},
      {[](CampaignRequest& r) { r.each.target = "abacus"; }, "abacus"},
      {[](CampaignRequest& r) { r.each.problem = "nosuch"; }, "nosuch"},
      {[](CampaignRequest& r) { r.each.problem = ""; }, "name the problem"},
      {[](CampaignRequest& r) {
         r.shapes = {"small", "tini"};
       },
       "did you mean tiny"},
      {[](CampaignRequest& r) {
         r.shapes = {"small", ""};
       },
       "nothing between two commas"},
      {[](CampaignRequest& r) {
         r.shapes = {"small", "small"};
       },
       "'small' twice"},
      {[](CampaignRequest& r) {
         r.shapes = {"small", kEvery};
       },
       "stands alone"},
      {[](CampaignRequest& r) {
         r.dtypes = {"f32", "f17"};
       },
       "'f17' is no data type"},
      {[](CampaignRequest& r) {
         r.dims = {{"Q", {1, 2}}};
       },
       "no dimension \"Q\""},
      {[](CampaignRequest& r) {
         r.dims = {{"N", {1, 2}}, {"N", {3}}};
       },
       "sets N twice"},
      {[](CampaignRequest& r) {
         r.dims = {{"N", {1, 2, 1}}};
       },
       "a value twice"},
      {[](CampaignRequest& r) {
         r.dims = {{"N", {}}};
         for (std::int64_t i = 1; i <= 2000; ++i) r.dims.front().values.push_back(i);
       },
       "make 8000 instances"},
  };
  for (const auto& [change, text] : cases) {
    auto request = every(toy);
    change(request);
    Follower follower;
    const auto report = run(toy, request, follower);
    ASSERT_FALSE(report) << text;
    EXPECT_EQ(report.error().kind, ErrorKind::bad_input) << text;
    EXPECT_THAT(report.error().message(), HasSubstr(text));
    EXPECT_THAT(follower.begun, IsEmpty()) << text;
  }
}

TEST(Instances, ListsMultiplyAndEachHasFilesOfItsOwn) {
  Toy toy;
  auto request = every(toy);
  request.dims = {{"N", {8, 16}}};
  const auto environment = toy.environment();
  const auto instances = list_instances(request, *environment.catalog);
  ASSERT_TRUE(instances) << instances.error().message();
  std::vector<std::string> names, refused;
  std::set<std::string> files;
  for (const auto& each : *instances) {
    (each.refusal ? refused : names).push_back(each.name);
    files.insert(instance_file("out/best.json", each));
  }
  EXPECT_THAT(names, ElementsAre("f32 small N=8", "f32 small N=16", "f16 small N=8", "f16 small N=16"));
  EXPECT_EQ(refused.size(), 4U) << "tiny differs from small in N alone";
  EXPECT_THAT(instances->back().refusal->message(), HasSubstr("has the dimensions of f16 small N=16"));
  EXPECT_EQ(files.size(), 8U);
  EXPECT_TRUE(files.contains("out/best.f32.small-N8.json"));
}

TEST(Instances, FilesAreNamedAsRecordingsAre) {
  CampaignInstance instance;
  instance.part = "f32.wide";
  EXPECT_EQ(instance_file("a/swiglu.t4.json", instance), "a/swiglu.f32.wide.t4.json");
  EXPECT_EQ(instance_file("best.of.all.json", instance), "best.of.all.f32.wide.json");
  EXPECT_EQ(instance_file("best", instance), "best.f32.wide");
  EXPECT_EQ(instance_file("", instance), "");
}

TEST(Instances, OneValueEachIsOneSweep) {
  CampaignRequest request;
  EXPECT_FALSE(is_campaign(request));
  request.shapes = {"tiny"};
  request.dtypes = {"f16"};
  request.dims = {{"N", {8}}};
  EXPECT_FALSE(is_campaign(request));
  const auto single = single_request(request);
  EXPECT_EQ(single.shape, "tiny");
  EXPECT_EQ(single.dtype, "f16");
  EXPECT_THAT(single.dims, ElementsAre(Dimension{"N", 8}));
  request.dtypes = {kEvery};
  EXPECT_TRUE(is_campaign(request)) << "files are named alike, however many dtypes the problem has";
}

}  // namespace
}  // namespace fuseline::tuner
