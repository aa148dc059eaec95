#include "tuner/base/json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/support/temporary_folder.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string refusal(std::string_view text, JsonLimits limits = {}) {
  const Result<OrderedJson> json = parse_json(text, "f.json", limits);
  if (json) return "accepted: " + json->dump();
  EXPECT_EQ(json.error().kind, ErrorKind::bad_input);
  return json.error().message();
}

TEST(ParseJson, KeepsMembersInFileOrder) {
  const OrderedJson json = parse_json(R"({"b":[1,-2,2.5,"x",null,true],"a":{"z":{},"y":[]}})", "f.json").value();
  EXPECT_EQ(json.dump(), R"({"b":[1,-2,2.5,"x",null,true],"a":{"z":{},"y":[]}})");
}

TEST(ParseJson, AcceptsAByteOrderMarkAndSurroundingSpace) {
  EXPECT_EQ(parse_json("\xef\xbb\xbf 1 \n", "f").value(), 1);
}

TEST(ParseJson, PlacesSyntaxErrors) {
  EXPECT_THAT(refusal("{\n  \"a\": tru\n}"), HasSubstr("f.json: line 2, column 11: syntax error"));
  EXPECT_THAT(refusal("[1,]"), HasSubstr("f.json: line 1, column 4: syntax error"));
  EXPECT_THAT(refusal("[1] 2"), HasSubstr("f.json: line 1, column 5: syntax error"));
  EXPECT_THAT(refusal(""), HasSubstr("f.json: line 1, column 1: syntax error"));
}

TEST(ParseJson, SaysThatThereAreNoComments) {
  EXPECT_EQ(refusal("{\"a\": 1,\n  // why\n  \"b\": 2}"), "f.json: line 2, column 3: JSON has no comments");
  EXPECT_EQ(refusal("[1, /* why */ 2]"), "f.json: line 1, column 5: JSON has no comments");
  EXPECT_EQ(refusal("# why\n[1]"), "f.json: line 1, column 1: JSON has no comments");
  EXPECT_THAT(refusal("[1 / 2]"), HasSubstr("syntax error"));
}

TEST(ParseJson, DepthBombsAreRefusedWhileParsing) {
  // Far more than a stack of recursive calls would bear.
  EXPECT_EQ(refusal(std::string(8'000'000, '[')), "f.json: line 1, column 65: is nested deeper than 64 levels");
  std::string objects;
  for (int i = 0; i < 100000; ++i) objects += "{\"a\":";
  EXPECT_THAT(refusal(objects), HasSubstr("is nested deeper than 64 levels"));
}

TEST(ParseJson, DepthLimitIsTheDeepestAllowed) {
  EXPECT_TRUE(parse_json("[[[1]]]", "f", {.depth = 3}));
  EXPECT_FALSE(parse_json("[[[1]]]", "f", {.depth = 2}));
  EXPECT_TRUE(parse_json("[[],[],[]]", "f", {.depth = 2})) << "siblings are not depth";
}

TEST(ParseJson, LimitsBytesAndValues) {
  EXPECT_THAT(refusal("[1,2,3]", {.bytes = 6}), HasSubstr("larger than the limit of 6 bytes"));
  EXPECT_THAT(refusal("[1,2,3]", {.values = 3}), HasSubstr("holds more than 3 values"));
  EXPECT_TRUE(parse_json("[1,2,3]", "f", {.bytes = 7, .values = 4}));
}

TEST(ParseJson, RefusesMembersGivenTwice) {
  EXPECT_EQ(refusal("{\"a\":1,\n \"a\":2}"), "f.json: line 2, column 4: the member \"a\" is given twice");
  EXPECT_THAT(refusal(R"({"a":{"b":1,"\u0062":2}})"), HasSubstr("\"b\" is given twice"));
  EXPECT_TRUE(parse_json(R"([{"a":1},{"a":{"a":2}}])", "f"));
}

TEST(ParseJson, ManyMembersAreReadInLinearTime) {
  std::string text = "{";
  for (int i = 0; i < 200000; ++i) text += "\"k" + std::to_string(i) + "\":0,";
  text.back() = '}';
  EXPECT_EQ(parse_json(text, "f", {.members = 200000}).value().size(), 200000u);
}

TEST(ParseJson, LimitsTheMembersOfOneObject) {
  EXPECT_THAT(refusal(R"({"a":1,"b":2,"c":3})", {.members = 2}), HasSubstr("an object of more than 2 members"));
  EXPECT_TRUE(parse_json(R"({"a":{"a":1,"b":2},"b":{"a":1}})", "f", {.members = 2}));
  std::string text = "{";
  for (int i = 0; i < 20000; ++i) text += "\"k" + std::to_string(i) + "\":0,";
  text.back() = '}';
  EXPECT_THAT(refusal(text), HasSubstr("an object of more than 16384 members"));
}

TEST(ParseJson, RefusesNumbersThatDoNotFit) {
  EXPECT_THAT(refusal("[1e999]"), HasSubstr("number overflow"));
  EXPECT_THAT(refusal("[" + std::string(5000, '9') + "]"), HasSubstr("number overflow"));
  for (const char* text : {"NaN", "Infinity", "-", "01", "1.", ".5", "0x10", "+1"})
    EXPECT_THAT(refusal(text), HasSubstr("syntax error")) << text;
}

