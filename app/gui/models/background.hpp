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

/// What is shown at most so often while its inputs change with every frame. GUI thread.
class Pace {
 public:
  using Clock = std::chrono::steady_clock;

  /// 0: always.
  explicit Pace(std::chrono::milliseconds pace) : pace_(pace) {}

  /// True where it is time, and from then on the next has to wait. Else a job is on its way that ends when it is time,
  /// so that the window wakes though nothing else happens.
  [[nodiscard]] bool due(Background& background) {
    if (waiting_) return false;
    const auto next = started_ + pace_;
    if (started_ == Clock::time_point{} || Clock::now() >= next) {
      started_ = Clock::now();
      return true;
    }
    waiting_ = true;
    background.run([this, alive = std::weak_ptr<int>(alive_), next]() -> Background::Then {
      std::this_thread::sleep_until(next);
      return [this, alive] {
        if (!alive.expired()) waiting_ = false;
      };
    });
    return false;
  }

 private:
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
  std::chrono::milliseconds pace_;
  Clock::time_point started_;
  bool waiting_ = false;
};
/// Of plots that are laid out anew for each row that arrives.
inline constexpr std::chrono::milliseconds kPlotPace{200};

/// A value worked out in the background from inputs that change faster than it can be: one job at a time, the latest
/// inputs win.
template <class T>
class Derived {
 public:
  Derived() = default;
  /// At most one job starts in each `pace`: for values that are costly to show. The latest inputs are taken up within
  /// `pace` of their coming.
  explicit Derived(std::chrono::milliseconds pace) : pace_(pace) {}

  /// GUI thread, every frame: starts `make(revision)` unless it is up to date or a job is on its way. `make` copies its
  /// inputs and returns the job.
  template <class Make>
  void follow(Background& background, std::uint64_t revision, Make&& make) {
    if (busy_ || revision == revision_ || !pace_.due(background)) return;
    busy_ = true;
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
  Pace pace_{std::chrono::milliseconds(0)};
};

}  // namespace fuseline::app::gui
