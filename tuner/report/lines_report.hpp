// Hot lines and the instruction mix of a profiled kernel, as people and programs read them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tuner/base/json.hpp"
#include "tuner/counters/hot_lines.hpp"
#include "tuner/counters/instruction_mix.hpp"
#include "tuner/report/kernel_texts.hpp"

namespace fuseline::tuner {

/// Lines that a text lists, at most.
inline constexpr std::size_t kHotLines = 10;

/// "12,345 samples of rows_kernel, one in 2,048 cycles of an SM; 65.1 % of warps that waited". Without a full stop.
[[nodiscard]] std::string samples_text(const SourceProfile& profile);
/// "global memory (long scoreboard) 90 %, a fixed latency (wait) 10 %": shares of the line's waiting warps, the
/// most first, at most `count`; those after the first from 5 % on.
[[nodiscard]] std::string stalls_text(const LineProfile& line, std::size_t count);
/// "FP32 38.1 %, global memory 38.1 %, ...", with what the shares are of. Without a full stop; why there is none where
/// no instruction has a text.
[[nodiscard]] std::string mix_text(const InstructionMix& mix);

/// One row for every hot line, as tables show it.
struct HotLineRow {
  std::string share, place, waits, executed, excess_sectors, bank_conflicts, text;
};
[[nodiscard]] std::vector<HotLineRow> hot_line_rows(const SourceProfile& profile, const KernelTexts& texts,
                                                    std::size_t count);

/// The hottest lines, the mix, and what could not be had, each line with its end. What is foreign is made printable.
[[nodiscard]] std::string hot_lines_text(const SourceProfile& profile, const KernelTexts& texts, bool colour);
/// {"lines": [...], "stalls": [...], "mix": {...}, "opcodes": [...]}: what the profile itself (to_json) comes to.
/// Every line with samples; "text" is null where it is not at hand.
[[nodiscard]] OrderedJson hot_lines_json(const SourceProfile& profile, const KernelTexts& texts);

}  // namespace fuseline::tuner
