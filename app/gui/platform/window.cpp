#include "app/gui/platform/window.hpp"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
#include <backends/imgui_impl_glfw.h>
#include <backends/imgui_impl_opengl3.h>

#include <cctype>
#include <cmath>
#include <cstdlib>

#include "app/gui/platform/imgui_compat.hpp"
#include "app/gui/platform/theme.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::app::gui {
namespace {

std::string last_glfw_error() {
  const char* text = nullptr;
  glfwGetError(&text);
  return text == nullptr ? "no reason given" : tuner::printable(text);
}

/// The name of a key as shortcuts have it; empty for keys that no shortcut uses.
std::string key_name(int key, int scancode) {
  switch (key) {
    case GLFW_KEY_ENTER:
    case GLFW_KEY_KP_ENTER:
      return "Enter";
    case GLFW_KEY_ESCAPE:
      return "Escape";
    case GLFW_KEY_PERIOD:
      return "Period";
    case GLFW_KEY_COMMA:
      return "Comma";
    case GLFW_KEY_EQUAL:
    case GLFW_KEY_KP_ADD:
      return "Plus";
    case GLFW_KEY_0:  // By its place: on some keyboards digits are behind Shift.
    case GLFW_KEY_KP_0:
      return "0";
    case GLFW_KEY_MINUS:
    case GLFW_KEY_KP_SUBTRACT:
      return "Minus";
    default:
      break;
  }
  if (key >= GLFW_KEY_F1 && key <= GLFW_KEY_F12) return "F" + std::to_string(key - GLFW_KEY_F1 + 1);
  // By the letter on the key, not by its place.
  const char* name = glfwGetKeyName(key, scancode);
  if (name != nullptr && name[0] != 0 && name[1] == 0)
    return std::string(1, static_cast<char>(std::toupper(static_cast<unsigned char>(name[0]))));
  return {};
}

}  // namespace

/// Events come to whichever window they are of, whatever context is current: so they are handed on to ImGui here, and
/// not by callbacks of its own.
struct WindowCallbacks {
  static Window& of(GLFWwindow* window) { return *static_cast<Window*>(glfwGetWindowUserPointer(window)); }

  /// The window's context while its event is taken.
  class Here {
   public:
    explicit Here(GLFWwindow* window) : before_(ImGui::GetCurrentContext()) {
      ImGui::SetCurrentContext(of(window).context_);
    }
    ~Here() { ImGui::SetCurrentContext(before_); }
    Here(const Here&) = delete;
    Here& operator=(const Here&) = delete;

   private:
    ImGuiContext* before_;
  };

  static void install(GLFWwindow* window) {
    glfwSetKeyCallback(window, key);
    glfwSetDropCallback(window, drop);
    glfwSetWindowFocusCallback(window, [](GLFWwindow* at, int focused) {
      const Here here(at);
      ImGui_ImplGlfw_WindowFocusCallback(at, focused);
    });
    glfwSetCursorEnterCallback(window, [](GLFWwindow* at, int entered) {
      const Here here(at);
      ImGui_ImplGlfw_CursorEnterCallback(at, entered);
    });
    glfwSetCursorPosCallback(window, [](GLFWwindow* at, double x, double y) {
      const Here here(at);
      compat::pointer_moved(at, x, y);
    });
    glfwSetMouseButtonCallback(window, [](GLFWwindow* at, int button, int action, int mods) {
      const Here here(at);
      ImGui_ImplGlfw_MouseButtonCallback(at, button, action, mods);
    });
    glfwSetWindowRefreshCallback(window, [](GLFWwindow* at) { of(at).picture_.uncover(); });
    glfwSetScrollCallback(window, [](GLFWwindow* at, double x, double y) {
      const Here here(at);
      ImGui_ImplGlfw_ScrollCallback(at, x, y);
    });
    glfwSetCharCallback(window, [](GLFWwindow* at, unsigned int character) {
      const Here here(at);
      ImGui_ImplGlfw_CharCallback(at, character);
    });
  }

