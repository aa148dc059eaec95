#include "tuner/session/logbook.hpp"

#include <algorithm>

#include "tuner/store/store.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::size_t kBatch = 256;

}  // namespace

void Logbook::take_over(std::vector<Pointer> earlier) {
  size_ += earlier.size();
  for (auto& evaluation : earlier) {
    next_sequence_ = std::max(next_sequence_, evaluation->sequence + 1);
    earlier_.emplace(evaluation->configuration.key(), evaluation);
    if (in_memory_) evaluations_.push_back(std::move(evaluation));
  }
}

Result<Logbook::Pointer> Logbook::add(Evaluation evaluation) {
  evaluation.sequence = next_sequence_++;
  if (store_ != nullptr && batches_) {
    batch_.push_back(evaluation);
    if (batch_.size() >= kBatch) FUSELINE_CHECK(flush());
  } else if (store_ != nullptr) {
    FUSELINE_CHECK(store_->append(run_, evaluation));
  }
  ++size_;
  auto kept = std::make_shared<const Evaluation>(std::move(evaluation));
  if (in_memory_) evaluations_.push_back(kept);
  return kept;
}

std::size_t Logbook::place_of(std::uint64_t sequence) const {
  const auto before = [](const Pointer& evaluation, std::uint64_t wanted) { return evaluation->sequence < wanted; };
  const auto found = std::lower_bound(evaluations_.begin(), evaluations_.end(), sequence, before);
  const bool there = found != evaluations_.end() && (*found)->sequence == sequence;
  return there ? static_cast<std::size_t>(found - evaluations_.begin()) : evaluations_.size();
}

Result<Logbook::Pointer> Logbook::find(std::uint64_t sequence) const {
  if (!in_memory_) {
    if (sequence >= next_sequence_) return nullptr;
    const auto waiting = std::find_if(batch_.begin(), batch_.end(),
                                      [&](const Evaluation& evaluation) { return evaluation.sequence == sequence; });
    if (waiting != batch_.end()) return std::make_shared<const Evaluation>(*waiting);
    FUSELINE_TRY(evaluation, store_->evaluation(run_, sequence));
    return std::make_shared<const Evaluation>(std::move(evaluation));
  }
  const auto place = place_of(sequence);
  return place == evaluations_.size() ? nullptr : evaluations_[place];
}

Result<std::vector<Logbook::Pointer>> Logbook::add_counters(const std::vector<CountersOf>& readings) {
  FUSELINE_CHECK(flush());
  std::vector<CountersOf> merged;
  std::vector<Pointer> replacements;
  for (const auto& reading : readings) {
    FUSELINE_TRY(found, find(reading.sequence));
    if (!found) continue;
    auto evaluation = std::make_shared<Evaluation>(*found);
    for (const auto& [name, value] : reading.counters) evaluation->measurement.counters[name] = value;
    merged.push_back({reading.sequence, evaluation->measurement.counters});
    replacements.push_back(std::move(evaluation));
  }
  if (store_ != nullptr && !merged.empty()) FUSELINE_CHECK(store_->set_counters(run_, merged));
  if (in_memory_) {
    for (const auto& evaluation : replacements) evaluations_[place_of(evaluation->sequence)] = evaluation;
  }
  return replacements;
}

Result<Logbook::Pointer> Logbook::replace(Evaluation evaluation) {
  FUSELINE_CHECK(flush());
  if (store_ != nullptr) FUSELINE_CHECK(store_->replace(run_, evaluation));
  auto kept = std::make_shared<const Evaluation>(std::move(evaluation));
  if (const std::size_t place = place_of(kept->sequence); in_memory_ && place < evaluations_.size())
    evaluations_[place] = kept;
  return kept;
}

Result<void> Logbook::flush() {
  if (batch_.empty()) return {};
  FUSELINE_CHECK(store_->append_many(run_, batch_));
  batch_.clear();
  return {};
}

Result<void> Logbook::gather() {
  if (in_memory_) return {};
  FUSELINE_CHECK(flush());
  FUSELINE_TRY(run, store_->load(run_));
  evaluations_.reserve(run.evaluations.size());
  for (auto& evaluation : run.evaluations)
    evaluations_.push_back(std::make_shared<const Evaluation>(std::move(evaluation)));
  in_memory_ = true;
  return {};
}

Logbook::Pointer Logbook::earlier(const Configuration& configuration) const {
  if (earlier_.empty()) return nullptr;
  const auto found = earlier_.find(configuration.key());
  return found == earlier_.end() ? nullptr : found->second;
}

}  // namespace fuseline::tuner
