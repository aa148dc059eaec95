// The words of Kernel Tuner's cache files that writing and reading share.
#pragma once

#include <array>
#include <string>

#include "tuner/base/types.hpp"

namespace fuseline::tuner {

/// Since 1.4 the class of what went wrong; before it stood in the place of the objective.
inline constexpr const char* kErrorMember = "__error__";
/// Ours, where Kernel Tuner has no class for an outcome of ours, and why.
inline constexpr const char* kOutcomeMember = "outcome";
inline constexpr const char* kReasonMember = "reason";

/// Members of an entry beside parameters, the time and what was measured.
inline constexpr std::array<const char*, 10> kEntryMembers = {
    "times",          "compile_time", "verification_time", "benchmark_time", "strategy_time",
    "framework_time", "timestamp",    kErrorMember,        kOutcomeMember,   kReasonMember};

/// The name of an entry: its values as Python's str() writes them, with commas.
[[nodiscard]] std::string cache_key(const Configuration& configuration);

}  // namespace fuseline::tuner
