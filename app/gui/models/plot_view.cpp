#include <algorithm>
#include <cmath>

#include "app/gui/models/roofline_scene.hpp"

namespace fuseline::app::gui {
namespace {

constexpr double kSmallestSpan = 1e-3, kLargestSpan = 16;  // Decades.

/// `range` scaled about `centre` in decades, its span bounded.
tuner::ValueRange zoomed(const tuner::ValueRange& range, double centre, double factor) {
  const double low = std::log10(range.low), high = std::log10(range.high);
  const double at = std::clamp(std::log10(std::max(centre, 1e-300)), low, high);
  const double span = std::clamp((high - low) / factor, kSmallestSpan, kLargestSpan);
  const double share = (at - low) / (high - low);
  const double new_low = std::clamp(at - share * span, -30.0, 30.0 - span);
  return {std::pow(10, new_low), std::pow(10, new_low + span)};
}

tuner::ValueRange panned(const tuner::ValueRange& range, double share) {
  const double low = std::log10(range.low), high = std::log10(range.high), span = high - low;
  const double new_low = std::clamp(low + share * span, -30.0, 30.0 - span);
  return {std::pow(10, new_low), std::pow(10, new_low + span)};
}

bool usable(const tuner::ValueRange& range) {
  return range.low > 0 && range.high > range.low && std::isfinite(range.high);
}

}  // namespace

void PlotView::follow(const tuner::RooflineRanges& fitted) {
  if (!moved_ && usable(fitted.intensity) && usable(fitted.gflops)) ranges_ = fitted;
}

void PlotView::show(const tuner::RooflineRanges& ranges) {
  if (!usable(ranges.intensity) || !usable(ranges.gflops)) return;
  ranges_ = ranges;
  moved_ = true;
  zoom(ranges.intensity.low, ranges.gflops.low, 1, 1);  // Bounds the spans.
}

void PlotView::zoom(double intensity, double gflops, double factor_x, double factor_y) {
  if (!(factor_x > 0) || !(factor_y > 0)) return;
  ranges_.intensity = zoomed(ranges_.intensity, intensity, factor_x);
  ranges_.gflops = zoomed(ranges_.gflops, gflops, factor_y);
  moved_ = true;
}

void PlotView::pan(double dx, double dy) {
  ranges_.intensity = panned(ranges_.intensity, dx);
  ranges_.gflops = panned(ranges_.gflops, dy);
  moved_ = true;
}

}  // namespace fuseline::app::gui
