// Models as a sweep on an H200 gives them, made by arithmetic.
#pragma once

#include <cmath>
#include <string>

#include "tuner/plot/plots.hpp"

namespace fuseline::tuner::samples {

inline RooflineModel roofline(Provenance provenance = Provenance::measured, int configurations = 60) {
  RooflineModel model;
  model.title = "LayerNorm, GELU and scale on NVIDIA H200";
  model.subtitle =
      "layernorm_gelu_scale  \u00b7  f32, N=32 C=64 D=32 H=64 W=64 (shape today)  \u00b7  60 of 60 configurations "
      "evaluated: 60 ok";
  model.roofs = {
      {"H200 copy 4.25 TB/s (measured)", "H200 FP32 60.1 TFLOP/s (measured)", 4245, 60100, true, false},
      {"H200 L2 9.80 TB/s (measured)", "", 9800, 60100, true, false},
      {"H200 DRAM 4.80 TB/s (data sheet)", "", 4800, 0, false, false},
      {"RTX 4090 DRAM 1.01 TB/s (data sheet)", "RTX 4090 FP32 82.6 TFLOP/s (data sheet)", 1008, 82600, false, true}};
  model.copy_gbps = 4245;
  const char* const variants[] = {"given_mapping", "row_per_warp", "rows_vec4"};
  const double intensity = 2.5;
  for (int i = configurations - 1; i >= 0; --i) {
    const double share = i % 20 == 19 ? 0.12 + 0.002 * i : 0.993 - 0.004 * i - 0.03 * std::abs(std::sin(i));
    RooflineMark mark;
    mark.intensity = intensity;
    mark.of_copy = i == 0 ? 0.994 : share;
    mark.gflops = intensity * 4245 * mark.of_copy;
    mark.series = variants[i % 3];
    mark.label = mark.series + " block=256 <" + std::to_string(i) + ">";
    mark.best = i == 0;
    mark.tied = i < 4;
    mark.provenance = provenance;
    if (mark.best) mark.callout = "best 0.5090 ms\n99.4 % of copy";
    model.marks.push_back(mark);
  }
  RooflineMark projected;
  projected.intensity = intensity;
  projected.gflops = intensity * 887;
  projected.evaluated = false;
  projected.callout = "projected 2.424 ms\non RTX 4090";
  projected.label = projected.callout;
  projected.provenance = Provenance::projected;
  model.marks.push_back(projected);
  model.notes = {
      "Measured on NVIDIA H200, driver 580.159, CUDA 13.0, 2026-01-12. Copy in the same run: 4,245 GB/s. Compulsory "
      "bytes: every input "
      "read once, every output written once.",
      "Projected (diamond), not measured: the best on RTX 4090 at the share of the data-sheet bandwidth that it "
      "reaches on H200 (87.9 %): 2.424 ms, where the "
      "data sheet allows 2.130 ms."};
  return model;
}

inline ConvergenceModel convergence(Provenance provenance = Provenance::measured, double spread = 8) {
  ConvergenceModel model;
  model.title = "LayerNorm, GELU and scale: random search on NVIDIA H200";
  model.subtitle = "layernorm_gelu_scale  \u00b7  f32, N=32 C=64 D=32 H=64 W=64 (shape today)";
  model.evaluations = 216;
  model.provenance = provenance;
  for (int i = 1; i <= 216; ++i) {
    const double shape = std::abs(std::sin(i * 12.9898) * 43758.5453);
    const double ms = 0.509 * (1 + spread * std::pow(shape - std::floor(shape), 3) * (1 - 0.3 * i / 216.0));
    model.samples.push_back({static_cast<double>(i), i * 0.02, ms, static_cast<std::uint64_t>(i - 1)});
    if (model.best.empty() || ms < model.best.back().best_ms) model.best.push_back(model.samples.back());
    model.expected_random.push_back({static_cast<double>(i), i * 0.02, 0.509 * (1 + spread / (3.0 + i))});
  }
  model.seconds = model.samples.back().seconds;
  model.floor_ms = 0.506;
  model.notes = {
      "Measured on NVIDIA H200, driver 580.159, CUDA 13.0, 2026-01-12. Times are medians of the sweep, before the "
      "finals."};
  return model;
}

/// A live run on an H200: 1e9 bytes and 2.5e9 operations; `times` in ms, 0 for a configuration that failed. Copy 4,000
/// GB/s: a floor of 0.25 ms.
inline Run run(const std::vector<double>& times) {
  Run result;
  RunInfo& info = result.info;
  info.id = 7;
  info.started_at = "2026-01-12T10:00:00Z";
  info.state = RunState::finished;
  info.stop_reason = "space exhausted";
  info.problem = "layernorm_gelu_scale";
  info.problem_title = "LayerNorm, GELU and scale";
  info.shape = "today";
  info.dims = {{"N", 32}, {"W", 64}};
  info.compulsory_bytes = 1'000'000'000;
  info.flops = 2.5e9;
  info.device.name = "NVIDIA H200";
  info.device.driver = "580.159";
  info.device.dram_peak_gbps = 4800;
  info.device.ceilings = Ceilings{4100, 4500, 9800, 60100, "2026-01-12T09:00:00Z"};
  info.copy_gbps = 4000;
  info.space_size = times.size();
  info.seconds = 3.5;
  Target target;
  target.name = "rtx4090";
  target.title = "NVIDIA GeForce RTX 4090";
  target.device_names = {"NVIDIA GeForce RTX 4090"};
  target.dram_gbps = 1008;
  target.fp32_gflops = 82600;
  target.limits.l2_bytes = 75497472;
  info.target = target;
  for (std::size_t i = 0; i < times.size(); ++i) {
    Evaluation evaluation;
    evaluation.sequence = i;
    evaluation.configuration = {i % 2 == 0 ? "rows" : "given", {{"block", Value(static_cast<std::int64_t>(64 + i))}}};
    evaluation.measurement.outcome = times[i] > 0 ? Outcome::ok : Outcome::incorrect;
    if (times[i] > 0) evaluation.measurement.time_ms = {times[i], times[i], times[i], times[i], 10};
    if (times[i] <= 0) evaluation.measurement.reason = "element 3 of out is 1, expected 2";
    evaluation.elapsed_s = static_cast<double>(i) * 0.1;
    result.evaluations.push_back(std::move(evaluation));
  }
  return result;
}

}  // namespace fuseline::tuner::samples
