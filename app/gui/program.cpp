#include "app/gui/program.hpp"

#include <fmt/format.h>
#include <imgui.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <ctime>
#include <limits>
#include <map>
#include <utility>

#include "app/gui/models/facts.hpp"
#include "app/gui/models/script.hpp"
#include "app/gui/panels/ui.hpp"
#include "app/gui/platform/cut_text.hpp"
#include "app/gui/platform/screenshot.hpp"
#include "app/gui/platform/window.hpp"
#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::app::gui {
namespace {

using Clock = std::chrono::steady_clock;
using tuner::Result;

constexpr int kFramesAfterEvent = 3;  ///< ImGui needs a frame or two to settle after what happened.
constexpr std::chrono::milliseconds kTick{2000},
    kChooserTick{100};  ///< The latter while the desktop's chooser is open.

/// Seconds of processor time of this thread, or of all.
double cpu_seconds(clockid_t clock) {
  std::timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double thread_seconds() { return cpu_seconds(CLOCK_THREAD_CPUTIME_ID); }

/// What each frame took, for the benchmark.
struct FrameTime {
  double update_ms = 0, draw_ms = 0,
         total_ms = 0;     ///< Processor time of update and of building the frame; wall time of all, driver included.
  double process_ms = 0;   ///< Processor time of all threads, those of a driver that draws on the processor among them.
  std::size_t rows = 0;    ///< That it shows.
  double share_drawn = 0;  ///< Of the main window's pixels, that were drawn again.
  std::int64_t shown_at_ns =
      0;  ///< Of the monotonic clock, which other programs here share, once its buffers were swapped.
};

/// Asked to end from outside: the loop sees it at its next turn, which it takes every two seconds at least.
std::atomic<bool> ended_from_outside{false};
static_assert(std::atomic<bool>::is_always_lock_free);
void end_from_outside(int) { ended_from_outside = true; }

class Program {
 public:
  explicit Program(ProgramOptions options) : options_(std::move(options)) {}
  int run();

 private:
  Result<void> open();
  void loop();
  void frame();
  void draw_main(double& built);
  void draw_second();
  [[nodiscard]] Result<void> check_window(int window) const;
  void keep_second();
  void follow_keyboard();
  void after_draw(int number, const Window& window);
  void check_drawing(const Window& window, const DrawnFacts& drawn);
  bool on_key(const Shortcut& shortcut);
  void on_drop(const std::vector<std::string>& files);
  void play_script();
  void take_final_screenshot();
  Result<void> write_facts(const std::string& file) const;
  void write_frame_times() const;
  [[nodiscard]] bool settled() const { return app_->idle(); }
  [[nodiscard]] bool scripted() const { return script_ && !script_->done() && !script_->quit(); }
  [[nodiscard]] std::chrono::milliseconds patience() const;
  [[nodiscard]] float scale_in(const Window& window) const {
    return std::clamp(app_->settings.scale * options_.scale * window.display_scale(), 0.5F, 6.F);
  }
  [[nodiscard]] WindowEvents events();

  ProgramOptions options_;
  std::unique_ptr<Window> window_, second_;  ///< The second goes first: the first ends GLFW.
  std::unique_ptr<App> app_;
  std::optional<ScriptPlayer> script_;
  DrawnFacts drawn_, drawn_second_;
  RooflineInput roofline_;
  RelationsInput relations_;
  PanelState panels_;
  std::map<int, std::vector<std::string>> screenshots_;  ///< To be taken of the frame being drawn, by window.
  std::vector<FrameTime> times_;
  int frames_left_ = kFramesAfterEvent, idle_frames_ = 0, exit_code_ = 0;
  std::uint64_t frames_drawn_ = 0;
  bool ended_ = false;
};

Result<void> Program::open() {
  if (!options_.script.empty()) {
    FUSELINE_TRY(steps, load_script(options_.script));
    script_.emplace(std::move(steps));
  }
  options_.app.wake = Window::wake;
  // The window first: without a display nothing else is started.
  WindowOptions window;
  window.vsync = options_.frame_times.empty();
  window.check_drawing = options_.check_drawing;
  Settings remembered;
  Layout ignored(default_panels());
  if (!options_.app.settings.empty()) (void)load_settings(options_.app.settings, remembered, ignored);
  window.width = options_.width > 0 ? options_.width : remembered.width;
  window.height = options_.height > 0 ? options_.height : remembered.height;
  FUSELINE_TRY(opened, Window::open(window, events()));
  window_ = std::move(opened);
  FUSELINE_TRY(app, App::create(options_.app));
  app_ = std::move(app);
  if (!window_->font_error().empty()) app_->messages.add(Severity::warning, window_->font_error());
  on_drop(options_.files);
  app_->set_clipboard = [](const std::string& text) { ImGui::SetClipboardText(text.c_str()); };
  return {};
}

WindowEvents Program::events() {
  WindowEvents events;
  events.key = [this](const Shortcut& shortcut) { return on_key(shortcut); };
  events.dropped = [this](const std::vector<std::string>& files) { on_drop(files); };
  return events;
}

int Program::run() {
  if (const auto opened = open(); !opened) {
    spdlog::error("{}", tuner::printable(opened.error().message()));
    return 2;
  }
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, end_from_outside);
  loop();
  if (const auto saved = app_->save(); !saved) spdlog::warn("settings: {}", tuner::printable(saved.error().message()));
  write_frame_times();
  return exit_code_;
}

std::chrono::milliseconds Program::patience() const {
  const auto now = Messages::Clock::now();
  const auto toast = std::chrono::duration_cast<std::chrono::milliseconds>(app_->messages.next_change(now) - now) +
                     std::chrono::milliseconds(1);
  return std::clamp(toast, std::chrono::milliseconds(1), app_->chooser.open() ? kChooserTick : kTick);
}

void Program::loop() {
  while (!ended_) {
    if (scripted() || frames_left_ > 0) {
      window_->poll();
      app_->watch_problems();  // A file that is saved does not wait until nothing moves.
    } else {
      const auto now = Messages::Clock::now();
      const std::size_t toasts = app_->messages.toasts(now).size();
      // Waking for the store or a toast draws nothing by itself.
      if (window_->wait(patience())) frames_left_ = kFramesAfterEvent;
      app_->watch_store();
      app_->keep_settings();
      if (app_->chooser.poll()) frames_left_ = kFramesAfterEvent;
      if (app_->messages.toasts(Messages::Clock::now()).size() != toasts) frames_left_ = std::max(frames_left_, 1);
    }
    if (ended_from_outside) break;
    if (scripted()) frames_left_ = std::max(frames_left_, 1);
    if (frames_left_ == 0) continue;
    frame();
    --frames_left_;
    play_script();
    take_final_screenshot();
    if (window_->should_close() || app_->quit) ended_ = true;
  }
}

void Program::frame() {
  const auto begin = Clock::now();
  const double before = thread_seconds(), all_before = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID);
  app_->window_focused = window_->focused();
  if (app_->update()) frames_left_ = kFramesAfterEvent;
  const double updated = thread_seconds();
  double built = updated;
  keep_second();
  follow_keyboard();
  draw_main(built);
  if (second_) draw_second();
  ++frames_drawn_;
  if (options_.frame_times.empty()) return;
  const auto now = Clock::now();
  times_.push_back({1000 * (updated - before), 1000 * (built - updated),
                    std::chrono::duration<double, std::milli>(now - begin).count(),
                    1000 * (cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - all_before), app_->data.rows().size(),
                    window_->share_drawn(), std::chrono::nanoseconds(now.time_since_epoch()).count()});
}

