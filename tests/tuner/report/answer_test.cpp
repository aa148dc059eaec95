// Answers for programs stay within their bound.
#include "tuner/report/answer.hpp"

#include <gmock/gmock.h>

#include "tests/support/temporary_folder.hpp"
#include "tests/tuner/support/sample_run.hpp"
#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::HasSubstr;

TEST(Answers, WhatFitsStaysAsItIs) {
  const OrderedJson json = {{"a", 1}, {"b", std::string(50, 'x')}};
  EXPECT_EQ(bounded(json, 256), json);
}

TEST(Answers, AreCutUntilTheyFit) {
  OrderedJson json;
  json["status"] = "ok";
  json["full"] = "/a/file/" + std::string(200, 'n');
  json["list"] = OrderedJson::array();
  for (int i = 0; i < 500; ++i) json["list"].push_back({{"reason", std::string(300, 'r')}, {"number", i}});
  json["nested"]["deep"]["text"] = std::string(20000, 't');
  for (int i = 0; i < 400; ++i) json["counters"]["metric" + std::to_string(i)] = i;
  for (const std::size_t bytes : {16384U, 4096U, 1024U, 512U}) {
    const OrderedJson cut = bounded(json, bytes);
    EXPECT_LE(cut.dump().size(), bytes);
    EXPECT_EQ(cut.at("cut"), true) << bytes;
    EXPECT_EQ(cut.at("status"), "ok") << bytes;
    EXPECT_EQ(cut.at("full"), json.at("full")) << bytes;
  }
  EXPECT_GE(bounded(json, 4096).dump().size(), 1000U) << "more was cut than needed";
  EXPECT_LE(bounded(OrderedJson{{"a", std::string(9999, 'x')}}, 256).dump().size(), 256U);
}

TEST(Answers, TextIsNotCutWithinACharacter) {
  EXPECT_EQ(shortened("abcdef", 6), "abcdef");
  EXPECT_EQ(shortened("abcdefg", 6), "abc...");
  EXPECT_TRUE(is_utf8(shortened("ab\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC", 7)));
}

TEST(Answers, FailuresAreTheFirstOfEachKind) {
  const OrderedJson list = failures_answer(testing::sample_run());
  EXPECT_EQ(list.size(), 6U);
  EXPECT_EQ(list[0].at("outcome"), "compile_error");
  EXPECT_EQ(list[0].at("count"), 1);
  EXPECT_THAT(list[0].at("reason").get<std::string>(), HasSubstr("\\x1B"));
}

TEST(Answers, WhatCannotBeKeptIsSaid) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "new" / "a.json";
  EXPECT_EQ(kept_answer({{"a", 1}}, file, "all", 1024).at("full"), file.string());
  EXPECT_EQ(read_file(file).value(), "all");
  const OrderedJson lost = kept_answer({{"a", 1}}, file / "below", "all", 1024);
  EXPECT_TRUE(lost.at("full").is_null());
  EXPECT_FALSE(lost.at("full_lost").get<std::string>().empty());
}

}  // namespace
}  // namespace fuseline::tuner
