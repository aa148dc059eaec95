#include "profiler/measure/lead_in.hpp"

#include <algorithm>
#include <cmath>

namespace fuseline::profiler {

int LeadIn::after_idling(double estimate_ms) {
  // A third of a millisecond of work; a millisecond of idling showed nothing any more after that.
  static constexpr double work_ms = 0.3;
  static constexpr double at_most = 8;
  return estimate_ms > 0 ? static_cast<int>(std::clamp(std::ceil(work_ms / estimate_ms), 1.0, at_most)) : 1;
}

DeviceResult<void> LeadIn::enqueue(const LoadedConfiguration& configuration, int set, int itself, std::size_t slot) {
  const bool hot = after_ == tuner::Predecessor::itself;
  const int other = hot ? set : (set + 1) % buffers_.sets();
  for (int i = 0; i < itself; ++i) {
    FUSELINE_CHECK(launcher_.ready(configuration));
    FUSELINE_CHECK(launcher_.run(configuration, other));
  }
  if (!hot) FUSELINE_CHECK(flush_.enqueue(slot));
  if (after_ == tuner::Predecessor::producer) FUSELINE_CHECK(produce(set));
  return launcher_.ready(configuration);
}

DeviceResult<void> LeadIn::keep_busy() {
  static constexpr int reads = 2;
  if (after_ == tuner::Predecessor::itself) return {};
  for (int i = 0; i < reads; ++i) FUSELINE_CHECK(flush_.enqueue());
  return {};
}

DeviceResult<void> LeadIn::close(std::size_t samples) {
  if (after_ == tuner::Predecessor::itself) return {};
  FUSELINE_CHECK(flush_.enqueue(samples));
  return flush_.fetch(samples + 1);
}

double LeadIn::sm_mhz(std::size_t samples) const {
  return after_ == tuner::Predecessor::itself ? 0 : flush_.sm_mhz(samples + 1);
}

DeviceResult<void> LeadIn::produce(int set) {
  for (std::size_t i = 0; i < buffers_.tensors().size(); ++i) {
    const tuner::Tensor& tensor = buffers_.tensors()[i];
    if (tensor.role != tuner::TensorRole::input) continue;
    FUSELINE_CHECK(support_.rewrite(buffers_.tensor(i, set), static_cast<std::uint64_t>(tensor.bytes())));
  }
  return {};
}

}  // namespace fuseline::profiler
