// What a strategy has proposed and what became of it; never lists the space.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "tuner/search/permutation.hpp"
#include "tuner/search/strategy.hpp"

namespace fuseline::tuner {

/// Memory grows with the proposals, not with the space.
class History {
 public:
  History(std::uint64_t size, std::uint64_t seed);

  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] bool proposed(std::uint64_t index) const { return entries_.contains(index); }
  [[nodiscard]] std::uint64_t proposed_count() const { return entries_.size(); }
  [[nodiscard]] std::uint64_t outstanding() const { return entries_.size() - told_.size(); }
  [[nodiscard]] bool exhausted() const { return entries_.size() >= size_; }

  /// False where it was proposed before.
  bool propose(std::uint64_t index);
  /// False (and nothing is kept) where the index was told already. An index never proposed counts as proposed from now
  /// on: a resumed sweep tells what an earlier one measured.
  bool tell(const Observation& observation);

  /// Null where no answer has come yet.
  [[nodiscard]] const Observation* answer(std::uint64_t index) const;
  [[nodiscard]] const std::vector<Observation>& told() const { return told_; }
  /// The fastest that worked; null where none has.
  [[nodiscard]] const Observation* best() const;

  /// A configuration drawn uniformly from those not proposed, without marking it. Empty when exhausted. The whole order
  /// costs one pass.
  [[nodiscard]] std::optional<std::uint64_t> draw();

 private:
  static constexpr std::size_t waiting = ~std::size_t{0};

  std::uint64_t size_;
  std::unordered_map<std::uint64_t, std::size_t> entries_;  ///< Position in told_, or waiting.
  std::vector<Observation> told_;
  std::size_t best_ = waiting;
  Permutation order_;
  std::uint64_t next_ = 0;
};

}  // namespace fuseline::tuner
