#include "tuner/counters/source_profile_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <ostream>

#include "tuner/base/json_fields.hpp"

namespace fuseline::tuner {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

SourceProfile example() {
  SourceProfile profile;
  profile.kernel = "rows_kernel";
  profile.samples = 20'000;
  profile.dropped = 3;
  profile.outside = 12;
  profile.period_cycles = 1024;
  profile.launches = 9;
  profile.seconds = 0.25;
  profile.disassembler = "nvdisasm 13.0.48";
  profile.remarks = {"this CUPTI has no SASS metrics"};
  profile.instructions = {{0, "LDC R1, c[0x0][0x28]", "rows.cu", 2, {}, {{"inst_executed", 4096}}},
                          {16, "", "common/rows.cuh", 5, {{"long_scoreboard", 19'000}, {"selected", 988}}, {}},
                          {32, "", "", 0, {}, {}}};
  return profile;
}

Result<SourceProfile> read_back(const json& written) {
  FUSELINE_TRY(document, parse_json(dump_line(written), "profile.json"));
  SourceProfile profile;
  FUSELINE_CHECK(read_value(JsonView(document, "profile.json"), profile));
  return profile;
}

TEST(SourceProfileJson, ComesBackAsItWas) {
  const json written = to_json(example());
  const auto read = read_back(written);
  ASSERT_TRUE(read.has_value()) << read.error().message();
  EXPECT_EQ(to_json(*read), written);
  EXPECT_EQ(read->instructions[1].samples.at("long_scoreboard"), 19'000U);
  EXPECT_EQ(read->instructions[0].metrics.at("inst_executed"), 4096);
  EXPECT_EQ(written["instructions"][2], json({{"offset", 32}}));
}

struct Damage {
  const char* name;
  std::function<void(json&)> damaged;
  const char* says;
};
void PrintTo(const Damage& damage, std::ostream* out) { *out << damage.name; }

class DamagedSourceProfile : public ::testing::TestWithParam<Damage> {};

TEST_P(DamagedSourceProfile, IsRefusedWithItsPlace) {
  json written = to_json(example());
  GetParam().damaged(written);
  const auto read = read_back(written);
  ASSERT_FALSE(read.has_value());
  EXPECT_THAT(read.error().message(), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Ways, DamagedSourceProfile,
    ::testing::Values(
        Damage{"NoKernel", [](json& profile) { profile.erase("kernel"); }, "'kernel' is missing"},
        Damage{"NoInstructions", [](json& profile) { profile.erase("instructions"); }, "'instructions' is missing"},
        Damage{"NoOffset", [](json& profile) { profile["instructions"][1].erase("offset"); }, "/instructions/1"},
        Damage{"NoOrder", [](json& profile) { profile["instructions"][2]["offset"] = 16; }, "/instructions/2/offset"},
        Damage{"HugeOffset", [](json& profile) { profile["instructions"][2]["offset"] = 1LL << 40; },
               "/instructions/2/offset"},
        Damage{"NegativeSamples", [](json& profile) { profile["instructions"][1]["samples"]["selected"] = -1; },
               "/instructions/1/samples/selected"},
        Damage{"NegativeLine", [](json& profile) { profile["instructions"][1]["line"] = -1; }, "/instructions/1/line"},
        Damage{"MetricNotANumber",
               [](json& profile) { profile["instructions"][0]["metrics"]["inst_executed"] = "nan"; },
               "/instructions/0/metrics/inst_executed"},
        Damage{"LongText", [](json& profile) { profile["instructions"][0]["text"] = std::string(5000, 'x'); },
               "/instructions/0/text"},
        Damage{"EndlessSeconds", [](json& profile) { profile["seconds"] = "inf"; }, "/seconds"}),
    [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace fuseline::tuner
