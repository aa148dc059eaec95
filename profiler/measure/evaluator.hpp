// One configuration from cubin to outcome: load, verify, time, verify again.
#pragma once

#include <functional>
#include <optional>

#include "profiler/measure/job_context.hpp"
#include "tuner/worker/spans.hpp"

namespace fuseline::profiler {

/// A configuration that was compiled, and loaded where that worked; what the evaluator takes.
struct Candidate {
  std::uint64_t id = 0;
  tuner::Measurement measurement;  ///< What is known so far; an outcome other than `skipped` or a reason ends it.
  std::optional<LoadedConfiguration> loaded;  ///< Empty where the measurement already says why not.
  bool context_lost = false;
  bool find_longest = false;  ///< Which of its launches results show is still to be measured.
};

/// Makes a candidate of a compiled configuration. Host work only, as far as the driver lets it be: done while the
/// device is busy.
[[nodiscard]] Candidate make_candidate(Gpu& gpu, const tuner::Job& job, const tuner::EvaluateRequest& request,
                                       const CompileResult& compiled);

class Evaluator {
 public:
  /// `spans` hears what the device's thread is at.
  Evaluator(JobContext& context, std::function<void(const tuner::Reply&)> send, tuner::SpanRecorder& spans)
      : context_(context), send_(std::move(send)), spans_(spans) {}

  /// Sends Started replies as stages begin. `meanwhile` is called once while the device is busy with timing.
  /// After a result with context_lost the process can only end.
  struct Result {
    tuner::Measurement measurement;
    bool context_lost = false;
    std::optional<LoadedConfiguration> loaded;  ///< Where it is ok.
  };
  [[nodiscard]] Result evaluate(Candidate candidate, const std::function<void()>& meanwhile);

 private:
  [[nodiscard]] DeviceResult<void> measure(Candidate& candidate, const std::function<void()>& meanwhile);
  [[nodiscard]] DeviceResult<void> reject(tuner::Measurement& measurement, std::string reason);

  JobContext& context_;
  std::function<void(const tuner::Reply&)> send_;
  tuner::SpanRecorder& spans_;
};

}  // namespace fuseline::profiler
