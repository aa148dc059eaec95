// Several GPUs through command line, session and worker, on the stand-in driver.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/app/program.hpp"
#include "tests/gpu/forms_preset.hpp"
#include "tests/profiler/support.hpp"
#include "tests/support/environment_variable.hpp"
#include "tuner/base/files.hpp"
#include "tuner/run/figures.hpp"
#include "tuner/session/device_choice.hpp"
#include "tuner/session/session.hpp"

namespace fuseline::profiler {
namespace {

using ::testing::HasSubstr;

constexpr const char* kAlike = "Stand-in*1,Stand-in*0.95";

class SeveralGpus : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto written = gpu::write_forms_preset(folder_.path(), "sm_90");
    ASSERT_TRUE(written.has_value()) << written.error().message();
    catalog_.emplace(tuner::Catalog::load(tuner::data_folder(), {folder_.path()}).value());
  }
  static tuner::SweepRequest request(const std::string& device) {
    tuner::SweepRequest request;
    request.problem = "doubled";
    request.device = device;
    request.target = "";
    return request;
  }
  tuner::SessionEnvironment environment() const {
    tuner::SessionEnvironment environment;
    environment.catalog = &*catalog_;
    environment.data = tuner::data_folder();
    environment.worker_program = testing::kWorkerProgram;
    environment.cache_folder = (folder_.path() / "cache").string();
    environment.ahead = 1;
    return environment;
  }
  tuner::Result<tuner::Run> swept(const std::string& device) {
    auto session = tuner::Session::start(request(device), environment());
    if (!session) return tl::unexpected(session.error());
    auto run = (*session)->wait();
    messages_.clear();
    for (const tuner::Notice& notice : (*session)->snapshot()->messages) messages_ += notice.text + "\n";
    return run;
  }
  app::Finished sweep(const std::string& gpus, const std::string& arguments) const {
    return program_.run("--preset-path " + folder_.path().string() + " --quiet sweep doubled " + arguments,
                        "FUSELINE_FAKE_GPUS='" + gpus + "'");
  }

  const EnvironmentVariable driver_{"FUSELINE_LIBCUDA", FUSELINE_FAKE_DRIVER};
  const TemporaryFolder folder_;
  const app::Program program_;
  std::optional<tuner::Catalog> catalog_;
  std::string messages_;
};

TEST_F(SeveralGpus, OfWhichOneIsSlowerNameTheSameBestAsOne) {
  const EnvironmentVariable gpus("FUSELINE_FAKE_GPUS", kAlike);
  const auto both = swept("all");
  ASSERT_TRUE(both) << both.error().message();
  ASSERT_EQ(both->info.cards.size(), 2U);
  EXPECT_EQ(both->info.cards[0].where, "cuda:0");
  EXPECT_EQ(both->info.cards[1].where, "cuda:1");
  EXPECT_NEAR(both->info.cards[1].copy_gbps / both->info.cards[0].copy_gbps, 0.95, 0.01);
  EXPECT_THAT(messages_, HasSubstr("the copy of cuda:1 reaches"));
  const auto one = swept("cuda:0");
  ASSERT_TRUE(one) << one.error().message();
  EXPECT_TRUE(one->info.cards.empty());
  bool other = false;
  for (const tuner::Evaluation& each : both->evaluations) {
    ASSERT_EQ(each.measurement.outcome, tuner::Outcome::ok) << each.measurement.reason;
    other = other || each.measurement.card == 2;
    const auto twin = std::find_if(one->evaluations.begin(), one->evaluations.end(),
                                   [&](const auto& there) { return there.configuration == each.configuration; });
    ASSERT_NE(twin, one->evaluations.end());
    const double alone_ms = twin->measurement.time_ms.median;
    EXPECT_NEAR(tuner::sweep_ms(both->info, each.measurement) / alone_ms, 1, 0.01) << each.configuration.key();
  }
  EXPECT_TRUE(other) << "the second card timed nothing";
  EXPECT_EQ(both->info.reference_card, 1);
  EXPECT_EQ(both->ranked().front()->configuration.variant, one->ranked().front()->configuration.variant);
}

TEST_F(SeveralGpus, AreChosenByTheirNumbers) {
  const EnvironmentVariable gpus("FUSELINE_FAKE_GPUS", "Stand-in*1,Other*1,Stand-in*1");
  const auto run = swept("cuda:0,2");
  ASSERT_TRUE(run) << run.error().message();
  ASSERT_EQ(run->info.cards.size(), 2U);
  EXPECT_EQ(run->info.cards[1].where, "cuda:2");
  const auto absent = swept("cuda:0,7");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().message(),
            "--device: there is no GPU 7: the driver sees 3 (0 is Stand-in, 1 is Other, 2 is Stand-in)");
}

TEST_F(SeveralGpus, AreOneWhereThereIsOne) {
  const auto run = swept("all");
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_TRUE(run->info.cards.empty());
  for (const tuner::Evaluation& each : run->evaluations) EXPECT_EQ(each.measurement.card, 0);
}

TEST_F(SeveralGpus, OfDifferentKindsAreARunEachWithATableAtTheEnd) {
  const app::Finished mixed =
      program_.run("--preset-path " + folder_.path().string() +
                       " sweep doubled --device all --variant text --db :memory: --json best.json",
                   "FUSELINE_FAKE_GPUS='Stand-in*1,Other*2,Stand-in*1'");
  EXPECT_EQ(mixed.code, 0) << mixed.err;
  EXPECT_THAT(mixed.err, HasSubstr("the GPUs are of 2 kinds, whose times do not compare: one run each"));
  EXPECT_THAT(mixed.out, HasSubstr("doubled: 2 instances, 2 done"));
  EXPECT_THAT(mixed.out, HasSubstr("Stand-in f32 "));
  EXPECT_THAT(mixed.out, HasSubstr("Other f32 "));
  const auto file = [&](const std::string& kind) {
    return nlohmann::json::parse(
        program_.read("best.f32." + catalog_->find("doubled").value()->problem.shapes[0].name + "." + kind + ".json"));
  };
  EXPECT_EQ(file("1-stand-in")["device"]["cards"].size(), 2U);
  EXPECT_FALSE(file("2-other")["device"].contains("cards"));
}

TEST_F(SeveralGpus, SayInTheTableWhichTheyWere) {
  const app::Finished run = program_.run("--preset-path " + folder_.path().string() +
                                             " sweep doubled --device all --variant text --db :memory: --csv all.csv",
                                         "FUSELINE_FAKE_GPUS='" + std::string(kAlike) + "'");
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("Timed on 2 cards: cuda:0 (the reference card; copy "));
  EXPECT_THAT(program_.read("all.csv"), HasSubstr(",card,"));
  const app::Finished absent = sweep(kAlike, "--device cuda:0,7 --db :memory:");
  EXPECT_EQ(absent.code, 2) << absent.err;
  EXPECT_THAT(absent.err, HasSubstr("there is no GPU 7: the driver sees 2"));
  const app::Finished twice = sweep(kAlike, "--device cuda:1,1 --db :memory:");
  EXPECT_EQ(twice.code, 2);
  EXPECT_THAT(twice.err, HasSubstr("cuda:N,M (each once)"));
}

}  // namespace
}  // namespace fuseline::profiler