void Program::draw_main(double& built) {
  FrameSteps steps;
  steps.draw = [this] {
    Ui ui{*app_,
          window_->fonts(),
          palette_of(app_->settings.dark),
          scale_in(*window_),
          drawn_,
          roofline_,
          relations_,
          panels_,
          false};
    draw_program(ui);
  };
  steps.built = [&built] { built = thread_seconds(); };
  steps.drawn = [this] { after_draw(1, *window_); };
  window_->set_title(app_->data.empty() ? "Fuseline" : run_title(app_->data.info()) + " - Fuseline");
  window_->frame(scale_in(*window_), app_->settings.dark, steps);
  check_drawing(*window_, drawn_);
  app_->settings.width = window_->width();
  app_->settings.height = window_->height();
}

/// Opens it when the first panel is torn off, and closes it when the last one is back.
void Program::keep_second() {
  if (second_ && second_->should_close()) app_->layout.put_all_back();
  const bool wanted = !app_->layout.shown_in(Area::second_window).empty();
  if (wanted == (second_ != nullptr)) return;
  frames_left_ = kFramesAfterEvent;
  if (!wanted) {
    second_.reset();
    drawn_second_ = {};
    return window_->make_current();
  }
  WindowOptions options;
  options.width = app_->settings.second_width;
  options.height = app_->settings.second_height;
  options.vsync = options_.frame_times.empty();
  options.check_drawing = options_.check_drawing;
  options.beside = window_.get();
  auto opened = Window::open(options, events());
  if (opened) {
    second_ = std::move(*opened);
  } else {
    app_->layout.put_all_back();
    app_->messages.add(opened.error());
  }
  window_->make_current();
}

