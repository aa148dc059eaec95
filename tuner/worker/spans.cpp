#include "tuner/worker/spans.hpp"

#include <utility>

namespace fuseline::tuner {

std::int64_t SpanRecorder::microseconds(Clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

void SpanRecorder::add(const std::string& thread, const std::string& name, Clock::time_point begin,
                       Clock::time_point end) {
  if (!enabled()) return;
  const std::int64_t start = microseconds(begin);
  const std::scoped_lock lock(mutex_);
  spans_.push_back({thread, name, start, microseconds(end) - start});
}

std::vector<Span> SpanRecorder::take() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(spans_, {});
}

}  // namespace fuseline::tuner
