#include <gmock/gmock.h>

#include "tuner/space/space.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Configuration configuration(const std::string& variant, int block, const std::string& gelu) {
  return {variant, {{"block", block}, {"gelu", gelu}}};
}

TEST(ListSpace, GroupsByVariantAndSortsWithin) {
  const auto space = list_space({configuration("b", 256, "erf"), configuration("a", 64, "erf"),
                                 configuration("b", 64, "tanh"), configuration("b", 64, "erf")})
                         .value();
  std::vector<std::string> keys;
  for (std::uint64_t i = 0; i < space->size(); ++i) keys.push_back(space->configuration(i).key());
  EXPECT_THAT(
      keys, ElementsAre("b block=64 gelu=erf", "b block=64 gelu=tanh", "b block=256 gelu=erf", "a block=64 gelu=erf"));
  ASSERT_EQ(space->subspaces().size(), 2u);
  EXPECT_EQ(space->subspaces()[1].first_index, 3u);
  EXPECT_EQ(space->subspaces()[0].raw_size, 4);
  EXPECT_TRUE(space->subspaces()[0].parameters[0].ordered);
  EXPECT_FALSE(space->subspaces()[0].parameters[1].ordered);
  for (std::uint64_t i = 0; i < space->size(); ++i) {
    EXPECT_EQ(space->index_of(space->point(i)), i);
    EXPECT_EQ(space->index_of(space->configuration(i)), i);
  }
}

TEST(ListSpace, WhatIsNotListedHasNoIndex) {
  const auto space = list_space({configuration("a", 64, "erf"), configuration("a", 128, "tanh")}).value();
  EXPECT_EQ(space->index_of(configuration("a", 64, "tanh")), std::nullopt);
  EXPECT_EQ(space->index_of(configuration("b", 64, "erf")), std::nullopt);
  EXPECT_EQ(space->index_of(Point{0, {0}}), std::nullopt);
  EXPECT_EQ(space->index_of(Point{3, {0, 0}}), std::nullopt);
}

TEST(ListSpace, Errors) {
  EXPECT_THAT(list_space({}).error().reason, HasSubstr("no configuration"));
  EXPECT_EQ(list_space({configuration("a", 64, "erf"), configuration("a", 64, "erf")}).error().reason,
            "configuration \"a block=64 gelu=erf\" is listed twice");
  EXPECT_THAT(list_space({configuration("a", 64, "erf"), {"a", {{"block", 64}}}}).error().reason,
              HasSubstr("do not have the same parameters"));
}

}  // namespace
}  // namespace fuseline::tuner
