// A folder whose input and reference are files, through session, worker and NVRTC, on the stand-in driver.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/profiler/support.hpp"
#include "tests/support/environment_variable.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tuner/base/files.hpp"
#include "tuner/session/session.hpp"

namespace fuseline::profiler {
namespace {

/// Outcomes of a sweep of the folder in f32, each with its reason. What was compiled is kept in `cache`.
std::vector<std::string> outcomes(const std::filesystem::path& folder, const std::filesystem::path& cache) {
  const auto catalog = tuner::Catalog::load(tuner::data_folder(), {folder});
  if (!catalog) return {catalog.error().message()};
  tuner::SweepRequest request;
  request.problem = "twice";
  request.device = "cuda:0";
  request.target = "";
  tuner::SessionEnvironment environment;
  environment.catalog = &*catalog;
  environment.data = tuner::data_folder();
  environment.worker_program = testing::kWorkerProgram;
  environment.cache_folder = cache.string();
  auto session = tuner::Session::start(request, environment);
  if (!session) return {session.error().message()};
  const auto run = (*session)->wait();
  if (!run) return {run.error().message()};
  std::vector<std::string> all;
  for (const tuner::Evaluation& evaluation : run->evaluations)
    all.push_back(std::string(to_string(evaluation.measurement.outcome)) + " " + evaluation.measurement.reason);
  return all;
}

TEST(FilesSweep, RightFilesPassAndOneWrongElementFails) {
  const EnvironmentVariable driver("FUSELINE_LIBCUDA", FUSELINE_FAKE_DRIVER);
  const TemporaryFolder folder, cache;
  std::filesystem::copy(std::filesystem::path(FUSELINE_SOURCE_DIR) / "tests/data/file_problem", folder.path(),
                        std::filesystem::copy_options::recursive);
  EXPECT_EQ(outcomes(folder.path(), cache.path()), (std::vector<std::string>{"ok ", "ok "}));
  std::string content = tuner::read_file(folder.path() / "out.npy").value();
  const float other = 1000;
  content.replace(content.size() - 96, sizeof(other), reinterpret_cast<const char*>(&other), sizeof(other));
  folder.write("out.npy", content);
  for (const std::string& outcome : outcomes(folder.path(), cache.path()))
    EXPECT_THAT(outcome, ::testing::StartsWith("incorrect 1 of 1024 elements wrong; worst at out[1000]: got "));
}

}  // namespace
}  // namespace fuseline::profiler
