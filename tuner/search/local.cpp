// Iterated local search (Lourenco, Martin & Stuetzle 2003): first improvement among configurations with one parameter
// changed, then a kick.
#include "tuner/search/methods.hpp"
#include "tuner/search/proposer.hpp"

namespace fuseline::tuner {

namespace {

class Local final : public Proposer {
 public:
  explicit Local(StrategyContext context) : Proposer("local", std::move(context)) {}

 private:
  static constexpr std::uint64_t starts = 6;
  static constexpr std::size_t kick_changes = 3;
  static constexpr double restart = 0.15;

  std::optional<std::uint64_t> propose() override {
    if (history().proposed_count() < starts) return std::nullopt;
    while (!queue_.empty()) {
      const auto index = queue_.back();
      queue_.pop_back();
      if (!history().proposed(index)) return index;
    }
    // While a kick is out, further workers sample at random.
    if (kick_ || history().best() == nullptr) return std::nullopt;
    kick_ = random().chance(restart) ? history().draw()
                                     : neighbourhood().random_change(history().best()->index, kick_changes, random());
    if (kick_) kick_ = fresh(*kick_);
    return kick_;
  }

  void learn(const Observation& observation) override {
    const bool kicked = kick_ == observation.index;
    if (kicked) kick_.reset();
    if (!observation.ok) return;
    if (!kicked && base_ && observation.time_ms >= base_->time_ms) return;
    if (!kicked && history().told().size() < starts && base_) return;
    climb_from(observation);
  }

  /// Neighbours one step away come first (the queue is used from its end).
  void climb_from(const Observation& observation) {
    base_ = observation;
    queue_ = neighbourhood().one_changed(observation.index);
    random().shuffle(queue_);
    auto near = neighbourhood().adjacent(observation.index);
    random().shuffle(near);
    queue_.insert(queue_.end(), near.begin(), near.end());
  }

  std::optional<Observation> base_;
  std::vector<std::uint64_t> queue_;
  std::optional<std::uint64_t> kick_;
};

}  // namespace

std::unique_ptr<Strategy> make_local(StrategyContext context) { return std::make_unique<Local>(std::move(context)); }

}  // namespace fuseline::tuner
