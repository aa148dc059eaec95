#include "tuner/device/device.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "tests/support/environment_variable.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tuner/base/json.hpp"

namespace fuseline::tuner {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

const fs::path source{FUSELINE_SOURCE_DIR};

class Targets : public ::testing::Test {
 protected:
  EnvironmentVariable data_{"FUSELINE_DATA", source.string()};
};

TEST_F(Targets, Rtx4090HasTheFiguresOfItsSheet) {
  const Target target = find_target(source, "rtx4090").value();
  EXPECT_EQ(target.title, "NVIDIA GeForce RTX 4090");
  EXPECT_EQ(target.chip, "AD102");
  EXPECT_EQ(target.limits.sm_count, 128);
  EXPECT_EQ(target.limits.compute_capability(), "8.9");
  EXPECT_EQ(target.limits.sm(), "sm_89");
  EXPECT_EQ(target.limits.max_threads_per_sm, 48 * 32);
  EXPECT_EQ(target.limits.max_threads_per_block, 1024);
  EXPECT_EQ(target.limits.max_blocks_per_sm, 24);
  EXPECT_EQ(target.limits.registers_per_sm, 65536);
  EXPECT_EQ(target.limits.registers_per_thread, 255);
  EXPECT_EQ(target.limits.shared_bytes_per_sm, 100 * 1024);
  EXPECT_EQ(target.limits.shared_bytes_per_block, 99 * 1024);
  EXPECT_EQ(target.limits.l2_bytes, 72 << 20);
  EXPECT_EQ(target.dram_gbps, 1008);
  EXPECT_EQ(target.fp32_gflops, 82600);
  EXPECT_EQ(target.fp16_tensor_gflops, 165200);
  EXPECT_EQ(target.memory_bytes, std::int64_t{24} << 30);
  EXPECT_EQ(target.memory_kind, "GDDR6X");
  EXPECT_EQ(target.copy_gbps, 921);
  EXPECT_EQ(target.l2_gbps, 5200);
  EXPECT_EQ(target.sm_mhz, 2520);
  EXPECT_EQ(target.special_per_clock, 16);
  EXPECT_EQ(target.shared_bytes_per_clock, 128);
  EXPECT_FALSE(target.sources.empty());
}

TEST_F(Targets, H200HasTheFiguresOfItsSheet) {
  const Target target = find_target(source, "h200").value();
  EXPECT_EQ(target.chip, "GH100");
  EXPECT_EQ(target.limits.sm_count, 132);
  EXPECT_EQ(target.limits.sm(), "sm_90");
  EXPECT_EQ(target.limits.max_threads_per_sm, 2048);
  EXPECT_EQ(target.limits.max_blocks_per_sm, 32);
  EXPECT_EQ(target.limits.shared_bytes_per_block, 227 * 1024);
  EXPECT_EQ(target.limits.l2_bytes, 60 << 20);
  EXPECT_EQ(target.dram_gbps, 4800);
  EXPECT_EQ(target.fp32_gflops, 66900);
}

TEST_F(Targets, EveryPresetLoadsInOrderAndIsPlausible) {
  const std::vector<Target> targets = load_targets(source).value();
  EXPECT_GE(targets.size(), 8u);
  std::set<std::string> device_names;
  std::string before;
  for (const Target& target : targets) {
    EXPECT_LT(before, target.name);
    before = target.name;
    // Compute over memory bandwidth lies between 5 and 150 operations a byte on all GPUs since 2018: catches slips of
    // units.
    EXPECT_GT(target.fp32_gflops / target.dram_gbps, 5) << target.name;
    EXPECT_LT(target.fp32_gflops / target.dram_gbps, 150) << target.name;
    EXPECT_GE(target.fp16_tensor_gflops, 1.9 * target.fp32_gflops) << target.name;
    EXPECT_LE(target.limits.shared_bytes_per_block, target.limits.shared_bytes_per_sm) << target.name;
    EXPECT_EQ(target.limits.max_threads_per_sm % 512, 0) << target.name;
    // The FP32 rate is two operations a lane and cycle of the boost clock: 64 lanes an SM on 7.5 and 8.0, else 128.
    const int lanes = target.limits.compute_major * 10 + target.limits.compute_minor > 80 ? 128 : 64;
    EXPECT_NEAR(target.fp32_gflops / (2e-3 * lanes * target.limits.sm_count * target.sm_mhz), 1, 0.01) << target.name;
    EXPECT_FALSE(target.memory_kind.empty()) << target.name;
    EXPECT_LT(target.copy_gbps, target.dram_gbps) << target.name;
    for (const std::string& name : target.device_names)
      EXPECT_TRUE(device_names.insert(name).second) << name << " stands for two targets";
  }
}

TEST_F(Targets, UnknownNameIsAnsweredWithTheList) {
  const Result<Target> target = find_target(source, "rtx4900");
  ASSERT_FALSE(target);
  EXPECT_EQ(target.error().kind, ErrorKind::bad_input);
  EXPECT_THAT(target.error().message(), HasSubstr("there is no target \"rtx4900\"; did you mean rtx4090"));
  EXPECT_THAT(target.error().message(), HasSubstr("(targets: a10, a100_sxm_80gb, "));
  EXPECT_THAT(find_target(source, "\x1b[2J").error().message(), Not(HasSubstr("\x1b")));
  EXPECT_FALSE(find_target(source, "../devices/rtx4090"));
}

TEST_F(Targets, ACopysRateIsTheMeasuredOneOrAShareOfTheSheetsByKindOfMemory) {
  Target target = find_target(source, "rtx4090").value();
  EXPECT_EQ(streaming_rate(target).gbps, 921);
  EXPECT_TRUE(streaming_rate(target).measured);
  target.copy_gbps = 0;
  EXPECT_NEAR(streaming_rate(target).gbps, 0.914 * 1008, 1e-9);
  EXPECT_FALSE(streaming_rate(target).measured);
  target.memory_kind = "HBM9";
  EXPECT_NEAR(streaming_rate(target).gbps, 0.85 * 1008, 1e-9);
}

TEST_F(Targets, AFileIsATargetUnderAnyName) {
  const TemporaryFolder folder;
  Target shared = find_target(source, "rtx4090").value();
  shared.copy_gbps = 917;
  folder.write("of_a_friend.json", device_file(shared).dump());
  const auto read = find_target(source, (folder.path() / "of_a_friend.json").string());
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->name, "rtx4090");
  EXPECT_EQ(read->copy_gbps, 917);
  EXPECT_EQ(read->limits.shared_bytes_per_sm, shared.limits.shared_bytes_per_sm);
  folder.write("broken.json", "{}");
  EXPECT_THAT(find_target(source, (folder.path() / "broken.json").string()).error().message(),
              HasSubstr("broken.json"));
  EXPECT_FALSE(find_target(source, (folder.path() / "none.json").string()));
}

