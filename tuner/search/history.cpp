#include "tuner/search/history.hpp"

#include <algorithm>
#include <cmath>

namespace fuseline::tuner {

History::History(std::uint64_t size, std::uint64_t seed)
    : size_(size), order_(std::max<std::uint64_t>(size, 1), seed) {}

bool History::propose(std::uint64_t index) { return entries_.emplace(index, waiting).second; }

bool History::tell(const Observation& observation) {
  if (observation.index >= size_) return false;
  const auto entry = entries_.emplace(observation.index, waiting).first;
  if (entry->second != waiting) return false;
  entry->second = told_.size();
  told_.push_back(observation);
  auto& kept = told_.back();
  kept.ok = kept.ok && std::isfinite(kept.time_ms) && kept.time_ms >= 0;
  if (kept.ok && (best_ == waiting || kept.time_ms < told_[best_].time_ms)) best_ = entry->second;
  return true;
}

const Observation* History::answer(std::uint64_t index) const {
  const auto entry = entries_.find(index);
  return entry == entries_.end() || entry->second == waiting ? nullptr : &told_[entry->second];
}

const Observation* History::best() const { return best_ == waiting ? nullptr : &told_[best_]; }

std::optional<std::uint64_t> History::draw() {
  for (; next_ < size_; ++next_) {
    const std::uint64_t index = order_.at(next_);
    if (!proposed(index)) return index;
  }
  return std::nullopt;
}

}  // namespace fuseline::tuner
