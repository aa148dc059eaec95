// Where configurations are evaluated: behind this interface stand workers on GPUs, and recordings.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "tuner/run/run.hpp"
#include "tuner/worker/protocol.hpp"

namespace fuseline::tuner {

/// A finals, ceilings, counters or source profile request could not be served; evaluations go on.
struct Refused {
  std::string reason;
};
/// For the user to read, with what to do about it where there is something.
struct Note {
  std::string text, advice = {};
  bool lost = false;  ///< A worker was lost and is replaced.
};
/// A GPU that times of this run may be of, with its copy where that was measured; said where there are several workers,
/// of each in order, whenever one is prepared.
struct CardReady {
  int number = 0;  ///< From 1, as Measurement::card has it.
  Card card;
};
/// From now on the finals run on another card: the one before is gone, or waits in a queue.
struct ReferenceMoved {
  int number = 0;
};
/// Nothing more will come: every device was given up.
struct GaveUp {
  Error error;
};
/// Of one process of a worker.
struct WorkerSpans {
  std::size_t number = 0;  ///< Of the worker, from 1.
  int life = 0;            ///< Of its processes.
  std::string name;
  SpansReply reply;
  SpanRecorder::Clock::time_point received;
};
using BackendEvent = std::variant<PreparedReply, OutcomeReply, FinalsReply, CeilingsReply, CountersReply,
                                  SourceProfileReply, Refused, Note, GaveUp, WorkerSpans, CardReady, ReferenceMoved>;

/// Nothing here blocks but wait(). Used by one thread.
class EvaluationBackend {
 public:
  virtual ~EvaluationBackend() = default;
  /// Answered by PreparedReply (once, when the reference card is ready) or GaveUp. Must come before submit(); again
  /// with nothing outstanding, where the same configurations are to run on other inputs.
  virtual void prepare(const Job& job) = 0;
  /// Of the reference card. Answered by CeilingsReply or Refused. Before prepare(), while the device's memory is free.
  virtual void measure_ceilings() = 0;
  /// How many more requests keep the devices fed.
  [[nodiscard]] virtual std::size_t capacity() const = 0;
  /// Each request is answered by exactly one OutcomeReply with its id (crashed or timeout where it cost a worker), in
  /// any order.
  virtual void submit(EvaluateRequest request) = 0;
  /// With nothing outstanding. On the reference card alone. Answered by FinalsReply or Refused.
  virtual void submit_finals(FinalsRequest request) = 0;
  /// With nothing outstanding. Reads the metrics of the configurations, each on one of the devices, several at once
  /// where there are several; with no configurations, each
  /// device reads what Job::counters has gathered there. Readings come in CountersReplies, the last of which is
  /// `finished`; or Refused. A device lost on the way costs the readings, and after the second one counters are given
  /// up (`unavailable`).
  virtual void submit_counters(CountersRequest request) = 0;
  /// With nothing outstanding. Answered by SourceProfileReply, or by Refused, where the device was lost too.
  virtual void submit_source_profile(SourceProfileRequest request) = 0;
  /// What happened, waiting up to `timeout` for it; may return nothing earlier.
  [[nodiscard]] virtual std::vector<BackendEvent> wait(std::chrono::milliseconds timeout) = 0;
};

}  // namespace fuseline::tuner
