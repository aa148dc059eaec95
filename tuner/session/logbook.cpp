#include "tuner/session/logbook.hpp"

#include <algorithm>

#include "tuner/store/store.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::size_t kBatch = 256;

}  // namespace

void Logbook::take_over(std::vector<Pointer> earlier) {
  for (auto& evaluation : earlier) {
    next_sequence_ = std::max(next_sequence_, evaluation->sequence + 1);
    earlier_.emplace(evaluation->configuration.key(), evaluation);
    evaluations_.push_back(std::move(evaluation));
  }
}

Result<Logbook::Pointer> Logbook::add(Evaluation evaluation) {
  evaluation.sequence = next_sequence_++;
  if (store_ != nullptr && batched_) {
    batch_.push_back(evaluation);
    if (batch_.size() >= kBatch) FUSELINE_CHECK(flush());
  } else if (store_ != nullptr) {
    FUSELINE_CHECK(store_->append(run_, evaluation));
  }
  evaluations_.push_back(std::make_shared<const Evaluation>(std::move(evaluation)));
  return evaluations_.back();
}

std::size_t Logbook::place_of(std::uint64_t sequence) const {
  const auto before = [](const Pointer& evaluation, std::uint64_t wanted) { return evaluation->sequence < wanted; };
  const auto found = std::lower_bound(evaluations_.begin(), evaluations_.end(), sequence, before);
  const bool there = found != evaluations_.end() && (*found)->sequence == sequence;
  return there ? static_cast<std::size_t>(found - evaluations_.begin()) : evaluations_.size();
}

Logbook::Pointer Logbook::find(std::uint64_t sequence) const {
  const auto place = place_of(sequence);
  return place == evaluations_.size() ? nullptr : evaluations_[place];
}

Result<std::vector<std::size_t>> Logbook::add_counters(const std::vector<CountersOf>& readings) {
  FUSELINE_CHECK(flush());
  std::vector<std::size_t> places;
  std::vector<CountersOf> merged;
  std::vector<Pointer> replacements;
  for (const auto& reading : readings) {
    const auto place = place_of(reading.sequence);
    if (place == evaluations_.size()) continue;
    auto evaluation = std::make_shared<Evaluation>(*evaluations_[place]);
    for (const auto& [name, value] : reading.counters) evaluation->measurement.counters[name] = value;
    merged.push_back({reading.sequence, evaluation->measurement.counters});
    places.push_back(place);
    replacements.push_back(std::move(evaluation));
  }
  if (store_ != nullptr && !merged.empty()) FUSELINE_CHECK(store_->set_counters(run_, merged));
  for (std::size_t i = 0; i < places.size(); ++i) evaluations_[places[i]] = std::move(replacements[i]);
  return places;
}

Result<void> Logbook::flush() {
  if (batch_.empty()) return {};
  FUSELINE_CHECK(store_->append_many(run_, batch_));
  batch_.clear();
  return {};
}

Logbook::Pointer Logbook::earlier(const Configuration& configuration) const {
  if (earlier_.empty()) return nullptr;
  const auto found = earlier_.find(configuration.key());
  return found == earlier_.end() ? nullptr : found->second;
}

}  // namespace fuseline::tuner
