// One axis: from values to pixels and back, and the ticks that suit the room there is.
#pragma once

#include <string>
#include <vector>

namespace fuseline::tuner {

enum class Scale { linear, log };

struct Tick {
  double value = 0;
  std::string label;  ///< Empty for a minor tick.
};

/// Values `low`..`high` (low < high; both positive on a log scale) at pixels `pixel_low`..`pixel_high`, which may
/// descend.
struct Axis {
  Scale scale = Scale::linear;
  double low = 0, high = 1;
  double pixel_low = 0, pixel_high = 1;

  /// Values beyond the range go beyond the pixels; on a log scale a value that is not positive goes to the low end.
  [[nodiscard]] double pixel(double value) const;
  [[nodiscard]] double value(double pixel) const;
  [[nodiscard]] bool contains(double value) const { return value >= low && value <= high; }

  /// Ticks within the range, ascending. Labels are at least `label_pixels` apart; log scales take 1, 2, (3,) 5, (7) of
  /// each decade or whole decades, or linear steps where the range is less than a decade or so, and unlabelled ticks
  /// between.
  [[nodiscard]] std::vector<Tick> ticks(double label_pixels) const;
};

/// A plain short number: 0.05, 0.5, 20, 1,000, 2e6.
[[nodiscard]] std::string tick_label(double value, int decimals = -1);

}  // namespace fuseline::tuner
