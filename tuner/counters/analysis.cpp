#include "tuner/counters/analysis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tuner/counters/names.hpp"
#include "tuner/counters/reading.hpp"

namespace fuseline::tuner {
namespace {

/// Reads beyond the inputs that are worth a word; they are no fault of the fusion.
constexpr double kReadAgain = 1.05;
constexpr double kOccupancyGap = 0.9;

std::string megabytes(double bytes) { return fmt::format("{:.1f} MB", bytes / 1e6); }

std::string fusion_text(const FusionCheck& check, double written) {
  std::string text;
  if (check.pass) {
    text = fmt::format("is complete: no intermediate in DRAM, {} written, {:.3f} of the outputs' bytes",
                       megabytes(written), check.written_ratio);
  } else {
    text = fmt::format("is broken: an intermediate reached DRAM, {} written, {:.3f} of the outputs' bytes, {} too many",
                       megabytes(written), check.written_ratio, megabytes(check.excess_bytes));
  }
  if (check.read_ratio > 0) text += fmt::format("; {:.3f} of the inputs' bytes read", check.read_ratio);
  if (check.read_ratio > kReadAgain) text += ", some of them more than once";
  return text;
}

MemoryLevel level(std::string name, double bytes, double flops, double time_ms) {
  return {std::move(name), bytes, bytes > 0 ? flops / bytes : 0, time_ms > 0 ? bytes / time_ms / 1e6 : 0};
}

}  // namespace

std::optional<double> reading_of(const Counters& counters, const char* name) {
  const auto found = counters.find(name);
  if (found == counters.end() || !std::isfinite(found->second) || found->second < 0) return std::nullopt;
  return found->second;
}

std::optional<FusionCheck> fusion_check(const Counters& counters, const CounterContext& context) {
  const auto written = reading_of(counters, metric::kDramWritten);
  if (!written || !(context.output_bytes > 0)) return std::nullopt;
  FusionCheck check;
  check.written_ratio = *written / context.output_bytes;
  check.excess_bytes = std::max(0.0, *written - context.output_bytes);
  check.allowed_bytes = kFusionTolerance * context.output_bytes;
  // Lines that others left dirty are written back as well; beside an output that fits L2 they may be as many as L2
  // holds.
  if (context.output_bytes <= context.l2_size) check.allowed_bytes = std::max(check.allowed_bytes, context.l2_size);
  check.pass = check.excess_bytes <= check.allowed_bytes;
  const auto read = reading_of(counters, metric::kDramRead);
  if (read && context.input_bytes > 0) check.read_ratio = *read / context.input_bytes;
  check.text = fusion_text(check, *written);
  return check;
}

std::optional<double> executed_flops(const Counters& counters) {
  const auto fadd = reading_of(counters, metric::kFadd), fmul = reading_of(counters, metric::kFmul),
             ffma = reading_of(counters, metric::kFfma);
  if (!fadd || !fmul || !ffma) return std::nullopt;
  const double hadd = reading_of(counters, metric::kHadd).value_or(0),
               hmul = reading_of(counters, metric::kHmul).value_or(0);
  const double hfma = reading_of(counters, metric::kHfma).value_or(0);
  constexpr double kPacked = 2;  // Half-precision instructions work on pairs.
  return *fadd + *fmul + 2 * *ffma + kPacked * (hadd + hmul + 2 * hfma);
}

std::optional<Intensities> intensities(const Counters& counters, const CounterContext& context) {
  const auto flops = executed_flops(counters);
  if (!flops) return std::nullopt;
  Intensities result;
  result.flops = *flops;
  result.gflops = context.time_ms > 0 ? *flops / context.time_ms / 1e6 : 0;
  const auto read = reading_of(counters, metric::kDramRead), written = reading_of(counters, metric::kDramWritten);
  if (read && written) result.levels.push_back(level("DRAM", *read + *written, *flops, context.time_ms));
  if (const auto bytes = reading_of(counters, metric::kL2Bytes))
    result.levels.push_back(level("L2", *bytes, *flops, context.time_ms));
  if (const auto bytes = reading_of(counters, metric::kL1Bytes))
    result.levels.push_back(level("L1", *bytes, *flops, context.time_ms));
  std::erase_if(result.levels, [](const MemoryLevel& each) { return !(each.bytes > 0); });
  if (result.levels.empty()) return std::nullopt;
  return result;
}

std::optional<OccupancyReading> occupancy_reading(const Counters& counters, const CounterContext& context) {
  const auto active = reading_of(counters, metric::kWarpsActive);
  if (!active) return std::nullopt;
  OccupancyReading reading{*active / 100, context.theoretical_occupancy, context.occupancy_limiter, {}};
  reading.text = fmt::format("{:.1f} % of the warps that fit were resident", *active);
  if (reading.theoretical > 0) {
    reading.text += fmt::format(", {:.1f} % are possible", reading.theoretical * 100);
    if (!reading.limiter.empty()) reading.text += fmt::format(" ({} limit them)", reading.limiter);
    if (reading.achieved < kOccupancyGap * reading.theoretical)
      reading.text += "; the gap is launch, tail or uneven work";
  }
  return reading;
}

CounterAnalysis analyse_counters(const Counters& counters, const CounterContext& context) {
  return {fusion_check(counters, context), intensities(counters, context), occupancy_reading(counters, context),
          bounds(counters, context)};
}

}  // namespace fuseline::tuner
