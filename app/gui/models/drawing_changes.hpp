// What of a window has to be drawn again: the drawing of this frame against that of the frame before, by value.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fuseline::app::gui {

/// Pixels of a window, from the left and from the top; right and bottom are outside.
struct PixelBox {
  int left = 0, top = 0, right = 0, bottom = 0;

  [[nodiscard]] bool empty() const { return right <= left || bottom <= top; }
  [[nodiscard]] std::int64_t area() const {
    return empty() ? 0 : std::int64_t{right - left} * std::int64_t{bottom - top};
  }
  [[nodiscard]] PixelBox common(const PixelBox& other) const {
    return {std::max(left, other.left), std::max(top, other.top), std::min(right, other.right),
            std::min(bottom, other.bottom)};
  }
  /// The smallest box round both; an empty one counts for nothing.
  [[nodiscard]] PixelBox around(const PixelBox& other) const;
  friend bool operator==(const PixelBox&, const PixelBox&) = default;
};

/// Bytes of a vertex: its place x, y (pixels) and its place in the texture u, v as floats, then its colour.
inline constexpr std::size_t kVertexBytes = 20;

/// What one frame draws, as runs of triangles in the order in which they are drawn. A run ends where the triangles
/// themselves say so, whatever came before them, so that triangles that moved along in a list are found again.
class Drawing {
 public:
  struct Run {
    std::uint64_t hash = 0;  ///< Of clip, texture and the vertices' values.
    PixelBox box;            ///< What it can touch.
  };

  void clear();
  /// One draw call: triangles of `elements`, three each, into `vertices`, within `clip`. Index: 16 or 32 bits.
  template <class Index>
  void add(const PixelBox& clip, std::uint64_t texture, std::span<const std::byte> vertices,
           std::span<const Index> elements);

  /// Without those that touch nothing.
  [[nodiscard]] const std::vector<Run>& runs() const { return runs_; }
  /// What each call can touch, in the order of the calls.
  [[nodiscard]] const std::vector<PixelBox>& calls() const { return calls_; }

 private:
  std::vector<Run> runs_;
  std::vector<PixelBox> calls_;
};

/// Boxes that share no pixel, at most four. Outside of them the same runs lie over each pixel in the same order in both
/// drawings, so that its colour is the same. Empty: nothing changed.
[[nodiscard]] std::vector<PixelBox> changed_boxes(const Drawing& before, const Drawing& now);

}  // namespace fuseline::app::gui
