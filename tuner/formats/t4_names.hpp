// The words of the T4 format (schema_version 1.0.0) that writing and reading share.
//
// T4 is the results format of the auto-tuning community:
// https://github.com/AutoTuningAssociation/autotuning_methodology (src/autotuning_methodology/schemas/T4.json) and
// https://github.com/KernelTuner/kernel_tuner (kernel_tuner/schema/T4/1.0.0). Kernel Tuner names two times differently
// from the schema ("compilation", "benchmark"); both spellings are read.
#pragma once

#include <cstddef>
#include <string_view>

#include "tuner/base/enum_names.hpp"
#include "tuner/base/types.hpp"

namespace fuseline::tuner {

inline constexpr std::string_view kT4Version = "1.0.0";
/// Configurations of other tools have no variant.
inline constexpr std::string_view kRecordedVariant = "recorded";
inline constexpr std::size_t kMaximumRuntimes = 1'000'000;

/// T4's "invalidity" of an outcome. Crashes and launch errors are both "runtime", which is read as the first of them.
inline constexpr EnumNames<Outcome, 7> kInvalidities{{{Outcome::ok, "correct"},
                                                      {Outcome::compile_error, "compile"},
                                                      {Outcome::launch_error, "runtime"},
                                                      {Outcome::crashed, "runtime"},
                                                      {Outcome::incorrect, "correctness"},
                                                      {Outcome::timeout, "timeout"},
                                                      {Outcome::skipped, "constraints"}}};
[[nodiscard]] constexpr std::string_view invalidity_of(Outcome outcome) { return enum_name(kInvalidities, outcome); }

}  // namespace fuseline::tuner
