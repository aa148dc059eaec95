// Times a configuration: events round each launch, launches queued in batches, samples until they suffice.
#pragma once

#include <functional>
#include <vector>

#include "profiler/measure/clock_watch.hpp"
#include "profiler/measure/launcher.hpp"
#include "profiler/measure/lead_in.hpp"
#include "profiler/measure/support_kernels.hpp"
#include "tuner/worker/protocol.hpp"

namespace fuseline::profiler {

inline constexpr std::size_t kFirstTimerEvent = 8;
/// Launches shorter than this are held back until the whole batch is queued: otherwise the time to submit them would be
/// measured.
inline constexpr double kShortLaunchMs = 0.2;

/// The wait put before a batch of `launches` kernel launches of about `estimate_ms` each, in nanoseconds; 0 where none
/// is needed.
[[nodiscard]] std::uint64_t batch_delay_ns(std::size_t launches, double estimate_ms);

/// How many samples to queue next; 0 where sampling is over. `estimate_ms`: of one sample.
[[nodiscard]] std::size_t next_batch(std::size_t done, double spent_ms, double estimate_ms,
                                     const tuner::StoppingRule& rule);

/// The best configuration of a job so far; zero where there is none.
struct BestSoFar {
  double median_ms = 0;
  double high_ms = 0;  ///< Upper bound of its median, with 95 % confidence.
};
[[nodiscard]] BestSoFar best_of(const std::vector<double>& samples_ms);

/// Whether a configuration with these samples is out of the race: with six at least, its median is above what the
/// finals take in of the best's upper bound, with the same confidence. On the recordings of an H200 a third of all
/// samples are saved so, and no finalist is missed.
[[nodiscard]] bool out_of_race(const std::vector<double>& samples_ms, const tuner::TimingPolicy& policy,
                               const BestSoFar& best);

struct TimingResult {
  std::vector<double> samples_ms;  ///< In the order in which they were taken; sample i on set i of those in rotation.
  bool abandoned = false;
  std::optional<tuner::Clocks> clocks;
  double busy_ms = 0;  ///< Of the device: samples and what went before them, those that were taken again too.
};

class Timer {
 public:
  Timer(Gpu& gpu, SupportKernels& support, Launcher& launcher, LeadIn& lead_in, ClockWatch& clocks,
        const Buffers& buffers)
      : gpu_(gpu), support_(support), launcher_(launcher), lead_in_(lead_in), clocks_(clocks), sets_(buffers.sets()) {}

  /// Three samples, then batches by the stopping rule. Each sample is on the next set of buffers, the first on set 0.
  /// `estimate_ms` is a first guess of one sample. What is out of the race against the best is sampled no further.
  /// `meanwhile` is called once while the device is busy with a batch.
  [[nodiscard]] DeviceResult<TimingResult> time(const LoadedConfiguration& configuration,
                                                const tuner::TimingPolicy& policy, double estimate_ms,
                                                const BestSoFar& best, const std::function<void()>& meanwhile);

  /// The launch of a configuration that takes longest: the median of three runs of each, events between them, behind
  /// the same lead-in.
  /// `estimate_ms` is of all launches together. Waits.
  struct Longest {
    std::size_t launch = 0;
    double spent_ms = 0;
  };
  [[nodiscard]] DeviceResult<Longest> longest_launch(const LoadedConfiguration& configuration, double estimate_ms);

 private:
  /// Queues `count` samples, calls `meanwhile`, waits, appends; again where clocks were throttled.
  [[nodiscard]] DeviceResult<void> batch(const LoadedConfiguration& configuration, std::size_t count,
                                         double estimate_ms, TimingResult& result,
                                         const std::function<void()>& meanwhile);
  /// The same, once. `events`: before the batch's lead-in, two a sample, and after all.
  [[nodiscard]] DeviceResult<void> take(const LoadedConfiguration& configuration, std::size_t first, double estimate_ms,
                                        const std::vector<CUevent>& events, const std::function<void()>& meanwhile);
  [[nodiscard]] DeviceResult<std::vector<CUevent>> events(std::size_t count);

  Gpu& gpu_;
  SupportKernels& support_;
  Launcher& launcher_;
  LeadIn& lead_in_;
  ClockWatch& clocks_;
  int sets_;
};

}  // namespace fuseline::profiler
