// Hardware counters of configurations that are known to run: many in one session, each pass launching all of them once.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "profiler/measure/job_context.hpp"
#include "tuner/worker/spans.hpp"

namespace fuseline::profiler {

/// A verified configuration, and the id that its reading carries.
struct CounterTarget {
  std::uint64_t id = 0;
  const LoadedConfiguration* configuration = nullptr;
};

/// Any launch of ours: what settles the caches before it, and itself.
struct CountedLaunch {
  std::uint64_t id = 0;
  std::function<DeviceResult<void>()> before, run;
};

/// Why nothing was read.
struct CounterFailure {
  std::string reason;
  bool unavailable = false;  ///< It will not work later either.
  bool context_lost = false;
};

/// The hardware counters of one GPU. Opened once it is wanted: opening takes about 0.1 s and the first schedule 0.5 s,
/// which is done in the background.
class CounterCollector {
 public:
  /// `spans` hears what it is at. Error: no CUPTI or too old a one, a chip it does not know, no permission, another
  /// profiler.
  [[nodiscard]] static tuner::Result<std::unique_ptr<CounterCollector>> open(Gpu& gpu, SupportKernels& support,
                                                                             int ordinal, tuner::SpanRecorder* spans);
  virtual ~CounterCollector() = default;

  /// Begins to work out the schedule of these metrics, on another thread.
  virtual void plan(const std::vector<std::string>& metrics) = 0;

  /// Reads `metrics` of all targets, in as many passes as they take. Before each launch L2 is filled with other data,
  /// unless the job is timed warm: what the launch finds there does not depend on what ran before. Outputs keep what
  /// the last pass wrote: a configuration that is ok writes all of them whatever they held (they are poisoned when it
  /// is verified), so that every pass does the same. `started` is called with every id before anything runs. A metric
  /// that the chip does not offer is left out and noted once through `note`. The readings come in the order of the
  /// targets. The session stays enabled for the next batch of the same metrics; close() ends it.
  [[nodiscard]] virtual tl::expected<tuner::CountersReply, CounterFailure> read(
      JobContext& context, const std::vector<std::string>& metrics, const std::vector<CounterTarget>& targets,
      const std::function<void(std::uint64_t)>& started, const std::function<void(std::string)>& note) = 0;
  /// The same of any launches. `flush`: what the range that calibrates begins behind.
  [[nodiscard]] virtual tl::expected<tuner::CountersReply, CounterFailure> read_launches(
      L2Flush& flush, const std::vector<std::string>& metrics, const std::vector<CountedLaunch>& launches,
      const std::function<void(std::string)>& note) = 0;
  virtual void close() = 0;
};

}  // namespace fuseline::profiler
