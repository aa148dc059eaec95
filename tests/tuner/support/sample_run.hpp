// A run with everything in it, for the tests of the store and of the exports.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <string>

#include "tuner/run/run.hpp"

namespace fuseline::tuner::testing {

inline RunInfo sample_info() {
  RunInfo info;
  info.tool_version = "0.1.0";
  info.started_at = "2025-11-20T23:59:58Z";
  info.state = RunState::finished;
  info.stop_reason = "space exhausted";
  info.request.problem = "layernorm_gelu_scale";
  info.request.seed = 7;
  info.problem = "layernorm_gelu_scale";
  info.problem_title = "LayerNorm, GELU, scale";
  info.shape = "kernelbench";
  info.dims = {{"N", 32}, {"C", 64}};
  info.dtype = Dtype::f32;
  info.compulsory_bytes = 2'147'483'648;
  info.flops = 1.6e10;
  info.device.name = "NVIDIA H200";
  info.device.uuid = "GPU-1234";
  info.device.limits.compute_major = 9;
  info.device.limits.compute_minor = 0;
  info.device.driver = "580.95";
  info.device.cuda = "13.0";
  info.device.dram_peak_gbps = 4800;
  info.device.ceilings = Ceilings{4245, 4400, 0, 60000, "2025-11-20T09:00:00Z"};
  info.copy_gbps = 4245;
  Target target;
  target.name = "rtx4090";
  target.title = "NVIDIA GeForce RTX 4090";
  target.limits.compute_major = 8;
  target.limits.compute_minor = 9;
  target.dram_gbps = 1008;
  target.fp32_gflops = 82600;
  target.fp16_tensor_gflops = 165200;
  info.target = target;
  SubSpace subspace;
  subspace.variant = "rows";
  subspace.parameters = {{"block", {128, 256, 512}, true}, {"gelu", {"erf", "tanh"}, false}};
  subspace.size = 6;
  subspace.raw_size = 6;
  info.subspaces = {subspace};
  info.space_size = 6;
  info.raw_space_size = 6;
  info.seconds = 1.5;
  return info;
}

/// An ok evaluation; `time_ms` is its median.
inline Evaluation sample_ok(std::uint64_t sequence, int block, double time_ms) {
  Evaluation evaluation;
  evaluation.sequence = sequence;
  evaluation.configuration = {"rows", {{"block", block}, {"gelu", "erf"}}};
  evaluation.elapsed_s = 0.25 * static_cast<double>(sequence + 1);
  Measurement& measurement = evaluation.measurement;
  measurement.outcome = Outcome::ok;
  // Digits that only a round-tripping writer keeps.
  for (int i = -5; i <= 5; ++i) measurement.samples_ms.push_back(time_ms * (1 + i * 1.0 / 3000));
  measurement.time_ms = summarize(measurement.samples_ms);
  measurement.launches = {Launch{{1024, 2, 1}, {block, 1, 1}, 4096}};
  measurement.verification = Verification{1.1920928955078125e-07, 2.5e-6, 0, "out", 17, 0.1, 0.10000001, false};
  StaticFacts facts;
  facts.registers = 40;
  facts.occupancy = 0.75;
  facts.occupancy_limiter = "registers";
  facts.static_shared_bytes = 128;
  facts.waves = 7.75;
  measurement.facts = facts;
  measurement.source_sha256 = std::string(64, 'a');
  measurement.compile_options = {"--use_fast_math", "-DX=\"1\""};
  measurement.compile_ms = 41.5;
  measurement.gpu_ms = 30;
  measurement.cost_s = 0.1;
  return evaluation;
}

inline Evaluation sample_failure(std::uint64_t sequence, int block, Outcome outcome, const std::string& reason) {
  Evaluation evaluation;
  evaluation.sequence = sequence;
  evaluation.configuration = {"rows", {{"block", block}, {"gelu", "tanh"}}};
  evaluation.elapsed_s = 0.25 * static_cast<double>(sequence + 1);
  evaluation.measurement.outcome = outcome;
  evaluation.measurement.reason = reason;
  return evaluation;
}

inline FinalTiming sample_final(std::uint64_t sequence, double time_ms, double ratio, bool tied) {
  FinalTiming timing;
  timing.sequence = sequence;
  timing.samples_ms = {time_ms * 0.999, time_ms, time_ms * 1.001};
  timing.time_ms = summarize(timing.samples_ms);
  timing.ratio = ratio;
  timing.ratio_interval = {ratio * 0.999, ratio * 1.001};
  timing.tied = tied;
  return timing;
}

/// Two tied finalists (sequence 1 first), one slower, and one of every failure, with texts that are hard to write.
inline Run sample_run() {
  Run run;
  run.info = sample_info();
  run.evaluations = {sample_ok(0, 128, 0.5101), sample_ok(1, 256, 0.5063), sample_ok(2, 512, 0.9)};
  run.evaluations[1].measurement.counters = {{"dram__bytes_read.sum", 1.07e9},
                                             {"sm__warps_active.avg.pct_of_peak_sustained_active", 91.25}};
  run.info.finals = {sample_final(1, 0.506, 1, true), sample_final(0, 0.5062, 1.0004, true)};
  const Outcome failures[] = {Outcome::compile_error, Outcome::launch_error, Outcome::incorrect,
                              Outcome::timeout,       Outcome::crashed,      Outcome::skipped};
  std::uint64_t sequence = 3;
  for (const Outcome outcome : failures) {
    run.evaluations.push_back(sample_failure(sequence, static_cast<int>(sequence) * 32, outcome,
                                             fmt::format("=cmd(\"a,b\"),\nline {}\t\x1b[31m", sequence)));
    ++sequence;
  }
  const double inf = std::numeric_limits<double>::infinity();
  run.evaluations[5].measurement.verification = Verification{inf, std::nan(""), 12, "out", 3, std::nan(""), 1.5, true};
  run.evaluations[3].measurement.compiler_log = "kernel.cu(3): error: \"x\" \\ is undefined\n\xE2\x82\xAC";
  return run;
}

/// The same with all that is told of how it was timed: after a producer, with clocks, and with 24 rounds on four
/// places; the best (sequence 1) took 4 % longer from the 13th on, and samples were throttled.
inline Run sample_timed_run() {
  Run run = sample_run();
  run.info.after = Predecessor::producer;
  run.info.clocks.emplace();
  for (Evaluation& evaluation : run.evaluations) {
    if (evaluation.measurement.outcome != Outcome::ok) continue;
    evaluation.measurement.after = Predecessor::producer;
    evaluation.measurement.clocks.emplace();
    evaluation.measurement.clocks->add(ClockReading{1980, 3201, 459.5, 45, 0x04});
    run.info.clocks->add(*evaluation.measurement.clocks);
  }
  run.info.clocks->retaken = 3;
  for (FinalTiming& timing : run.info.finals) timing.samples_ms.clear();
  for (int i = 0; i < 24; ++i) {
    const double slower = i < 12 ? 1 : 1.04;
    run.info.finals[0].samples_ms.push_back(0.506 * slower * (1 + i % 4 * 1.0 / 3000));
    run.info.finals[1].samples_ms.push_back(0.5062 * (1 + i % 5 * 1.0 / 3000));
    FinalRound round;
    round.order = {i % 2, FinalRound::copy, 1 - i % 2};
    round.place = i % 4;
    round.copy_gbps = 4245 + 1.0 / 3;
    if (i == 0) round.clocks = run.evaluations[0].measurement.clocks;
    run.info.final_rounds.push_back(round);
  }
  for (FinalTiming& timing : run.info.finals) timing.time_ms = summarize(timing.samples_ms);
  return run;
}

}  // namespace fuseline::tuner::testing
