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
