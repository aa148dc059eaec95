// Where in the code of one configuration its warps were and what each instruction did. Used from the device's thread.
#pragma once

#include <functional>
#include <memory>

#include "profiler/compile/compiler.hpp"
#include "profiler/measure/counter_collector.hpp"
#include "tuner/counters/source_profile.hpp"

namespace fuseline::profiler {

/// A configuration that is known to run.
struct SourceTarget {
  const tuner::EvaluateRequest& request;
  const CompileResult& image;       ///< As it is timed.
  const CompileResult& with_lines;  ///< The same, compiled with line information; of CUDA text alone.
};

class SourceProfiler {
 public:
  /// Error: no CUPTI, no permission, another profiler.
  [[nodiscard]] static tuner::Result<std::unique_ptr<SourceProfiler>> open(Gpu& gpu, int ordinal);
  virtual ~SourceProfiler() = default;

  /// Profiles the kernel of the launch that results show. No other session of CUPTI's may be enabled. First samples:
  /// launches behind the lead-in that timed ones have, until there are 20,000 samples, 200 launches or 5 s have passed.
  /// Then counts: one launch with patched code. What cannot be had of it is a remark. `started` is called before
  /// either. Failure: the device's, a configuration that cannot be loaded, neither samples nor counts, and a second
  /// profile in one process (see count_by_instruction()).
  [[nodiscard]] virtual tl::expected<tuner::SourceProfile, CounterFailure> profile(
      JobContext& context, const SourceTarget& target, const std::function<void()>& started) = 0;
};

}  // namespace fuseline::profiler
