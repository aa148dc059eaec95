// Where a kernel's time goes by line of source: samples of its warps, what they waited for, and what was executed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tuner/counters/source_profile.hpp"

namespace fuseline::tuner {

/// Samples of one reason.
struct StallSamples {
  std::string reason;  ///< As SampledInstruction::samples has it.
  std::uint64_t samples = 0;
};

/// All instructions of one line together.
struct LineProfile {
  std::string file;
  int line = 0;  ///< 0: instructions that the compiler names no line for.
  std::uint64_t samples = 0;
  std::uint64_t stalled = 0;         ///< Of warps that waited: neither `selected` nor `not_selected`.
  double share = 0;                  ///< Of all samples of the kernel's instructions, 0 to 1.
  std::vector<StallSamples> stalls;  ///< What was waited for, the most samples first.
  std::size_t instructions = 0;      ///< In the code.
  std::optional<double> executed;    ///< Warp instructions of one launch.
  /// Sectors of 32 bytes moved beyond the fewest that the bytes accessed need. Absent where not read.
  std::optional<double> excess_sectors;
  /// Turns of shared memory (wavefronts) beyond the fewest that the accesses need. Absent where not read.
  std::optional<double> bank_conflicts;
};

/// Where the samples of an instruction went: all, and those of warps that waited.
struct SampleSums {
  std::uint64_t all = 0, stalled = 0;
};
[[nodiscard]] SampleSums sample_sums(const SampledInstruction& instruction);
/// Of all instructions; SourceProfile::samples also counts those outside the kernel.
[[nodiscard]] SampleSums sample_sums(const SourceProfile& profile);

/// Of every line that has an instruction, by file and line.
[[nodiscard]] std::vector<LineProfile> line_profiles(const SourceProfile& profile);
/// Lines with samples, the most samples first, at most `count`.
[[nodiscard]] std::vector<LineProfile> hottest_lines(const SourceProfile& profile, std::size_t count);
/// Samples of the whole kernel by reason, those of warps that issued among them, the most first.
[[nodiscard]] std::vector<StallSamples> stall_totals(const SourceProfile& profile);

/// One line where warps wait for one reason.
struct HotWait {
  std::string file, reason;
  int line = 0;
  std::uint64_t samples = 0;
  double of_stalled = 0, of_all = 0;  ///< Shares of the kernel's samples of waiting warps, and of all; 0 to 1.
};
/// Lines that are known and hold at least `least` (0 to 1) of the samples of waiting warps by one reason, the most
/// first. Nothing from fewer than kEnoughSamples: shares of few samples are chance.
[[nodiscard]] std::vector<HotWait> hot_waits(const SourceProfile& profile, double least);
inline constexpr std::uint64_t kEnoughSamples = 200;

/// "common/rows.cuh:41"; "no line" where the compiler names none.
[[nodiscard]] std::string place_text(const std::string& file, int line);

}  // namespace fuseline::tuner
