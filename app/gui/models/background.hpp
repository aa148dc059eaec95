// Work off the GUI thread: jobs run on threads of their own, what follows from them runs on the GUI thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace fuseline::app::gui {

class Background {
 public:
  /// What is to be done on the GUI thread with a job's outcome.
  using Then = std::function<void()>;

  /// `wake` is called on a job's thread when it has ended, so that a sleeping GUI thread pumps.
  explicit Background(std::function<void()> wake = {}) : wake_(std::move(wake)) {}
  /// Waits for the jobs; their outcomes are dropped.
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  /// Starts `job` on a thread. It must touch nothing that the GUI thread changes; the Then it returns may.
  void run(std::function<Then()> job);
  /// GUI thread: runs what ended jobs asked for. True where there was any.
  bool pump();
  [[nodiscard]] std::size_t running() const { return jobs_.size(); }

 private:
  struct Job {
    std::jthread thread;
    bool ended = false;  ///< Guarded by mutex_.
    Then then;
  };
  std::function<void()> wake_;
  std::mutex mutex_;
  std::list<Job> jobs_;  ///< Changed by the GUI thread alone. Last: its threads use what is above.
};

/// A value worked out in the background from inputs that change faster than it can be: one job at a time, the latest
/// inputs win.
template <class T>
class Derived {
 public:
  using Clock = std::chrono::steady_clock;

  Derived() = default;
  /// At most one job starts in each `pace`: for values that are costly to show, of inputs that change with every frame.
  /// The latest inputs are taken up within `pace` of their coming.
  explicit Derived(std::chrono::milliseconds pace) : pace_(pace) {}

  /// GUI thread, every frame: starts `make(revision)` unless it is up to date or a job is on its way. `make` copies its
  /// inputs and returns the job.
  template <class Make>
  void follow(Background& background, std::uint64_t revision, Make&& make) {
    if (busy_ || revision == revision_) return;
    busy_ = true;
    if (const auto due = started_ + pace_; started_ != Clock::time_point{} && Clock::now() < due) {
      // Awake again when it is time, though nothing else happens.
      return background.run([this, alive = std::weak_ptr<int>(alive_), due]() -> Background::Then {
        std::this_thread::sleep_until(due);
        return [this, alive] {
          if (!alive.expired()) busy_ = false;
        };
      });
    }
    started_ = Clock::now();
    background.run([this, alive = std::weak_ptr<int>(alive_), revision, job = make()]() -> Background::Then {
      auto value = std::make_shared<const T>(job());
      return [this, alive, revision, value] {
        if (alive.expired()) return;
        value_ = value;
        revision_ = revision;
        busy_ = false;
      };
    });
  }
  /// Null until the first is there.
  [[nodiscard]] const std::shared_ptr<const T>& value() const { return value_; }
  [[nodiscard]] bool busy() const { return busy_; }
  void clear() {
    value_.reset();
    revision_ = ~std::uint64_t{0};
  }

 private:
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
  std::shared_ptr<const T> value_;
  std::uint64_t revision_ = ~std::uint64_t{0};
  bool busy_ = false;
  std::chrono::milliseconds pace_{0};
  Clock::time_point started_;
};

}  // namespace fuseline::app::gui
