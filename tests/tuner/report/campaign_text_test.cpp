#include "tuner/report/campaign_text.hpp"

#include <gmock/gmock.h>

#include "tests/tuner/plot/samples.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

InstanceReport instance(const std::string& name, InstanceState state) {
  InstanceReport report;
  report.instance.name = name;
  report.state = state;
  return report;
}

TEST(CampaignText, HasARowForEachInstanceAndSaysWhatBecameOfIt) {
  CampaignReport report;
  report.problem = "toy";
  auto done = instance("f32 small", InstanceState::finished);
  done.best_ms = 0.5;
  done.of_copy = 0.912;
  done.evaluated = 26;
  done.device = "NVIDIA H200";
  done.backend = Backend::replay;
  done.configuration = "plain block=64";
  done.files = {"best.f32.small.json"};
  auto before = done;
  before.instance.name = "f16 small";
  before.state = InstanceState::kept;
  before.files.clear();
  before.run = 12;
  auto refused = instance("f32 tiny", InstanceState::refused);
  refused.reason = "no recording\x1b[2J";
  report.instances = {done, before, refused, instance("f16 tiny", InstanceState::not_reached)};
  const std::string text = campaign_text(report, false);
  EXPECT_THAT(text, HasSubstr("toy: 4 instances, 2 done, 1 refused, 1 to go"));
  EXPECT_THAT(text, ::testing::ContainsRegex(
                        "f32 small +done +0.5000 +91.2 % +26 +H200, replayed +plain block=64 +best.f32.small.json"));
  EXPECT_THAT(text, ::testing::ContainsRegex("f16 small +done before .*run 12"));
  EXPECT_THAT(text, HasSubstr("f32 tiny refused: no recording\\x1B[2J"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(CampaignLine, SaysWhichOfHowManyAndWhatIsLeft) {
  Snapshot snapshot;
  snapshot.state = SessionState::running;
  snapshot.evaluated = 3;
  snapshot.planned = 10;
  const CampaignPlace place{2, 6, "f32 wide", 720.0};
  EXPECT_THAT(campaign_line(place, snapshot, 120),
              ::testing::AllOf(::testing::StartsWith("2/6 f32 wide: ["), ::testing::EndsWith("then 4 more, 12m 0s")));
  EXPECT_THAT(campaign_line({6, 6, "f32 wide", 0.0}, snapshot, 120), Not(HasSubstr("more")));
  EXPECT_THAT(campaign_line({1, 6, "f32 wide", {}}, snapshot, 120), ::testing::EndsWith("then 5 more"));
  for (std::size_t width = 0; width < 130; ++width) {
    const std::string line = campaign_line(place, snapshot, width);
    EXPECT_LE(line.size(), width);
    if (width >= 10) {
      EXPECT_THAT(line, HasSubstr("3/10")) << width;
    }
  }
}

}  // namespace
}  // namespace fuseline::tuner
