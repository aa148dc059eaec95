#include "tuner/report/distil_text.hpp"

#include <gmock/gmock.h>

#include "tests/tuner/support/sample_run.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<tuner::Run> two_shapes() {
  std::vector<tuner::Run> runs(2);
  for (std::size_t i = 0; i < 2; ++i) {
    runs[i].info = testing::sample_info();
    runs[i].info.shape = i == 0 ? "narrow" : "wide\x1b[2J";
    runs[i].info.dims = {{"N", static_cast<std::int64_t>(i + 1)}};
  }
  runs[0].evaluations = {testing::sample_ok(0, 128, 1.0), testing::sample_ok(1, 256, 1.1)};
  runs[1].evaluations = {testing::sample_ok(0, 128, 3.0), testing::sample_ok(1, 256, 2.0)};
  return runs;
}

TEST(DistilText, SaysWhatEachShapeTakesAndLoses) {
  const auto runs = two_shapes();
  DistilRules rules;
  rules.most = 1;
  const std::string text = distil_text(*distil(runs, rules), false);
  EXPECT_THAT(text,
              HasSubstr("layernorm_gelu_scale f32 on NVIDIA H200: 2 shapes, 2 configurations that worked in some, "
                        "2 in all"));
  EXPECT_THAT(text, ContainsRegex("narrow +N=1 +1.000 +#1 +1.100 +10.00 %\n"));
  EXPECT_THAT(text, ContainsRegex("N=2 +2.000 +#1 +2.000 +0.00 % +the best\n"));
  EXPECT_THAT(text, ContainsRegex("#1 +2 of 2 +2 of 2 +1 of 2 +rows block=256 gelu=erf\n"));
  EXPECT_THAT(text, HasSubstr("1 configuration loses 4.88 % on (geometric) average and 10.00 % at worst.\n"));
  EXPECT_THAT(text, HasSubstr("Every set was looked at."));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(DistilText, SaysHowWellFewerDoAndHowTheSetWasFound) {
  const auto runs = two_shapes();
  DistilRules rules;
  rules.most_sets = 1;
  const std::string text = distil_text(*distil(runs, rules), false);
  EXPECT_THAT(text, HasSubstr("2 configurations lose 0.00 % on (geometric) average"));
  EXPECT_THAT(text, HasSubstr("1 configuration loses 4.88 %"));
  EXPECT_THAT(text, HasSubstr("chosen greedily and improved by exchange"));
}

}  // namespace
}  // namespace fuseline::tuner
