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

/// How a configuration stands after its first samples, one on each place of the buffers.
enum class Standing {
  in_the_race,
  behind,   ///< By more than the policy's margin: no contender.
  hopeless  ///< By more than the policy's factor.
};
/// The fastest of k samples is a lower bound of the median with a confidence of 1 - 1/2^k, whatever they are drawn from
/// (order statistics): three slower ones, each by the margin, say enough of one that the finals would not take.
/// `best_ms`: the best median so far; 0: none.
[[nodiscard]] Standing standing(const std::vector<double>& samples_ms, const tuner::TimingPolicy& policy,
                                double best_ms);

struct TimingResult {
  std::vector<double> samples_ms;  ///< In the order in which they were taken; sample i on set i of those in rotation.
  bool abandoned = false;          ///< Hopeless.
  bool cut_short = false;          ///< Hopeless, or behind.
  std::optional<tuner::Clocks> clocks;
  double busy_ms = 0;  ///< Of the device: samples and what went before them, those that were taken again too.
};

class Timer {
 public:
  Timer(Gpu& gpu, SupportKernels& support, Launcher& launcher, LeadIn& lead_in, ClockWatch& clocks,
        const Buffers& buffers)
      : gpu_(gpu), support_(support), launcher_(launcher), lead_in_(lead_in), clocks_(clocks), sets_(buffers.sets()) {}

  /// Three samples, then batches by the stopping rule. Each sample is on the next set of buffers, the first on set 0.
  /// `estimate_ms` is a first guess of one sample, `best_ms` the best median so far (0: none). `meanwhile` is called
  /// once while the device is busy with a batch.
  [[nodiscard]] DeviceResult<TimingResult> time(const LoadedConfiguration& configuration,
                                                const tuner::TimingPolicy& policy, double estimate_ms, double best_ms,
                                                const std::function<void()>& meanwhile);

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