/// What is asked for by a key in one window may be shown by the other.
void Program::follow_keyboard() {
  if (!second_) return;
  const Dialogs& dialogs = app_->dialogs;
  if (!dialogs.panel.empty()) {
    const auto there = app_->layout.shown_in(Area::second_window);
    const bool in_second =
        std::any_of(there.begin(), there.end(), [&](const PanelPlace* place) { return place->id == dialogs.panel; });
    Window& with = in_second ? *second_ : *window_;
    if (!with.has_focus()) with.focus();
  } else if (second_->has_focus() && (dialogs.modal() || dialogs.palette || !dialogs.menu.empty())) {
    window_->focus();
  }
}

void Program::draw_second() {
  FrameSteps steps;
  steps.draw = [this] {
    Ui ui{*app_,
          second_->fonts(),
          palette_of(app_->settings.dark),
          scale_in(*second_),
          drawn_second_,
          roofline_,
          relations_,
          panels_,
          true};
    draw_second_window(ui);
  };
  steps.built = [] {};
  steps.drawn = [this] { after_draw(2, *second_); };
  std::string title;
  for (const PanelPlace* place : app_->layout.shown_in(Area::second_window))
    title += (title.empty() ? "" : ", ") + place->title;
  second_->set_title(title + " - Fuseline");
  second_->frame(scale_in(*second_), app_->settings.dark, steps);
  check_drawing(*second_, drawn_second_);
  app_->settings.second_width = second_->width();
  app_->settings.second_height = second_->height();
  window_->make_current();
}

void Program::after_draw(int number, const Window& window) {
  for (const std::string& file : std::exchange(screenshots_[number], {})) {
    if (const auto saved = save_screenshot(file, window.width(), window.height()); !saved) {
      spdlog::error("{}", tuner::printable(saved.error().message()));
      exit_code_ = 2;
      ended_ = true;
    }
  }
}

void Program::check_drawing(const Window& window, const DrawnFacts& drawn) {
  if (!window.drawing_fault()) return;
  const PixelBox fault = *window.drawing_fault();
  // The smallest box of those that have its middle.
  const auto x = static_cast<float>(fault.left + fault.right) / 2, y = static_cast<float>(fault.top + fault.bottom) / 2;
  std::string panel = "no panel";
  float smallest = std::numeric_limits<float>::max();
  for (const auto& [name, box] : drawn.boxes) {
    if (x < box.x || y < box.y || x >= box.x + box.width || y >= box.y + box.height) continue;
    if (box.width * box.height < smallest) smallest = box.width * box.height, panel = name;
  }
  spdlog::error(
      "frame {} of the {} window was drawn wrong in {}: {} x {} pixels at {}, {} differ from the same drawn whole",
      frames_drawn_, &window == window_.get() ? "main" : "second", panel, fault.right - fault.left,
      fault.bottom - fault.top, fault.left, fault.top);
  exit_code_ = 3;
  ended_ = true;
}

bool Program::on_key(const Shortcut& shortcut) {
  frames_left_ = kFramesAfterEvent;
  const Action* action = app_ ? app_->actions.for_shortcut(shortcut) : nullptr;
  if (action == nullptr || !app_->actions.enabled(*action)) return false;
  // A field that is being typed in, and an open popup, have first call on Escape and on editing keys.
  const bool typing = ImGui::GetIO().WantTextInput;
  const bool editing = shortcut == Shortcut{"C", true} || shortcut == Shortcut{"A", true} || shortcut.key == "Escape";
  const bool popup = ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel);
  // A dialog is answered first.
  if (app_->dialogs.modal() && action->id != "program.quit") return false;
  const bool function_key = shortcut.key.size() > 1 && shortcut.key[0] == 'F';
  if ((typing && (editing || (!shortcut.ctrl && !function_key))) || (popup && shortcut.key == "Escape")) return false;
  if (const auto done = action->run(""); !done) app_->messages.add(done.error());
  return true;
}

void Program::on_drop(const std::vector<std::string>& files) {
  for (const std::string& file : files) {
    if (const auto done = app_->actions.run("file.open", file); !done) app_->messages.add(done.error());
  }
}

Result<void> Program::check_window(int window) const {
  if (window != 2 || second_) return {};
  return tuner::bad_input("there is no second window: tear a panel off first (panel.tear_off)");
}

