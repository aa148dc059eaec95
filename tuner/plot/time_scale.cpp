#include "tuner/plot/time_scale.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tuner/report/describe.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kBar = 14, kHighest = 260, kScaleHead = 22;
constexpr int kSteps = 64;

bool is_dark(const Style& style) { return style.background.r < 128; }

}  // namespace

Colour text_on(Colour ground) {
  // Where black and white have the same contrast.
  return luminance(ground) > 0.179 ? Colour{0, 0, 0, 255} : Colour{255, 255, 255, 255};
}

Colour time_colour(const Style& style, const TimeScale& scale, double ms) {
  const double lost = std::max(0.0, ms / scale.best_ms - 1);
  return ramp_colour(1 - std::log1p(lost) / std::log1p(scale.end), is_dark(style));
}

void draw_time_scale(Canvas& canvas, const Style& style, const TimeScale& scale, const Rect& area) {
  const double height = std::min(kHighest, area.height - kScaleHead - 4);
  if (height < 40) return;
  const double x = area.x + area.width - kTimeScaleWidth + 24, top = area.y + kScaleHead;
  canvas.text({x, area.y + kLabelSize}, "time", kLabelSize, style.muted);
  canvas.begin_item("Colours say what a time loses to the run's best");
  for (int i = 0; i < kSteps; ++i) {
    const double from = top + height * i / kSteps;
    canvas.fill_rect({x, from, kBar, height / kSteps + 0.5},
                     ramp_colour(1 - i / static_cast<double>(kSteps - 1), is_dark(style)));
  }
  canvas.end_item();
  const int labels = height >= 110 ? 4 : 2;
  for (int i = 0; i <= labels; ++i) {
    const double share = static_cast<double>(i) / labels, lost = std::expm1(share * std::log1p(scale.end));
    const double y = top + share * height;
    canvas.fill_rect({x + kBar, y - 0.5, 3, 1}, style.frame);
    const int decimals = scale.end < 0.05 ? 2 : scale.end < 0.5 ? 1 : 0;
    std::string text = i == 0        ? time_text(scale.best_ms)
                       : i == labels ? fmt::format("from +{:g} %", 100 * scale.end)
                                     : fmt::format("+{:.{}f} %", 100 * lost, decimals);
    canvas.text({x + kBar + 6, std::clamp(y + kLabelSize * 0.36, top + 8, top + height + 1)},
                fit_text(canvas, text, kLabelSize, kTimeScaleWidth - 24 - kBar - 6), kLabelSize, style.muted);
  }
}

}  // namespace fuseline::tuner
