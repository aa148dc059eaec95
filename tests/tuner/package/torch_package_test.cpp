// Packages for PyTorch from recorded runs, with images that are made up.
#include "tuner/package/torch_package.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "tests/tuner/package/package_samples.hpp"
#include "tuner/base/json.hpp"
#include "tuner/formats/result.hpp"
#include "tuner/package/folder.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class TorchPackage : public ::testing::Test {
 protected:
  [[nodiscard]] Result<PackageExported> write(const std::vector<tuner::Run>& runs,
                                              const std::string& name = "fused_ops") const {
    PackageRequest request = samples::request(runs, folder(name), targets_, build_);
    request.distil = distil_;
    return export_torch(request);
  }
  [[nodiscard]] std::filesystem::path folder(const std::string& name = "fused_ops") const {
    return temporary_.path() / name;
  }
  [[nodiscard]] OrderedJson wisdom(const std::string& name = "fused_ops") const {
    return read_json_file(folder(name) / "wisdom.json").value();
  }
  [[nodiscard]] std::string error(const std::vector<tuner::Run>& runs, const std::string& name = "fused_ops") const {
    const auto written = write(runs, name);
    return written ? "" : written.error().message();
  }

  TemporaryFolder temporary_;
  std::vector<Target> targets_ = package_targets(data_folder(), "rtx4090", {}).value();
  ImageBuilder build_ = samples::builder();
  std::size_t distil_ = 0;
};

TEST_F(TorchPackage, HoldsTheBestForTheDeviceMeasuredAndForTheTarget) {
  const std::vector<tuner::Run> runs = {samples::recorded("layernorm_gelu_scale.f32.kernelbench")};
  build_ = samples::builder(runs.front().ranked().front()->measurement.source_sha256);
  const auto written = write(runs);
  ASSERT_TRUE(written) << written.error().message();
  EXPECT_EQ(written->entries, 2U);
  EXPECT_EQ(written->images, 4U);
  EXPECT_THAT(written->warnings, IsEmpty());
  const OrderedJson json = wisdom();
  const auto valid = validate_schema(json, "wisdom", "wisdom.json");
  ASSERT_TRUE(valid) << valid.error().message();
  const auto& entries = json.at("entries");
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_EQ(entries[0].at("device").at("name"), "NVIDIA H200");
  EXPECT_TRUE(entries[0].at("measured"));
  EXPECT_TRUE(entries[0].at("source_as_measured"));
  EXPECT_EQ(entries[0].at("time_ms"), runs.front().time_of(*runs.front().ranked().front()).median);
  EXPECT_EQ(entries[1].at("device").at("name"), "NVIDIA GeForce RTX 4090");
  EXPECT_FALSE(entries[1].at("measured"));
  EXPECT_EQ(entries[1].at("device").at("limits").at("sm_count"), 128);
  EXPECT_EQ(entries[1].at("measured_on"), "NVIDIA H200");
  for (const OrderedJson& image : json.at("images")) {
    EXPECT_THAT(read_text(folder() / image.at("file").get<std::string>()),
                HasSubstr(image.at("architecture").get<std::string>()));
  }
  const std::string text = json.dump();
  EXPECT_THAT(text, Not(HasSubstr(FUSELINE_SOURCE_DIR))) << "no path of the machine that made it";
}

TEST_F(TorchPackage, DistilledConfigurationsAreForShapesThatWereNotTuned) {
  const std::vector<tuner::Run> runs = {samples::recorded("rmsnorm_residual.bf16.default"),
                                        samples::recorded("rmsnorm_residual.bf16.wide")};
  ASSERT_TRUE(write(runs, "plain"));
  const OrderedJson plain = wisdom("plain");
  for (const OrderedJson& entry : plain.at("entries")) EXPECT_FALSE(entry.contains("untuned"));
  distil_ = 1;
  const auto written = write(runs);
  ASSERT_TRUE(written) << written.error().message();
  const OrderedJson json = wisdom();
  const auto valid = validate_schema(json, "wisdom", "wisdom.json");
  ASSERT_TRUE(valid) << valid.error().message();
  std::map<std::string, std::set<std::string>> untuned, own;
  for (const OrderedJson& entry : json.at("entries")) {
    const std::string device = entry.at("device").at("name");
    untuned[device].insert(entry.at("untuned").dump());
    own[device].insert(entry.at("configuration").dump());
    EXPECT_TRUE(json.at("problems").at("rmsnorm_residual").at("variants").contains(entry.at("untuned").at("variant")));
  }
  EXPECT_EQ(own["NVIDIA H200"].size(), 2U) << "each shape keeps its own best";
  EXPECT_EQ(untuned["NVIDIA H200"].size(), 1U);
  EXPECT_EQ(untuned["NVIDIA GeForce RTX 4090"].size(), 1U) << "of those that the target can hold";
  EXPECT_EQ(written->images, wisdom("plain").at("images").size()) << "images are of tuned shapes alone";
  distil_ = 0;
  ASSERT_TRUE(write(runs));
  EXPECT_FALSE(wisdom().at("entries").front().contains("untuned")) << "a later export replaces them";
}

