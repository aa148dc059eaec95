// Sweeps that wait for the one that runs. They go with the window.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tuner/run/run.hpp"

namespace fuseline::app::gui {

struct QueuedSweep {
  std::uint64_t id = 0;  ///< Its own for as long as the window is there.
  tuner::SweepRequest request;
  std::string title;  ///< "softmax_bias f16 today on cuda:0"
};

class SweepQueue {
 public:
  [[nodiscard]] const std::vector<QueuedSweep>& waiting() const { return waiting_; }
  [[nodiscard]] bool empty() const { return waiting_.empty(); }

  /// At the end.
  void add(const tuner::SweepRequest& request);
  /// Error: none of that number waits.
  [[nodiscard]] tuner::Result<void> remove(std::uint64_t id);
  /// `by` places towards the end; -1: one earlier. At either end it stays. Error: as above.
  [[nodiscard]] tuner::Result<void> move(std::uint64_t id, int by);
  void clear() { waiting_.clear(); }
  /// The next one, taken out; empty where none waits or the queue is held.
  [[nodiscard]] std::optional<QueuedSweep> next();

  /// Nothing starts by itself any more: somebody stopped a sweep.
  void hold() { held_ = !waiting_.empty(); }
  void go_on() { held_ = false; }
  [[nodiscard]] bool held() const { return held_; }

 private:
  [[nodiscard]] tuner::Result<std::size_t> place_of(std::uint64_t id) const;

  std::vector<QueuedSweep> waiting_;
  std::uint64_t next_id_ = 1;
  bool held_ = false;
};

/// What a request sweeps, in a line.
[[nodiscard]] std::string request_title(const tuner::SweepRequest& request);

}  // namespace fuseline::app::gui
