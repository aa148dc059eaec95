// The picture of a window, kept from frame to frame: what did not change is not drawn again. See README.md.
#pragma once

#include <imgui.h>

#include <optional>
#include <vector>

#include "app/gui/models/drawing_changes.hpp"

namespace fuseline::app::gui {

/// A framebuffer object with one texture that has the window's size.
class PictureTarget {
 public:
  PictureTarget() = default;
  ~PictureTarget() { release(); }
  PictureTarget(const PictureTarget&) = delete;
  PictureTarget& operator=(const PictureTarget&) = delete;

  /// False where the driver makes none.
  [[nodiscard]] bool make(int width, int height);
  void release();
  /// Drawn to and read from here on.
  void bind() const;
  /// Onto the back buffer, which is drawn to from here on.
  void show() const;
  [[nodiscard]] bool is_of(int width, int height) const { return width == width_ && height == height_; }

 private:
  unsigned int frame_ = 0, texture_ = 0;
  int width_ = 0, height_ = 0;
};

/// All of it but uncover() is called with the window's contexts current.
class Picture {
 public:
  /// Gives back what the driver holds, while there is still a context.
  void release() {
    target_.release();
    whole_.release();
  }
  /// The next frame is drawn whole: a texture's pixels changed, or the scale.
  void forget() { known_ = false; }
  /// What was on the screen is lost.
  void uncover() { shows_left_ = kShowsAfterLoss; }

  /// Draws what changed; then glReadPixels() reads the whole picture. Share of the window's pixels that was drawn
  /// again.
  double draw(ImDrawData& data, const ImVec4& background, int width, int height);
  /// True where the buffers are to be swapped: the back buffer has the picture then.
  [[nodiscard]] bool show();
  /// Draws the same frame whole beside it. The box round all pixels that differ; nothing where there are none.
  [[nodiscard]] std::optional<PixelBox> difference(ImDrawData& data);

 private:
  static constexpr int kShowsAfterLoss = 3;  ///< What is shown while a window is mapped or sized may be lost too.

  [[nodiscard]] bool summarise(const ImDrawData& data);
  void draw_whole(ImDrawData& data) const;
  void draw_within(ImDrawData& data, const std::vector<PixelBox>& boxes) const;
  [[nodiscard]] std::vector<unsigned char> pixels() const;

  PictureTarget target_, whole_;  ///< The latter for difference() alone.
  Drawing before_, now_;
  ImVec4 background_{0, 0, 0, 0};
  int width_ = 0, height_ = 0, shows_left_ = 0;
  bool known_ = false;   ///< The picture is that of before_.
  bool direct_ = false;  ///< No framebuffer object is to be had: everything is drawn to the back buffer.
  bool changed_ = false;
};

}  // namespace fuseline::app::gui
