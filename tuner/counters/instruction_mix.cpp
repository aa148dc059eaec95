#include "tuner/counters/instruction_mix.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "tuner/counters/names.hpp"

namespace fuseline::tuner {
namespace {

using Class = InstructionClass;

/// What opcodes begin with; the longest that fits counts.
const std::pair<std::string_view, Class> kBeginnings[] = {
    {"F2", Class::conversion},
    {"FRND", Class::conversion},
    {"I2", Class::conversion},
    {"UI2", Class::conversion},
    {"UF2", Class::conversion},
    {"F", Class::fp32},
    {"UF", Class::fp32},
    {"H", Class::half},
    {"D", Class::fp64},
    {"HMMA", Class::tensor},
    {"HGMMA", Class::tensor},
    {"IMMA", Class::tensor},
    {"IGMMA", Class::tensor},
    {"BMMA", Class::tensor},
    {"BGMMA", Class::tensor},
    {"DMMA", Class::tensor},
    {"QMMA", Class::tensor},
    {"QGMMA", Class::tensor},
    {"OMMA", Class::tensor},
    {"UTCH", Class::tensor},
    {"UTCI", Class::tensor},
    {"UTCQ", Class::tensor},
    {"UTCO", Class::tensor},
    {"LDT", Class::tensor},
    {"STT", Class::tensor},
    {"MUFU", Class::special},
    {"MOV", Class::move},
    {"UMOV", Class::move},
    {"SEL", Class::move},
    {"USEL", Class::move},
    {"PRMT", Class::move},
    {"UPRMT", Class::move},
    {"S2", Class::move},
    {"CS2", Class::move},
    {"R2", Class::move},
    {"P2", Class::move},
    {"B2", Class::move},
    {"UP2", Class::move},
    {"UR2", Class::move},
    {"IMAD.MOV", Class::move},
    {"I", Class::integer},
    {"UI", Class::integer},
    {"LOP", Class::integer},
    {"ULOP", Class::integer},
    {"PLOP", Class::integer},
    {"UPLOP", Class::integer},
    {"LEA", Class::integer},
    {"ULEA", Class::integer},
    {"SHF", Class::integer},
    {"USHF", Class::integer},
    {"SHL", Class::integer},
    {"USHL", Class::integer},
    {"SHR", Class::integer},
    {"USHR", Class::integer},
    {"SGXT", Class::integer},
    {"USGXT", Class::integer},
    {"BMSK", Class::integer},
    {"UBMSK", Class::integer},
    {"BREV", Class::integer},
    {"UBREV", Class::integer},
    {"FLO", Class::integer},
    {"UFLO", Class::integer},
    {"POPC", Class::integer},
    {"UPOPC", Class::integer},
    {"VIADD", Class::integer},
    {"UVIADD", Class::integer},
    {"VIMNMX", Class::integer},
    {"UVIMNMX", Class::integer},
    {"VABSDIFF", Class::integer},
    {"VHMNMX", Class::half},
    {"LD", Class::global},
    {"ST", Class::global},
    {"ATOM", Class::global},
    {"RED", Class::global},
    {"CCTL", Class::global},
    {"UBLK", Class::global},
    {"UTMA", Class::global},
    {"LDS", Class::shared},
    {"STS", Class::shared},
    {"ATOMS", Class::shared},
    {"LDSM", Class::shared},
    {"LDL", Class::local},
    {"STL", Class::local},
    {"LDC", Class::constant},
    {"ULDC", Class::constant},
    {"TEX", Class::texture},
    {"TLD", Class::texture},
    {"TMML", Class::texture},
    {"TXD", Class::texture},
    {"TXQ", Class::texture},
    {"SULD", Class::texture},
    {"SUST", Class::texture},
    {"SURED", Class::texture},
    {"SUATOM", Class::texture},
    {"BRA", Class::control},
    {"BRX", Class::control},
    {"JMP", Class::control},
    {"JMX", Class::control},
    {"CALL", Class::control},
    {"RET", Class::control},
    {"EXIT", Class::control},
    {"BAR", Class::control},
    {"B2R", Class::control},
    {"UCGABAR", Class::control},
    {"SYNCS", Class::control},
    {"BSSY", Class::control},
    {"BSYNC", Class::control},
    {"BREAK", Class::control},
    {"BMOV", Class::control},
    {"BPT", Class::control},
    {"WARPSYNC", Class::control},
    {"WARPGROUP", Class::control},
    {"NANOSLEEP", Class::control},
    {"YIELD", Class::control},
    {"DEPBAR", Class::control},
    {"LDGDEPBAR", Class::control},
    {"MEMBAR", Class::control},
    {"ERRBAR", Class::control},
    {"FENCE", Class::control},
    {"ACQBULK", Class::control},
    {"ENDCOLLECTIVE", Class::control},
    {"USETMAXREG", Class::control},
    {"NOP", Class::other},
    {"ELECT", Class::warp},
    {"SHFL", Class::warp},
    {"VOTE", Class::warp},
    {"MATCH", Class::warp},
    {"REDUX", Class::warp},
    {"CREDUX", Class::warp},
};

std::optional<double> executed_by(const SampledInstruction& instruction) {
  const auto found = instruction.metrics.find(metric::kSassExecuted);
  if (found == instruction.metrics.end() || !std::isfinite(found->second)) return std::nullopt;
  return std::max(0.0, found->second);
}

bool any_executed(const SourceProfile& profile) {
  return std::any_of(profile.instructions.begin(), profile.instructions.end(),
                     [](const SampledInstruction& each) { return executed_by(each).has_value(); });
}

double weight(const SampledInstruction& instruction, bool executed) {
  return executed ? executed_by(instruction).value_or(0) : 1;
}

double ranked_by(const OpcodeCount& count) { return count.executed.value_or(count.in_code); }

}  // namespace

std::string_view to_string(InstructionClass of) {
  switch (of) {
    case Class::fp32:
      return "FP32";
    case Class::half:
      return "half precision";
    case Class::fp64:
      return "FP64";
    case Class::tensor:
      return "tensor cores";
    case Class::integer:
      return "integer";
    case Class::special:
      return "special functions";
    case Class::conversion:
      return "conversions";
    case Class::move:
      return "moves";
    case Class::global:
      return "global memory";
    case Class::shared:
      return "shared memory";
    case Class::local:
      return "local memory";
    case Class::constant:
      return "constant memory";
    case Class::texture:
      return "textures";
    case Class::control:
      return "control";
    case Class::warp:
      return "shuffles and votes";
    case Class::other:
      return "other";
  }
  return "other";
}

std::string_view opcode_of(std::string_view text) {
  const auto word = [&text] {
    const std::size_t begin = std::min(text.find_first_not_of(" \t{"), text.size());
    const std::size_t end = std::min(text.find_first_of(" \t;,", begin), text.size());
    const std::string_view found = text.substr(begin, end - begin);
    text.remove_prefix(end);
    return found;
  };
  const std::string_view first = word();
  return first.starts_with('@') ? word() : first;
}

InstructionClass class_of(std::string_view opcode) {
  Class found = Class::other;
  std::size_t longest = 0;
  for (const auto& [beginning, of] : kBeginnings) {
    if (beginning.size() > longest && opcode.starts_with(beginning)) longest = beginning.size(), found = of;
  }
  return found;
}

InstructionMix instruction_mix(const SourceProfile& profile) {
  InstructionMix mix;
  mix.executed = any_executed(profile);
  std::map<Class, double> counts;
  bool any_text = false;
  for (const SampledInstruction& instruction : profile.instructions) {
    const double count = weight(instruction, mix.executed);
    mix.total += count;
    any_text = any_text || !instruction.text.empty();
    counts[class_of(opcode_of(instruction.text))] += count;
  }
  if (!any_text || !(mix.total > 0)) return mix;
  for (const auto& [of, count] : counts) {
    if (count > 0) mix.classes.push_back({of, count, count / mix.total});
  }
  std::stable_sort(mix.classes.begin(), mix.classes.end(),
                   [](const ClassCount& a, const ClassCount& b) { return a.count > b.count; });
  return mix;
}

std::vector<OpcodeCount> opcode_counts(const SourceProfile& profile) {
  const bool executed = any_executed(profile);
  std::map<std::string_view, OpcodeCount> counts;
  for (const SampledInstruction& instruction : profile.instructions) {
    const std::string_view opcode = opcode_of(instruction.text);
    if (opcode.empty()) continue;
    OpcodeCount& count = counts[opcode];
    count.in_code += 1;
    if (executed) count.executed = count.executed.value_or(0) + weight(instruction, true);
  }
  std::vector<OpcodeCount> list;
  for (auto& [opcode, count] : counts) {
    count.opcode = opcode;
    list.push_back(std::move(count));
  }
  std::stable_sort(list.begin(), list.end(),
                   [](const OpcodeCount& a, const OpcodeCount& b) { return ranked_by(a) > ranked_by(b); });
  return list;
}

OpcodeDiff opcode_diff(const SourceProfile& here, const SourceProfile& there) {
  OpcodeDiff diff;
  diff.executed = any_executed(here) && any_executed(there);
  std::map<std::string, OpcodeDifference> by_opcode;
  const auto add = [&](const SourceProfile& profile, double OpcodeDifference::*side, double& total) {
    for (const OpcodeCount& each : opcode_counts(profile)) {
      const double count = diff.executed ? each.executed.value_or(0) : each.in_code;
      OpcodeDifference& difference = by_opcode[each.opcode];
      difference.opcode = each.opcode;
      difference.*side = count;
      total += count;
    }
  };
  add(here, &OpcodeDifference::here, diff.here);
  add(there, &OpcodeDifference::there, diff.there);
  for (auto& each : by_opcode) diff.opcodes.push_back(std::move(each.second));
  std::stable_sort(diff.opcodes.begin(), diff.opcodes.end(), [](const OpcodeDifference& a, const OpcodeDifference& b) {
    const double by = std::abs(a.difference()) - std::abs(b.difference());
    return by == 0 ? a.here > b.here : by > 0;
  });
  return diff;
}

}  // namespace fuseline::tuner
