#include "app/gui/models/script.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "tuner/base/json.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::app::gui {
namespace {

using tuner::JsonView;
using tuner::Result;

constexpr std::chrono::seconds kPatience{120};
constexpr int kSettleFrames = 3;  ///< Layouts and scrolls need a frame or two to come to rest.

Result<ScriptStep> read_wait(const JsonView& view) {
  FUSELINE_TRY(what, view.string_or("wait", ""));
  FUSELINE_TRY(count, view.integer_or("count", 1));
  const int number = static_cast<int>(count);
  if (what == "sweep") return ScriptStep{ScriptStep::Kind::wait_sweep, {}, {}, 0, 0};
  if (what == "idle") return ScriptStep{ScriptStep::Kind::wait_idle, {}, {}, 0, 0};
  if (what == "frames") return ScriptStep{ScriptStep::Kind::wait_frames, {}, {}, number, 0};
  if (what == "ms") return ScriptStep{ScriptStep::Kind::wait_ms, {}, {}, number, 0};
  if (what == "rows") return ScriptStep{ScriptStep::Kind::wait_rows, {}, {}, number, 0};
  if (what == "again") return ScriptStep{ScriptStep::Kind::wait_again, {}, {}, 0, 0};
  if (what == "file") {
    FUSELINE_TRY(file, view.string_or("path", ""));
    return ScriptStep{ScriptStep::Kind::wait_file, file, {}, 0, 0};
  }
  return view.fail("unknown wait '" + tuner::printable(what) + "'");
}

Result<ScriptStep> read_step(const JsonView& view) {
  if (view.has("wait")) return read_wait(view);
  if (view.has("action")) {
    FUSELINE_TRY(id, view.string_or("action", ""));
    FUSELINE_TRY(value, view.string_or("value", ""));
    return ScriptStep{ScriptStep::Kind::action, id, value, 0, 0};
  }
  for (const auto& [member, kind] :
       {std::pair("screenshot", ScriptStep::Kind::screenshot), std::pair("facts", ScriptStep::Kind::facts)}) {
    if (!view.has(member)) continue;
    FUSELINE_TRY(file, view.string_or(member, ""));
    FUSELINE_TRY(window, view.integer_or("window", 1));
    return ScriptStep{kind, file, {}, 0, 0, static_cast<int>(window)};
  }
  if (view.has("size")) {
    FUSELINE_TRY(size, view.at("size"));
    FUSELINE_TRY(width_view, size.at(0));
    FUSELINE_TRY(height_view, size.at(1));
    FUSELINE_TRY(width, width_view.integer());
    FUSELINE_TRY(height, height_view.integer());
    FUSELINE_TRY(window, view.integer_or("window", 1));
    return ScriptStep{ScriptStep::Kind::size,  {}, {}, static_cast<int>(width), static_cast<int>(height),
                      static_cast<int>(window)};
  }
  if (view.has("quit")) return ScriptStep{ScriptStep::Kind::quit, {}, {}, 0, 0};
  return view.fail("a step is an action, a wait, a screenshot, facts, a size or quit");
}

}  // namespace

Result<std::vector<ScriptStep>> load_script(const std::string& file) {
  FUSELINE_TRY(json, tuner::read_json_file(file));
  FUSELINE_CHECK(tuner::validate_schema(json, "gui_script", file));
  const JsonView view(json, file);
  FUSELINE_TRY(size, view.array_size());
  std::vector<ScriptStep> steps;
  for (std::size_t i = 0; i < size; ++i) {
    FUSELINE_TRY(item, view.at(i));
    FUSELINE_TRY(step, read_step(item));
    steps.push_back(std::move(step));
  }
  return steps;
}

Result<ScriptPlayer::Progress> ScriptPlayer::play(const ScriptStep& step, const ScriptStage& stage,
                                                  Clock::time_point now) {
  const auto when = [](bool reached) { return reached ? Progress::next : Progress::wait; };
  switch (step.kind) {
    case ScriptStep::Kind::action:
      FUSELINE_CHECK(stage.act(step.text, step.value));
      return Progress::next;
    // A sweep that was just started needs a frame before it counts as active.
    case ScriptStep::Kind::wait_sweep:
      return when(frames_ >= kSettleFrames && !stage.sweep_active());
    case ScriptStep::Kind::wait_idle:
      return when(frames_ >= kSettleFrames && stage.idle());
    case ScriptStep::Kind::wait_frames:
      return when(frames_ >= step.a);
    case ScriptStep::Kind::wait_ms:
      return when(now - began_ >= std::chrono::milliseconds(step.a));
    case ScriptStep::Kind::wait_rows:
      return when(stage.rows() >= static_cast<std::size_t>(step.a));
    case ScriptStep::Kind::wait_again:
      return when(stage.measured_again());
    case ScriptStep::Kind::wait_file: {
      std::error_code error;
      return when(std::filesystem::exists(step.text, error));
    }
    case ScriptStep::Kind::screenshot:
      if (frames_ < kSettleFrames) return Progress::wait;
      FUSELINE_CHECK(stage.screenshot(step.text, step.window));
      return Progress::next;
    case ScriptStep::Kind::facts:
      if (frames_ < kSettleFrames) return Progress::wait;
      FUSELINE_CHECK(stage.write_facts(step.text));
      return Progress::next;
    case ScriptStep::Kind::size:
      if (step.window != 1 && frames_ < kSettleFrames) return Progress::wait;  // It opens with the next frame.
      FUSELINE_CHECK(stage.resize(step.a, step.b, step.window));
      return Progress::next;
    case ScriptStep::Kind::quit:
      quit_ = true;
      return Progress::next;
  }
  return Progress::next;
}

Result<void> ScriptPlayer::advance(const ScriptStage& stage, Clock::time_point now) {
  while (!done() && !quit_) {
    if (!begun_) {
      begun_ = true;
      began_ = now;
      frames_ = 0;
    }
    const auto where = [this] { return fmt::format("step {}", next_ + 1); };
    const auto progress = play(steps_[next_], stage, now);
    if (!progress) {
      tuner::Error error = progress.error();
      error.reason = where() + ": " + error.reason;
      return tl::unexpected(std::move(error));
    }
    if (*progress == Progress::wait) {
      ++frames_;
      if (now - began_ > kPatience) return tuner::bad_input(where() + ": waited for two minutes");
      return {};
    }
    ++next_;
    begun_ = false;
  }
  return {};
}

}  // namespace fuseline::app::gui
