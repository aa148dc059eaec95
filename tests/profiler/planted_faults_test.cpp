// The planted faults through session, worker and NVRTC, on the stand-in driver; and what is in the kernels that it
// cannot tell.
#include <algorithm>

#include "tests/faults/planted.hpp"
#include "tests/profiler/support.hpp"
#include "tests/support/environment_variable.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tuner/session/session.hpp"

namespace fuseline::profiler {
namespace {

const std::filesystem::path kPresets = FUSELINE_SOURCE_DIR "/tests/faults/presets";

tuner::Catalog catalog() {
  auto loaded = tuner::Catalog::load(tuner::data_folder(), {kPresets});
  if (!loaded) throw std::runtime_error(loaded.error().message());
  return std::move(*loaded);
}

TEST(PlantedFaults, EachHasItsOutcomeAndTheSoundAreMeasured) {
  const EnvironmentVariable driver("FUSELINE_LIBCUDA", FUSELINE_FAKE_DRIVER);
  const auto problems = catalog();
  tuner::SweepRequest request;
  request.problem = "planted_faults";
  request.device = "cuda:0";
  request.target = "";
  tuner::SessionEnvironment environment;
  environment.catalog = &problems;
  environment.data = tuner::data_folder();
  environment.worker_program = testing::kWorkerProgram;
  environment.cache_folder = "none";
  environment.deadlines = {10, 3, 3, 60, 60};
  auto session = tuner::Session::start(request, environment);
  ASSERT_TRUE(session) << session.error().message();
  const auto run = (*session)->wait();
  ASSERT_TRUE(run) << run.error().message();
  std::cout << faults::markdown(faults::expect_planted(*run));
}

CompileRequest planted(const std::string& variant, const std::string& architecture) {
  const auto problems = catalog();
  const auto entry = problems.find("planted_faults");
  const auto& all = (*entry)->variants;
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const tuner::Variant& each) { return each.name == variant; });
  CompileRequest made = testing::request(*found->sources.at(found->source_name), architecture);
  made.headers = (*entry)->headers;
  made.options = {"-DDIM_N=1048576", "-DPARAM_style=0", "-DPARAM_block=256"};
  return made;
}

/// On both architectures every kernel compiles that is not there to fail at it.
TEST(PlantedFaults, TheOthersCompile) {
  for (const std::string architecture : {"sm_89", "sm_90"}) {
    for (const auto& fault : faults::planted_faults()) {
      if (std::string(fault.variant) == "endless_compilation") continue;
      const auto result = compile(planted(fault.variant, architecture));
      const bool fails = fault.outcome == tuner::Outcome::compile_error;
      EXPECT_EQ(result.status == CompileResult::Status::ok, !fails) << fault.variant << ": " << result.log;
      if (std::string(fault.variant) == "too_many_registers") {
        ASSERT_EQ(result.kernels.size(), 1U);
        EXPECT_GT(result.kernels[0].registers, 64) << "a block of 1024 threads has 64 for each";
        EXPECT_EQ(result.kernels[0].spill_store_bytes, 0);
      }
      EXPECT_LT(result.reason.size(), 1000U) << fault.variant;
      EXPECT_LE(result.log.size(), kMaximumLogBytes) << fault.variant;
    }
  }
}

}  // namespace
}  // namespace fuseline::profiler