  static void key(GLFWwindow* window, int key, int scancode, int action, int mods) {
    const Here here(window);
    take(of(window), key, scancode, action, mods);
    ImGui_ImplGlfw_KeyCallback(window, key, scancode, action, mods);
  }
  static void take(Window& self, int key, int scancode, int action, int mods) {
    if (action == GLFW_PRESS) self.keys_->pressed(key, (mods & GLFW_MOD_CONTROL) != 0, (mods & GLFW_MOD_SHIFT) != 0);
    if (action == GLFW_RELEASE || !self.events_.key) return;
    Shortcut shortcut{key_name(key, scancode), (mods & GLFW_MOD_CONTROL) != 0, (mods & GLFW_MOD_SHIFT) != 0,
                      (mods & GLFW_MOD_ALT) != 0};
    // Plus is Shift and another key on many keyboards.
    if (shortcut.key == "Plus") shortcut.shift = false;
    if (!shortcut.key.empty()) self.events_.key(shortcut);
  }
  static void drop(GLFWwindow* window, int count, const char** paths) {
    const Here here(window);
    Window& self = of(window);
    if (self.events_.dropped) self.events_.dropped({paths, paths + count});
  }
};

Window::Window(GLFWwindow* window, WindowEvents events)
    : window_(window), events_(std::move(events)), keys_(std::make_unique<compat::Keys>()) {
  glfwSetWindowUserPointer(window_, this);
}

tuner::Result<std::unique_ptr<Window>> Window::open(const WindowOptions& options, WindowEvents events) {
  if (glfwInit() != GLFW_TRUE) {
    return tl::unexpected(tuner::Error{tuner::ErrorKind::io, "", "",
                                       "no display to open a window on (" + last_glfw_error() +
                                           "); set DISPLAY, use ssh -X, or run 'fuseline sweep', which needs none"});
  }
  glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
  glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
  glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
  glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_TRUE);
  glfwWindowHint(GLFW_DEPTH_BITS, 0);
  glfwWindowHint(GLFW_STENCIL_BITS, 0);
  glfwWindowHintString(GLFW_X11_CLASS_NAME, "fuseline-gui");
  glfwWindowHintString(GLFW_X11_INSTANCE_NAME, "fuseline-gui");
  GLFWwindow* handle = glfwCreateWindow(options.width, options.height, options.title.c_str(), nullptr, nullptr);
  if (handle == nullptr) {
    const std::string why = last_glfw_error();
    if (options.beside == nullptr) glfwTerminate();
    return tl::unexpected(tuner::Error{tuner::ErrorKind::io, "", "",
                                       "no window with OpenGL 3.3 could be opened (" + why +
                                           "); check the graphics driver (Mesa's llvmpipe will do)"});
  }
  auto window = std::unique_ptr<Window>(new Window(handle, std::move(events)));
  window->first_ = options.beside == nullptr;
  window->check_drawing_ = options.check_drawing;
  if (options.beside != nullptr) {
    constexpr int kBeside = 80;
    glfwSetWindowPos(handle, options.beside->x() + kBeside, options.beside->y() + kBeside);
  }
  glfwMakeContextCurrent(handle);
  // Waiting for the screen once a frame is enough.
  glfwSwapInterval(options.vsync && window->first_ ? 1 : 0);
  FUSELINE_CHECK(window->set_up());
  return window;
}

tuner::Result<void> Window::set_up() {
  if (first_) {
    glfwSetWindowSizeLimits(window_, 640, 420, GLFW_DONT_CARE, GLFW_DONT_CARE);
  } else {
    glfwSetWindowSizeLimits(window_, 320, 240, GLFW_DONT_CARE, GLFW_DONT_CARE);
  }
  IMGUI_CHECKVERSION();
  context_ = ImGui::CreateContext();
  ImGui::SetCurrentContext(context_);
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;
  io.LogFilename = nullptr;
  io.ConfigFlags |= ImGuiConfigFlags_NavEnableKeyboard;
  // A blinking cursor would need frames of its own.
  io.ConfigInputTextCursorBlink = false;
  ImGui_ImplGlfw_InitForOpenGL(window_, false);
  WindowCallbacks::install(window_);
  ImGui_ImplOpenGL3_Init("#version 330 core");
  ready_ = true;
  if (const auto fonts = load_fonts(1)) {
    fonts_ = *fonts;
  } else {
    font_error_ = fonts.error().message();
    fonts_ = built_in_fonts(1);
  }
  fonts_.scale = 0;  // Loaded for no scale yet: the first frame does.
  return {};
}

