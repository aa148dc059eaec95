// What a thread was at and for how long, gathered for a timeline.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace fuseline::tuner {

/// Times are of the process's own steady clock, in microseconds.
struct Span {
  std::string thread, name;
  std::int64_t start_us = 0, duration_us = 0;
};

/// Thread-safe. Gathers nothing until it is asked to.
class SpanRecorder {
 public:
  using Clock = std::chrono::steady_clock;
  [[nodiscard]] static std::int64_t microseconds(Clock::time_point time);

  void enable(bool enabled) { enabled_ = enabled; }
  [[nodiscard]] bool enabled() const { return enabled_; }
  void add(const std::string& thread, const std::string& name, Clock::time_point begin, Clock::time_point end);
  /// What was gathered since the last call.
  [[nodiscard]] std::vector<Span> take();

 private:
  std::atomic<bool> enabled_{false};
  std::mutex mutex_;
  std::vector<Span> spans_;
};

/// A span from here to the end of the block. `recorder` may be null.
class SpanScope {
 public:
  SpanScope(SpanRecorder* recorder, const char* thread, const char* name)
      : recorder_(recorder != nullptr && recorder->enabled() ? recorder : nullptr), thread_(thread), name_(name) {
    if (recorder_ != nullptr) begin_ = SpanRecorder::Clock::now();
  }
  SpanScope(const SpanScope&) = delete;
  SpanScope& operator=(const SpanScope&) = delete;
  ~SpanScope() { end(); }
  /// Ends it before the block does.
  void end() {
    if (recorder_ != nullptr) recorder_->add(thread_, name_, begin_, SpanRecorder::Clock::now());
    recorder_ = nullptr;
  }

 private:
  SpanRecorder* recorder_;
  const char* thread_;
  const char* name_;
  SpanRecorder::Clock::time_point begin_;
};

}  // namespace fuseline::tuner
