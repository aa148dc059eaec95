// Every evaluation of a sweep in order, each kept in the store before anyone else hears of it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "tuner/session/run.hpp"

namespace fuseline::tuner {

class Store;
struct CountersOf;

/// Live outcomes are committed one by one: each cost time on a device. A replay's can be read again and are committed in batches.
class Logbook {
 public:
  using Pointer = std::shared_ptr<const Evaluation>;
  Logbook(Store* store, std::int64_t run, bool batched) : store_(store), run_(run), batched_(batched) {}

  /// Evaluations of the run resumed, already in the store.
  void take_over(std::vector<Pointer> earlier);
  /// Gives `evaluation` the next sequence number and keeps it. Error: the store's.
  [[nodiscard]] Result<Pointer> add(Evaluation evaluation);
  /// Merges counters that were read after the evaluations were kept, and keeps them: each gets a new evaluation in its place, as those handed out
  /// do not change. Returns the places. Readings of no evaluation are left out. Error: the store's.
  [[nodiscard]] Result<std::vector<std::size_t>> add_counters(const std::vector<CountersOf>& readings);
  /// Null where there is none of this sequence number.
  [[nodiscard]] Pointer find(std::uint64_t sequence) const;
  /// Commits what is still in the batch.
  [[nodiscard]] Result<void> flush();

  [[nodiscard]] const std::vector<Pointer>& evaluations() const { return evaluations_; }
  /// An evaluation of the run resumed with this configuration; null where there is none.
  [[nodiscard]] Pointer earlier(const Configuration& configuration) const;

 private:
  [[nodiscard]] std::size_t place_of(std::uint64_t sequence) const;  ///< Past the end where there is none.

  Store* store_;
  std::int64_t run_;
  bool batched_;
  std::uint64_t next_sequence_ = 0;
  std::vector<Pointer> evaluations_;  ///< By sequence.
  std::unordered_map<std::string, Pointer> earlier_;
  std::vector<Evaluation> batch_;
};

}  // namespace fuseline::tuner
