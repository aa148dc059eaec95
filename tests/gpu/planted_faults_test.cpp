// fuseline sweeps the preset of planted faults, as a user would. The table of what became of each goes to standard
// output, and to the file that FUSELINE_FAULT_TABLE names.
#include <cstdlib>
#include <iostream>

#include "tests/faults/planted.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tuner/base/json.hpp"
#include "tuner/store/store.hpp"

namespace fuseline::gpu {
namespace {

namespace fs = std::filesystem;

/// Installed as <prefix>/libexec/fuseline; else of the build.
fs::path program() {
  const fs::path installed = tuner::executable_folder() / "../../bin/fuseline";
  return fs::exists(installed) ? installed : fs::path(FUSELINE_BIN_DIR "/fuseline");
}

fs::path presets() {
  const fs::path installed = tuner::executable_folder() / "fault_presets";
  return fs::exists(installed) ? installed : fs::path(FUSELINE_SOURCE_DIR "/tests/faults/presets");
}

class PlantedFaults : public ::testing::TestWithParam<const char*> {};

TEST_P(PlantedFaults, EachHasItsOutcomeAndTheSoundAreMeasured) {
  const TemporaryFolder scratch;
  const std::string db = (scratch.path() / "runs.db").string(), json = (scratch.path() / "best.json").string();
  const std::string command = fmt::format(
      "'{}' --preset-path '{}' --quiet sweep planted_faults --shape {} --device cuda:0 --strategy exhaustive --db '{}' "
      "--json '{}'",
      program().string(), presets().string(), GetParam(), db, json);
  ASSERT_EQ(std::system(command.c_str()), 0) << command;
  auto store = tuner::Store::open(db);
  ASSERT_TRUE(store) << store.error().message();
  const auto run = (*store)->load(*(*store)->latest());
  ASSERT_TRUE(run) << run.error().message();
  const auto rows = faults::expect_planted(*run);

  const auto result = tuner::read_json_file(json);
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ((*result)["best"]["variant"], "sound");
  for (const auto& row : (*result)["top"]) EXPECT_EQ(row["variant"], "sound");
  EXPECT_EQ((*result)["device"]["backend"], "cuda");

  const std::string table = faults::markdown(rows);
  std::cout << "On an " << run->info.device.name << ", driver " << run->info.device.driver << ":\n\n" << table;
  const char* file = std::getenv("FUSELINE_FAULT_TABLE");
  if (file != nullptr && std::string(GetParam()) == "small") {
    EXPECT_TRUE(tuner::write_file(file, table));
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, PlantedFaults, ::testing::Values("small", "large"),
                         [](const auto& shape) { return std::string(shape.param); });

}  // namespace
}  // namespace fuseline::gpu