/// Another variant than any shape's best: its manifest and its source travel too.
TEST_F(TorchPackage, ADistilledVariantThatIsNoShapesBestTravelsToo) {
  tuner::Run narrow = samples::recorded("layernorm_gelu_scale.f32.kernelbench"), wide = narrow;
  const std::string best = narrow.ranked().front()->configuration.variant;
  const auto other_of = [&](const tuner::Run& run) {
    const auto ranked = run.ranked();
    return *std::find_if(ranked.begin(), ranked.end(),
                         [&](const Evaluation* each) { return each->configuration.variant != best; });
  };
  const Evaluation other = *other_of(narrow);
  // In each shape a configuration that the other has not, and one that both have.
  const auto ranked = narrow.ranked();
  ASSERT_NE(ranked[1]->configuration.key(), other.configuration.key());
  const Evaluation first = *ranked[0], second = *ranked[1];
  narrow.info.finals.clear();
  wide.info.finals.clear();
  narrow.evaluations = {first, other};
  wide.evaluations = {second, other};
  for (Dimension& dim : wide.info.dims) dim.value *= dim.name == "N" ? 2 : 1;
  distil_ = 1;
  targets_.clear();
  const auto written = write({narrow, wide});
  ASSERT_TRUE(written) << written.error().message();
  const OrderedJson json = wisdom();
  for (const OrderedJson& entry : json.at("entries")) {
    EXPECT_EQ(entry.at("variant"), best);
    EXPECT_EQ(entry.at("untuned").at("variant"), other.configuration.variant);
  }
  const auto& variants = json.at("problems").at("layernorm_gelu_scale").at("variants");
  ASSERT_TRUE(variants.contains(other.configuration.variant));
  const std::string source = variants.at(other.configuration.variant).at("source");
  EXPECT_TRUE(std::filesystem::exists(folder() / "sources" / "layernorm_gelu_scale" / source));
}

TEST_F(TorchPackage, OfAResultFileLaunchesWhatItsRecordingDoes) {
  // Its best has a grid by the number of SMs, which a launch cannot be worked out without.
  const tuner::Run run = samples::recorded("layernorm_gelu_scale_backward.f32.kernelbench");
  ASSERT_TRUE(write({run}, "recording"));
  OrderedJson result = result_json(run).value();
  const auto valid = validate_schema(result, "result", "result.json");
  ASSERT_TRUE(valid) << valid.error().message();
  const auto file = temporary_.write("result.json", json_text(result));
  ASSERT_EQ(error({read_run(file).value()}, "result"), "");
  const OrderedJson entries = wisdom("recording").at("entries"), again = wisdom("result").at("entries");
  ASSERT_EQ(entries.size(), again.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    EXPECT_EQ(entries[i].at("launches"), again[i].at("launches"));
    EXPECT_EQ(entries[i].at("device"), again[i].at("device"));
  }
  result["device"].erase("limits");
  const auto before = temporary_.write("before.json", json_text(result));
  EXPECT_THAT(error({read_run(before).value()}, "before"), HasSubstr("does not say the limits of NVIDIA H200"));
}

TEST_F(TorchPackage, NamesOnlyDefinesThatSourcesRead) {
  ASSERT_TRUE(write({samples::recorded("layernorm_gelu_scale.f32.kernelbench")}));
  const OrderedJson json = wisdom();
  const auto defines = json.at("images")[0].at("defines").get<std::vector<std::string>>();
  EXPECT_THAT(defines, ::testing::Contains("-DDIM_W=64"));
  EXPECT_THAT(defines, Not(::testing::Contains(HasSubstr("DERIVED_tiles"))));
}

