// Where the time of a sweep goes, told by a whole worker on the stand-in driver.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <limits>

#include "tests/profiler/support.hpp"
#include "tests/support/environment_variable.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/trace_events.hpp"
#include "tuner/base/files.hpp"
#include "tuner/session/session.hpp"
#include "tuner/session/timeline.hpp"

namespace fuseline::profiler {
namespace {

using ::testing::IsSupersetOf;

TEST(TimingSweep, AWorkerTellsEveryStageAndItsThreadIsAtOneThingAtATime) {
  const EnvironmentVariable driver("FUSELINE_LIBCUDA", FUSELINE_FAKE_DRIVER);
  const TemporaryFolder cache;
  const auto catalog = tuner::Catalog::load(tuner::data_folder(),
                                            {std::filesystem::path(FUSELINE_SOURCE_DIR) / "tests/data/file_problem"});
  ASSERT_TRUE(catalog) << catalog.error().message();
  tuner::SweepRequest request;
  request.problem = "twice";
  request.device = "cuda:0";
  request.target = "";
  tuner::SessionEnvironment environment;
  environment.catalog = &*catalog;
  environment.data = tuner::data_folder();
  environment.worker_program = testing::kWorkerProgram;
  environment.cache_folder = cache.path().string();
  environment.timeline = std::make_shared<tuner::Timeline>();
  auto session = tuner::Session::start(request, environment);
  ASSERT_TRUE(session) << session.error().message();
  const auto run = (*session)->wait();
  ASSERT_TRUE(run) << run.error().message();
  const auto trace = environment.timeline->chrome_json();
  EXPECT_EQ(fault_of_trace(trace), "");
  EXPECT_THAT(span_names(trace, 1), IsSupersetOf({"compile", "wait", "prepare", "load", "verify", "poison", "sample",
                                                  "verify again", "finals", "verify finalists", "round"}));
  // A worker lives within the session that started it.
  std::int64_t end = 0, worker_end = 0;
  for (const auto& event : trace.at("traceEvents")) {
    if (event.at("ph") != "X") continue;
    auto& latest = event.at("pid") == 0 ? end : worker_end;
    latest = std::max(latest, event.at("ts").get<std::int64_t>() + event.at("dur").get<std::int64_t>());
  }
  EXPECT_GT(worker_end, 0);
  EXPECT_LE(worker_end, end);
}

}  // namespace
}  // namespace fuseline::profiler
