// Widths of text in the plots' font without opening a font file, so that a layout is the same on every machine.
#pragma once

#include <string_view>

namespace fuseline::tuner {

/// Width of UTF-8 `text` at `size` in DejaVu Sans (regular or bold), in the units of `size`. Characters beyond ASCII
/// count as wide.
[[nodiscard]] double plot_text_width(std::string_view text, double size, bool bold = false);

}  // namespace fuseline::tuner
