#include "app/gui/models/paths.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>

#include "tuner/base/text.hpp"

namespace fuseline::app::gui {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLooked = 4000;  ///< Entries of a folder: typing must not wait for a huge one.

/// ~ and ~/... as the shell has them.
std::string with_home(const std::string& text) {
  if (text != "~" && text.rfind("~/", 0) != 0) return text;
  const char* home = std::getenv("HOME");
  return home == nullptr ? text : home + text.substr(1);
}

}  // namespace

std::string program_in_path(const std::string& name) {
  const char* path = std::getenv("PATH");
  for (const std::string& folder : tuner::split(path == nullptr ? "" : path, ':')) {
    const fs::path file = fs::path(folder) / name;
    if (!folder.empty() && ::access(file.c_str(), X_OK) == 0) return file.string();
  }
  return {};
}

tuner::Result<void> run_program(const std::vector<std::string>& command) {
  std::vector<std::string> words = {"setsid", "-w", "sh", "-c", "exec \"$@\" </dev/null >/dev/null 2>&1", "sh"};
  words.insert(words.end(), command.begin(), command.end());
  FUSELINE_TRY(child, tuner::ChildProcess::start(words));
  child.close_input();
  const std::string exit = child.wait_exit(std::chrono::seconds(10));
  if (exit == "exited with status 0") return {};
  return tuner::bad_input(command.front() + " " + exit);
}

std::vector<std::string> notification_command(const std::string& title, const std::string& text) {
  const std::string program = program_in_path("notify-send");
  if (program.empty()) return {};
  return {program, "--app-name=Fuseline", "--icon=fuseline", "--", title, text};
}

fs::path typed_path(const std::string& text) {
  const std::string trimmed(tuner::trimmed(text));
  if (trimmed.empty()) return {};
  std::error_code error;
  const fs::path whole = fs::absolute(with_home(trimmed), error);
  return error ? fs::path(trimmed) : whole.lexically_normal();
}

std::vector<std::string> completions(const std::string& text, std::size_t limit) {
  const std::size_t slash = text.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : text.substr(0, slash + 1);
  const std::string begun = slash == std::string::npos ? text : text.substr(slash + 1);
  std::vector<std::string> folders, files;
  std::error_code error;
  fs::directory_iterator at(folder.empty() ? fs::path(".") : fs::path(with_home(folder)),
                            fs::directory_options::skip_permission_denied, error);
  for (std::size_t seen = 0; !error && at != fs::directory_iterator() && seen < kLooked; at.increment(error), ++seen) {
    const std::string name = at->path().filename().string();
    if (name.rfind(begun, 0) != 0 || (name.front() == '.' && begun.empty())) continue;
    std::error_code ignored;
    if (at->is_directory(ignored)) {
      folders.push_back(folder + name + "/");
    } else {
      files.push_back(folder + name);
    }
  }
  std::sort(folders.begin(), folders.end());
  std::sort(files.begin(), files.end());
  folders.insert(folders.end(), files.begin(), files.end());
  folders.resize(std::min(folders.size(), limit));
  return folders;
}

std::string completed(const std::string& text, const std::vector<std::string>& with) {
  if (with.empty()) return text;
  std::string common = with.front();
  for (const std::string& each : with) {
    const auto differs = std::mismatch(common.begin(), common.end(), each.begin(), each.end());
    common.erase(differs.first, common.end());
  }
  // Not in the middle of a character.
  while (!common.empty() && common.size() < with.front().size() &&
         (static_cast<unsigned char>(with.front()[common.size()]) & 0xC0U) == 0x80U)
    common.pop_back();
  return common.size() > text.size() ? common : text;
}

std::vector<std::string> NativeChooser::command(Kind kind, const std::string& start, const std::string& title) {
  const char* desktop = std::getenv("XDG_CURRENT_DESKTOP");
  const bool kde = desktop != nullptr && std::string_view(desktop).find("KDE") != std::string_view::npos;
  const std::string zenity = program_in_path("zenity"), kdialog = program_in_path("kdialog");
  if (!kdialog.empty() && (kde || zenity.empty())) {
    const char* what = kind == Kind::open   ? "--getopenfilename"
                       : kind == Kind::save ? "--getsavefilename"
                                            : "--getexistingdirectory";
    return {kdialog, "--title", title, what, start.empty() ? "." : start};
  }
  if (zenity.empty()) return {};
  std::vector<std::string> words = {zenity, "--file-selection", "--title=" + title};
  if (kind == Kind::save) words.emplace_back("--save");
  if (kind == Kind::folder) words.emplace_back("--directory");
  if (!start.empty()) words.push_back("--filename=" + start);
  return words;
}

tuner::Result<void> NativeChooser::start(Kind kind, const std::string& start, const std::string& title,
                                         std::function<void(const std::string&)> chosen) {
  if (child_) return tuner::bad_input("a file chooser is open already");
  const auto words = command(kind, start, title);
  if (words.empty()) return tuner::bad_input("neither zenity nor kdialog was found: type the path");
  FUSELINE_TRY(child, tuner::ChildProcess::start(words));
  child.close_input();
  child_.emplace(std::move(child));
  read_.clear();
  chosen_ = std::move(chosen);
  return {};
}

bool NativeChooser::poll() {
  if (!child_) return false;
  child_->read_errors();
  const auto part = child_->read_output();
  read_ += part.bytes;
  if (!part.closed && !child_->poll_exit()) return false;
  if (!part.closed) read_ += child_->read_output().bytes;
  child_.reset();
  if (!read_.empty() && read_.back() == '\n') read_.pop_back();
  if (!read_.empty()) std::exchange(chosen_, nullptr)(read_);
  return true;
}

}  // namespace fuseline::app::gui
