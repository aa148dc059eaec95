// Where in a kernel its warps were: samples and executed instructions by SASS instruction and by line of source.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace fuseline::tuner {

/// One SASS instruction of a kernel.
struct SampledInstruction {
  std::uint32_t offset = 0;  ///< Bytes from the kernel's first instruction.
  std::string text;          ///< "LDG.E.128.CONSTANT R4, desc[UR4][R2.64]"; empty where nothing disassembles here.
  std::string file;          ///< As the source names it ("common/rows.cuh"; the problem's own source by its name).
  int line = 0;              ///< From 1; 0 where the compiler names none.
  /// Samples of warps that stood at it, by reason ("long_scoreboard", "not_selected", "selected" for those that
  /// issued): names as `smsp__pcsamp_warps_issue_stalled_REASON` has them. Reasons without a sample are left out.
  std::map<std::string, std::uint64_t> samples;
  /// Executed by all warps and threads of the launch, and what its memory accesses moved, by name of the SASS metric
  /// without its prefix ("inst_executed", "thread_inst_executed", "l1tex__t_sectors..."). Absent where not read.
  std::map<std::string, double> metrics;
};

/// What `profile --source` keeps of one kernel of a configuration.
struct SourceProfile {
  std::string kernel;                ///< Its symbol.
  std::uint64_t samples = 0;         ///< In all.
  std::uint64_t dropped = 0;         ///< Samples that the hardware's buffer lost.
  std::uint64_t outside = 0;         ///< Samples at no instruction of this kernel: the predecessor's.
  std::uint32_t period_cycles = 0;   ///< Cycles of an SM between two samples of it.
  int launches = 0;                  ///< Of the kernel, that all of it took.
  double seconds = 0;                ///< Wall time that all of it took.
  std::string disassembler;          ///< "nvdisasm 13.0.48"; empty where there was none, and why in `remarks`.
  std::vector<std::string> remarks;  ///< What could not be had and why, one sentence each.
  std::vector<SampledInstruction> instructions;  ///< In the order of the code.
};

}  // namespace fuseline::tuner
