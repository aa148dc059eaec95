// What a kernel's instructions are: classes and opcodes of SASS, counted in the code or as they were executed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tuner/counters/source_profile.hpp"

namespace fuseline::tuner {

/// By what NVIDIA's "CUDA Binary Utilities" (Instruction Set Reference) says that an opcode does.
enum class InstructionClass {
  fp32,
  half,  ///< f16 and bf16, in pairs.
  fp64,
  tensor,
  integer,  ///< Logic, shifts and the uniform datapath included.
  special,  ///< MUFU: exponentials, reciprocals, roots, sines.
  conversion,
  move,    ///< Moves, selections, special registers.
  global,  ///< Loads, stores, atomics and copies, generic addresses included.
  shared,
  local,
  constant,
  texture,
  control,  ///< Branches, barriers, exits.
  warp,     ///< Shuffles, votes, matches, reductions over a warp.
  other,    ///< Anything else, and instructions without a text.
};
inline constexpr InstructionClass kInstructionClasses[] = {
    InstructionClass::fp32,    InstructionClass::half,    InstructionClass::fp64,       InstructionClass::tensor,
    InstructionClass::integer, InstructionClass::special, InstructionClass::conversion, InstructionClass::move,
    InstructionClass::global,  InstructionClass::shared,  InstructionClass::local,      InstructionClass::constant,
    InstructionClass::texture, InstructionClass::control, InstructionClass::warp,       InstructionClass::other};
[[nodiscard]] std::string_view to_string(InstructionClass of);  ///< "FP32", "global memory", "shuffles and votes", ...

/// "LDG.E.128" of "@!P0 LDG.E.128 R4, desc[UR4][R2.64] ;": with its modifiers, without predicate and operands. Empty
/// where there is no text.
[[nodiscard]] std::string_view opcode_of(std::string_view text);
[[nodiscard]] InstructionClass class_of(std::string_view opcode);

struct ClassCount {
  InstructionClass of = InstructionClass::other;
  double count = 0;
  double share = 0;  ///< Of the total, 0 to 1.
};
struct InstructionMix {
  /// Warp instructions of one launch as executed; else how often each stands in the code.
  bool executed = false;
  double total = 0;
  std::vector<ClassCount> classes;  ///< Those that there are, the most frequent first.
};
/// Executed where any instruction has a count of it; one without counts as not executed then. Without a text of any
/// instruction there are no classes.
[[nodiscard]] InstructionMix instruction_mix(const SourceProfile& profile);

struct OpcodeCount {
  std::string opcode;
  double in_code = 0;
  std::optional<double> executed = {};  ///< Warp instructions of one launch.
};
/// Of every opcode with its modifiers, the most frequent first: by execution where that was read.
[[nodiscard]] std::vector<OpcodeCount> opcode_counts(const SourceProfile& profile);

struct OpcodeDifference {
  std::string opcode;
  double here = 0, there = 0;  ///< 0 where there is none.
  [[nodiscard]] double difference() const { return there - here; }
};
struct OpcodeDiff {
  bool executed = false;                  ///< Both were read as executed; else both as they stand in the code.
  double here = 0, there = 0;             ///< In all.
  std::vector<OpcodeDifference> opcodes;  ///< Those that differ first, by how much; then those that do not.
};
/// What becomes of the opcodes from one configuration to another.
[[nodiscard]] OpcodeDiff opcode_diff(const SourceProfile& here, const SourceProfile& there);

}  // namespace fuseline::tuner
