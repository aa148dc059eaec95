// A space on a GPU that is not there, with a compiler that is made up here.
#include "tuner/check/static_space.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tuner/check/made_up_compiler.hpp"
#include "tests/tuner/check/mistakes.hpp"

namespace fuseline::tuner {
namespace {

using testing::cubin;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::is_probe;
using testing::refused;
using ::testing::SizeIs;

std::string key_of(const BuildRequest& request) { return request.configuration.resolved.configuration.key(); }

class Static : public ::testing::Test {
 protected:
  /// The problem of a user, or one in every form.
  explicit Static(const std::string& data = "user_problem") : problem_(data) {}

  void name_kernel(const std::string& manifest = "strided.json") const {
    problem_.edit(manifest, set("/launches/0/kernel", "scale_add"));
  }

  Result<StaticSpace> look(const std::function<BuildReply(const BuildRequest&)>& compile,
                           const std::string& chip = "rtx4090", const SpaceSelection& selection = {}) {
    catalog_ = Catalog::load(testing::data_without_problems(), {problem_.folder()}).value();
    entry_ = catalog_.entries().front();
    instance_ = instantiate(entry_->problem, "", {}, Dtype::f32).value();
    const Target target = find_target(data_folder(), chip).value();
    StaticGround ground;
    ground.entry = entry_.get();
    ground.headers = std::make_shared<const std::map<std::string, std::string>>(catalog_.headers_for(*entry_));
    ground.instance = &instance_;
    ground.chip = target.limits;
    ground.build = [&](std::size_t count, const auto& request, const auto& take) -> Result<void> {
      for (std::size_t i = 0; i < count; ++i) {
        const BuildRequest build = request(i);
        architectures_.insert(build.architecture);
        BuildReply reply =
            is_probe(build) ? (probe_reason_.empty() ? BuildReply{} : refused(probe_reason_)) : compile(build);
        compiled_ += is_probe(build) ? 0 : 1;
        reply.id = i;
        take(reply);
      }
      return {};
    };
    return static_space(ground, target, selection);
  }

