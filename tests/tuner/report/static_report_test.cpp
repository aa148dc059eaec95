// A space on a GPU that is not there, as people and programs read it.
#include "tuner/report/static_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tuner/base/files.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

StaticEntry entry(int block, StaticState state, std::optional<std::int64_t> spilled = 0, std::string reason = "") {
  StaticEntry entry;
  entry.configuration = {"rows", {{"block", block}, {"load", "normal"}}};
  entry.state = state;
  entry.reason = std::move(reason);
  entry.spill_bytes = spilled;
  entry.in_flight_per_sm = 49152.0;
  StaticLaunch launch{"rows", {{1000, 1, 1}, {block, 1, 1}, 2048}};
  launch.registers = 40;
  launch.static_shared_bytes = 128;
  launch.residency = Residency{12, ResidencyLimit::registers, 0.75};
  launch.waves = 0.651;
  entry.launches.push_back(launch);
  return entry;
}

class StaticReport : public ::testing::Test {
 protected:
  StaticReport() {
    problem_.name = "rows_problem";
    problem_.title = "Rows";
    space_.chip = find_target(data_folder(), "rtx4090").value();
    space_.instance.problem = &problem_;
    space_.instance.shape = "today";
    space_.instance.dims = {{"N", 32}};
    space_.instance.compulsory_bytes = std::int64_t{1} << 30;
    space_.raw_size = 12;
    space_.images = 3;
    space_.floor_ms = 1.0652;
    space_.copy_floor_ms = 1.1658;
    space_.copy = {921, true};
    space_.entries = {entry(64, StaticState::fits), entry(128, StaticState::fits), entry(256, StaticState::spills, 16)};
    StaticEntry ptx = entry(512, StaticState::open, std::nullopt);
    ptx.in_flight_per_sm.reset();
    ptx.launches[0].registers.reset();
    ptx.launches[0].residency.reset();
    ptx.launches[0].waves.reset();
    space_.entries.insert(space_.entries.begin() + 2, ptx);
  }
  Problem problem_;
  StaticSpace space_;
};

TEST_F(StaticReport, SaysThatNothingWasMeasuredAndShowsNoTimeOfAConfiguration) {
  const std::string text = static_text(space_, 10, false);
  EXPECT_THAT(text, StartsWith("rows_problem: Rows\nf32 N=32 (shape today), 1.00 GiB compulsory\n"
                               "Compiled for NVIDIA GeForce RTX 4090 (sm_89, limits of its device file) and not run: "
                               "nothing here is measured.\n"));
  EXPECT_THAT(text, HasSubstr("worked out and not measured: 1.065 ms by the data sheet's 1.01 TB/s,\n1.166 ms at the "
                              "921 GB/s that a copy reaches there."));
  EXPECT_THAT(text, ContainsRegex("# +alike +variant +configuration +regs +spill B"));
  EXPECT_THAT(text, ContainsRegex("\n1 +2 +rows +block=64 +40 +0 +128 +2048 +75.0 % +registers +12 +48.0 +0.651"));
  EXPECT_THAT(text, Not(ContainsRegex("block=128 "))) << "it has the figures of the first";
  EXPECT_THAT(text, ContainsRegex("\n3 +1 +rows +block=512 +n/a +n/a +128 +2048 +n/a +n/a +n/a +n/a +n/a"));
  EXPECT_THAT(text, HasSubstr("Every rows: load=normal"));
  EXPECT_THAT(text,
              HasSubstr("4 configurations of 12 combinations, 3 images compiled: 2 can run there without spills, 1 "
                        "may (whether they spill is not known), 1 spill."));
  EXPECT_THAT(text, HasSubstr("not which is fastest: that is measured alone"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST_F(StaticReport, WhyConfigurationsCannotRunIsSaidOnceAReason) {
  space_.entries.push_back(entry(1024, StaticState::failed, std::nullopt, "rows.cu(3): error: \x1b[31m no"));
  space_.entries.push_back(entry(96, StaticState::failed, std::nullopt, "rows.cu(3): error: \x1b[31m no"));
  const std::string text = static_text(space_, 1, false);
  EXPECT_THAT(text, HasSubstr("Cannot run there:\n  no image 2: rows.cu(3): error: "));
  EXPECT_THAT(text, HasSubstr("2 have no image."));
  space_.entries = {entry(1024, StaticState::misfit, 0, "an SM holds no block of rows: too many registers")};
  EXPECT_THAT(static_text(space_, 1, false),
              AllOf(HasSubstr("No configuration can run there."), HasSubstr("misfit 1: an SM holds no block of rows")));
}

TEST_F(StaticReport, AsCsvEveryConfigurationIsARowThatSaysItToo) {
  space_.entries.push_back(entry(96, StaticState::failed, std::nullopt, "=rows.cu(3), \"no\""));
  const std::string csv = static_csv(space_);
  EXPECT_THAT(csv,
              StartsWith("variant,block,load,chip,measured,place,state,registers,spill_bytes,static_shared,"
                         "dynamic_shared,threads,occupancy,limited_by,resident_blocks,waves,in_flight_bytes,floor_ms,"
                         "copy_floor_ms,reason\r\n"
                         "rows,64,normal,rtx4090,no,1,fits,40,0,128,2048,64,0.75,registers,12,0.651,49152,1.0652,"
                         "1.1658,\r\n"));
  EXPECT_THAT(csv, HasSubstr("\r\nrows,512,normal,rtx4090,no,3,open,,,128,2048,512,,,,,,1.0652,1.1658,\r\n"));
  EXPECT_THAT(csv, HasSubstr(",\"'=rows.cu(3), \"\"no\"\"\"\r\n"));
}

TEST_F(StaticReport, AsJsonItFollowsItsSchema) {
  space_.entries.push_back(entry(96, StaticState::failed, std::nullopt, "no"));
  space_.entries.back().launches.clear();
  const OrderedJson json = static_json(space_);
  const auto valid = validate_schema(json, "static", "space");
  EXPECT_TRUE(valid) << valid.error().message();
  EXPECT_EQ(json.at("measured"), false);
  EXPECT_EQ(json.at("counts").at("spills"), 1);
  EXPECT_EQ(json.at("configurations").at(1).at("place"), 1);
  EXPECT_TRUE(json.at("configurations").at(2).at("launches").at(0).at("occupancy").is_null());
  EXPECT_EQ(json.at("configurations").at(3).at("spill_bytes"), 16);
}

}  // namespace
}  // namespace fuseline::tuner
