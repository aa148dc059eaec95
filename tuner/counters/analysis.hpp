// What hardware counters say about one configuration: pure functions of readings. README.md gives the rules and their
// reasons.
//
// Every function works with what was read and says nothing about what was not.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fuseline::tuner {

using Counters = std::map<std::string, double>;

/// What is known beside the counters. Zero or empty: not known.
struct CounterContext {
  double input_bytes = 0, output_bytes = 0;  ///< Compulsory: each input read once, each output written once.
  double l2_size = 0;                        ///< Of the device, in bytes.
  double time_ms = 0;                        ///< Median, outside the profiler.
  double theoretical_occupancy = 0;          ///< 0 to 1.
  std::string occupancy_limiter;  ///< "registers", "shared memory", "warps", "blocks"; empty where every warp fits.
  double reachable_gbps = 0;      ///< DRAM's for this mix of reading and writing, measured by a copy and a reduction.
  /// Counters of that copy and of that reduction on the device; null where they were not read. Not owned.
  const Counters* copy = nullptr;
  const Counters* read = nullptr;
};

/// Does the fusion hold: are only inputs read from DRAM and only outputs written to it?
struct FusionCheck {
  bool pass = false;
  double read_ratio = 0;     ///< Bytes read over the inputs' bytes; 0 where either is not known.
  double written_ratio = 0;  ///< Bytes written over the outputs' bytes.
  double excess_bytes = 0;   ///< Written beyond the outputs; 0 where not more.
  double allowed_bytes = 0;  ///< Excess that passes: other lines' write-backs.
  std::string text;          ///< One sentence with the figures.
};
/// Share of the outputs' bytes that may be written beyond them.
inline constexpr double kFusionTolerance = 0.02;
/// Empty where bytes written, or the outputs' bytes, are not known.
[[nodiscard]] std::optional<FusionCheck> fusion_check(const Counters& counters, const CounterContext& context);

/// Operations executed, and the bytes that each level of memory moved for them.
struct MemoryLevel {
  std::string name;  ///< "DRAM", "L2", "L1"
  double bytes = 0;
  double intensity = 0;  ///< Executed operations a byte.
  double gbps = 0;       ///< 0 where the time is not known.
};
struct Intensities {
  double flops = 0;                 ///< Executed: FADD + FMUL + 2 FFMA + 2 (HADD + HMUL + 2 HFMA).
  double gflops = 0;                ///< 0 where the time is not known.
  std::vector<MemoryLevel> levels;  ///< Those that were read: DRAM, L2, L1.
};
/// Empty where no instruction was counted or no level was read.
[[nodiscard]] std::optional<Intensities> intensities(const Counters& counters, const CounterContext& context);
/// The operations alone; empty where one of the single-precision counts is missing. Half-precision ones count where
/// they were read.
[[nodiscard]] std::optional<double> executed_flops(const Counters& counters);

struct OccupancyReading {
  double achieved = 0;     ///< 0 to 1.
  double theoretical = 0;  ///< 0 where not known.
  std::string limiter;     ///< Of the theoretical one.
  std::string text;
};
[[nodiscard]] std::optional<OccupancyReading> occupancy_reading(const Counters& counters,
                                                                const CounterContext& context);

enum class BoundKind { copy, dram, l2, issue, special, shared, pipe, latency, execution };
[[nodiscard]] std::string_view to_string(BoundKind kind);  ///< "the copy's rate", "DRAM", "L2", ...
/// At its limit, near it, below: README.md says where each begins.
enum class BoundLevel { limits, high, low };
[[nodiscard]] std::string_view to_string(BoundLevel level);

/// One candidate for what bounds the configuration.
struct Bound {
  BoundKind kind = BoundKind::dram;
  std::optional<BoundKind>
      rival;         ///< It may as well be this one: the counters that were read do not tell the two apart.
  double share = 0;  ///< 0 to 1 of what the unit sustains; of latency: what the busiest unit leaves unused;
                     ///< of the copy's rate: over 1 where the configuration is faster.
  BoundLevel level = BoundLevel::low;
  std::string text;  ///< One sentence with the figures behind it.
};
/// "L2"; where it is not told apart from another, "the copy's rate or issue slots".
[[nodiscard]] std::string bound_name(const Bound& bound);
/// "limits", "high", "low"; "not told apart" where it has a rival.
[[nodiscard]] std::string_view bound_level_text(const Bound& bound);
/// From this share of the bandwidth that a copy reaches on, a configuration does as the copy does, whatever its units
/// read: only fewer bytes would be faster.
inline constexpr double kAtTheCopy = 0.95;
/// Most important first; empty where nothing that bears on it was read.
[[nodiscard]] std::vector<Bound> bounds(const Counters& counters, const CounterContext& context);

struct CounterAnalysis {
  std::optional<FusionCheck> fusion;
  std::optional<Intensities> intensity;
  std::optional<OccupancyReading> occupancy;
  std::vector<Bound> bounds;
};
[[nodiscard]] CounterAnalysis analyse_counters(const Counters& counters, const CounterContext& context);

}  // namespace fuseline::tuner
