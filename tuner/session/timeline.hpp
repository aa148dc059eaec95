// Where the time of a sweep goes: spans of the coordinator and of every worker, on one clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tuner/worker/protocol.hpp"
#include "tuner/worker/spans.hpp"

namespace fuseline::tuner {

/// Used by one thread at a time.
class Timeline {
 public:
  static constexpr std::size_t kMostSpans = 2'000'000;  ///< What comes after is counted, and left out.

  Timeline() { own_.enable(true); }
  /// The coordinator's own.
  [[nodiscard]] SpanRecorder& own() { return own_; }
  /// What the `life`-th process of worker `number` sent, which was heard at `received` on our clock. A worker's clock
  /// is placed by the message that came fastest: what is shown of it is late by the shortest way of a message.
  void add(std::size_t number, int life, const std::string& name, const SpansReply& reply,
           SpanRecorder::Clock::time_point received);
  /// Chrome's trace event format: complete events ("X") in microseconds from the first, names of processes and threads
  /// as metadata. The coordinator is process 0.
  /// https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
  [[nodiscard]] nlohmann::json chrome_json();

 private:
  struct Process {
    std::string name;
    std::int64_t offset_us = 0;  ///< From its clock to ours.
    std::vector<Span> spans;
  };
  void keep(Process& process, std::vector<Span> spans);

  SpanRecorder own_;
  Process coordinator_{"coordinator", 0, {}};
  std::map<std::pair<std::size_t, int>, Process> workers_;
  std::size_t kept_ = 0, left_out_ = 0;
};

}  // namespace fuseline::tuner
