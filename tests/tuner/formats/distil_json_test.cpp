#include "tuner/formats/distil_json.hpp"

#include <gtest/gtest.h>

#include "tests/tuner/support/sample_run.hpp"

namespace fuseline::tuner {
namespace {

TEST(DistilJson, FollowsTheSchemaAndSaysWhatIsNotServed) {
  std::vector<tuner::Run> runs(3);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    runs[i].info = testing::sample_info();
    runs[i].info.id = static_cast<std::int64_t>(i);
    runs[i].info.dims = {{"N", static_cast<std::int64_t>(i + 1)}};
    runs[i].evaluations = {testing::sample_ok(0, i == 2 ? 512 : 128, 1.0)};
  }
  DistilRules rules;
  rules.most = 1;
  const auto distillation = distil(runs, rules);
  ASSERT_TRUE(distillation) << distillation.error().message();
  const OrderedJson json = distil_json(*distillation);
  const auto valid = validate_schema(json, "distil", "distil.json");
  EXPECT_TRUE(valid) << valid.error().message();
  const auto& group = json.at("groups").at(0);
  EXPECT_EQ(group.at("method"), "exact");
  EXPECT_EQ(group.at("unserved"), 1);
  EXPECT_EQ(group.at("configurations").at(0).at("config").at("block"), 128);
  EXPECT_EQ(group.at("configurations").at(0).at("measured_in"), 2);
  EXPECT_EQ(group.at("shapes").at(0).at("chosen"), 0);
  EXPECT_TRUE(group.at("shapes").at(0).at("run").is_null());
  EXPECT_EQ(group.at("shapes").at(1).at("run"), 1);
  EXPECT_TRUE(group.at("shapes").at(2).at("chosen").is_null());
  EXPECT_TRUE(group.at("shapes").at(2).at("loss").is_null());
}

}  // namespace
}  // namespace fuseline::tuner
