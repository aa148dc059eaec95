// Source profiles as JSON, for messages, files and stored runs.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "tuner/base/json.hpp"
#include "tuner/counters/source_profile.hpp"

namespace fuseline::tuner {

/// Instructions that a file or message may have: 2 MiB of code on today's GPUs.
inline constexpr std::size_t kMaximumInstructions = std::size_t{1} << 17;

/// {"kernel", "samples", "dropped", "outside", "period_cycles", "launches", "seconds", "disassembler", "remarks",
/// "instructions": [{"offset", "text", "file", "line", "samples": {reason: n}, "metrics": {name: x}}]}. Of an
/// instruction, what is empty or 0 is left out, but for its offset.
[[nodiscard]] nlohmann::json to_json(const SourceProfile& profile);

/// Errors: members that are missing (kernel, instructions, an offset) or of another type, more instructions, reasons or
/// remarks than there can be, texts longer than 4 KiB, offsets that do not rise, figures that are negative or not
/// finite.
[[nodiscard]] Result<void> read_value(const JsonView& view, SourceProfile& out);

}  // namespace fuseline::tuner