TEST_F(Targets, ADeviceWithoutCountersOfItsCopyTakesThoseOfAnotherOfItsNameAndSaysWhose) {
  const std::vector<Target> sheets = load_targets(source).value();
  DeviceInfo device;
  device.name = "NVIDIA H200";
  add_catalogued_streams(device, sheets);
  EXPECT_FALSE(device.ceilings) << "nothing was measured";
  device.ceilings = Ceilings{4283, 4466, 8740, 65000, "then"};
  add_catalogued_streams(device, sheets);
  const StreamCounters catalogued = device.ceilings->streams;
  EXPECT_TRUE(catalogued.of_another());
  EXPECT_FALSE(catalogued.driver.empty());
  EXPECT_GT(catalogued.copy.size(), 20U);
  EXPECT_GT(catalogued.read.size(), 20U);
  device.ceilings->streams = {{{"dram__bytes_read.sum", 1}}, {}, "", "", ""};
  add_catalogued_streams(device, sheets);
  EXPECT_EQ(device.ceilings->streams.copy.size(), 1U) << "its own stay";
  EXPECT_FALSE(device.ceilings->streams.of_another());
  device.name = "A GPU of next year";
  device.ceilings->streams = {};
  add_catalogued_streams(device, sheets);
  EXPECT_FALSE(device.ceilings->streams.known());
}

TEST_F(Targets, WhatAMachineMeasuredIsATargetThatNamesNobody) {
  const std::vector<Target> sheets = load_targets(source).value();
  DeviceInfo device;
  device.name = "NVIDIA GeForce RTX 4090";
  device.uuid = "GPU-secret";
  EXPECT_FALSE(measured_target(device, sheets)) << "nothing was measured";
  device.ceilings = Ceilings{918, 940, 5000, 81000, "2026-11-29T08:29:19Z"};
  device.driver = "580.159.04";
  device.limits = find_target(source, "rtx4090").value().limits;
  device.memory_bytes = 25'000'000'000;
  const auto target = measured_target(device, sheets);
  ASSERT_TRUE(target) << target.error().message();
  const OrderedJson file = device_file(*target);
  EXPECT_TRUE(validate_schema(file, "device", "shared"));
  EXPECT_EQ(file["copy_gbps"], 918);
  EXPECT_EQ(file["l2_gbps"], 5000);
  EXPECT_EQ(file["driver"], "580.159.04");
  EXPECT_THAT(file.dump(), Not(HasSubstr("secret")));
  EXPECT_FALSE(file.contains("streams"));
  device.ceilings->streams.copy = {{"dram__bytes_read.sum", 1e9}};
  const OrderedJson counted = device_file(measured_target(device, sheets).value());
  EXPECT_TRUE(validate_schema(counted, "device", "shared"));
  EXPECT_EQ(counted["streams"]["driver"], "580.159.04");
  EXPECT_EQ(counted["streams"]["measured_at"], "2026-11-29T08:29:19Z");
  EXPECT_EQ(counted["streams"]["copy"]["dram__bytes_read.sum"], 1e9);
  EXPECT_FALSE(counted["streams"].contains("read"));
  device.name = "A GPU of next year";
  EXPECT_THAT(measured_target(device, sheets).error().message(), HasSubstr("no data sheet"));
}

