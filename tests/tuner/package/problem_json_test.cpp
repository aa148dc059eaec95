#include "tuner/package/problem_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tuner/package/package_samples.hpp"
#include "tuner/base/json.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(TensorLayouts, AreReadFromTheShapeThatPeopleSee) {
  const auto pooled = tensor_layout("[N, C, D/2]");
  ASSERT_TRUE(pooled);
  EXPECT_THAT(pooled->shape, ElementsAre("N", "C", "D/2"));
  EXPECT_THAT(pooled->strides, IsEmpty());
  const auto strided = tensor_layout("[rows, W], strides [row_stride, 1]");
  ASSERT_TRUE(strided);
  EXPECT_THAT(strided->strides, ElementsAre("row_stride", "1"));
  for (const char* text : {"", "N by C", "[N, C", "[N,, C]", "[]", "[N], strides [1, 2]", "[N] of rows"})
    EXPECT_FALSE(tensor_layout(text)) << text;
}

TEST(TensorLayouts, EveryBuiltInProblemHasThemAndAFormulaUnlessItIsBackward) {
  for (const auto& entry : samples::catalog().entries()) {
    const auto json = problem_json(entry->problem);
    ASSERT_TRUE(json) << json.error().message();
    const bool backward = entry->problem.name.ends_with("_backward");
    EXPECT_EQ(json->contains("torch"), !backward) << entry->problem.name;
  }
}

/// The loader of packages has an evaluator of its own, in Python; tests/package/expressions_test.py reads the same
/// file.
TEST(SharedExpressions, HaveTheValuesThatTheLoaderGives) {
  const auto cases = read_json_file(std::string(FUSELINE_SOURCE_DIR) + "/tests/package/expressions.json");
  ASSERT_TRUE(cases) << cases.error().message();
  ASSERT_GT(cases->size(), 50U);
  for (const OrderedJson& each : *cases) {
    Scope scope;
    if (each.contains("scope")) {
      for (const auto& item : each.at("scope").items()) scope[item.key()] = item.value().get<double>();
    }
    const std::string text = each.at("text");
    const auto value = evaluate(text, scope);
    if (each.contains("error")) {
      EXPECT_FALSE(value) << text << " is " << *value;
    } else if (value) {
      EXPECT_EQ(*value, each.at("value").get<double>()) << text;
    } else {
      ADD_FAILURE() << text << ": " << value.error().message();
    }
  }
}

}  // namespace
}  // namespace fuseline::tuner
