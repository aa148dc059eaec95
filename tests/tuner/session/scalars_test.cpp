// Scalars that are set: from the request to the worker's job, the kept run, and replays of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "toy.hpp"
#include "tuner/formats/t4.hpp"
#include "tuner/session/plan.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kToySize;
using testing::Toy;

const Scalars kThree = {{"scale", 3.0}};

TEST(ScalarsOfASweep, AreInTheJobAndInTheRun) {
  Toy toy;
  auto request = toy.request();
  request.scalars = kThree;
  const auto plan = make_plan(request, toy.environment());
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_EQ(plan->job->scalars, kThree);
  EXPECT_THAT(plan->job->defines, Contains("-DSCALAR_scale=3.0"));
  EXPECT_EQ(plan->info.scalars, kThree);
  EXPECT_THAT(plan->info.set_scalars, ElementsAre("scale"));
  EXPECT_EQ(plan->info.request.scalars, kThree);
}

TEST(ScalarsOfASweep, AreTheDefaultsWhereNoneIsSet) {
  Toy toy;
  auto request = toy.request();
  for (const Scalars& scalars : {Scalars{}, Scalars{{"scale", 2.0}}}) {
    request.scalars = scalars;
    const auto plan = make_plan(request, toy.environment());
    ASSERT_TRUE(plan) << plan.error().message();
    EXPECT_EQ(plan->job->scalars, (Scalars{{"scale", 2.0}}));
    EXPECT_EQ(plan->info.scalars, (Scalars{{"scale", 2.0}}));
    EXPECT_THAT(plan->info.set_scalars, IsEmpty()) << "set to what it is anyway";
  }
}

TEST(ScalarsOfASweep, AreKeptInTheStore) {
  Toy toy;
  toy.open_store();
  auto request = toy.request();
  request.scalars = kThree;
  const auto run = toy.sweep(request);
  ASSERT_TRUE(run) << run.error().message();
  const auto kept = toy.store->load(run->info.id);
  ASSERT_TRUE(kept) << kept.error().message();
  EXPECT_EQ(kept->info.scalars, kThree);
  EXPECT_EQ(kept->info.request.scalars, kThree);
  EXPECT_EQ(changed_scalars(kept->info), kThree);
}

/// Recordings of the toy made with the default, with another, and before scalars could be set.
class ReplayedScalars : public ::testing::Test {
 protected:
  void record(const std::string& name, const Scalars& scalars) {
    auto request = toy_.request();
    request.scalars = scalars;
    const auto run = toy_.sweep(request);
    ASSERT_TRUE(run) << run.error().message();
    toy_.folder().write("presets/recordings/" + name + "/toy.f32.small.t4.json", t4_json(*run).dump());
  }
  [[nodiscard]] std::string file(const std::string& name) const {
    return toy_.path("presets/recordings/" + name + "/toy.f32.small.t4.json").string();
  }
  void make_old(const std::string& name) {
    auto json = nlohmann::ordered_json::parse(*read_file(file(name)));
    auto& info = json["metadata"]["fuseline"];
    ASSERT_EQ(info.erase("scalars") + info.erase("set_scalars") + info["request"].erase("scalars"), 3U);
    toy_.folder().write("presets/recordings/" + name + "/toy.f32.small.t4.json", json.dump());
  }
  Result<tuner::Run> replay(const std::string& recording, const Scalars& scalars) {
    auto request = toy_.request();
    request.device = "replay:" + recording;
    request.workers.clear();
    request.scalars = scalars;
    return toy_.sweep(request);
  }
  std::string refusal(const std::string& recording, const Scalars& scalars) {
    const auto run = replay(recording, scalars);
    return run ? "replayed" : run.error().message();
  }
  Toy toy_;
};

TEST_F(ReplayedScalars, MustBeThoseOfTheRecording) {
  record("box", kThree);
  const auto run = replay("box", kThree);
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->evaluations.size(), kToySize);
  EXPECT_THAT(run->info.set_scalars, ElementsAre("scale"));
  EXPECT_THAT(refusal("box", {}), HasSubstr("was recorded with scale=3, not with scale=2"));
  EXPECT_THAT(refusal("box", {{"scale", 4.0}}), HasSubstr("was recorded with scale=3, not with scale=4"));
  EXPECT_THAT(refusal(file("box"), {}),
              HasSubstr("was recorded with scale=3, not with scale=2: set them with --scalar"));
  EXPECT_TRUE(replay(file("box"), kThree));
}

TEST_F(ReplayedScalars, AreTheDefaultsInARecordingOfBefore) {
  record("box", {});
  make_old("box");
  EXPECT_TRUE(replay("box", {}));
  EXPECT_TRUE(replay(file("box"), {{"scale", 2.0}}));
  EXPECT_THAT(refusal(file("box"), kThree), HasSubstr("was recorded with scale=2, not with scale=3"));
  EXPECT_THAT(refusal("box", kThree), HasSubstr("was recorded with scale=2, not with scale=3"));
}

TEST_F(ReplayedScalars, AreNamedBesideTheDimensionsWhereNoRecordingHasThose) {
  record("box", {});
  auto request = toy_.request();
  request.device = "replay:box";
  request.workers.clear();
  request.dims = {{"N", 128}};
  request.scalars = kThree;
  const auto run = toy_.sweep(request);
  ASSERT_FALSE(run);
  EXPECT_THAT(run.error().message(), HasSubstr("no recording 'box' of toy in f32 with N=128 and scale=3"));
}

TEST_F(ReplayedScalars, ChooseAmongRecordingsOfOneName) {
  record("box", {});
  record("other", kThree);
  std::filesystem::copy_file(file("other"), toy_.path("presets/recordings/box/toy.f32.thrice.t4.json"));
  EXPECT_THAT(replay("box", kThree)->info.set_scalars, ElementsAre("scale"));
  EXPECT_THAT(replay("box", {})->info.set_scalars, IsEmpty());
}

TEST_F(ReplayedScalars, ComeWithAFileThatNamesItsProblemItself) {
  record("box", kThree);
  auto request = toy_.request();
  request.problem.clear();
  request.workers.clear();
  request.device = "replay:" + file("box");
  const auto run = toy_.sweep(request);
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(changed_scalars(run->info), kThree);
  request.scalars = kThree;
  const auto unnamed = toy_.sweep(request);
  ASSERT_FALSE(unnamed);
  EXPECT_EQ(unnamed.error().message(),
            "--scalar: name the problem whose scalars are set: a recording's file brings its own");
}

}  // namespace
}  // namespace fuseline::tuner