  TemporaryProblem problem_;
  Catalog catalog_;
  std::shared_ptr<const CatalogEntry> entry_;
  ProblemInstance instance_;
  std::set<std::string> architectures_;
  std::string probe_reason_;
  std::size_t compiled_ = 0;
};

std::vector<std::string> keys(const StaticSpace& space) {
  std::vector<std::string> keys;
  for (const StaticEntry& entry : space.entries) keys.push_back(entry.configuration.key());
  return keys;
}

TEST_F(Static, TellsWhatTheImageAndTheChipSay) {
  name_kernel();
  problem_.edit("strided.json", set("/bytes_in_flight", "2 * items * dtype_bytes"));
  const auto space = look([](const BuildRequest&) { return cubin(); });
  ASSERT_TRUE(space) << space.error().message();
  EXPECT_THAT(architectures_, ElementsAre("sm_89"));
  EXPECT_EQ(space->entries.size(), 22U);
  EXPECT_EQ(space->images, 22U);
  EXPECT_EQ(space->count(StaticState::fits), 22U);
  const auto found = std::find_if(space->entries.begin(), space->entries.end(), [](const StaticEntry& entry) {
    return entry.configuration.key() == "strided block=64 items=8 order=plain";
  });
  ASSERT_NE(found, space->entries.end());
  const StaticLaunch& launch = *found->shown_launch();
  EXPECT_GT(launch.registers.value_or(0), 0);
  EXPECT_EQ(found->spill_bytes, 0);
  EXPECT_EQ(launch.static_shared_bytes, 16);
  ASSERT_TRUE(launch.residency);
  EXPECT_EQ(launch.residency->blocks, 24);
  EXPECT_EQ(launch.residency->limit, ResidencyLimit::warps);
  EXPECT_DOUBLE_EQ(launch.residency->occupancy, 1);
  EXPECT_DOUBLE_EQ(launch.waves.value_or(0), 64.0 * 256 / (64 * 8) / (24 * 128));
  EXPECT_DOUBLE_EQ(found->in_flight_per_sm.value_or(0), 1 * 64 * 2 * 8 * 4.0) << "32 blocks for 128 SMs";
  // 3 tensors of 64 x 256 floats at 1008 GB/s, and at a copy's 921.
  EXPECT_DOUBLE_EQ(space->floor_ms, 3 * 64 * 256 * 4 / 1008e9 * 1e3);
  EXPECT_DOUBLE_EQ(space->copy_floor_ms, 3 * 64 * 256 * 4 / 921e9 * 1e3);
}

TEST_F(Static, BytesInFlightAreNotGuessed) {
  name_kernel();
  const auto space = look([](const BuildRequest&) { return cubin(); });
  ASSERT_TRUE(space);
  for (const StaticEntry& entry : space->entries) EXPECT_FALSE(entry.in_flight_per_sm);
}

TEST_F(Static, WhatSpillsComesAfterAllThatDoesNotAndWhatHasNoImageLast) {
  name_kernel();
  problem_.edit("strided.json", set("/bytes_in_flight", "items * items * dtype_bytes"));
  const SpaceSelection selection{{}, {{"block", {"64"}}, {"order", {"plain"}}}, false};
  const auto space = look(
      [](const BuildRequest& request) {
        BuildReply reply = cubin();
        if (key_of(request).find("items=8") != std::string::npos) reply.spill_bytes = 24;
        if (key_of(request).find("items=4") != std::string::npos) return refused("strided.cu(3): error: no");
        return reply;
      },
      "rtx4090", selection);
  ASSERT_TRUE(space) << space.error().message();
  EXPECT_THAT(keys(*space),
              ElementsAre("strided block=64 items=2 order=plain", "strided block=64 items=1 order=plain",
                          "strided block=64 items=8 order=plain", "strided block=64 items=4 order=plain"));
  EXPECT_EQ(space->entries[2].state, StaticState::spills);
  EXPECT_EQ(space->entries[2].spill_bytes, 24);
  EXPECT_EQ(space->entries[3].state, StaticState::failed);
  EXPECT_EQ(space->entries[3].reason, "strided.cu(3): error: no");
}

TEST_F(Static, MoreOccupancyComesBeforeMoreBytesInFlight) {
  name_kernel();
  problem_.edit("strided.json", [](nlohmann::ordered_json& json) {
    json["launches"][0]["shared_bytes"] = "items == 8 ? 40000 : 0";
    json["bytes_in_flight"] = "items * 1000";
  });
  const SpaceSelection selection{{}, {{"block", {"64"}}, {"items", {"4", "8"}}, {"order", {"plain"}}}, false};
  const auto space = look([](const BuildRequest&) { return cubin(); }, "rtx4090", selection);
  ASSERT_TRUE(space);
  EXPECT_THAT(keys(*space),
              ElementsAre("strided block=64 items=4 order=plain", "strided block=64 items=8 order=plain"));
  EXPECT_EQ(space->entries[1].shown_launch()->residency->limit, ResidencyLimit::shared_memory);
  EXPECT_EQ(space->entries[1].shown_launch()->residency->blocks, 2);
}

TEST_F(Static, WhatOnlyTheLaunchDependsOnIsCompiledOnce) {
  name_kernel();
  problem_.edit("strided.json", [](nlohmann::ordered_json& json) {
    json["parameters"].push_back({{"name", "room"}, {"description", "bytes"}, {"values", {0, 16, 32}}});
    json["launches"][0]["shared_bytes"] = "room";
  });
  const auto space = look([](const BuildRequest&) { return cubin(); });
  ASSERT_TRUE(space);
  EXPECT_EQ(space->entries.size(), 66U);
  EXPECT_EQ(compiled_, 22U);
  EXPECT_EQ(space->images, 22U);
}

TEST_F(Static, WithoutACompilerForTheChipThereIsOneMessage) {
  probe_reason_ = "invalid value for --gpu-architecture";
  const auto space = look([](const BuildRequest&) { return cubin(); });
  ASSERT_FALSE(space);
  EXPECT_EQ(space.error().kind, ErrorKind::worker);
  EXPECT_THAT(space.error().message(), HasSubstr("no kernels can be compiled: invalid value"));
  EXPECT_EQ(compiled_, 0U);
}

TEST_F(Static, AnImageThatCannotBeReadLeavesOccupancyUnknown) {
  const SpaceSelection selection{{}, {{"block", {"64"}}, {"items", {"1"}}, {"order", {"plain"}}}, false};
  const auto space = look([](const BuildRequest&) { return BuildReply{}; }, "rtx4090", selection);
  ASSERT_TRUE(space);
  ASSERT_THAT(space->entries, SizeIs(1));
  EXPECT_FALSE(space->entries[0].shown_launch()->residency);
  EXPECT_FALSE(space->entries[0].shown_launch()->registers);
}

TEST_F(Static, ASpaceThatIsTooLargeIsRefusedWithAWayOut) {
  name_kernel();
  problem_.edit("strided.json", [](nlohmann::ordered_json& json) {
    nlohmann::ordered_json many = nlohmann::ordered_json::array();
    for (int i = 0; i < 20; ++i) many.push_back(i);
    for (const char* name : {"a", "b", "c"})
      json["parameters"].push_back({{"name", name}, {"description", "of no use"}, {"values", many}});
  });
  const auto space = look([](const BuildRequest&) { return cubin(); });
  ASSERT_FALSE(space);
  EXPECT_THAT(space.error().message(), HasSubstr("176,000 configurations, and 100,000 are looked at"));
}

class StaticForms : public Static {
 protected:
  StaticForms() : Static("image_problem") {}
};

TEST_F(StaticForms, OfACubinWithoutAStackIsKnownThatItDoesNotSpillAndOfPtxNothing) {
  const auto space = look([](const BuildRequest&) { return cubin(); }, "h200");
  ASSERT_TRUE(space) << space.error().message();
  std::map<std::string, StaticState> states;
  for (const StaticEntry& entry : space->entries) states[entry.configuration.key()] = entry.state;
  EXPECT_EQ(states.at("cubin block=128"), StaticState::fits);
  EXPECT_EQ(states.at("ptx block=128"), StaticState::open);
  EXPECT_EQ(states.at("text block=128"), StaticState::fits);
  EXPECT_EQ(compiled_, 3U) << "text, whose macros no source mentions, and two instances of the template";
  // There is no cubin of another architecture, whose configurations alone are left out.
  const auto there = look([](const BuildRequest&) { return cubin(); }, "rtx4090", {{"text", "ptx"}, {}, false});
  ASSERT_TRUE(there) << there.error().message();
  EXPECT_EQ(there->count(StaticState::fits), 2U);
}

}  // namespace
}  // namespace fuseline::tuner
