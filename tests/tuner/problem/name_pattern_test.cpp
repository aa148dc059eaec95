#include "tuner/problem/name_pattern.hpp"

#include <gmock/gmock.h>

namespace fuseline::tuner {
namespace {

using ::testing::HasSubstr;

TEST(NamePatterns, AreFilled) {
  const auto pattern = NamePattern::parse("rows_{block}.{sm}.cubin", {"block", "sm"});
  ASSERT_TRUE(pattern) << pattern.error().message();
  EXPECT_TRUE(pattern->has_placeholder());
  EXPECT_EQ(pattern->fill({{"block", "128"}, {"sm", "90"}}), "rows_128.90.cubin");
  EXPECT_FALSE(NamePattern::parse("rows.cubin", {})->has_placeholder());
}

TEST(NamePatterns, MatchWhatTheyCanBeFilledTo) {
  const auto pattern = NamePattern::parse("k{a}{b}_sm{sm}.ptx", {"a", "b", "sm"}).value();
  const std::map<std::string, std::vector<std::string>> values{{"a", {"1", "12"}}, {"b", {"3", "23"}}};
  for (const char* name : {"k13_sm90.ptx", "k123_sm7.ptx", "k1223_sm1000.ptx"})
    EXPECT_TRUE(pattern.matches(name, values)) << name;
  for (const char* name : {"k12_sm90.ptx", "k13_sm.ptx", "k13_sm90", "k13_sm90.ptx.old", "k13_smx.ptx", ""})
    EXPECT_FALSE(pattern.matches(name, values)) << name;
}

TEST(NamePatterns, BracesStandInPairsAndHoldKnownNames) {
  for (const char* text : {"a{", "a}", "{a{a}}", "}{a}", "{a"})
    EXPECT_THAT(NamePattern::parse(text, {"a"}).error().reason, HasSubstr("brace")) << text;
  EXPECT_THAT(NamePattern::parse("k_{blok}", {"block"}).error().reason,
              HasSubstr("unknown placeholder \"blok\"; did you mean block?"));
  EXPECT_THAT(NamePattern::parse("k_{}", {"block"}).error().reason, HasSubstr("unknown placeholder \"\""));
}

}  // namespace
}  // namespace fuseline::tuner