TEST_F(TorchPackage, IsTheSameByteForByteAndGrows) {
  const tuner::Run forward = samples::recorded("layernorm_gelu_scale.f32.kernelbench");
  const tuner::Run backward = samples::recorded("layernorm_gelu_scale_backward.f32.kernelbench");
  ASSERT_TRUE(write({forward, backward}));
  ASSERT_TRUE(write({backward}, "in_turn"));
  ASSERT_TRUE(write({forward}, "in_turn"));
  ASSERT_TRUE(write({forward}, "in_turn")) << "once more changes nothing";
  const FileContents at_once = read_package(folder()).value();
  FileContents in_turn = read_package(folder("in_turn")).value();
  in_turn["README.md"] = at_once.at("README.md");  // It has the package's name.
  EXPECT_EQ(at_once, in_turn);
  EXPECT_EQ(wisdom().at("problems").at("layernorm_gelu_scale").at("backward"), "layernorm_gelu_scale_backward");
}

TEST_F(TorchPackage, ReplacesWhatWasMeasuredAnewAndDropsItsImages) {
  tuner::Run run = samples::recorded("layernorm_gelu_scale.f32.kernelbench");
  ASSERT_TRUE(write({run}));
  const auto before = wisdom();
  std::swap(run.info.finals[0], run.info.finals[1]);
  ASSERT_TRUE(write({run}));
  const auto after = wisdom();
  EXPECT_THAT(after.at("entries"), SizeIs(2));
  EXPECT_NE(after.at("entries")[0].at("configuration"), before.at("entries")[0].at("configuration"));
  for (const OrderedJson& image : before.at("images")) {
    const auto file = image.at("file").get<std::string>();
    const bool kept = after.at("images").dump().find(file) != std::string::npos;
    EXPECT_EQ(std::filesystem::exists(folder() / file), kept) << file;
  }
}

TEST_F(TorchPackage, ForATargetTakesTheFirstThatFitsIt) {
  const tuner::Run run = samples::recorded("softmax_bias_scale_sigmoid_backward.f32.kernelbench");
  ASSERT_TRUE(run.info.target_fit && !run.info.target_fit->misfit.empty()) << "its best needs more shared memory";
  ASSERT_TRUE(write({run}));
  const auto json = wisdom();
  const auto fits = run.best_for_target();
  ASSERT_NE(fits, nullptr);
  EXPECT_EQ(nlohmann::json(json.at("entries")[1].at("configuration")), fits->configuration.values_json());
  EXPECT_NE(json.at("entries")[0].at("configuration"), json.at("entries")[1].at("configuration"));
}

TEST_F(TorchPackage, WhatSpillsOnATargetIsNotInThePackage) {
  const tuner::Run run = samples::recorded("layernorm_gelu_scale.f32.kernelbench");
  const std::string best = run.ranked().front()->configuration.key();
  const auto spilling = [](const std::function<bool(const BuildRequest&)>& spills) -> ImageBuilder {
    return [spills, make = samples::builder()](const std::vector<BuildRequest>& requests) {
      auto replies = make(requests);
      for (std::size_t i = 0; i < requests.size(); ++i) {
        if (requests[i].architecture == "sm_89" && spills(requests[i])) replies->at(i).spill_bytes = 16;
      }
      return replies;
    };
  };
  build_ =
      spilling([&](const BuildRequest& request) { return request.configuration.resolved.configuration.key() == best; });
  auto written = write({run});
  ASSERT_TRUE(written);
  EXPECT_EQ(nlohmann::json(wisdom().at("entries")[0].at("configuration")),
            run.ranked().front()->configuration.values_json());
  EXPECT_EQ(nlohmann::json(wisdom().at("entries")[1].at("configuration")),
            run.ranked().at(1)->configuration.values_json());
  build_ = spilling([](const BuildRequest&) { return true; });
  written = write({run});
  ASSERT_TRUE(written);
  EXPECT_THAT(written->warnings, ::testing::Contains(HasSubstr("the first 16 of the configurations that worked and fit "
                                                               "it spill registers")));
}

