// What a filter lets pass, as plots are told of it.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_set>
#include <vector>

namespace fuseline::tuner {

class Passing {
 public:
  /// Sequences of what passes; everything does where there is no filter.
  explicit Passing(const std::optional<std::vector<std::uint64_t>>& sequences) {
    if (sequences) members_.emplace(sequences->begin(), sequences->end());
  }
  [[nodiscard]] bool has(std::uint64_t sequence) const { return !members_ || members_->contains(sequence); }

 private:
  std::optional<std::unordered_set<std::uint64_t>> members_;
};

}  // namespace fuseline::tuner
