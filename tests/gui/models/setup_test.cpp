#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>

#include "tests/gui/models/support.hpp"
#include "tests/support/temporary_folder.hpp"

namespace fuseline::app::gui {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SetupTest : public ::testing::Test {
 protected:
  SetupTest()
      : setup(std::make_shared<const tuner::Catalog>(tuner::Catalog::load(tuner::data_folder(), {}).value())),
        devices(tuner::data_folder(), "/nonexistent") {
    EXPECT_TRUE(setup.choose_problem("layernorm_gelu_scale"));
  }
  std::uint64_t count() {
    setup.follow(background, devices, tuner::data_folder());
    EXPECT_TRUE(pump_until(background, [&] {
      setup.follow(background, devices, tuner::data_folder());
      return !setup.space.counting();
    }));
    return setup.space.count().count.value_or(~std::uint64_t{0});
  }
  Background background;
  gui::Setup setup;
  DevicesModel devices;
};

TEST_F(SetupTest, TheChoiceWorksOutBytesOperationsAndAllowedTime) {
  ASSERT_TRUE(setup.choose_problem("layernorm_gelu_scale"));
  ASSERT_TRUE(setup.choice.instance());
  const tuner::ProblemInstance& instance = *setup.choice.instance();
  EXPECT_EQ(instance.compulsory_bytes, std::int64_t{2} * 4 * 64 * (4194304 + 1));
  const tuner::Target* target = devices.target("rtx4090");
  ASSERT_NE(target, nullptr);
  const AllowedTime allowed = allowed_time(instance, *target);
  EXPECT_NEAR(allowed.ms, static_cast<double>(instance.compulsory_bytes) / 1008e6, 1e-3);
  EXPECT_FALSE(allowed.measured);
  tuner::DeviceInfo device;
  device.name = "NVIDIA H200";
  device.ceilings = tuner::Ceilings{4000, 0, 0, 60000, ""};
  EXPECT_TRUE(allowed_time(instance, device).measured);
  EXPECT_NEAR(allowed_time(instance, device).ms, static_cast<double>(instance.compulsory_bytes) / 4e9, 1e-3);
}

TEST_F(SetupTest, DimensionsThatAreRefusedSayWhyAndStartNothing) {
  ASSERT_TRUE(setup.choice.set_dimension("N", 0));
  ASSERT_FALSE(setup.choice.instance());
  EXPECT_FALSE(setup.request());
  ASSERT_TRUE(setup.choice.set_dimension("N", 4));
  ASSERT_TRUE(setup.choice.instance());
  EXPECT_THAT(setup.choice.overrides(), ElementsAre(tuner::Dimension{"N", 4}));
  EXPECT_FALSE(setup.choice.set_dimension("Q", 4));
  EXPECT_FALSE(setup.choose_problem("layernrm"));
  EXPECT_TRUE(setup.choice.instance()) << "what was chosen stays";
}

TEST_F(SetupTest, ScalarsAreSetAndThoseThatAreRefusedSayWhy) {
  EXPECT_THAT(setup.choice.scalars(), ElementsAre(std::pair("eps", 1e-5), std::pair("scale", 1.5)));
  EXPECT_TRUE(setup.request()->scalars.empty());
  const std::uint64_t before = setup.choice.revision();
  ASSERT_TRUE(setup.choice.set_scalar("scale", 2));
  EXPECT_NE(setup.choice.revision(), before);
  EXPECT_EQ(setup.choice.instance()->scope.at("scale"), 2);
  EXPECT_EQ(setup.request()->scalars, (tuner::Scalars{{"scale", 2}}));
  ASSERT_TRUE(setup.choice.choose_shape(setup.choice.entry()->problem.shapes.back().name));
  EXPECT_EQ(setup.request()->scalars, (tuner::Scalars{{"scale", 2}})) << "another shape changes none";
  ASSERT_TRUE(setup.choice.set_scalar("scale", std::numeric_limits<double>::infinity()));
  EXPECT_THAT(setup.request().error().message(), HasSubstr("must be finite"));
  ASSERT_TRUE(setup.choice.set_scalar("scale", 1.5));
  EXPECT_TRUE(setup.request()->scalars.empty()) << "the default again";
  EXPECT_FALSE(setup.choice.set_scalar("scael", 2));
  ASSERT_TRUE(setup.choice.set_scalar("scale", 2));
  ASSERT_TRUE(setup.choose_problem("rmsnorm_residual"));
  EXPECT_THAT(setup.choice.scalars(), ElementsAre(std::pair("eps", 1e-5))) << "another problem brings its own";
}

TEST_F(SetupTest, TogglesNarrowTheSpaceAndTheCountFollows) {
  setup.how.device = "cuda:0";
  const std::uint64_t all = count();
  ASSERT_GT(all, 100U);
  ASSERT_LT(all, ~std::uint64_t{0});
  ASSERT_TRUE(setup.space.set_value("block", "256", false));
  const std::uint64_t without = count();
  ASSERT_TRUE(setup.space.only_value("block", "256"));
  const std::uint64_t only = count();
  EXPECT_LT(without, all);
  EXPECT_GT(only, 0U);
  EXPECT_EQ(without + only, all) << "every configuration has one value of it";
  setup.space.reset();
  EXPECT_EQ(count(), all);
  setup.space.set_full(true);
  EXPECT_GT(count(), all);
}

TEST_F(SetupTest, AParameterWithoutAnyValueIsAnErrorThatNamesIt) {
  const ParameterToggle parameter = setup.space.parameters().front();
  for (const ValueToggle& value : parameter.values)
    ASSERT_TRUE(setup.space.set_value(parameter.name, value.text, false));
  EXPECT_EQ(count(), 0U);
  EXPECT_THAT(setup.space.count().error, HasSubstr(parameter.name));
  EXPECT_FALSE(setup.request());
  for (const VariantToggle& variant : std::vector<VariantToggle>(setup.space.variants()))
    ASSERT_TRUE(setup.space.set_variant(variant.name, false));
  EXPECT_THAT(setup.space.selection().error().message(), HasSubstr("no variant"));
}

TEST_F(SetupTest, AReplayCountsWhatWasRecorded) {
  setup.how.device = "replay:h200";
  const auto recordings = tuner::list_recordings(tuner::data_folder()).value();
  const auto recording = std::find_if(recordings.begin(), recordings.end(), [](const auto& each) {
    return each.problem == "layernorm_gelu_scale" && each.dtype == tuner::Dtype::f32;
  });
  ASSERT_NE(recording, recordings.end());
  ASSERT_TRUE(setup.choose_problem(recording->problem));
  EXPECT_EQ(count(), recording->evaluations);
}

TEST_F(SetupTest, RequestsRoundTrip) {
  ASSERT_TRUE(setup.choose_problem("softmax_bias_scale_sigmoid"));
  ASSERT_TRUE(setup.choice.choose_dtype("f16"));
  ASSERT_TRUE(setup.choice.set_dimension("N", 3));
  ASSERT_TRUE(setup.choice.set_scalar("scale", 0.25));
  ASSERT_TRUE(setup.space.only_variant(setup.space.variants().front().name));
  const std::string parameter = setup.space.parameters().front().name;
  ASSERT_TRUE(setup.space.only_value(parameter, setup.space.parameters().front().values.front().text));
  setup.how.budget = "30s";
  setup.how.seed = 9;
  const auto request = setup.request();
  ASSERT_TRUE(request);
  gui::Setup other(std::make_shared<const tuner::Catalog>(tuner::Catalog::load(tuner::data_folder(), {}).value()));
  other.apply(*request);
  EXPECT_THAT(other.choice.scalar_overrides(), ElementsAre(std::pair("scale", 0.25)));
  const auto again = other.request();
  ASSERT_TRUE(again);
  EXPECT_EQ(tuner::to_json(*again).dump(), tuner::to_json(*request).dump());
}

TEST_F(SetupTest, DevicesWithoutAGpuReplayAndSaySo) {
  devices.refresh(background);
  ASSERT_TRUE(pump_until(background, [&] { return !devices.searching(); }));
  EXPECT_TRUE(devices.gpus().empty());
  EXPECT_FALSE(devices.no_gpu_reason().empty());
  EXPECT_TRUE(devices.replays("auto", false));
  EXPECT_FALSE(devices.replays("auto", true)) << "a worker's command is another machine's GPU";
  EXPECT_FALSE(devices.replays("cuda:0", false));
  const auto options = devices.options();
  ASSERT_GE(options.size(), 2U);
  EXPECT_EQ(options[1].id, "replay:h200");
  EXPECT_THAT(options[0].label, HasSubstr("recording"));
}

/// A worker program that sees these GPUs.
std::string worker_that_sees(const TemporaryFolder& folder, const std::string& first, const std::string& further) {
  folder.write("script.json", R"({"device_name": ")" + first + R"(", "further_devices": )" + further + "}");
  const auto program = folder.write("worker", std::string("#!/bin/sh\nexec " FUSELINE_BIN_DIR "/scripted_worker ") +
                                                  (folder.path() / "script.json").string() + "\n");
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  return program.string();
}

TEST_F(SetupTest, SeveralGpusOfOneKindAreOfferedTogether) {
  const TemporaryFolder folder;
  DevicesModel alike(tuner::data_folder(), worker_that_sees(folder, "GPU A", R"(["GPU A"])"));
  alike.refresh(background);
  ASSERT_TRUE(pump_until(background, [&] { return !alike.searching(); }));
  const auto offered = alike.options();
  ASSERT_GE(offered.size(), 4U);
  EXPECT_EQ(offered[3].id, "all");
  EXPECT_EQ(offered[3].label, "2 x GPU A (all)");
  ASSERT_NE(alike.gpu("all"), nullptr);
  DevicesModel mixed(tuner::data_folder(), worker_that_sees(folder, "GPU A", R"(["GPU B", "GPU A"])"));
  mixed.refresh(background);
  ASSERT_TRUE(pump_until(background, [&] { return !mixed.searching(); }));
  ASSERT_GE(mixed.options().size(), 5U);
  EXPECT_EQ(mixed.options()[4].id, "cuda:0,2") << "times of different GPUs do not compare";
  EXPECT_EQ(mixed.gpu("cuda:0,2")->name, "GPU A");
}

}  // namespace
}  // namespace fuseline::app::gui
