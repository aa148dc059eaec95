// A folder with the same kernel in every form, through session, worker and NVRTC, on the stand-in driver.
#include <map>

#include "tests/gpu/forms_preset.hpp"
#include "tests/profiler/support.hpp"
#include "tests/support/environment_variable.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tuner/base/files.hpp"
#include "tuner/session/session.hpp"

namespace fuseline::profiler {
namespace {

TEST(FormsSweep, EveryFormIsMeasuredFromItsFolder) {
  const EnvironmentVariable driver("FUSELINE_LIBCUDA", FUSELINE_FAKE_DRIVER);
  const TemporaryFolder folder;
  const auto written = gpu::write_forms_preset(folder.path(), "sm_90");
  ASSERT_TRUE(written.has_value()) << written.error().message();
  const auto catalog = tuner::Catalog::load(tuner::data_folder(), {folder.path()});
  ASSERT_TRUE(catalog.has_value()) << catalog.error().message();
  tuner::SweepRequest request;
  request.problem = "doubled";
  request.device = "cuda:0";
  request.target = "";
  tuner::SessionEnvironment environment;
  environment.catalog = &*catalog;
  environment.data = tuner::data_folder();
  environment.worker_program = testing::kWorkerProgram;
  environment.cache_folder = "none";
  auto session = tuner::Session::start(request, environment);
  ASSERT_TRUE(session) << session.error().message();
  const auto run = (*session)->wait();
  ASSERT_TRUE(run) << run.error().message();
  std::map<std::string, int> measured;
  for (const tuner::Evaluation& evaluation : run->evaluations) {
    EXPECT_EQ(evaluation.measurement.outcome, tuner::Outcome::ok)
        << evaluation.configuration.key() << ": " << evaluation.measurement.reason;
    ++measured[evaluation.configuration.variant];
  }
  EXPECT_EQ(measured, (std::map<std::string, int>{{"text", 2},
                                                  {"ptx", 2},
                                                  {"cubin", 2},
                                                  {"instance", 2},
                                                  {"numbered", 2},
                                                  {"together", 1},
                                                  {"zeroed", 2},
                                                  {"zeroed_timed", 2}}));
}

}  // namespace
}  // namespace fuseline::profiler
