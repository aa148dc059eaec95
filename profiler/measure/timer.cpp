#include "profiler/measure/timer.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

namespace fuseline::profiler {
namespace {

constexpr std::size_t kProbe = 3;
constexpr std::size_t kBatch = 10;
constexpr double kDoubtfulMs = 2;
constexpr double kRaceConfidence = 0.95;
constexpr std::size_t kRaceSamples = 6;  ///< Two on each place; fewer have no interval of that confidence.
constexpr double kRaceMargin = 0.03;     ///< As much above the best the finals take in.

/// Samples as if all had been on one place, by the medians of each place: what a place is worth (10 % in some
/// configurations) is no noise, and more samples do not make it less.
std::vector<double> without_places(const std::vector<double>& samples, std::size_t places) {
  std::vector<double> on_one = samples;
  const double all_ms = tuner::median(samples);
  for (std::size_t place = 0; place < std::min(places, samples.size()); ++place) {
    std::vector<double> here;
    for (std::size_t i = place; i < samples.size(); i += places) here.push_back(samples[i]);
    const double median_ms = tuner::median(here);
    for (std::size_t i = place; i < samples.size(); i += places) on_one[i] = samples[i] * (all_ms / median_ms);
  }
  return on_one;
}

bool hopeless(const std::vector<double>& samples, const tuner::TimingPolicy& policy, double best_ms) {
  if (policy.abandon_factor <= 0 || best_ms <= 0 || samples.size() < kProbe) return false;
  return *std::min_element(samples.begin(), samples.end()) > policy.abandon_factor * best_ms;
}

double race_limit_ms(const tuner::TimingPolicy& policy, const BestSoFar& best) {
  return policy.abandon_factor > 0 ? (1 + kRaceMargin) * best.high_ms : 0;
}

/// Of few samples that lag behind, as many are taken as it needs to tell; else all that are wanted.
std::size_t until_judged(const std::vector<double>& samples, std::size_t wanted, double limit_ms) {
  if (limit_ms <= 0 || samples.size() >= kRaceSamples) return wanted;
  const bool lags = *std::min_element(samples.begin(), samples.end()) > limit_ms;
  return lags ? std::min(wanted, kRaceSamples - samples.size()) : wanted;
}

}  // namespace

BestSoFar best_of(const std::vector<double>& samples_ms) {
  const double median_ms = tuner::median(samples_ms);
  const tuner::Interval interval = tuner::median_interval(samples_ms, kRaceConfidence);
  return {median_ms, std::isfinite(interval.high) ? interval.high : 0};
}

bool out_of_race(const std::vector<double>& samples_ms, const tuner::TimingPolicy& policy, const BestSoFar& best) {
  const double limit_ms = race_limit_ms(policy, best);
  if (limit_ms <= 0 || samples_ms.size() < kRaceSamples) return false;
  return tuner::median_interval(samples_ms, kRaceConfidence).low > limit_ms;
}

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

DeviceResult<std::vector<CUevent>> Timer::events(std::size_t count) {
  std::vector<CUevent> events(count);
  for (std::size_t i = 0; i < count; ++i) {
    FUSELINE_TRY(event, gpu_.events().get(kFirstTimerEvent + i));
    events[i] = event;
  }
  return events;
}

DeviceResult<void> Timer::take(const LoadedConfiguration& configuration, std::size_t first, double estimate_ms,
                               const std::vector<CUevent>& events, const std::function<void()>& meanwhile) {
  const std::size_t count = events.size() / 2 - 1;
  const std::size_t launches = configuration.launches().size() + 1;  // With what goes before them.
  const std::uint64_t delay = batch_delay_ns(count * launches, estimate_ms);
  if (delay > 0) FUSELINE_CHECK(support_.delay(delay));
  FUSELINE_CHECK(gpu_.record(events[0]));
  if (first == 0) FUSELINE_CHECK(lead_in_.keep_busy());
  for (std::size_t i = 0; i < count; ++i) {
    const int set = static_cast<int>((first + i) % static_cast<std::size_t>(sets_));
    // A short launch is held back, while the device idles. The first of long ones finds its code in memory and not in
    // caches; that is one sample of ten.
    const bool idled = i == 0 && ((delay > 0 && estimate_ms > 0) || lead_in_.after() == tuner::Predecessor::itself);
    FUSELINE_CHECK(lead_in_.enqueue(configuration, set, idled ? LeadIn::after_idling(estimate_ms) : 0, i));
    FUSELINE_CHECK(gpu_.record(events[2 * i + 1]));
    FUSELINE_CHECK(launcher_.run(configuration, set));
    FUSELINE_CHECK(gpu_.record(events[2 * i + 2]));
  }
  FUSELINE_CHECK(lead_in_.close(count));
  FUSELINE_CHECK(gpu_.record(events.back()));
  FUSELINE_CHECK(lead_in_.keep_busy());
  clocks_.look();
  if (meanwhile) meanwhile();
  clocks_.look();
  FUSELINE_CHECK(gpu_.wait(events.back()));
  clocks_.measured(lead_in_.sm_mhz(count));
  return {};
}

DeviceResult<void> Timer::batch(const LoadedConfiguration& configuration, std::size_t count, double estimate_ms,
                                TimingResult& result, const std::function<void()>& meanwhile) {
  FUSELINE_TRY(events, this->events(2 * count + 2));
  bool first_time = true;
  const auto once = [&]() -> DeviceResult<void> {
    FUSELINE_CHECK(take(configuration, result.samples_ms.size(), estimate_ms, events,
                        std::exchange(first_time, false) ? meanwhile : std::function<void()>{}));
    FUSELINE_TRY(busy_ms, gpu_.elapsed_ms(events.front(), events.back()));
    result.busy_ms += busy_ms;
    return {};
  };
  FUSELINE_CHECK(clocks_.unthrottled(count, result.clocks, once));
  for (std::size_t i = 0; i < count; ++i) {
    FUSELINE_TRY(milliseconds, gpu_.elapsed_ms(events[2 * i + 1], events[2 * i + 2]));
    result.samples_ms.push_back(milliseconds);
  }
  return {};
}

DeviceResult<Timer::Longest> Timer::longest_launch(const LoadedConfiguration& configuration, double estimate_ms) {
  const std::size_t launches = configuration.launches().size();
  const std::size_t stride = launches + 1;
  FUSELINE_TRY(events, this->events(kProbe * stride));
  const std::uint64_t delay = batch_delay_ns(kProbe * stride, estimate_ms);
  if (delay > 0) FUSELINE_CHECK(support_.delay(delay));
  for (std::size_t run = 0; run < kProbe; ++run) {
    const int set = static_cast<int>(run % static_cast<std::size_t>(sets_));
    FUSELINE_CHECK(lead_in_.enqueue(configuration, set, run == 0 ? LeadIn::after_idling(estimate_ms) : 0));
    FUSELINE_CHECK(launcher_.run_apart(configuration, set, std::span(events).subspan(run * stride, stride)));
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
                                       double estimate_ms, const BestSoFar& best,
                                       const std::function<void()>& meanwhile) {
  TimingResult result;
  lead_in_.flush().reset_persisting();
  // The estimate is of a first launch, which may have waited for the host: where in doubt, the batch is held back.
  const double guess_ms = estimate_ms < kDoubtfulMs ? 0 : estimate_ms;
  FUSELINE_CHECK(
      batch(configuration, std::clamp<std::size_t>(policy.rule.maximum_samples, 1, kProbe), guess_ms, result, {}));
  if (hopeless(result.samples_ms, policy, best.median_ms)) {
    result.abandoned = true;
    return result;
  }
  bool overlapped = false;
  while (result.samples_ms.size() < policy.rule.minimum_samples ||
         !tuner::enough_samples(without_places(result.samples_ms, static_cast<std::size_t>(sets_)), policy.rule)) {
    const double spent_ms = tuner::sum(result.samples_ms);
    const double mean_ms = spent_ms / static_cast<double>(result.samples_ms.size());
    std::size_t count = next_batch(result.samples_ms.size(), spent_ms, mean_ms, policy.rule);
    count = until_judged(result.samples_ms, count, race_limit_ms(policy, best));
    if (count == 0 || out_of_race(result.samples_ms, policy, best)) break;
    FUSELINE_CHECK(batch(configuration, count, mean_ms, result, overlapped ? std::function<void()>{} : meanwhile));
    overlapped = true;
  }
  return result;
}

}  // namespace fuseline::profiler