TEST_F(TorchPackage, FurtherCapabilitiesAreOfTheFirstDataSheetThatHasThem) {
  targets_ = package_targets(data_folder(), "rtx4090", {89, 86}).value();
  ASSERT_TRUE(write({samples::recorded("layernorm_gelu_scale.f32.kernelbench")}));
  std::vector<std::string> capabilities;
  const auto json = wisdom();
  for (const OrderedJson& entry : json.at("entries"))
    capabilities.push_back(entry.at("device").at("compute_capability"));
  EXPECT_THAT(capabilities, ElementsAre("9.0", "8.6", "8.9"));
  const auto unknown = package_targets(data_folder(), "rtx4090", {61});
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message(), HasSubstr("--cc: there is no data sheet of compute capability 61"));
}

TEST_F(TorchPackage, SaysWhereTheSourceIsNotTheOneMeasured) {
  build_ = samples::builder("another");
  const auto written = write({samples::recorded("layernorm_gelu_scale.f32.kernelbench")});
  ASSERT_TRUE(written);
  ASSERT_THAT(written->warnings, SizeIs(1));
  EXPECT_THAT(written->warnings[0], HasSubstr("its source has changed since it was measured"));
  EXPECT_FALSE(wisdom().at("entries")[0].at("source_as_measured"));
}

TEST_F(TorchPackage, RefusesWhatItCannotHold) {
  const tuner::Run run = samples::recorded("layernorm_gelu_scale.f32.kernelbench");
  EXPECT_THAT(error({run}, "fused-ops"), HasSubstr("'fused-ops' is no name in Python"));
  EXPECT_THAT(error({run}, "lambda"), HasSubstr("'lambda' is no name in Python"));
  tuner::Run foreign = run;
  foreign.info.problem = "gemm";
  EXPECT_THAT(error({foreign}), HasSubstr("gemm"));
  tuner::Run failed = run;
  failed.info.finals.clear();
  for (Evaluation& each : failed.evaluations) each.measurement.outcome = Outcome::compile_error;
  EXPECT_THAT(error({failed}), HasSubstr("nothing worked in the run of layernorm_gelu_scale"));
  build_ = [](const std::vector<BuildRequest>& requests) -> Result<std::vector<BuildReply>> {
    std::vector<BuildReply> replies(requests.size());
    for (BuildReply& reply : replies) reply.reason = "no such architecture";
    return replies;
  };
  EXPECT_THAT(error({run}), HasSubstr("layernorm_gelu_scale f32 for sm_90: no such architecture"));
  EXPECT_FALSE(std::filesystem::exists(folder())) << "nothing was written";
}

TEST_F(TorchPackage, LeavesOtherFoldersAndDamagedPackagesAlone) {
  const tuner::Run run = samples::recorded("layernorm_gelu_scale.f32.kernelbench");
  temporary_.write("mine/notes.txt", "mine");
  EXPECT_THAT(error({run}, "mine"), HasSubstr("the folder has files, but no SHA256SUMS of a package"));
  ASSERT_TRUE(write({run}));
  temporary_.write("fused_ops/notes.txt", "mine");
  ASSERT_TRUE(write({run}));
  EXPECT_EQ(read_text(folder() / "notes.txt"), "mine") << "what it did not write it leaves";
  const auto text = read_text(folder() / "wisdom.json");
  temporary_.write("fused_ops/wisdom.json", text + " ");
  EXPECT_THAT(error({run}), ::testing::AllOf(HasSubstr("wisdom.json"), HasSubstr("was changed since the package")));
  temporary_.write("fused_ops/wisdom.json", text);
  std::filesystem::remove(folder() / "_plans.py");
  EXPECT_THAT(error({run}), ::testing::AllOf(HasSubstr("_plans.py"), HasSubstr("the package lacks this file")));
  temporary_.write("fused_ops/SHA256SUMS", "nonsense\n");
  EXPECT_THAT(error({run}), HasSubstr("'nonsense' is no line of checksums"));
  temporary_.write("fused_ops/SHA256SUMS", std::string(64, '0') + "  ../../escape\n");
  EXPECT_THAT(error({run}), HasSubstr("escape"));
}

TEST_F(TorchPackage, SourcesOfAnotherVersionAreRefused) {
  const tuner::Run run = samples::recorded("layernorm_gelu_scale.f32.kernelbench");
  ASSERT_TRUE(write({run}));
  FileContents files = read_package(folder()).value();
  FileContents changed = files;
  changed["sources/layernorm_gelu_scale/row_group.cu"] += "// of before\n";
  ASSERT_TRUE(write_package(folder(), changed, files));
  EXPECT_THAT(error({run}), HasSubstr("another version of this source"));
}

}  // namespace
}  // namespace fuseline::tuner
