#include "tuner/plot/axis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tuner/report/describe.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::size_t kMaximumTicks = 200;

double tolerance(const Axis& axis) { return 1e-9 * std::abs(axis.high - axis.low); }

/// Steps of 1, 2, 2.5 or 5 times a power of ten; `gap` is the least distance in values between two labels.
std::vector<Tick> linear_ticks(const Axis& axis, double gap) {
  const double power = std::pow(10.0, std::floor(std::log10(gap)));
  double factor = 10;
  for (const double candidate : {5.0, 2.5, 2.0, 1.0}) {
    if (candidate * power >= gap * (1 - 1e-9)) factor = candidate;
  }
  const double step = factor * power;
  if (!(step > 0) || !std::isfinite(step)) return {};  // Ends of the axis that doubles cannot tell apart, or not reach.
  const int decimals = std::max(0, (factor == 2.5 ? 1 : 0) - static_cast<int>(std::floor(std::log10(step) + 1e-9)));
  std::vector<Tick> ticks;
  for (double k = std::ceil((axis.low - tolerance(axis)) / step);
       std::isfinite(k * step) && k * step <= axis.high + tolerance(axis) && ticks.size() < kMaximumTicks; ++k) {
    ticks.push_back({k * step, tick_label(k == 0 ? 0.0 : k * step, decimals)});
  }
  return ticks;
}

/// Smallest step in values that is `pixels` wide where the axis is densest.
double linear_gap(const Axis& axis, double pixels) {
  if (axis.scale == Scale::linear) return pixels / std::abs(axis.pixel_high - axis.pixel_low) * (axis.high - axis.low);
  const double per_pixel = std::log(axis.high / axis.low) / std::abs(axis.pixel_high - axis.pixel_low);
  return axis.high * (1 - std::exp(-pixels * per_pixel));
}

std::vector<Tick> log_ticks(const Axis& axis, double label_pixels) {
  const double decade = std::abs(axis.pixel_high - axis.pixel_low) / (std::log10(axis.high) - std::log10(axis.low));
  const bool label_125 = decade * std::log10(2.0) >= label_pixels,
             label_12357 = decade * std::log10(7.0 / 5.0) >= label_pixels;
  const int decade_step = std::max(1, static_cast<int>(std::ceil(label_pixels / decade)));
  const int first = static_cast<int>(std::floor(std::log10(axis.low))),
            last = static_cast<int>(std::ceil(std::log10(axis.high)));
  std::vector<Tick> ticks;
  for (int exponent = first; exponent <= last && ticks.size() < kMaximumTicks; ++exponent) {
    for (int digit = 1; digit <= 9; ++digit) {
      const double value = digit * std::pow(10.0, exponent);
      if (value < axis.low * (1 - 1e-9) || value > axis.high * (1 + 1e-9) || !std::isfinite(value)) continue;
      const bool labelled =
          digit == 1 ? (exponent % decade_step) == 0
                     : (label_125 && (digit == 2 || digit == 5)) || (label_12357 && (digit == 3 || digit == 7));
      ticks.push_back({value, labelled ? tick_label(value) : std::string()});
    }
  }
  return ticks;
}

std::ptrdiff_t labelled(const std::vector<Tick>& ticks) {
  return std::count_if(ticks.begin(), ticks.end(), [](const Tick& tick) { return !tick.label.empty(); });
}

}  // namespace

double Axis::pixel(double value) const {
  double share = 0;
  if (scale == Scale::linear) {
    share = (value - low) / (high - low);
  } else if (value > 0) {
    share = std::log(value / low) / std::log(high / low);
  }
  return pixel_low + share * (pixel_high - pixel_low);
}

double Axis::value(double pixel) const {
  const double share = (pixel - pixel_low) / (pixel_high - pixel_low);
  return scale == Scale::linear ? low + share * (high - low) : low * std::pow(high / low, share);
}

std::vector<Tick> Axis::ticks(double label_pixels) const {
  if (!(high > low) || pixel_low == pixel_high || (scale == Scale::log && !(low > 0)) ||
      !std::isfinite(high / (high - low)))
    return {};
  std::vector<Tick> even = linear_ticks(*this, linear_gap(*this, label_pixels));
  if (scale == Scale::linear) return even;
  // On a short axis labels stand closer; one alone says nothing of its scale.
  std::vector<Tick> ticks;
  for (const double room : {1.0, 0.6}) {
    ticks = log_ticks(*this, room * label_pixels);
    if (labelled(ticks) >= 3) return ticks;
    if (labelled(even) >= 3) return even;
  }
  return labelled(ticks) > labelled(even) ? ticks : even;
}

std::string tick_label(double value, int decimals) {
  const double magnitude = std::abs(value);
  if (value != 0 && (magnitude >= 1e6 || magnitude < 1e-4)) return fmt::format("{:g}", value);
  if (decimals >= 0) return grouped(value, decimals);
  if (magnitude >= 1000) return grouped(value);
  return fmt::format("{:.4g}", value);
}

}  // namespace fuseline::tuner
