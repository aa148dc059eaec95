// Every evaluation of a sweep in order, each kept in the store before anyone else hears of it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "tuner/run/run.hpp"

namespace fuseline::tuner {

class Store;
struct CountersOf;

struct Keeping {
  bool batches = false;   ///< Committed in batches, as a replay's may be, which can be read again; a live outcome cost
                          ///< time on a device.
  bool in_memory = true;  ///< Else in the store alone until gather(). Without a store always.
};

class Logbook {
 public:
  using Pointer = std::shared_ptr<const Evaluation>;
  Logbook(Store* store, std::int64_t run, Keeping keeping)
      : store_(store), run_(run), batches_(keeping.batches), in_memory_(keeping.in_memory || store == nullptr) {}

  /// Evaluations of the run resumed, already in the store.
  void take_over(std::vector<Pointer> earlier);
  /// Gives `evaluation` the next sequence number and keeps it. Error: the store's.
  [[nodiscard]] Result<Pointer> add(Evaluation evaluation);
  /// Merges counters that were read after the evaluations were kept, and keeps them: each gets a new evaluation in its
  /// place, as those handed out do not change. Returns the new ones. Readings of no evaluation are left out. Error: the
  /// store's.
  [[nodiscard]] Result<std::vector<Pointer>> add_counters(const std::vector<CountersOf>& readings);
  /// Keeps the evaluation in the place of the one with its sequence number, which is kept already. Error: the store's.
  [[nodiscard]] Result<Pointer> replace(Evaluation evaluation);
  /// Null where there is none of this sequence number. Error: the store's.
  [[nodiscard]] Result<Pointer> find(std::uint64_t sequence) const;
  /// Commits what is still in the batch.
  [[nodiscard]] Result<void> flush();
  /// Brings back what is in the store alone. From here on all is kept in memory too. Error: the store's.
  [[nodiscard]] Result<void> gather();

  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] bool in_memory() const { return in_memory_; }
  /// By sequence; none while they are in the store alone.
  [[nodiscard]] const std::vector<Pointer>& evaluations() const { return evaluations_; }
  /// In evaluations(); past the end where there is none of this sequence number.
  [[nodiscard]] std::size_t place_of(std::uint64_t sequence) const;
  /// An evaluation of the run resumed with this configuration; null where there is none.
  [[nodiscard]] Pointer earlier(const Configuration& configuration) const;

 private:
  Store* store_;
  std::int64_t run_;
  bool batches_, in_memory_;
  std::uint64_t next_sequence_ = 0, size_ = 0;
  std::vector<Pointer> evaluations_;
  std::unordered_map<std::string, Pointer> earlier_;
  std::vector<Evaluation> batch_;
};

}  // namespace fuseline::tuner
