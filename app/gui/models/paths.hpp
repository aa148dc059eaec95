// Paths as people type them: ~, what there is to go on with, and the desktop's own chooser where it has one.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tuner/worker/process.hpp"

namespace fuseline::app::gui {

/// Absolute, with ~ as the home folder; blanks round it are dropped. Empty where nothing was typed.
[[nodiscard]] std::filesystem::path typed_path(const std::string& text);

/// The file that a name means in $PATH; empty where there is none that can be run.
[[nodiscard]] std::string program_in_path(const std::string& name);

/// Runs a program to its end, which may leave a process behind that goes on. Error: it cannot be started, failed, or
/// took more than ten seconds.
[[nodiscard]] tuner::Result<void> run_program(const std::vector<std::string>& command);
/// The program that has the desktop say something (notify-send); empty where it is not installed.
[[nodiscard]] std::vector<std::string> notification_command(const std::string& title, const std::string& text);

/// What begins with `text` in the folder that it names: files, and folders with a / at their end; folders first, then
/// by name; hidden ones where their dot was typed. At most `limit`; nothing where the folder cannot be read.
[[nodiscard]] std::vector<std::string> completions(const std::string& text, std::size_t limit = 200);
/// `text` as far as all of these go on with it: the longest beginning that they have in common, else `text`.
[[nodiscard]] std::string completed(const std::string& text, const std::vector<std::string>& with);

/// The chooser of GNOME (zenity) or KDE (kdialog), a program of its own beside which this one goes on.
class NativeChooser {
 public:
  enum class Kind { open, save, folder };
  /// The command; empty where neither program is in PATH.
  [[nodiscard]] static std::vector<std::string> command(Kind kind, const std::string& start, const std::string& title);
  [[nodiscard]] static bool available() { return !command(Kind::open, "", "").empty(); }

  /// `chosen` gets the path, on the thread that polls; it is not called where the user leaves it. Error: it cannot be
  /// started, or one is open.
  [[nodiscard]] tuner::Result<void> start(Kind kind, const std::string& start, const std::string& title,
                                          std::function<void(const std::string&)> chosen);
  [[nodiscard]] bool open() const { return child_.has_value(); }
  /// True where it was closed since.
  bool poll();

 private:
  std::optional<tuner::ChildProcess> child_;
  std::string read_;
  std::function<void(const std::string&)> chosen_;
};

}  // namespace fuseline::app::gui
