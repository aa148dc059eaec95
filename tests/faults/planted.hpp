// What must become of tests/faults/presets/planted_faults, on a GPU and on the stand-in driver.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/faults/table.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::faults {

struct PlantedFault {
  const char* variant;
  tuner::Outcome outcome;
  const char* reason;  ///< Part of it. What a driver calls its errors is its own affair.
};

inline const std::vector<PlantedFault>& planted_faults() {
  using enum tuner::Outcome;
  static const std::vector<PlantedFault> faults = {
      {"compile_error", compile_error, "nonsense"},
      {"endless_compilation", timeout, "compile deadline of"},
      {"enormous_log", compile_error, "static assertion failed"},
      {"too_much_static_shared", compile_error, "too much shared data"},
      {"too_much_shared", skipped, "bytes of shared memory a block, the device has"},
      {"too_many_registers", launch_error, "registers a thread allow"},
      {"out_of_memory", launch_error, "CUDA_ERROR_OUT_OF_MEMORY"},
      {"illegal_address", launch_error, "CUDA_ERROR_ILLEGAL_ADDRESS"},
      {"misaligned_address", launch_error, "CUDA_ERROR_MISALIGNED_ADDRESS"},
      {"trap", launch_error, "CUDA_ERROR_"},
      {"stack_overflow", launch_error, "CUDA_ERROR_"},
      {"endless_loop", timeout, "'verify' took longer than"},
      {"past_the_end", incorrect, "writes outside its outputs"},
      {"overwrites_input", incorrect, "overwrites its inputs"},
      {"writes_nothing", incorrect, "not written"},
      {"wrong", incorrect, "1 of "},
      {"not_a_number", incorrect, "got nan"},
      {"race", incorrect, "right at first, wrong after"},
      {"stale", incorrect, "right at first, wrong after"},
  };
  return faults;
}

inline constexpr std::size_t kSound = 10;            ///< Configurations of the variant "sound".
inline constexpr std::size_t kLargestText = 20'000;  ///< What a compiler says is kept up to 16 KiB.

inline const tuner::Evaluation* only_of(const tuner::Run& run, const std::string& variant) {
  const tuner::Evaluation* found = nullptr;
  for (const auto& evaluation : run.evaluations) {
    if (evaluation.configuration.variant != variant) continue;
    EXPECT_EQ(found, nullptr) << variant << " was evaluated twice";
    found = &evaluation;
  }
  return found;
}

/// Every fault has its own outcome and reason, everything sound was measured, and nothing faulty is ranked. Returns the
/// table.
inline std::vector<Row> expect_planted(const tuner::Run& run) {
  using ::testing::HasSubstr;
  std::vector<Row> rows;
  EXPECT_EQ(run.info.state, tuner::RunState::finished) << run.info.stop_reason;
  EXPECT_EQ(run.evaluations.size(), planted_faults().size() + kSound);
  for (const PlantedFault& fault : planted_faults()) {
    const auto* evaluation = only_of(run, fault.variant);
    if (evaluation == nullptr) {
      ADD_FAILURE() << fault.variant << " has no outcome";
      continue;
    }
    const auto& measurement = evaluation->measurement;
    EXPECT_EQ(to_string(measurement.outcome), to_string(fault.outcome)) << fault.variant << ": " << measurement.reason;
    EXPECT_THAT(measurement.reason, HasSubstr(fault.reason)) << fault.variant;
    EXPECT_LT(measurement.reason.size(), 1000U) << fault.variant;
    EXPECT_LT(measurement.compiler_log.size(), kLargestText) << fault.variant;
    rows.push_back({fault.variant, std::string(to_string(measurement.outcome)), measurement.reason});
  }
  std::size_t sound = 0;
  for (const auto& evaluation : run.evaluations) {
    if (evaluation.configuration.variant != "sound") continue;
    EXPECT_EQ(evaluation.measurement.outcome, tuner::Outcome::ok)
        << evaluation.configuration.key() << ": " << evaluation.measurement.reason;
    ++sound;
  }
  EXPECT_EQ(sound, kSound);
  const auto ranked = run.ranked();
  EXPECT_EQ(ranked.size(), kSound);
  for (const auto* evaluation : ranked) EXPECT_EQ(evaluation->configuration.variant, "sound");
  rows.push_back(
      {"none", "ok", fmt::format("all {} sound configurations were measured, and the best is one of them", sound)});
  return rows;
}

}  // namespace fuseline::faults
