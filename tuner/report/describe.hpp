// The words of plots and tables: names, numbers with units, where a run's figures come from.
#pragma once

#include <string>

#include "tuner/base/text.hpp"
#include "tuner/device/projection.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {

[[nodiscard]] std::string short_device_name(const std::string& name);  ///< "NVIDIA GeForce RTX 4090" -> "RTX 4090"
[[nodiscard]] std::string bandwidth_text(double gbps);                 ///< "918 GB/s", "4.25 TB/s"
[[nodiscard]] std::string flops_text(double gflops);                   ///< "82.6 TFLOP/s"
[[nodiscard]] std::string percent_text(double share);                  ///< 0.9921 -> "99.2 %"
[[nodiscard]] std::string time_text(double ms);                        ///< "0.5063 ms", four significant digits.
[[nodiscard]] std::string instance_text(
    const RunInfo& info);  ///< "f32, N=32 C=64 (shape today), eps=1e-06"; of scalars those that were set.
/// "Measured on NVIDIA H200, driver 580.159, CUDA 13.0, 2025-11-03" or "Replayed from the recording h200: measured on
/// ...; nothing was measured now".
[[nodiscard]] std::string origin_text(const RunInfo& info);
/// What every timed launch of a run followed, as a sentence without its full stop.
[[nodiscard]] std::string after_text(Predecessor after);
/// "54 of 54 configurations evaluated: 52 ok, 2 incorrect".
[[nodiscard]] std::string outcomes_text(const Run& run);

/// What is known of an evaluation and the target's space, where that is worth a line: that the best is not in it, or
/// that this one is the best that is. Else empty. `best`: the sequence of the best of all.
[[nodiscard]] std::string target_note(const RunInfo& info, std::uint64_t sequence, std::uint64_t best);

/// "projected 2.523 ms on RTX 4090 (2.401 to 2.702 ms), bound by DRAM"; empty where there is no projection of it.
[[nodiscard]] std::string projection_line(const RunInfo& info, const Evaluation& evaluation, double time_ms);
/// "first there, projected\n2.523 ms (2.401 to 2.702)", beside the mark of what comes first on the target.
[[nodiscard]] std::string first_there_text(const Projection& projection);
/// "Projected, not measured: 2.523 ms on RTX 4090 (in 80 of 100 cases 2.401 to 2.702 ms), bound by DRAM; copies reach
/// 921 GB/s there and the data sheet allows 2.130 ms. From the time and the fast counters." `target` is printed as is.
[[nodiscard]] std::string projection_text(const Projection& projection, const std::string& target);

}  // namespace fuseline::tuner
