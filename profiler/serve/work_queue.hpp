// Requests on their way from the reader to the thread that owns the GPU.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "profiler/compile/compiler.hpp"
#include "tuner/worker/protocol.hpp"

namespace fuseline::profiler {

/// A request with what was compiled for it: one result an evaluation, one a finalist; for a source profile one without
/// line information and one with it; for a preparation the support kernels' parts, then the reference, where there is
/// one to compile.
struct Task {
  tuner::Request request;
  std::shared_ptr<const tuner::Job>
      job;  ///< The job that evaluations and finals belong to; empty where none was prepared.
  std::vector<std::shared_future<CompileResult>> compiled;
};

/// Requests keep their order, with one freedom: among evaluations with nothing else between them, those whose
/// compilation is done come first.
class WorkQueue {
 public:
  void push(Task task);
  /// The same for a piece of data; false where as many as may wait do so and none was taken within `timeout`. True, and
  /// nothing done, once closed.
  [[nodiscard]] bool push_within(Task& task, std::chrono::milliseconds timeout);
  /// To be called when a compilation has finished.
  void compiled();
  /// Waits for a task that can be worked on. Empty once closed.
  [[nodiscard]] std::optional<Task> pop();
  /// The same, but waits at most `timeout`: empty where nothing came, too.
  [[nodiscard]] std::optional<Task> pop_within(std::chrono::milliseconds timeout);
  /// An evaluation that could be worked on now, without waiting.
  [[nodiscard]] std::optional<Task> try_pop_evaluation();
  void close();

 private:
  [[nodiscard]] std::optional<std::size_t> ready_position(bool evaluations_only) const;
  [[nodiscard]] Task take(std::size_t position);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;
  std::size_t data_ = 0;  ///< Of the tasks, pieces of data.
  bool closed_ = false;
};

}  // namespace fuseline::profiler