TEST_F(Targets, DataSheetIsFoundByTheWholeName) {
  const std::vector<Target> targets = load_targets(source).value();
  EXPECT_EQ(data_sheet_of(targets, "NVIDIA H200").value().name, "h200");
  EXPECT_EQ(data_sheet_of(targets, "nvidia geforce rtx 4090").value().name, "rtx4090");
  EXPECT_FALSE(data_sheet_of(targets, "NVIDIA H200 NVL"));
  EXPECT_FALSE(data_sheet_of(targets, "NVIDIA GeForce RTX 4090 D"));
  EXPECT_FALSE(data_sheet_of(targets, ""));
}

/// A data folder with our schema and one device file made from the RTX 4090's by a change.
class DeviceFile : public ::testing::Test {
 protected:
  DeviceFile() : json_(read_json_file(source / "presets/devices/rtx4090.json").value()) {
    std::ifstream schema(source / "assets/schemas/device.schema.json");
    scratch_.write("assets/schemas/device.schema.json", std::string(std::istreambuf_iterator<char>(schema), {}));
  }

  std::string refusal() const {
    scratch_.write("presets/devices/rtx4090.json", json_.dump());
    const Result<std::vector<Target>> targets = load_targets(scratch_.path());
    return targets ? "accepted" : targets.error().message();
  }

  TemporaryFolder scratch_;
  EnvironmentVariable data_{"FUSELINE_DATA", scratch_.path().string()};
  OrderedJson json_;
};

TEST_F(DeviceFile, IsAcceptedUnchanged) { EXPECT_EQ(refusal(), "accepted"); }

TEST_F(DeviceFile, ErrorsNameFilePathAndReason) {
  json_["limits"]["sm_count"] = "128";
  EXPECT_THAT(refusal(), HasSubstr("presets/devices/rtx4090.json: /limits/sm_count: expected integer, found \"128\""));
}

TEST_F(DeviceFile, RefusesFiguresThatCannotBe) {
  json_["dram_gbps"] = 0;
  EXPECT_THAT(refusal(), HasSubstr("/dram_gbps: expected number greater than 0, found 0"));
  json_["dram_gbps"] = 1008;
  json_["limits"]["sm_count"] = std::int64_t{1} << 40;
  EXPECT_THAT(refusal(), HasSubstr("/limits/sm_count: expected number less than or equal to 4096"));
}

TEST_F(DeviceFile, RefusesUnknownMembersWithAHint) {
  json_["limits"]["smcount"] = 128;
  EXPECT_THAT(refusal(), HasSubstr("/limits: the member \"smcount\" is unknown; did you mean \"sm_count\"?"));
}

TEST_F(DeviceFile, RefusesANameThatIsNotTheFiles) {
  json_["name"] = "rtx4080";
  EXPECT_THAT(refusal(), HasSubstr("/name: expected the name of the file, found \"rtx4080\""));
}

TEST_F(DeviceFile, RefusesAnotherSchemaAndAStrangeComputeCapability) {
  json_["schema"] = "fuseline/device/2";
  EXPECT_THAT(refusal(), HasSubstr("/schema: expected \"fuseline/device/1\", found \"fuseline/device/2\""));
  json_["schema"] = "fuseline/device/1";
  json_["compute_capability"] = "8.9.1";
  EXPECT_THAT(refusal(), HasSubstr("/compute_capability: expected text of the form"));
}

TEST_F(DeviceFile, MissingFolderIsAnError) {
  const Result<std::vector<Target>> targets = load_targets(scratch_.path() / "none");
  ASSERT_FALSE(targets);
  EXPECT_THAT(targets.error().message(), HasSubstr("presets/devices: cannot be listed"));
}

}  // namespace
}  // namespace fuseline::tuner
