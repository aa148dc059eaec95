#include "tuner/plot/text_metrics.hpp"

#include <array>
#include <cstdint>

namespace fuseline::tuner {
namespace {

// Advance widths of ' ' to '~' in thousandths of the size, read from DejaVuSans.ttf and DejaVuSans-Bold.ttf 2.37.
constexpr std::array<std::int16_t, 95> kRegular = {
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361,  318, 337, 636, 636, 636,
    636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632,
    575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635,  611, 732, 684, 989, 685,
    611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352,  635, 634, 278, 278, 579,
    278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592,  525, 636, 337, 636, 838};
constexpr std::array<std::int16_t, 95> kBold = {
    348, 456,  521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415,  380, 365, 696, 696,  696,
    696, 696,  696, 696, 696, 696,  696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734, 830,  683,
    683, 821,  837, 372, 372, 775,  637, 995, 837, 850, 733, 850, 770, 720,  682, 812, 774, 1103, 771,
    724, 725,  457, 365, 457, 838,  500, 500, 675, 716, 593, 716, 678, 435,  716, 712, 343, 343,  665,
    343, 1042, 712, 687, 716, 716,  493, 595, 478, 712, 652, 924, 645, 652,  582, 712, 365, 712,  838};
constexpr int kMiddleDotRegular = 318, kMiddleDotBold = 380;
constexpr int kWide = 1050;  // At least as wide as any character of the font beyond ASCII that we draw.

unsigned char byte(char c) { return static_cast<unsigned char>(c); }
bool is_continuation(char c) { return (byte(c) & 0xC0U) == 0x80U; }

}  // namespace

double plot_text_width(std::string_view text, double size, bool bold) {
  const auto& widths = bold ? kBold : kRegular;
  std::int64_t total = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = byte(text[i]);
    if (c >= 0x20 && c < 0x7F) {
      total += widths[static_cast<std::size_t>(c - 0x20)];
    } else if (text.substr(i, 2) == "\u00b7") {
      total += bold ? kMiddleDotBold : kMiddleDotRegular;
    } else if (!is_continuation(text[i])) {
      total += kWide;
    }
  }
  return static_cast<double>(total) * size / 1000.0;
}

}  // namespace fuseline::tuner
