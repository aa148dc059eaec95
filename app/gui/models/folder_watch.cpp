#include "app/gui/models/folder_watch.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <system_error>
#include <utility>

namespace fuseline::app::gui {
namespace {

namespace fs = std::filesystem;

constexpr int kDepth = 4;
constexpr std::size_t kWatched = 4000;  ///< Files: a folder that holds more is no folder of problems.

/// Changes with any file in the folder: how many there are, and their times and sizes.
std::string stamp_of(const fs::path& folder) {
  std::error_code error;
  std::size_t files = 0, sum = 0;
  fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error), end;
  for (; !error && at != end && files < kWatched; at.increment(error)) {
    const std::string name = at->path().filename().string();
    std::error_code ignored;
    if (at->is_directory(ignored)) {
      if (at.depth() >= kDepth || name.front() == '.') at.disable_recursion_pending();
      continue;
    }
    const auto time = at->last_write_time(ignored).time_since_epoch().count();
    const std::string line = fmt::format("{} {} {}", at->path().string(), time, at->file_size(ignored));
    sum ^= std::hash<std::string>{}(line);
    ++files;
  }
  return fmt::format("{} {}", files, sum);
}

}  // namespace

FolderWatch::~FolderWatch() {
  // Before any member goes: the thread uses them. A stop wakes it.
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void FolderWatch::watch(std::vector<fs::path> folders) {
  const std::scoped_lock lock(mutex_);
  if (folders == folders_) return;
  folders_ = std::move(folders);
  at_once_ = true;
  if (!thread_.joinable()) thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  told_.notify_one();
}

void FolderWatch::take(const std::vector<fs::path>& folders) {
  const std::scoped_lock lock(looking_);
  for (const fs::path& folder : folders) stamps_[folder] = stamp_of(folder);
}

bool FolderWatch::changed() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(changed_, false);
}

void FolderWatch::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (look() && wake_) wake_();
    std::unique_lock lock(mutex_);
    told_.wait_for(lock, stop, every_, [this] { return at_once_; });
    // Nothing to look at: until there is.
    if (folders_.empty()) told_.wait(lock, stop, [this] { return at_once_; });
  }
}

bool FolderWatch::look() {
  const std::scoped_lock looking(looking_);
  std::vector<fs::path> folders;
  {
    const std::scoped_lock lock(mutex_);
    folders = folders_;
    at_once_ = false;
  }
  std::map<fs::path, std::string> found;
  bool changed = false;
  for (const fs::path& folder : folders) {
    std::string stamp = stamp_of(folder);
    const auto known = stamps_.find(folder);
    changed = changed || (known != stamps_.end() && known->second != stamp);
    found.emplace(folder, std::move(stamp));
  }
  stamps_ = std::move(found);
  if (!changed) return false;
  const std::scoped_lock lock(mutex_);
  changed_ = true;
  return true;
}

}  // namespace fuseline::app::gui
