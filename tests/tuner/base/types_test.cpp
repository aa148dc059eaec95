#include "tuner/base/types.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace fuseline::tuner {
namespace {

TEST(Dtype, NamesRoundTripAndSizesAreThoseOfTheTypes) {
  const std::pair<Dtype, std::int64_t> sizes[] = {{Dtype::f32, 4}, {Dtype::f16, 2}, {Dtype::bf16, 2}, {Dtype::f64, 8},
                                                  {Dtype::i32, 4}, {Dtype::i64, 8}, {Dtype::u64, 8},  {Dtype::u8, 1}};
  for (const auto& [dtype, bytes] : sizes) {
    EXPECT_EQ(dtype_from_string(to_string(dtype)), dtype);
    EXPECT_EQ(dtype_bytes(dtype), bytes) << to_string(dtype);
  }
  EXPECT_FALSE(dtype_from_string("F32"));
  EXPECT_FALSE(dtype_from_string(""));
}

TEST(Predecessor, NamesRoundTrip) {
  for (const char* name : {"unsettled", "clean", "producer", "itself"}) {
    const std::optional<Predecessor> predecessor = predecessor_from_string(name);
    ASSERT_TRUE(predecessor) << name;
    EXPECT_EQ(to_string(*predecessor), name);
  }
  for (const char* text : {"", "Clean", "warm"}) EXPECT_FALSE(predecessor_from_string(text)) << text;
}

TEST(Outcome, NamesRoundTrip) {
  for (const char* name : {"ok", "compile_error", "launch_error", "incorrect", "timeout", "crashed", "skipped"}) {
    const std::optional<Outcome> outcome = outcome_from_string(name);
    ASSERT_TRUE(outcome) << name;
    EXPECT_EQ(to_string(*outcome), name);
  }
  EXPECT_FALSE(outcome_from_string("fine"));
}

TEST(Value, TextTellsTypesApart) {
  EXPECT_EQ(Value(128).to_string(), "128");
  EXPECT_EQ(Value(true).to_string(), "true");
  EXPECT_EQ(Value(0.5).to_string(), "0.5");
  EXPECT_EQ(Value(2.0).to_string(), "2.0");
  EXPECT_EQ(Value(-3.0).to_string(), "-3.0");
  EXPECT_EQ(Value(1e300).to_string(), "1e+300");
  EXPECT_EQ(Value("erf").to_string(), "erf");
}

TEST(Value, NumberIsWhatExpressionsSee) {
  EXPECT_EQ(Value(true).number(), 1.0);
  EXPECT_EQ(Value(7).number(), 7.0);
  EXPECT_EQ(Value(0.25).number(), 0.25);
  EXPECT_FALSE(Value("7").number());
}

TEST(Value, JsonRoundTripKeepsTheType) {
  for (const Value& value : {Value(true), Value(-5), Value(2.0), Value("a b")})
    EXPECT_EQ(Value::from_json(value.to_json()), value);
}

TEST(Value, JsonThatIsNoScalarHasNoValue) {
  EXPECT_FALSE(Value::from_json(nullptr));
  EXPECT_FALSE(Value::from_json(nlohmann::json::array({1})));
  EXPECT_FALSE(Value::from_json(nlohmann::json::object()));
}

TEST(Value, IntegerBeyond63BitsBecomesItsNearestDouble) {
  EXPECT_EQ(Value::from_json(nlohmann::json(std::uint64_t{1} << 63)), Value(9223372036854775808.0));
}

TEST(Configuration, KeyNamesVariantAndValuesInOrder) {
  const Configuration configuration{"rows", {{"threads", 128}, {"gelu", "erf"}, {"vector", true}}};
  EXPECT_EQ(configuration.key(), "rows threads=128 gelu=erf vector=true");
  EXPECT_EQ(configuration.values_json(), nlohmann::json::parse(R"({"threads":128,"gelu":"erf","vector":true})"));
}

TEST(Configuration, KeyTellsAnIntegerFromADouble) {
  EXPECT_NE((Configuration{"v", {{"a", 2}}}.key()), (Configuration{"v", {{"a", 2.0}}}.key()));
}

}  // namespace
}  // namespace fuseline::tuner
