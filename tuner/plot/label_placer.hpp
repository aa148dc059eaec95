// Finds room for labels among lines, marks and other labels.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "tuner/plot/canvas.hpp"

namespace fuseline::tuner {

/// A box turned about its centre; `degrees` counter-clockwise as text is.
struct TurnedBox {
  Vec2 centre;
  double width = 0, height = 0;
  double degrees = 0;
};
[[nodiscard]] bool overlap(const TurnedBox& a, const TurnedBox& b);
[[nodiscard]] bool crosses(const TurnedBox& box, Vec2 from, Vec2 to);
/// Corners in drawing order.
[[nodiscard]] std::array<Vec2, 4> corners(const TurnedBox& box);

struct Segment {
  Vec2 from, to;
};

/// What is already on a plot. Labels it hands out become obstacles themselves.
class LabelPlacer {
 public:
  explicit LabelPlacer(const Rect& area) : area_(area) {}
  void add(const Segment& line) { lines_.push_back(line); }
  void add(const TurnedBox& box) { boxes_.push_back(box); }

  /// Room for a label of `size` along `line`, clear by `gap`: first near the share `preferred` (0 to 1) of its length,
  /// then further away, above the line before below it. Empty where there is none.
  [[nodiscard]] std::optional<TurnedBox> along(const Segment& line, Vec2 size, double gap, double preferred);
  /// Room for a level label of `size` round `point`, nearest positions first, at most `reach` away; the straight way
  /// from there to `point` crosses no label that was handed out before. `over_lines`: lines may go through it, so that
  /// it needs a patch of the panel's colour beneath.
  [[nodiscard]] std::optional<TurnedBox> near(Vec2 point, Vec2 size, double gap, double reach = 120,
                                              bool over_lines = false);

 private:
  [[nodiscard]] bool is_free(const TurnedBox& box, bool over_lines) const;
  [[nodiscard]] bool crosses_label(Vec2 from, Vec2 to) const;

  Rect area_;
  std::vector<Segment> lines_;
  std::vector<TurnedBox> boxes_, labels_;
};

}  // namespace fuseline::tuner
