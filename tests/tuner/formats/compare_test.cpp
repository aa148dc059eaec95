#include "tuner/formats/compare.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/tuner/support/sample_run.hpp"
#include "tuner/formats/result.hpp"

namespace fuseline::tuner {
namespace {

OrderedJson result() {
  static const OrderedJson json = result_json(testing::sample_run()).value();
  return json;
}

OrderedJson result_with_time(double median) {
  OrderedJson json = result();
  json["best"]["time_ms"]["median"] = median;
  return json;
}

Result<Comparison> compared(const OrderedJson& a, const OrderedJson& b, double threshold = 0.03) {
  return compare(a, "a.json", b, "b.json", threshold);
}

TEST(Compare, AResultIsNoRegressionOfItself) {
  const auto comparison = compared(result(), result(), 0);
  ASSERT_TRUE(comparison) << comparison.error().message();
  EXPECT_FALSE(comparison->regression);
  EXPECT_EQ(comparison->change, 0);
  EXPECT_TRUE(comparison->warnings.empty());
  EXPECT_EQ(comparison->configuration_a, "rows block=256 gelu=erf");
}

TEST(Compare, SlowerByMoreThanTheThresholdIsARegression) {
  EXPECT_TRUE(compared(result_with_time(1.0), result_with_time(1.031))->regression);
  EXPECT_FALSE(compared(result_with_time(1.0), result_with_time(1.029))->regression);
  EXPECT_FALSE(compared(result_with_time(1.0), result_with_time(0.5))->regression);
  EXPECT_NEAR(compared(result_with_time(1.0), result_with_time(0.5))->change, -0.5, 1e-12);
}

TEST(Compare, CountsWhatBothNameBestOrTied) {
  OrderedJson a = result(), b = result();
  OrderedJson other = a["best"];
  other["config"]["block"] = 64;
  a["tied"] = OrderedJson::array({other});
  const auto comparison = compared(a, b);
  ASSERT_TRUE(comparison) << comparison.error().message();
  EXPECT_EQ(comparison->tied_a, 2U);
  EXPECT_EQ(comparison->tied_b, 1U + result()["tied"].size());
  EXPECT_EQ(comparison->tied_in_both, 1U);
  b["best"]["config"]["block"] = 1024;
  b["tied"] = OrderedJson::array({other});
  EXPECT_EQ(compared(a, b)->tied_in_both, 1U);
  b["tied"] = OrderedJson::array();
  EXPECT_EQ(compared(a, b)->tied_in_both, 0U);
}

TEST(Compare, OtherProblemsShapesAndDtypesDoNotCompare) {
  OrderedJson other = result();
  other["problem"]["name"] = "softmax";
  EXPECT_EQ(compared(result(), other).error().message(),
            "b.json: /problem/name: is softmax, but a.json has layernorm_gelu_scale: only results of one problem, "
            "shape, dtype and scalars compare");
  other = result();
  other["problem"]["dims"]["N"] = 16;
  EXPECT_EQ(compared(result(), other).error().path, "/problem/dims");
  other = result();
  other["problem"]["dtype"] = "f16";
  EXPECT_EQ(compared(result(), other).error().path, "/problem/dtype");
}

OrderedJson with_scalars(const OrderedJson& scalars, const OrderedJson& set) {
  OrderedJson json = result();
  json["problem"]["scalars"] = scalars;
  json["problem"]["set_scalars"] = set;
  return json;
}

OrderedJson of_before() {
  OrderedJson json = result();
  json["problem"].erase("scalars");
  json["problem"].erase("set_scalars");
  return json;
}

TEST(Compare, OtherScalarsDoNotCompare) {
  const OrderedJson defaults = with_scalars({{"eps", 1e-5}, {"scale", 2.0}}, OrderedJson::array());
  const OrderedJson set = with_scalars({{"scale", 3.0}, {"eps", 1e-5}}, {"scale"});
  EXPECT_EQ(compared(defaults, set).error().message(),
            "b.json: /problem/scalars: is {\"eps\":1e-05,\"scale\":3.0}, but a.json has "
            "{\"eps\":1e-05,\"scale\":2.0}: only results of one problem, shape, dtype and scalars compare");
  EXPECT_TRUE(compared(set, with_scalars({{"eps", 1e-5}, {"scale", 3.0}}, {"scale"}))) << "the order does not matter";
}

TEST(Compare, AFileOfBeforeScalarsCouldBeSetHasTheDefaults) {
  const OrderedJson defaults = with_scalars({{"scale", 2.0}}, OrderedJson::array());
  const OrderedJson set = with_scalars({{"scale", 3.0}}, {"scale"});
  EXPECT_TRUE(compared(of_before(), defaults));
  EXPECT_TRUE(compared(of_before(), of_before()));
  EXPECT_EQ(compared(of_before(), set).error().path, "/problem/scalars");
  EXPECT_EQ(compared(set, of_before()).error().path, "/problem/scalars");
  EXPECT_EQ(compared(of_before(), with_scalars(3, OrderedJson::array())).error().path, "/problem/scalars");
}

TEST(Compare, TheOrderOfDimensionsDoesNotMatter) {
  OrderedJson other = result();
  other["problem"]["dims"] = {{"C", 64}, {"N", 32}};
  EXPECT_TRUE(compared(result(), other));
}

TEST(Compare, WarnsOfWhatMakesTimesUnlike) {
  OrderedJson other = result();
  other["device"]["backend"] = "replay";
  other["device"]["driver"] = "581";
  other["device"]["copy_gbps"] = 4000;
  other["best"]["timing"] = "warm";
  const auto warnings = compared(result(), other)->warnings;
  EXPECT_EQ(warnings, (std::vector<std::string>{"different driver: 580.95 and 581", "different timing: cold and warm",
                                                "B was replayed, the other measured",
                                                "the copy bandwidth of the two runs differs: 4245 and 4000 GB/s"}));
  other = result();
  other["best"]["after"] = "producer";
  EXPECT_EQ(compared(result(), other)->warnings,
            std::vector<std::string>{"different predecessor of what was timed: unsettled and producer"});
  OrderedJson of_before = result();
  of_before["best"].erase("after");
  EXPECT_TRUE(compared(result(), of_before)->warnings.empty());
  EXPECT_EQ(compared(of_before, other)->warnings.size(), 1U);
  other = result();
  other["device"]["name"] = "NVIDIA L4";
  EXPECT_EQ(compared(result(), other)->warnings,
            std::vector<std::string>{"different device: NVIDIA H200 and NVIDIA L4"});
}

TEST(Compare, FilesThatAreNoResultsAreErrors) {
  EXPECT_EQ(compared(OrderedJson::array(), result()).error().file, "a.json");
  EXPECT_EQ(compared(result(), OrderedJson::object()).error().file, "b.json");
  OrderedJson other = result();
  other["schema"] = "fuseline/result/2";
  EXPECT_EQ(compared(result(), other).error().message(),
            "b.json: /schema: is \"fuseline/result/2\", expected \"fuseline/result/1\"");
}

TEST(Compare, MembersOfTheWrongTypeAreNamed) {
  for (const char* path : {"/problem", "/problem/name", "/problem/dims", "/device", "/device/name", "/best",
                           "/best/variant", "/best/config", "/best/time_ms", "/best/time_ms/median"}) {
    OrderedJson other = result();
    other[OrderedJson::json_pointer(path)] = OrderedJson::array();
    const auto comparison = compared(result(), other);
    ASSERT_FALSE(comparison) << path;
    EXPECT_EQ(comparison.error().path.find(path), 0u) << comparison.error().message();
  }
}

TEST(Compare, ATimeOfZeroOrLessIsRefused) {
  EXPECT_EQ(compared(result_with_time(0), result()).error().path, "/best/time_ms/median");
  EXPECT_EQ(compared(result_with_time(-1), result()).error().path, "/best/time_ms/median");
}

TEST(Compare, TheThresholdIsANumberFromZero) {
  EXPECT_FALSE(compared(result(), result(), -0.1));
  EXPECT_FALSE(compared(result(), result(), std::nan("")));
}

}  // namespace
}  // namespace fuseline::tuner