Window::~Window() {
  make_current();
  picture_.release();
  if (ready_) {
    ImGui_ImplOpenGL3_Shutdown();
    ImGui_ImplGlfw_Shutdown();
  }
  if (context_ != nullptr) ImGui::DestroyContext(context_);
  glfwDestroyWindow(window_);
  if (first_) glfwTerminate();
}

bool Window::wait(std::chrono::milliseconds timeout) {
  const auto before = std::chrono::steady_clock::now();
  glfwWaitEventsTimeout(static_cast<double>(timeout.count()) / 1000);
  return std::chrono::steady_clock::now() - before < timeout;
}

void Window::make_current() {
  glfwMakeContextCurrent(window_);
  if (context_ != nullptr) ImGui::SetCurrentContext(context_);
}

void Window::focus() { glfwFocusWindow(window_); }
bool Window::has_focus() const { return glfwGetWindowAttrib(window_, GLFW_FOCUSED) == GLFW_TRUE; }

std::pair<int, int> Window::place() const {
  int x = 0, y = 0;
  glfwGetWindowPos(window_, &x, &y);
  return {x, y};
}

void Window::poll() { glfwPollEvents(); }
void Window::wake() { glfwPostEmptyEvent(); }
bool Window::should_close() const { return glfwWindowShouldClose(window_) == GLFW_TRUE; }
bool Window::focused() const { return glfwGetWindowAttrib(window_, GLFW_FOCUSED) == GLFW_TRUE; }
void Window::keep_open() { glfwSetWindowShouldClose(window_, GLFW_FALSE); }
void Window::set_title(const std::string& title) {
  if (title == title_) return;
  title_ = title;
  glfwSetWindowTitle(window_, title_.c_str());
}
void Window::resize(int width, int height) { glfwSetWindowSize(window_, width, height); }

float Window::display_scale() const {
  float x = 1, y = 1;
  glfwGetWindowContentScale(window_, &x, &y);
  return x > 0 ? x : 1.F;
}

void Window::prepare(float scale, bool dark) {
  if (std::abs(scale - fonts_.scale) > 1e-4F) {
    const auto fonts = font_error_.empty() ? load_fonts(scale) : tuner::Result<Fonts>(built_in_fonts(scale));
    if (fonts) fonts_ = *fonts;
    fonts_.scale = scale;
    compat::renew_font_texture();
    picture_.forget();
    dark_ = !dark;
  }
  if (dark != dark_) apply_theme(dark, scale);
  dark_ = dark;
}

void Window::frame(float scale, bool dark, const FrameSteps& steps) {
  make_current();
  prepare(scale, dark);
  ImGui_ImplOpenGL3_NewFrame();
  ImGui_ImplGlfw_NewFrame();
  keys_->before_frame();
  ImGui::NewFrame();
  fonts_.sprites.paint(*ImGui::GetIO().Fonts);
  steps.draw();
  ImGui::Render();
  keys_->after_frame();
  steps.built();
  glfwGetFramebufferSize(window_, &width_, &height_);
  // The colour of panels, which have no background of their own: to clear costs next to nothing, to fill it again costs
  // most of a frame without a GPU.
  ImDrawData& data = *ImGui::GetDrawData();
  share_drawn_ = picture_.draw(data, vec(palette_of(dark).panel), width_, height_);
  if (check_drawing_) drawing_fault_ = picture_.difference(data);
  steps.drawn();
  if (picture_.show()) glfwSwapBuffers(window_);
}

}  // namespace fuseline::app::gui
