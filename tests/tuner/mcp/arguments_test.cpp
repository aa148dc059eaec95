// Arguments of tools: their schema, and what is wrong with those of a call.
#include "tuner/mcp/arguments.hpp"

#include <gmock/gmock.h>

#include <set>

#include "tuner/base/files.hpp"
#include "tuner/mcp/tools.hpp"

namespace fuseline::tuner::mcp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using enum ArgumentType;

const std::vector<ArgumentSpec> kSpecs = {
    {"problem", string, "p", true},  {"run", string_or_integer, "r"},
    {"rank", integer, "n"},          {"full", boolean, "f"},
    {"variants", strings, "v"},      {"cc", integers, "c"},
    {"dims", integers_by_name, "d"}, {"scalars", numbers_by_name, "s"},
    {"params", values_by_name, "p"}, {"dtype", string, "t", false, {"f32", "f16"}},
};

std::string refusal(const char* json) {
  const auto read = Arguments::read(OrderedJson::parse(json), kSpecs);
  return read ? "" : read.error().message();
}

TEST(ToolArguments, AreReadAsTheirSpecsSay) {
  const auto arguments = Arguments::read(OrderedJson::parse(R"({"problem": "p", "run": 12, "rank": 3, "full": true,
      "variants": ["a", "b"], "cc": [89], "dims": {"N": 8}, "scalars": {"eps": 1e-6},
      "params": {"block": [128, 256], "gelu": "erf", "fast": true}, "dtype": null})"),
                                         kSpecs)
                             .value();
  EXPECT_EQ(arguments.string("run"), "12");
  EXPECT_EQ(arguments.integer("rank", 1), 3);
  EXPECT_TRUE(arguments.boolean("full", false));
  EXPECT_THAT(arguments.strings("variants"), ElementsAre("a", "b"));
  EXPECT_THAT(arguments.integers("cc"), ElementsAre(89));
  EXPECT_THAT(arguments.dimensions("dims"), ElementsAre(Dimension{"N", 8}));
  EXPECT_EQ(arguments.scalars("scalars").front().second, 1e-6);
  const auto values = arguments.values("params");
  EXPECT_THAT(values.at("block"), ElementsAre("128", "256"));
  EXPECT_THAT(values.at("gelu"), ElementsAre("erf"));
  EXPECT_THAT(values.at("fast"), ElementsAre("true"));
  EXPECT_FALSE(arguments.has("dtype"));
  EXPECT_EQ(arguments.string("dtype", "f32"), "f32");
}

TEST(ToolArguments, OneErrorNamesTheArgument) {
  const std::pair<const char*, const char*> cases[] = {
      {"[]", "arguments: must be an object"},
      {"{}", "argument 'problem': is needed"},
      {R"({"problem": 3})", "argument 'problem': must be a string, and is number"},
      {R"({"problem": "p", "dtyp": "f32"})", "argument 'dtyp': there is none of that name; did you mean dtype?"},
      {R"({"problem": "p", "dtype": "f8"})", "argument 'dtype': 'f8' is none of f32, f16"},
      {R"({"problem": "p", "rank": 1.5})", "argument 'rank': must be an integer"},
      {R"({"problem": "p", "rank": 18446744073709551615})", "argument 'rank': must be an integer"},
      {R"({"problem": "p", "cc": [99999999999]})", "argument 'cc': must be an array of integers"},
      {R"({"problem": "p", "variants": "a"})", "argument 'variants': must be an array of strings"},
      {R"({"problem": "p", "dims": {"N": "8"}})", "argument 'dims': must be an object of integers"},
      {R"({"problem": "p", "params": {"block": []}})", "argument 'params': must be an object of values"},
      {R"({"problem": "p", "params": {"block": {"a": 1}}})", "argument 'params'"},
      {R"({"problem": "p", "full": "yes"})", "argument 'full': must be true or false"},
  };
  for (const auto& [json, message] : cases) EXPECT_THAT(refusal(json), HasSubstr(message)) << json;
}

TEST(ToolArguments, TheCommandLinesWordsBecomeTheToolsOwn) {
  EXPECT_EQ(as_argument_error({ErrorKind::bad_input, "--param", "", "no"}).message(), "argument 'params': no");
  EXPECT_EQ(as_argument_error({ErrorKind::bad_input, "--budget", "", "no"}).message(), "argument 'budget': no");
  EXPECT_EQ(as_argument_error({ErrorKind::bad_input, "a.json", "", "no"}).message(), "a.json: no");
}

TEST(ToolArguments, EveryToolHasASchemaOfAnObject) {
  std::set<std::string> names;
  for (const Tool& tool : all_tools({})) {
    const OrderedJson schema = input_schema(tool.arguments);
    EXPECT_EQ(schema.at("type"), "object") << tool.name;
    EXPECT_EQ(schema.at("additionalProperties"), false) << tool.name;
    EXPECT_EQ(schema.at("properties").size(), tool.arguments.size()) << tool.name << ": a name is given twice";
    for (const auto& [name, property] : schema.at("properties").items())
      EXPECT_FALSE(property.at("description").get<std::string>().empty()) << tool.name << " " << name;
    EXPECT_FALSE(tool.description.empty()) << tool.name;
    names.insert(tool.name);
  }
  EXPECT_THAT(names, ElementsAre("check", "explain", "export", "problems", "profile", "sweep"));
}

}  // namespace
}  // namespace fuseline::tuner::mcp
