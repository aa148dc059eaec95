// A GLFW window with OpenGL 3.3 and ImGui in it: opened, drawn to, and asleep while nothing happens. Each has a context
// of ImGui of its own, with its own fonts, so that two of them share nothing but the thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/gui/models/actions.hpp"
#include "app/gui/platform/fonts.hpp"
#include "app/gui/platform/picture.hpp"
#include "tuner/base/error.hpp"

struct GLFWwindow;
struct ImGuiContext;

namespace fuseline::app::gui {

namespace compat {
class Keys;
}

class Window;

struct WindowOptions {
  int width = 1440, height = 900;
  std::string title = "Fuseline";
  bool vsync = true;
  bool check_drawing = false;  ///< Each frame is drawn whole as well: see drawing_fault().
  /// A second window opens a little beside this one, and does not end GLFW.
  const Window* beside = nullptr;
};

/// What comes in from the window.
struct WindowEvents {
  std::function<bool(const Shortcut&)> key;                      ///< True where it was taken.
  std::function<void(const std::vector<std::string>&)> dropped;  ///< Files.
};

/// What is called in the course of a frame.
struct FrameSteps {
  std::function<void()> draw;   ///< Between ImGui's begin and end.
  std::function<void()> built;  ///< Everything to be drawn is known; what follows is the driver's.
  std::function<void()> drawn;  ///< The whole picture can be read; it is not on the screen yet.
};

class Window {
 public:
  /// Error (kind io): no display, or no OpenGL 3.3; says what to do.
  [[nodiscard]] static tuner::Result<std::unique_ptr<Window>> open(const WindowOptions& options, WindowEvents events);
  ~Window();
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  /// Sleeps until an event, a wake(), or for `timeout`. True where something came.
  [[nodiscard]] bool wait(std::chrono::milliseconds timeout);
  /// Takes what came without waiting.
  void poll();
  /// Any thread.
  static void wake();

  /// Draws what changed since the frame before, and swaps no buffers where nothing did. Leaves this window's contexts
  /// current.
  void frame(float scale, bool dark, const FrameSteps& steps);
  /// What is asked of ImGui from here on is asked of this window.
  void make_current();
  /// Brings it to the front, with the keyboard.
  void focus();
  [[nodiscard]] bool has_focus() const;
  [[nodiscard]] int x() const { return place().first; }  ///< On the screen.
  [[nodiscard]] int y() const { return place().second; }
  [[nodiscard]] bool should_close() const;
  [[nodiscard]] bool focused() const;
  void keep_open();
  void resize(int width, int height);
  void set_title(const std::string& title);           ///< Costs nothing where it is the same.
  [[nodiscard]] int width() const { return width_; }  ///< Of the frame drawn last, in pixels.
  [[nodiscard]] int height() const { return height_; }
  /// Share of the window's pixels that the last frame drew again.
  [[nodiscard]] double share_drawn() const { return share_drawn_; }
  /// Where the last frame differs from the same frame drawn whole, if that is looked at.
  [[nodiscard]] const std::optional<PixelBox>& drawing_fault() const { return drawing_fault_; }
  [[nodiscard]] const Fonts& fonts() const { return fonts_; }
  /// Why ImGui's own font is used; empty where the usual one is.
  [[nodiscard]] const std::string& font_error() const { return font_error_; }
  /// The display's own scale.
  [[nodiscard]] float display_scale() const;

 private:
  Window(GLFWwindow* window, WindowEvents events);
  [[nodiscard]] tuner::Result<void> set_up();
  void prepare(float scale, bool dark);
  [[nodiscard]] std::pair<int, int> place() const;

  GLFWwindow* window_;
  ImGuiContext* context_ = nullptr;
  WindowEvents events_;
  std::unique_ptr<compat::Keys> keys_;
  Fonts fonts_;
  Picture picture_;
  std::optional<PixelBox> drawing_fault_;
  double share_drawn_ = 0;
  int width_ = 0, height_ = 0;
  std::string title_, font_error_;
  bool dark_ = true, ready_ = false, first_ = true, check_drawing_ = false;
  friend struct WindowCallbacks;
};

}  // namespace fuseline::app::gui
