#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tuner/base/json_fields.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {
namespace {

Result<SweepRequest> read_back(const nlohmann::json& written) {
  FUSELINE_TRY(document, parse_json(dump_line(written), "request"));
  return sweep_request_from_json(JsonView(document, "request"));
}

TEST(SweepRequestJson, KeepsWhetherASourceProfileIsWanted) {
  SweepRequest request;
  request.problem = "toy";
  request.source_profile = true;
  const auto back = read_back(to_json(request));
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_TRUE(back->source_profile);
  EXPECT_EQ(to_json(*back), to_json(request));
}

TEST(SweepRequestJson, OfBeforeWantsNone) {
  nlohmann::json written = to_json(SweepRequest{});
  written.erase("source_profile");
  const auto back = read_back(written);
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_FALSE(back->source_profile);
}

}  // namespace
}  // namespace fuseline::tuner
