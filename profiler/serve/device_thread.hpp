// The thread that owns the GPU: takes tasks in turn and answers them.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "profiler/measure/counter_collector.hpp"
#include "profiler/measure/evaluator.hpp"
#include "profiler/measure/finals.hpp"
#include "profiler/measure/source_profiler.hpp"
#include "profiler/serve/reply_sender.hpp"
#include "profiler/serve/work_queue.hpp"

namespace fuseline::profiler {

class DeviceThread {
 public:
  /// GPU `ordinal`, described by `info`.
  DeviceThread(int ordinal, tuner::DeviceInfo info, WorkQueue& queue, ReplySender& replies)
      : ordinal_(ordinal), info_(std::move(info)), queue_(queue), replies_(replies) {}
  /// Until the queue is closed or the GPU is lost; to be called on the thread that owns it from then on.
  /// False where the GPU cannot be used any more; the coordinator has been told.
  [[nodiscard]] bool run();

 private:
  /// A handler's answer; false ends the thread.
  [[nodiscard]] bool handle(const Task& task);
  [[nodiscard]] bool prepare(const Task& task);
  [[nodiscard]] bool data(const Task& task);
  /// Filled for the job, or waiting for its data. What the job before holds is kept where it fits, else given back.
  [[nodiscard]] DeviceResult<JobMemory> memory_for(const tuner::Job& job);
  /// What is left of a preparation once all its data are there.
  [[nodiscard]] bool finish_preparation();
  [[nodiscard]] bool evaluate(const Task& task);
  [[nodiscard]] bool finals(const Task& task);
  [[nodiscard]] bool ceilings(const Task& task);
  [[nodiscard]] bool counters(const Task& task);
  [[nodiscard]] bool source_profile(const Task& task);

  /// Opens the GPU and loads the support kernels where that has not been done. An error is for the coordinator.
  [[nodiscard]] tuner::Result<void> open(std::span<const std::shared_future<CompileResult>> support);
  /// The context of the job that the task belongs to; null after telling the coordinator that there is none.
  [[nodiscard]] JobContext* context_for(const Task& task);
  [[nodiscard]] DeviceTools tools() const { return {*gpu_, *support_, *flush_, *clocks_}; }
  /// Evaluates `candidate`, then whatever was loaded meanwhile.
  [[nodiscard]] bool evaluate(Candidate candidate);
  /// Opens the counters where that has not been done. False: there are none, and counters_unavailable_ says why.
  [[nodiscard]] bool open_counters();
  /// Reads what was gathered along the sweep. Readings go out unasked.
  [[nodiscard]] bool read_gathered();
  /// One batch; its answer goes out with `finished`.
  [[nodiscard]] bool read_counters(const std::vector<std::string>& metrics,
                                   const std::vector<Contender>& configurations, bool finished);
  /// What the full set says of launches of ours; where there are no counters the reply says why.
  [[nodiscard]] DeviceResult<tuner::CountersReply> count_streams(const std::vector<CountedLaunch>& launches);
  void give_up_counters(const std::string& reason, bool finished);
  [[nodiscard]] bool report(const DeviceError& error, const std::string& doing);
  [[nodiscard]] bool lost(const std::string& reason);
  /// make_candidate(), with what it took in the timeline.
  [[nodiscard]] Candidate load(const tuner::EvaluateRequest& request, const CompileResult& compiled);
  void add_compilation(const CompileResult& compiled);
  /// Where the job wants them: what has ended since the last ones.
  void send_spans();
  void tidy();

  int ordinal_;
  tuner::DeviceInfo info_;
  WorkQueue& queue_;
  ReplySender& replies_;
  std::unique_ptr<Gpu> gpu_;
  std::unique_ptr<SupportKernels> support_;
  std::unique_ptr<L2Flush> flush_;
  std::unique_ptr<ClockReader> clock_reader_;
  std::unique_ptr<ClockWatch> clocks_;
  std::unique_ptr<JobContext> context_;
  /// A job whose data are on their way.
  struct Preparation {
    std::shared_ptr<const tuner::Job> job;
    std::optional<CompileResult> reference;
    JobMemory memory;
  };
  std::optional<Preparation> preparation_;
  std::unique_ptr<CounterCollector> counters_;
  std::string counters_unavailable_;  ///< Why there are none; empty while that is not known.
  bool counters_said_ = false;        ///< Whether the coordinator has been told anything of counters.
  std::unique_ptr<SourceProfiler> source_profiler_;
  tuner::SpanRecorder spans_;
  std::vector<Contender> gathered_;  ///< Measured, with counters still to be read.
};

}  // namespace fuseline::profiler
