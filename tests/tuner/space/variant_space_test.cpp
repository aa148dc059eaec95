#include "tuner/space/variant_space.hpp"

#include <gmock/gmock.h>

#include "tests/tuner/problem/temporary_problem.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Json = nlohmann::ordered_json;

DeviceLimits device() {
  DeviceLimits limits;
  limits.sm_count = 128;
  limits.compute_major = 8;
  limits.compute_minor = 9;
  limits.max_threads_per_block = 1024;
  limits.shared_bytes_per_block = std::int64_t{99} * 1024;
  return limits;
}

/// The example with a second variant, "rows", that has a parameter of its own and lacks "items".
class VariantSpace : public ::testing::Test {
 protected:
  VariantSpace() {
    std::filesystem::copy(folder_.manifest(), folder_.folder() / "rows.json");
    folder_.edit("rows.json", [](Json& j) {
      j["name"] = "rows";
      j["parameters"] = Json::parse(R"([{"name":"block","values":[128,1024]},{"name":"stages","values":[1,2,4]}])");
      j["derived"] = Json::array();
      j["constraints"] = Json::array();
      j["launches"][0]["grid"] = {"rows"};
      j["launches"][0]["shared_bytes"] = "stages * block * 16";
    });
    load();
  }

  void load() {
    entry_.problem = load_problem(folder_.problem_file()).value();
    entry_.variants = {load_variant(folder_.folder() / "rows.json", entry_.problem).value(),
                       load_variant(folder_.manifest(), entry_.problem).value()};
    instance_ = instantiate(entry_.problem, "", {}, Dtype::f32).value();
  }

  std::shared_ptr<const Space> space(const SpaceSelection& selection, const DeviceLimits& limits = device()) const {
    const auto made = variant_space(entry_, instance_, limits, selection);
    EXPECT_TRUE(made) << made.error().message();
    return made.value_or(nullptr);
  }
  std::string error(const SpaceSelection& selection, const DeviceLimits& limits = device()) const {
    const auto made = variant_space(entry_, instance_, limits, selection);
    EXPECT_FALSE(made);
    return made ? "" : made.error().message();
  }

  static std::vector<std::string> keys(const Space& space) {
    std::vector<std::string> all;
    for (std::uint64_t i = 0; i < space.size(); ++i) all.push_back(space.configuration(i).key());
    return all;
  }

  TemporaryProblem folder_;
  CatalogEntry entry_;
  ProblemInstance instance_;
};

TEST_F(VariantSpace, StagedAndFullValues) {
  // strided: 3 blocks x 4 items with block*items <= 1024 (64: 4, 128: 4, 256: 3) x 2 orders.
  EXPECT_EQ(space({{"strided"}, {}, false})->size(), 22u);
  // 32: 4, 64: 4, 128: 4, 256: 3, 512: 2, 1024: 1.
  EXPECT_EQ(space({{"strided"}, {}, true})->size(), 36u);
}

TEST_F(VariantSpace, NarrowingByValue) {
  EXPECT_THAT(keys(*space({{"strided"}, {{"block", {"256", "64"}}, {"items", {"4"}}, {"order", {"fused"}}}, false})),
              ElementsAre("strided block=64 items=4 order=fused", "strided block=256 items=4 order=fused"));
  // 64.0 is 64 however it is typed.
  EXPECT_EQ(space({{"strided"}, {{"block", {"64.0"}}}, false})->size(), 8u);
}

TEST_F(VariantSpace, VariantsThatLackAParameterStay) {
  const auto narrowed = space({{}, {{"items", {"4"}}}, false});
  ASSERT_EQ(narrowed->subspaces().size(), 2u);
  EXPECT_EQ(narrowed->subspaces()[0].variant, "rows");
  EXPECT_EQ(narrowed->subspaces()[1].size, 6u);
}

TEST_F(VariantSpace, VariantsThatLackTheValueGo) {
  const auto narrowed = space({{}, {{"block", {"1024"}}}, false});
  ASSERT_EQ(narrowed->subspaces().size(), 1u);
  EXPECT_EQ(narrowed->subspaces()[0].variant, "rows");
  EXPECT_THAT(error({{"strided"}, {{"block", {"1024"}}}, false}), HasSubstr("in the full space only (--full)"));
}

