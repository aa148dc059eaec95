// A file opened in the user's own editor, at a line.
#pragma once

#include <functional>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "app/gui/models/messages.hpp"
#include "tuner/worker/process.hpp"

namespace fuseline::app::gui {

/// Of the session, what decides on the editor.
struct EditorEnvironment {
  std::string visual, editor, terminal;                 ///< $VISUAL, $EDITOR, $TERMINAL.
  std::function<bool(const std::string&)> has_program;  ///< In $PATH.
};
[[nodiscard]] EditorEnvironment editor_environment();

/// What opens a file at a line: $VISUAL, $EDITOR, an editor that is known to take a line, or xdg-open, which takes
/// none. What needs a terminal gets one: $TERMINAL, or one that is there. Error: there is none of all these.
[[nodiscard]] tuner::Result<std::vector<std::string>> editor_command(const EditorEnvironment& environment,
                                                                     const std::string& file, std::size_t line);
/// As a shell would be told.
[[nodiscard]] std::string command_text(const std::vector<std::string>& command);

/// Editors that were started. They go on when the window is closed.
class Editors {
 public:
  /// Says what is run. Error: it cannot be started.
  [[nodiscard]] tuner::Result<void> start(const std::vector<std::string>& command, Messages& messages);
  /// Often: tells of those that ended with a failure. True where one ended.
  bool poll(Messages& messages);
  [[nodiscard]] bool any() const { return !open_.empty(); }

 private:
  struct Open {
    std::string text;
    tuner::ChildProcess child;
  };
  std::list<Open> open_;
};

}  // namespace fuseline::app::gui
