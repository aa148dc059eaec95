// Why warps stood where they were sampled, in words.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace fuseline::tuner {

/// One reason of `smsp__pcsamp_warps_issue_stalled_REASON`. The meanings follow the table of warp states in Nsight
/// Compute's documentation (Profiling Guide, "Warp Stall Reasons").
struct StallReason {
  std::string_view name;     ///< "long_scoreboard"
  std::string_view waits;    ///< What is waited for: "global memory"; of `selected` what is done.
  std::string_view meaning;  ///< One sentence.
  /// Warps that issue, or could and another was chosen, wait for nothing.
  bool stalled = true;
};

[[nodiscard]] std::span<const StallReason> stall_reasons();
/// Null for one that is not among them.
[[nodiscard]] const StallReason* find_stall_reason(std::string_view name);
/// Whether a warp waits; a reason that is not known does.
[[nodiscard]] bool is_stalled(std::string_view name);
/// "global memory (long scoreboard)"; of a reason that is not known its name in words.
[[nodiscard]] std::string stall_text(std::string_view name);

/// The names of totals that ncu has: this and the reason.
inline constexpr std::string_view kSampledStall = "smsp__pcsamp_warps_issue_stalled_";

}  // namespace fuseline::tuner