TEST_F(VariantSpace, UnknownNamesAndValuesSayWhatThereIs) {
  EXPECT_EQ(error({{"stride"}, {}, false}),
            "scale_add has no variant \"stride\"; did you mean strided? known: rows, strided");
  EXPECT_EQ(error({{"strided"}, {{"blok", {"64"}}}, false}),
            "no chosen variant of scale_add has a parameter \"blok\"; did you mean block? known: block, items, order");
  EXPECT_THAT(error({{"rows"}, {{"items", {"4"}}}, false}),
              HasSubstr("has a parameter \"items\"; known: block, stages"));
  EXPECT_EQ(error({{"strided"}, {{"items", {"4", "3"}}}, false}),
            "parameter \"items\" has no value \"3\"; known: 1, 2, 4, 8");
  EXPECT_EQ(error({{"strided"}, {{"order", {"fusd"}}}, false}),
            "parameter \"order\" has no value \"fusd\"; did you mean fused? known: plain, fused");
  EXPECT_THAT(error({{"strided"}, {{"items", {}}}, false}), HasSubstr("no value is given"));
}

TEST_F(VariantSpace, WhatTheDeviceCannotLaunchIsLeftOut) {
  DeviceLimits limits = device();
  limits.shared_bytes_per_block = std::int64_t{32} * 1024;
  EXPECT_THAT(keys(*space({{"rows"}, {}, false}, limits)),
              ElementsAre("rows block=128 stages=1", "rows block=128 stages=2", "rows block=128 stages=4",
                          "rows block=1024 stages=1", "rows block=1024 stages=2"));
  limits.max_threads_per_block = 512;
  EXPECT_EQ(space({{"rows"}, {}, false}, limits)->size(), 3u);
}

TEST_F(VariantSpace, ALimitThatLeavesNothingIsNamed) {
  DeviceLimits limits = device();
  limits.shared_bytes_per_block = 1024;
  const auto made = variant_space(entry_, instance_, limits, {{"rows"}, {}, false});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().file, (folder_.folder() / "rows.json").string());
  EXPECT_EQ(made.error().path, "/launches/0/shared_bytes");
  EXPECT_THAT(made.error().reason, HasSubstr("removes 6 of 6"));
}

TEST_F(VariantSpace, AnAxisOfTheGridIsLimited) {
  folder_.edit("strided.json", [](Json& j) { j["launches"][0]["grid"] = {1, "total * items"}; });
  load();
  // total is 16384: only items 1 and 2 stay within 65535.
  EXPECT_EQ(space({{"strided"}, {}, false})->size(), 3u * 2u * 2u);
}

TEST_F(VariantSpace, ComputeCapability) {
  folder_.edit("rows.json", set("/minimum_compute_capability", 9.0));
  load();
  const auto rest = space({});
  ASSERT_EQ(rest->subspaces().size(), 1u);
  EXPECT_EQ(rest->subspaces()[0].variant, "strided");
  EXPECT_EQ(error({{"rows"}, {}, false}), "variant \"rows\" needs compute capability 9.0, and the device has 8.9");
  DeviceLimits hopper = device();
  hopper.compute_major = 9;
  hopper.compute_minor = 0;
  EXPECT_EQ(space({{"rows"}, {}, false}, hopper)->size(), 6u);
}

TEST_F(VariantSpace, NoVariantRunsOnTheDevice) {
  folder_.edit("rows.json", set("/minimum_compute_capability", 9.0));
  folder_.edit("strided.json", set("/minimum_compute_capability", 10.0));
  load();
  EXPECT_EQ(error({}), "no variant of scale_add runs on compute capability 8.9");
}

TEST_F(VariantSpace, AConstraintThatLeavesNothingNamesFilePathAndReason) {
  const auto made =
      variant_space(entry_, instance_, device(), {{"strided"}, {{"block", {"256"}}, {"items", {"8"}}}, false});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().file, folder_.manifest().string());
  EXPECT_EQ(made.error().path, "/constraints/0/require");
  EXPECT_EQ(made.error().reason,
            "no configuration is left: \"tile <= 1024\" (enough blocks to fill the device) removes 2 of 2");
}

TEST_F(VariantSpace, EveryConfigurationOfTheSpaceResolves) {
  const auto all = space({{}, {}, true});
  for (std::uint64_t i = 0; i < all->size(); ++i) {
    const Configuration configuration = all->configuration(i);
    const Variant& variant = configuration.variant == "rows" ? entry_.variants[0] : entry_.variants[1];
    const auto resolved = resolve(variant, configuration, instance_, device());
    ASSERT_TRUE(resolved) << resolved.error().message();
    EXPECT_LE(resolved->launches[0].launch.block[0], 1024);
  }
}

}  // namespace
}  // namespace fuseline::tuner
