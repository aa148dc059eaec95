// Widths of text in the plots' font without opening a font file, so that a layout is the same on every machine.
#pragma once

#include <string>
#include <string_view>

namespace fuseline::tuner {

/// Width of UTF-8 `text` at `size` in DejaVu Sans (regular or bold), in the units of `size`. Characters beyond ASCII
/// count as wide.
[[nodiscard]] double plot_text_width(std::string_view text, double size, bool bold = false);

/// `text` with control characters as spaces and bytes that are no UTF-8 as '?': what every canvas can draw.
[[nodiscard]] std::string drawable_text(std::string_view text);

}  // namespace fuseline::tuner
