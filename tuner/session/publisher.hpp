// The latest snapshot of a sweep, handed from the session's thread to any other.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "tuner/session/session.hpp"

namespace fuseline::tuner {

/// `draft` belongs to the session's thread; what is published is an immutable copy. At most about 30 snapshots a
/// second.
class Publisher {
 public:
  explicit Publisher(std::function<void()> on_publish)
      : on_publish_(std::move(on_publish)), latest_(std::make_shared<const Snapshot>()) {}

  Snapshot draft;

  /// Publishes now.
  void publish();
  /// Publishes the first snapshot, from the thread that starts the session: nobody needs to be told.
  void publish_first();
  /// Publishes where something changed and the last snapshot is old enough.
  void publish_if_due();
  void changed() { changed_ = true; }
  void set_state(SessionState state, std::string activity);
  void message(std::string text, std::string advice = {});

  /// Any thread.
  [[nodiscard]] std::shared_ptr<const Snapshot> latest() const {
    const std::scoped_lock lock(mutex_);
    return latest_;
  }

 private:
  std::function<void()> on_publish_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Snapshot> latest_;
  std::chrono::steady_clock::time_point published_{};
  bool changed_ = false;
};

}  // namespace fuseline::tuner
