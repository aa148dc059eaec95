#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "tests/support/environment_variable.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tuner/base/json.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* part_schema = R"({
  "$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "required": ["name"], "additionalProperties": false,
  "properties": {
    "name": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
    "kind": {"enum": ["input", "output"]},
    "count": {"type": "integer", "minimum": 1},
    "parts": {"type": "array", "items": {"$ref": "#"}},
    "value": {"oneOf": [{"type": "number"}, {"type": "array", "items": {"type": "number"}}]},
    "box": {"$ref": "other.schema.json#/definitions/box"}
  }})";

class ValidateSchema : public ::testing::Test {
 protected:
  ValidateSchema() {
    scratch_.write("assets/schemas/part.schema.json", part_schema);
    scratch_.write("assets/schemas/other.schema.json",
                   R"({"definitions": {"box": {"type": "object", "required": ["side"]}}})");
    scratch_.write("assets/schemas/broken.schema.json", R"({"type": "object", "properties": 3})");
  }

  static std::string refusal(const std::string& text, const std::string& schema = "part") {
    const Result<void> valid = validate_schema(OrderedJson::parse(text), schema, "f.json");
    return valid ? "accepted" : valid.error().message();
  }

  TemporaryFolder scratch_;
  EnvironmentVariable data_{"FUSELINE_DATA", scratch_.path().string()};
};

TEST_F(ValidateSchema, AcceptsWhatFits) {
  EXPECT_EQ(
      refusal(
          R"({"name":"a","kind":"input","count":2,"value":[1,2.5],"box":{"side":1},"parts":[{"name":"b","parts":[]}]})"),
      "accepted");
}

TEST_F(ValidateSchema, NamesTheDeepestPathTheReasonAndWhatIsThere) {
  EXPECT_EQ(refusal(R"({"name":"a","parts":[{"name":"b"},{"name":"c","count":"many"}]})"),
            "f.json: /parts/1/count: expected integer, found \"many\"");
  EXPECT_EQ(refusal(R"({"name":"a","count":0})"),
            "f.json: /count: expected number greater than or equal to 1, found 0");
  EXPECT_EQ(refusal(R"({"name":"a","kind":"both"})"),
            "f.json: /kind: expected one of \"input\", \"output\", found \"both\"");
  EXPECT_EQ(refusal(R"({"name":"a","value":true})"), "f.json: /value: expected number or array, found true");
  EXPECT_EQ(refusal(R"({"name":"a","value":[1,"x"]})"), "f.json: /value/1: has the wrong type, found \"x\"");
  EXPECT_EQ(refusal(R"({"name":"a b"})"),
            "f.json: /name: expected text of the form ^[A-Za-z_][A-Za-z0-9_]*$, found \"a b\"");
  EXPECT_EQ(refusal("{}"), "f.json: /: the member \"name\" is missing");
  EXPECT_EQ(refusal("[]"), "f.json: /: expected object, found array");
}

TEST_F(ValidateSchema, SuggestsTheMemberThatWasMeant) {
  EXPECT_EQ(refusal(R"({"name":"a","parts":[{"name":"b","cuont":1}]})"),
            "f.json: /parts/0: the member \"cuont\" is unknown; did you mean \"count\"?");
  EXPECT_EQ(refusal(R"({"name":"a","\u001b[2J":1})"), "f.json: /: the member \"\\x1B[2J\" is unknown");
}

TEST_F(ValidateSchema, FollowsReferencesToFilesOfTheFolder) {
  EXPECT_EQ(refusal(R"({"name":"a","box":{}})"), "f.json: /box: the member \"side\" is missing");
}

TEST_F(ValidateSchema, PatternsOverLongStringsNeitherCrashNorPass) {
  EXPECT_THAT(refusal(R"({"name":")" + std::string(5'000'000, 'a') + R"( b"})"),
              HasSubstr("f.json: /name: expected text of the form"));
}

TEST_F(ValidateSchema, OneWrongItemIsFoundFarDownALongArray) {
  OrderedJson json = {{"name", "a"}, {"value", std::vector<int>(20000, 1)}};
  json["value"][14001] = "x";
  EXPECT_EQ(validate_schema(json, "part", "f.json").error().path, "/value/14001");
}

TEST_F(ValidateSchema, MillionsOfWrongItemsAreRefusedAtTheFirst) {
  const OrderedJson json = {{"name", "a"}, {"parts", std::vector<int>(2000000, 1)}};
  EXPECT_EQ(validate_schema(json, "part", "f.json").error().path, "/parts/0");
}

TEST_F(ValidateSchema, EscapesWhatItShows) {
  EXPECT_THAT(refusal(R"({"name":"a","kind":"\u001b[2J\u009b"})"), Not(HasSubstr("\x1b")));
}

TEST_F(ValidateSchema, MissingOrMalformedSchemaIsAnError) {
  EXPECT_THAT(refusal("{}", "nope"), HasSubstr("nope.schema.json: no such file"));
  EXPECT_NE(refusal("{}", "broken"), "accepted");
}

TEST_F(ValidateSchema, ThreadsShareTheCache) {
  std::vector<std::jthread> threads;
  std::vector<int> good(4, 0);
  for (std::size_t t = 0; t < good.size(); ++t) {
    threads.emplace_back([&good, t] {
      for (int i = 0; i < 50; ++i)
        good[t] += validate_schema(OrderedJson::parse(R"({"name":"a"})"), "part", "f.json").has_value() ? 1 : 0;
    });
  }
  threads.clear();
  EXPECT_EQ(good, std::vector<int>(4, 50));
}

}  // namespace
}  // namespace fuseline::tuner
