// Where the marks of a roofline lie: worked out when run, view or selection change, not for every frame.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/gui/models/roofline_scene.hpp"
#include "app/gui/models/selection.hpp"
#include "tuner/plot/style.hpp"

namespace fuseline::app::gui {

constexpr double kMarkRadius = 4.2, kStripRadius = 3.4;

[[nodiscard]] inline bool inside(const tuner::Rect& area, tuner::Vec2 at) {
  return at.x >= area.x && at.x <= area.x + area.width && at.y >= area.y && at.y <= area.y + area.height;
}

/// A mark where it is drawn.
struct PlacedMark {
  tuner::Vec2 at;
  std::uint32_t row = 0;
  std::uint16_t colour = 0;
  tuner::Emphasis emphasis = tuner::Emphasis::none;
};

/// What a drawing needs; everything outlives the call.
struct RooflineDrawing {
  const RooflineScene& scene;
  const RunData& data;
  const Selection& selection;
  const tuner::Style& style;
  tuner::RooflineRanges ranges;
  bool strip = true;  ///< The share of copy beside it, where there is room.
};

/// A projection's interval in the strip, in shares of the copy.
struct PlacedInterval {
  double x = 0;
  tuner::ValueRange of_copy;
  std::uint16_t colour = 0;
};

/// What stands on the roofline and is none of the run's evaluations: a projection, a given kernel, a pinned run.
struct PlacedBeside {
  tuner::Vec2 at;
  double reach = 0;  ///< Of its outline.
  std::string text;  ///< What it says of itself.
};

/// The share-of-copy strip: marks spread sideways within rows of their own height; on the target in the order of their
/// projected times, with intervals.
struct StripMarks {
  tuner::Panel panel;
  bool copy_line = false;         ///< 100 % is in view.
  std::vector<PlacedMark> marks;  ///< The best last.
  std::vector<tuner::Vec2> halos;
  std::vector<PlacedInterval> intervals = {};
};

/// Marks on the very pixel of another of their colour are left out, so that a hundred thousand cost as much to draw as
/// there are pixels.
class RooflineMarks {
 public:
  /// Brings it up to date. True where something was worked out anew.
  bool update(const RooflineDrawing& drawing, const tuner::Rect& area);

  [[nodiscard]] const tuner::RooflinePlace& place() const { return place_; }
  [[nodiscard]] const std::vector<PlacedMark>& marks() const {
    return marks_;
  }  ///< The best last, where it is in view.
  [[nodiscard]] bool best_in_view() const { return best_in_view_; }
  [[nodiscard]] const std::vector<tuner::Vec2>& halos() const { return halos_; }  ///< Of the selected.
  /// The box round all marks; empty where there is none.
  [[nodiscard]] const std::optional<tuner::Rect>& bounds() const { return bounds_; }
  [[nodiscard]] const std::optional<StripMarks>& strip() const { return strip_; }

  /// The mark nearest to `at` within `reach` pixels; within the star of the best always the best, since it is drawn
  /// over others.
  [[nodiscard]] std::optional<std::uint32_t> hit(tuner::Vec2 at, double reach) const;
  /// What of none of the evaluations answers at `at`: within its own outline it does before any of them but the best,
  /// which does where it is nearer. Null where there is none.
  [[nodiscard]] const PlacedBeside* beside(tuner::Vec2 at) const;
  /// Rows whose marks lie in `box`: in the roofline also those that were left out under another, in the strip those
  /// that it has.
  [[nodiscard]] std::vector<std::uint32_t> within(const RooflineScene& scene, const tuner::Rect& box) const;

 private:
  /// What strip and roofline depend on, and what the roofline alone does.
  struct Key {
    std::uint64_t scene = 0;
    tuner::Rect area;
    bool strip = false;
  };
  [[nodiscard]] static bool same(const Key& a, const Key& b);
  [[nodiscard]] static bool same(const tuner::RooflineRanges& a, const tuner::RooflineRanges& b);
  /// The marks of a scene without those that lie under another at every view of up to these pixels for a natural
  /// logarithm: of a hundred thousand that the user zooms and pans over, a few thousand.
  struct Thinned {
    double pixels_x = 0, pixels_y = 0;
    std::vector<SceneMark> marks;
  };
  void thin(const RooflineScene& scene);
  [[nodiscard]] const std::vector<SceneMark>& marks_to_place(const RooflineScene& scene) const;
  void place_marks(const RooflineDrawing& drawing, const tuner::Rect& area);
  void place_strip(const RooflineDrawing& drawing, const tuner::Rect& area);
  void place_target_strip(const RooflineDrawing& drawing, const tuner::Rect& area);
  void place_halos(const RooflineDrawing& drawing);
  void place_beside(const RooflineDrawing& drawing);
  /// The star of the best, in the roofline or in the strip, that `at` is in.
  [[nodiscard]] const PlacedMark* star_at(tuner::Vec2 at) const;

  std::optional<Key> key_;
  tuner::RooflineRanges ranges_;
  tuner::Rect beside_strip_;
  std::optional<Thinned> thinned_;
  std::uint64_t selection_ = 0;
  tuner::RooflinePlace place_;
  std::vector<PlacedMark> marks_;
  std::vector<tuner::Vec2> halos_;
  std::vector<PlacedBeside> beside_;
  std::optional<tuner::Rect> bounds_;
  std::optional<StripMarks> strip_;
  bool best_in_view_ = false, on_target_ = false;
};

}  // namespace fuseline::app::gui
