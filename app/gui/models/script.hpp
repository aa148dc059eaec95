// A list of actions and waits, played as though a person did them: for tests and pictures. Schema "gui_script".
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "tuner/base/error.hpp"

namespace fuseline::app::gui {

struct ScriptStep {
  enum class Kind {
    action,
    wait_sweep,
    wait_idle,
    wait_frames,
    wait_ms,
    wait_file,
    wait_rows,
    wait_again,
    screenshot,
    size,
    facts,
    quit
  } kind = Kind::action;
  std::string text;   ///< Action id, or a file to write or to wait for.
  std::string value;  ///< Argument of the action.
  int a = 0, b = 0;   ///< Frames, milliseconds, rows, or width and height.
  int window = 1;     ///< Of a screenshot or a size: 1, or 2 for the one that panels are torn off into.
};

/// Errors: not readable, not of the schema (file, JSON path, reason).
[[nodiscard]] tuner::Result<std::vector<ScriptStep>> load_script(const std::string& file);

/// What a script needs of the program.
struct ScriptStage {
  std::function<tuner::Result<void>(const std::string& id, const std::string& value)> act;
  std::function<bool()> sweep_active;
  std::function<bool()> idle;            ///< Nothing in the background, and what is shown is up to date.
  std::function<std::size_t()> rows;     ///< Evaluations of the run on show.
  std::function<bool()> measured_again;  ///< Something was measured again, and nothing of it is left to do.
  std::function<tuner::Result<void>(const std::string& file, int window)> screenshot;
  std::function<tuner::Result<void>(const std::string& file)> write_facts;  ///< Where things are drawn, for checks.
  std::function<tuner::Result<void>(int width, int height, int window)> resize;
};

class ScriptPlayer {
 public:
  using Clock = std::chrono::steady_clock;
  explicit ScriptPlayer(std::vector<ScriptStep> steps) : steps_(std::move(steps)) {}

  [[nodiscard]] bool done() const { return next_ >= steps_.size(); }
  [[nodiscard]] bool quit() const { return quit_; }
  /// After each frame: goes as far as it can. Error: a step failed (with its number), or a wait took longer than two
  /// minutes.
  [[nodiscard]] tuner::Result<void> advance(const ScriptStage& stage, Clock::time_point now);

 private:
  enum class Progress { next, wait };
  [[nodiscard]] tuner::Result<Progress> play(const ScriptStep& step, const ScriptStage& stage, Clock::time_point now);

  std::vector<ScriptStep> steps_;
  std::size_t next_ = 0;
  int frames_ = 0;  ///< Drawn since the step began.
  Clock::time_point began_{};
  bool begun_ = false, quit_ = false;
};

}  // namespace fuseline::app::gui
