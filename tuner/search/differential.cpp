// Differential evolution (Storn & Price 1997), rand-to-best/1/bin on positions of values; a trial replaces its target
// when its answer comes.
#include <algorithm>
#include <unordered_map>

#include "tuner/search/methods.hpp"
#include "tuner/search/positions.hpp"
#include "tuner/search/proposer.hpp"

namespace fuseline::tuner {

namespace {

class Differential final : public Proposer {
 public:
  explicit Differential(StrategyContext context) : Proposer("differential", std::move(context)) {}

 private:
  struct Member {
    Point point;
    double time_ms;
  };
  static constexpr std::size_t population_size = 16;
  static constexpr double crossover = 0.7;

  std::optional<std::uint64_t> propose() override {
    if (history().proposed_count() < population_size || population_.size() < 4) return std::nullopt;
    const std::size_t target = next_++ % population_.size();
    const auto near = neighbourhood().repair(trial(target), random());
    const auto index = near ? fresh(*near) : std::nullopt;
    if (index) targets_[*index] = target;
    return index;
  }

  void learn(const Observation& observation) override {
    std::optional<std::size_t> target;
    if (const auto entry = targets_.find(observation.index); entry != targets_.end()) {
      target = entry->second;
      targets_.erase(entry);
    }
    if (!observation.ok) return;
    if (population_.size() < population_size) {
      population_.push_back({space().point(observation.index), observation.time_ms});
    } else {
      // An answer to a uniform sample competes with the slowest.
      auto& member = population_[target ? *target : slowest()];
      if (observation.time_ms < member.time_ms) member = {space().point(observation.index), observation.time_ms};
    }
  }

  [[nodiscard]] std::size_t slowest() const {
    std::size_t at = 0;
    for (std::size_t i = 1; i < population_.size(); ++i)
      if (population_[i].time_ms > population_[at].time_ms) at = i;
    return at;
  }

  Eigen::VectorXd member_in(std::size_t member, std::uint32_t subspace) {
    const Point& point = population_[member].point;
    return positions_of(point.subspace == subspace ? point : neighbourhood().translate(point, subspace, random()));
  }

  Point trial(std::size_t target) {
    std::size_t best = 0;
    for (std::size_t i = 1; i < population_.size(); ++i)
      if (population_[i].time_ms < population_[best].time_ms) best = i;
    const auto subspace = population_[random().chance(0.5) ? best : target].point.subspace;
    const auto drawn = [&] {
      return member_in(static_cast<std::size_t>(random().below(population_.size())), subspace);
    };
    const double weight = 0.4 + 0.5 * random().uniform();
    Eigen::VectorXd result = member_in(target, subspace);
    const Eigen::VectorXd base = drawn();
    const Eigen::VectorXd difference = drawn() - drawn();
    const Eigen::VectorXd mutant = base + weight * (member_in(best, subspace) - base) + weight * difference;
    const auto certain = random().below(static_cast<std::uint64_t>(std::max<Eigen::Index>(1, result.size())));
    for (Eigen::Index i = 0; i < result.size(); ++i)
      if (static_cast<std::uint64_t>(i) == certain || random().chance(crossover)) result[i] = mutant[i];
    return nearest_point(result, space(), subspace);
  }

  std::vector<Member> population_;
  std::unordered_map<std::uint64_t, std::size_t> targets_;
  std::size_t next_ = 0;
};

}  // namespace

std::unique_ptr<Strategy> make_differential(StrategyContext context) {
  return std::make_unique<Differential>(std::move(context));
}

}  // namespace fuseline::tuner
