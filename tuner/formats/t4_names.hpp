// The words of the T4 format (schema_version 1.0.0) that writing and reading share.
//
// T4 is the results format of the auto-tuning community:
// https://github.com/AutoTuningAssociation/autotuning_methodology (src/autotuning_methodology/schemas/T4.json) and
// https://github.com/KernelTuner/kernel_tuner (kernel_tuner/schema/T4/1.0.0). Kernel Tuner names two times differently
// from the schema ("compilation", "benchmark"); both spellings are read.
#pragma once

#include <cstddef>
#include <string_view>

#include "tuner/base/types.hpp"

namespace fuseline::tuner {

inline constexpr std::string_view kT4Version = "1.0.0";
/// Configurations of other tools have no variant.
inline constexpr std::string_view kRecordedVariant = "recorded";
inline constexpr std::size_t kMaximumRuntimes = 1'000'000;

/// T4's "invalidity" of an outcome. Crashes and launch errors are both "runtime".
[[nodiscard]] constexpr std::string_view invalidity_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok:
      return "correct";
    case Outcome::compile_error:
      return "compile";
    case Outcome::launch_error:
    case Outcome::crashed:
      return "runtime";
    case Outcome::incorrect:
      return "correctness";
    case Outcome::timeout:
      return "timeout";
    case Outcome::skipped:
      return "constraints";
  }
  return "constraints";
}

}  // namespace fuseline::tuner