TEST(ParseJson, LongMessagesAreCut) { EXPECT_LT(refusal("[" + std::string(100000, '9') + "]").size(), 600u); }

TEST(ParseJson, RefusesInvalidUtf8) {
  for (const char* text : {"[\"\xff\"]", "[\"\xc0\xaf\"]", "[\"\xed\xa0\x80\"]", "[\"\xe2\x82\"]", "\xff"})
    EXPECT_THAT(refusal(text), HasSubstr("syntax error"));
  EXPECT_THAT(refusal(R"(["\ud800"])"), HasSubstr("syntax error"));
}

TEST(ParseJson, NulByteIsNotTheEndOfTheText) {
  EXPECT_EQ(refusal(std::string_view("{}\0rubbish", 10)), "f.json: line 1, column 3: holds a NUL byte");
  EXPECT_THAT(refusal(std::string_view("[\"a\0b\"]", 7)), HasSubstr("holds a NUL byte"));
}

TEST(ParseJson, RefusesRawControlCharactersAndShowsThem) {
  EXPECT_THAT(refusal("[\"\x1b[2J\"]"), Not(HasSubstr("\x1b")));
  EXPECT_THAT(refusal("{\"\\u001b[2J\":1,\"\\u001b[2J\":1}"), HasSubstr("\\x1B[2J\" is given twice"));
}

TEST(ReadJsonFile, NamesTheFile) {
  const TemporaryFolder scratch;
  EXPECT_EQ(read_json_file(scratch.write("a.json", "{\"a\":1}")).value()["a"], 1);
  EXPECT_THAT(read_json_file(scratch.write("b.json", "{")).error().message(),
              HasSubstr("b.json: line 1, column 2: syntax error"));
  const Error missing = read_json_file(scratch.path() / "none.json").error();
  EXPECT_EQ(missing.kind, ErrorKind::bad_input);
  EXPECT_THAT(missing.message(), HasSubstr("none.json: no such file"));
}

class JsonViewTest : public ::testing::Test {
 protected:
  OrderedJson json_ =
      OrderedJson::parse(R"({"name":"x","size":3,"whole":4.0,"part":0.5,"on":true,"list":[1,{"deep":"no"}],"a/b~c":[],
                                            "huge":18446744073709551615,"none":null})");
  JsonView view_{json_, "f.json"};
};

TEST_F(JsonViewTest, ReadsTypedValues) {
  EXPECT_EQ(view_.at("name")->string().value(), "x");
  EXPECT_EQ(view_.at("size")->integer().value(), 3);
  EXPECT_EQ(view_.at("whole")->integer().value(), 4);
  EXPECT_EQ(view_.at("part")->number().value(), 0.5);
  EXPECT_EQ(view_.at("size")->number().value(), 3.0);
  EXPECT_TRUE(view_.at("on")->boolean().value());
  EXPECT_EQ(view_.at("list")->array_size().value(), 2u);
}

TEST_F(JsonViewTest, ErrorsNameFilePathAndExpectation) {
  const JsonView deep = view_.at("list")->at(1)->at("deep").value();
  EXPECT_EQ(deep.integer().error().message(), "f.json: /list/1/deep: expected an integer, found string");
  EXPECT_EQ(view_.at("list")->at(2).error().message(), "f.json: /list: item 2 is missing (the array has 2)");
  EXPECT_EQ(view_.at("nope").error().message(), "f.json: /: the member \"nope\" is missing");
  EXPECT_EQ(view_.at("name")->at("x").error().message(), "f.json: /name: expected an object, found string");
  EXPECT_EQ(view_.array_size().error().message(), "f.json: /: expected an array, found object");
  EXPECT_EQ(view_.at("part")->integer().error().message(), "f.json: /part: expected an integer, found 0.5");
  EXPECT_EQ(view_.at("none")->number().error().message(), "f.json: /none: expected a number, found null");
  EXPECT_EQ(view_.at("size")->boolean().error().message(), "f.json: /size: expected true or false, found number");
  EXPECT_EQ(view_.at("size")->string().error().message(), "f.json: /size: expected a string, found number");
}

TEST_F(JsonViewTest, RefusesIntegersBeyond63Bits) {
  EXPECT_FALSE(view_.at("huge")->integer());
  const OrderedJson doubles = OrderedJson::parse("[1e18,-1e300]");
  EXPECT_FALSE(JsonView(doubles, "f").at(0)->integer());
  EXPECT_FALSE(JsonView(doubles, "f").at(1)->integer());
}

TEST_F(JsonViewTest, PathIsAJsonPointer) { EXPECT_EQ(view_.at("a/b~c")->path(), "/a~1b~0c"); }

TEST_F(JsonViewTest, FallbackIsForMissingMembersOnly) {
  EXPECT_EQ(view_.string_or("nope", "y").value(), "y");
  EXPECT_EQ(view_.integer_or("size", 9).value(), 3);
  EXPECT_EQ(view_.number_or("nope", 1.5).value(), 1.5);
  EXPECT_TRUE(view_.boolean_or("nope", true).value());
  EXPECT_EQ(view_.integer_or("name", 9).error().message(), "f.json: /name: expected an integer, found string");
}

}  // namespace
}  // namespace fuseline::tuner
