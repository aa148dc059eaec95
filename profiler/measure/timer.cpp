#include "profiler/measure/timer.hpp"

#include <algorithm>
#include <span>

namespace fuseline::profiler {
namespace {

constexpr std::size_t kProbe = 3;
constexpr std::size_t kBatch = 10;
constexpr double kDoubtfulMs = 2;

bool hopeless(const std::vector<double>& samples, const tuner::TimingPolicy& policy, double best_ms) {
  if (policy.abandon_factor <= 0 || best_ms <= 0 || samples.size() < kProbe) return false;
  return *std::min_element(samples.begin(), samples.end()) > policy.abandon_factor * best_ms;
}

}  // namespace

std::uint64_t batch_delay_ns(std::size_t launches, double estimate_ms) {
  // Submitting a launch and its two events takes a few microseconds.
  static constexpr std::uint64_t ns_per_launch = 10'000;
  static constexpr std::uint64_t ns_at_most = 2'000'000;
  if (estimate_ms > kShortLaunchMs) return 0;
  return std::min(ns_at_most, 20'000 + launches * ns_per_launch);
}

std::size_t next_batch(std::size_t done, double spent_ms, double estimate_ms, const tuner::StoppingRule& rule) {
  if (done >= rule.maximum_samples) return 0;
  const std::size_t wanted =
      std::min(done < rule.minimum_samples ? rule.minimum_samples - done : kBatch, rule.maximum_samples - done);
  // Long samples are taken a few at a time, so that the time allowed is overrun by little.
  const double left_ms = std::max(0.0, rule.maximum_ms - spent_ms);
  const double room = estimate_ms > 0 ? left_ms / estimate_ms : static_cast<double>(wanted);
  return std::clamp<std::size_t>(static_cast<std::size_t>(std::min(room, static_cast<double>(wanted))), 1, wanted);
}

int Timer::next_set() {
  set_ = (set_ + 1) % sets_;
  return set_;
}

DeviceResult<void> Timer::batch(const LoadedConfiguration& configuration, std::size_t count, double estimate_ms,
                                TimingResult& result, const std::function<void()>& meanwhile) {
  const std::uint64_t delay = batch_delay_ns(count * configuration.launches().size(), estimate_ms);
  if (delay > 0) FUSELINE_CHECK(support_.delay(delay));
  std::vector<CUevent> events(2 * count);
  for (std::size_t i = 0; i < events.size(); ++i) {
    FUSELINE_TRY(event, gpu_.events().get(kFirstTimerEvent + i));
    events[i] = event;
  }
  for (std::size_t i = 0; i < count; ++i) {
    result.last_set = next_set();
    FUSELINE_CHECK(launcher_.ready(configuration));
    FUSELINE_CHECK(gpu_.record(events[2 * i]));
    FUSELINE_CHECK(launcher_.run(configuration, result.last_set));
    FUSELINE_CHECK(gpu_.record(events[2 * i + 1]));
  }
  if (meanwhile) meanwhile();
  FUSELINE_CHECK(gpu_.wait(events.back()));
  for (std::size_t i = 0; i < count; ++i) {
    FUSELINE_TRY(milliseconds, gpu_.elapsed_ms(events[2 * i], events[2 * i + 1]));
    result.samples_ms.push_back(milliseconds);
  }
  return {};
}

DeviceResult<Timer::Longest> Timer::longest_launch(const LoadedConfiguration& configuration, double estimate_ms) {
  const std::size_t launches = configuration.launches().size();
  const std::size_t stride = launches + 1;
  std::vector<CUevent> events(kProbe * stride);
  for (std::size_t i = 0; i < events.size(); ++i) {
    FUSELINE_TRY(event, gpu_.events().get(kFirstTimerEvent + i));
    events[i] = event;
  }
  const std::uint64_t delay = batch_delay_ns(kProbe * launches, estimate_ms);
  if (delay > 0) FUSELINE_CHECK(support_.delay(delay));
  for (std::size_t run = 0; run < kProbe; ++run) {
    FUSELINE_CHECK(launcher_.ready(configuration));
    FUSELINE_CHECK(launcher_.run_apart(configuration, next_set(), std::span(events).subspan(run * stride, stride)));
  }
  FUSELINE_CHECK(gpu_.wait(events.back()));
  Longest longest;
  double longest_ms = -1;
  for (std::size_t i = 0; i < launches; ++i) {
    std::vector<double> times_ms;
    for (std::size_t run = 0; run < kProbe; ++run) {
      FUSELINE_TRY(milliseconds, gpu_.elapsed_ms(events[run * stride + i], events[run * stride + i + 1]));
      times_ms.push_back(milliseconds);
    }
    longest.spent_ms += tuner::sum(times_ms);
    if (const double median_ms = tuner::median(times_ms); median_ms > longest_ms) {
      longest_ms = median_ms;
      longest.launch = i;
    }
  }
  return longest;
}

DeviceResult<TimingResult> Timer::time(const LoadedConfiguration& configuration, const tuner::TimingPolicy& policy,
                                       double estimate_ms, double best_ms, const std::function<void()>& meanwhile) {
  TimingResult result;
  // The comparison that came before left its own data in L2.
  if (policy.warm) {
    FUSELINE_CHECK(launcher_.ready(configuration));
    FUSELINE_CHECK(launcher_.run(configuration, next_set()));
  }
  // The estimate is of a first launch, which may have waited for the host: where in doubt, the batch is held back.
  const double guess_ms = estimate_ms < kDoubtfulMs ? 0 : estimate_ms;
  FUSELINE_CHECK(
      batch(configuration, std::clamp<std::size_t>(policy.rule.maximum_samples, 1, kProbe), guess_ms, result, {}));
  if (hopeless(result.samples_ms, policy, best_ms)) {
    result.abandoned = true;
    return result;
  }
  bool overlapped = false;
  while (result.samples_ms.size() < policy.rule.minimum_samples ||
         !tuner::enough_samples(result.samples_ms, policy.rule)) {
    const double spent_ms = tuner::sum(result.samples_ms);
    const double mean_ms = spent_ms / static_cast<double>(result.samples_ms.size());
    const std::size_t count = next_batch(result.samples_ms.size(), spent_ms, mean_ms, policy.rule);
    if (count == 0) break;
    FUSELINE_CHECK(batch(configuration, count, mean_ms, result, overlapped ? std::function<void()>{} : meanwhile));
    overlapped = true;
  }
  return result;
}

}  // namespace fuseline::profiler
