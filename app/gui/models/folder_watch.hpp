// Sees whether a file in some folders changed, on a thread of its own: a folder may lie on a slow disk.
#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace fuseline::app::gui {

class FolderWatch {
 public:
  /// `wake` is called on the watching thread when something changed, so that a sleeping GUI thread asks.
  explicit FolderWatch(std::function<void()> wake, std::chrono::milliseconds every = std::chrono::seconds(1))
      : wake_(std::move(wake)), every_(every) {}
  ~FolderWatch();
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

  /// These from now on. A folder is as it is found at the first look, which follows at once. Without folders no thread
  /// is started.
  void watch(std::vector<std::filesystem::path> folders);
  /// Any thread: what is in them now is known, and only what comes after is a change. Walks the folders.
  void take(const std::vector<std::filesystem::path>& folders);
  /// Whether a file came, went or changed since this was asked last.
  [[nodiscard]] bool changed();

 private:
  void run(const std::stop_token& stop);
  bool look();

  std::function<void()> wake_;
  std::chrono::milliseconds every_;
  std::mutex mutex_;
  std::condition_variable_any told_;
  std::vector<std::filesystem::path> folders_;  ///< Guarded by mutex_, as the next two.
  bool at_once_ = false, changed_ = false;
  std::mutex looking_;                                   ///< Held while folders are walked; taken before mutex_.
  std::map<std::filesystem::path, std::string> stamps_;  ///< Guarded by looking_.
  std::jthread thread_;                                  ///< Last: it uses what is above.
};

}  // namespace fuseline::app::gui
