// Everything on the device that belongs to one job: buffers, reference, copy meter, and the tools that work on them.
#pragma once

#include <memory>

#include "profiler/measure/buffers.hpp"
#include "profiler/measure/copy_meter.hpp"
#include "profiler/measure/launcher.hpp"
#include "profiler/measure/lead_in.hpp"
#include "profiler/measure/timer.hpp"
#include "profiler/measure/verifier.hpp"

namespace fuseline::profiler {

inline constexpr const char* kDeviceThread = "device";  ///< Its name in a timeline.

/// What of the device outlasts jobs.
struct DeviceTools {
  Gpu& gpu;
  SupportKernels& support;
  L2Flush& flush;
  ClockWatch& clocks;
};

/// What a job keeps of one before it that had the same tensors: another draw of their values.
struct JobMemory {
  std::unique_ptr<Buffers> buffers;
  std::unique_ptr<CopyMeter> copy;  ///< Null: still to be measured.
};

struct JobContext {
  std::shared_ptr<const tuner::Job> job;
  std::unique_ptr<Buffers> buffers;
  std::unique_ptr<Launcher> launcher;
  std::unique_ptr<Verifier> verifier;
  std::unique_ptr<LeadIn> lead_in;
  std::unique_ptr<Timer> timer;
  std::unique_ptr<CopyMeter> copy;
  double best_ms = 0;  ///< Lowest median of an ok configuration so far; 0: none yet.

  /// Runs the reference on buffers that are complete, measures the copy unless one is given. `reference`: null where
  /// its values were sent. Failures are one line each; context_lost where a kernel faulted.
  [[nodiscard]] static tl::expected<std::unique_ptr<JobContext>, LoadFailure> create(
      const DeviceTools& tools, std::shared_ptr<const tuner::Job> job, JobMemory memory,
      const CompileResult* reference);
  [[nodiscard]] tuner::PreparedReply prepared() const;
};

}  // namespace fuseline::profiler
