// A source profile as a profiler would take it, for tests: none of its figures was measured anywhere.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "tuner/counters/source_profile.hpp"

namespace fuseline::tuner::testing {

inline SampledInstruction sampled(std::string text, std::string file, int line,
                                  std::map<std::string, std::uint64_t> samples,
                                  std::map<std::string, double> metrics = {}) {
  SampledInstruction instruction;
  instruction.text = std::move(text);
  instruction.file = std::move(file);
  instruction.line = line;
  instruction.samples = std::move(samples);
  instruction.metrics = std::move(metrics);
  return instruction;
}

/// Rows that are loaded, normalised and stored: 1,000 samples, of them 900 at instructions of the kernel and 800 of
/// warps that wait; 400 of these at line 41 of the header for global memory.
inline SourceProfile sample_source_profile() {
  const std::string header = "common/rows.cuh", source = "rows.cu";
  SourceProfile profile;
  profile.kernel = "_Z4rowsIfLi256EEvPKfPf";
  profile.samples = 1000;
  profile.outside = 100;
  profile.dropped = 3;
  profile.period_cycles = 2048;
  profile.launches = 7;
  profile.seconds = 0.125;
  profile.disassembler = "nvdisasm 13.0.48";
  profile.remarks = {"Bank conflicts could not be read of stores: the chip has no such metric."};
  profile.instructions = {
      sampled("S2R R0, SR_TID.X", source, 12, {{"selected", 5}, {"no_instructions", 25}}, {{"inst_executed", 64}}),
      sampled("LDG.E.128.CONSTANT R4, desc[UR4][R2.64]", header, 40, {{"selected", 10}, {"lg_throttle", 120}},
              {{"inst_executed", 512}, {"sectors_mem_global", 10240}, {"sectors_mem_global_ideal", 8192}}),
      sampled("FADD R8, R4, R5", header, 41, {{"selected", 15}, {"long_scoreboard", 380}, {"not_selected", 10}},
              {{"inst_executed", 512}}),
      sampled("@!P0 FFMA R9, R4, R4, R8", header, 41, {{"selected", 20}, {"long_scoreboard", 20}, {"wait", 5}},
              {{"inst_executed", 512}}),
      sampled("SHFL.BFLY PT, R10, R9, 0x10, 0x1f", source, 30, {{"selected", 10}, {"short_scoreboard", 90}},
              {{"inst_executed", 320}}),
      sampled("STS [R11], R10", source, 31, {{"selected", 5}, {"mio_throttle", 20}},
              {{"inst_executed", 64},
               {"l1tex_pipe_lsu_wavefronts_mem_shared", 160},
               {"l1tex_pipe_lsu_wavefronts_mem_shared_ideal", 64}}),
      sampled("BAR.SYNC.DEFER_BLOCKING 0x0", source, 32, {{"barrier", 60}}, {{"inst_executed", 64}}),
      sampled("MUFU.RSQ R12, R10", source, 33, {{"selected", 5}, {"not_selected", 5}, {"short_scoreboard", 40}},
              {{"inst_executed", 64}}),
      sampled("STG.E.128 desc[UR4][R14.64], R4", source, 35, {{"selected", 15}, {"lg_throttle", 40}},
              {{"inst_executed", 512}, {"sectors_mem_global", 8192}, {"sectors_mem_global_ideal", 8192}}),
      sampled("EXIT", "", 0, {}, {{"inst_executed", 64}}),
  };
  for (std::size_t i = 0; i < profile.instructions.size(); ++i)
    profile.instructions[i].offset = static_cast<std::uint32_t>(16 * i);
  return profile;
}

}  // namespace fuseline::tuner::testing