void Program::play_script() {
  if (!scripted()) return;
  ScriptStage stage;
  stage.act = [this](const std::string& id, const std::string& value) { return app_->actions.run(id, value); };
  stage.sweep_active = [this] { return app_->control.active(); };
  stage.idle = [this] { return settled(); };
  stage.rows = [this] { return app_->data.rows().size(); };
  stage.measured_again = [this] { return !app_->again.entries().empty() && !app_->again.active(); };
  stage.screenshot = [this](const std::string& file, int window) -> Result<void> {
    FUSELINE_CHECK(check_window(window));
    screenshots_[window].push_back(file);
    frame();
    return {};
  };
  stage.write_facts = [this](const std::string& file) { return write_facts(file); };
  stage.resize = [this](int width, int height, int window) -> Result<void> {
    FUSELINE_CHECK(check_window(window));
    (window == 2 ? second_ : window_)->resize(width, height);
    return {};
  };
  const auto advanced = script_->advance(stage, Clock::now());
  if (!advanced) {
    spdlog::error("{}: {}", tuner::printable(options_.script), tuner::printable(advanced.error().message()));
    exit_code_ = 2;
    ended_ = true;
  }
  if (script_->quit()) ended_ = true;
  if (script_->done()) frames_left_ = kFramesAfterEvent;
}

void Program::take_final_screenshot() {
  if (options_.screenshot.empty() || scripted() || ended_) return;
  idle_frames_ = settled() ? idle_frames_ + 1 : 0;
  frames_left_ = std::max(frames_left_, 1);
  if (idle_frames_ < kFramesAfterEvent) return;
  screenshots_[1].push_back(options_.screenshot);
  frame();
  ended_ = true;
}

Result<void> Program::write_facts(const std::string& file) const {
  tuner::OrderedJson json = {{"width", window_->width()}, {"height", window_->height()}, {"frames", frames_drawn_}};
  json.update(session_facts(*app_));
  for (const auto& [name, box] : drawn_.boxes) json["boxes"][name] = {box.x, box.y, box.width, box.height};
  json["items"] = drawn_.items;
  json["second_window"] = nullptr;
  if (second_) {
    json["second_window"] = {{"x", second_->x()},
                             {"y", second_->y()},
                             {"width", second_->width()},
                             {"height", second_->height()},
                             {"items", drawn_second_.items},
                             {"boxes", tuner::OrderedJson::object()}};
    for (const auto& [name, box] : drawn_second_.boxes)
      json["second_window"]["boxes"][name] = {box.x, box.y, box.width, box.height};
  }
  json["marks"] = tuner::OrderedJson::array();
  for (const DrawnFacts* drawn : {&drawn_, &drawn_second_}) {
    for (const DrawnFacts::Mark& mark : drawn->marks)
      json["marks"].push_back({{"sequence", mark.sequence}, {"x", mark.x}, {"y", mark.y}});
    for (const auto& [metric, value] : drawn->gauges) json["gauges"][metric] = value;
  }
  json["cut"] = tuner::OrderedJson::array();
  const auto add_cut = [&json](int window) {
    for (const CutText& each : cut_texts())
      json["cut"].push_back({{"window", window},
                             {"in", each.window},
                             {"text", each.text},
                             {"box", {each.box.x, each.box.y, each.box.width, each.box.height}}});
  };
  if (second_) {
    second_->make_current();
    add_cut(2);
    window_->make_current();
  }
  add_cut(1);
  json["toasts"] = tuner::OrderedJson::array();
  for (const Message& toast : app_->messages.toasts(Messages::Clock::now()))
    json["toasts"].push_back({{"severity", to_string(toast.severity)}, {"text", toast.text}, {"advice", toast.advice}});
  return tuner::write_file(file, json.dump(1, ' ', false, tuner::OrderedJson::error_handler_t::replace) + "\n");
}

void Program::write_frame_times() const {
  if (options_.frame_times.empty()) return;
  std::string text = "update_ms,draw_ms,total_ms,process_ms,rows,share_drawn,shown_at_ns\n";
  for (const FrameTime& time : times_)
    text += fmt::format("{:.4f},{:.4f},{:.4f},{:.4f},{},{:.4f},{}\n", time.update_ms, time.draw_ms, time.total_ms,
                        time.process_ms, time.rows, time.share_drawn, time.shown_at_ns);
  if (const auto written = tuner::write_file(options_.frame_times, text); !written)
    spdlog::error("{}", tuner::printable(written.error().message()));
}

}  // namespace

int run_program(ProgramOptions options) { return Program(std::move(options)).run(); }

}  // namespace fuseline::app::gui
