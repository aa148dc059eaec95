// Hardware counters of a sweep: what is expected of them, what came, and what could not be read. What goes wrong with
// them costs no outcome.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "tuner/session/logbook.hpp"
#include "tuner/session/publisher.hpp"
#include "tuner/worker/protocol.hpp"

namespace fuseline::tuner {

/// Used by the session's thread. Asks nothing of a worker itself: the sweep sends requests and hands the replies over.
class CounterReader {
 public:
  /// Both outlive it; counters go into the logbook's evaluations and the publisher's draft.
  CounterReader(Logbook& logbook, Publisher& publisher) : logbook_(logbook), publisher_(publisher) {}

  /// Counters may come under `id` for the evaluation with this sequence number.
  void expect(std::uint64_t id, std::uint64_t sequence) { expected_[id] = sequence; }
  /// What is read from here on is booked under this set: "fast", "full", "custom".
  void choose_set(std::string set) { set_ = std::move(set); }

  /// A request is on its way; finished() once it is answered to its end.
  void start() { finished_ = false; }
  [[nodiscard]] bool finished() const { return finished_; }
  /// Keeps readings and what they cost. Readings of unknown ids are passed over. Error: the store's.
  [[nodiscard]] Result<void> take(const CountersReply& reply);

  /// They cannot be had: said once.
  void give_up(const std::string& reason);
  [[nodiscard]] bool gone() const { return gone_; }

  /// What worked, has none and was not refused: lost with a worker, or of a run that was read without them.
  [[nodiscard]] std::vector<Logbook::Pointer> missing() const;
  /// Says for how many there are none and why for one of them; nothing where there are none such.
  void report_unread();

 private:
  void tally(const CountersReply& reply, double kernel_ms);

  Logbook& logbook_;
  Publisher& publisher_;
  bool gone_ = false;
  bool finished_ = false;
  std::string set_ = "fast";
  std::unordered_map<std::uint64_t, std::uint64_t> expected_;  ///< Sequence by id.
  std::map<std::uint64_t, std::string> unread_;                ///< Why there are none, by sequence.
};

}  // namespace fuseline::tuner
