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

/// Live outcomes are committed one by one: each cost time on a device. A replay's can be read again and are committed in batches.
class Logbook {
 public:
  using Pointer = std::shared_ptr<const Evaluation>;
  Logbook(Store* store, std::int64_t run, bool batched) : store_(store), run_(run), batched_(batched) {}

  /// Evaluations of the run resumed, already in the store.
  void take_over(std::vector<Pointer> earlier);
  /// Gives `evaluation` the next sequence number and keeps it. Error: the store's.
  [[nodiscard]] Result<Pointer> add(Evaluation evaluation);
  /// Commits what is still in the batch.
  [[nodiscard]] Result<void> flush();

  [[nodiscard]] const std::vector<Pointer>& evaluations() const { return evaluations_; }
  /// An evaluation of the run resumed with this configuration; null where there is none.
  [[nodiscard]] Pointer earlier(const Configuration& configuration) const;

 private:
  Store* store_;
  std::int64_t run_;
  bool batched_;
  std::uint64_t next_sequence_ = 0;
  std::vector<Pointer> evaluations_;
  std::unordered_map<std::string, Pointer> earlier_;
  std::vector<Evaluation> batch_;
};

}  // namespace fuseline::tuner
