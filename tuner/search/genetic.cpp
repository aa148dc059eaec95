// A steady-state genetic algorithm (Whitley 1989): every answer enters the population at once, so any number of
// children may be out.
#include <algorithm>

#include "tuner/search/methods.hpp"
#include "tuner/search/proposer.hpp"

namespace fuseline::tuner {

namespace {

class Genetic final : public Proposer {
 public:
  explicit Genetic(StrategyContext context) : Proposer("genetic", std::move(context)) {}

 private:
  struct Member {
    Point point;
    double time_ms;
  };
  static constexpr std::size_t population_size = 16, tournament = 3;
  static constexpr double mutations = 1.0, crossover = 0.8;

  std::optional<std::uint64_t> propose() override {
    if (history().proposed_count() < population_size || population_.empty()) return std::nullopt;
    Point child = select().point;
    if (random().chance(crossover)) cross(child, select().point);
    const auto index = neighbourhood().repair(mutated(child), random());
    return index ? fresh(*index) : std::nullopt;
  }

  void learn(const Observation& observation) override {
    if (!observation.ok) return;
    const auto slower = [](const Member& a, const Member& b) { return a.time_ms < b.time_ms; };
    const Member member{space().point(observation.index), observation.time_ms};
    population_.insert(std::upper_bound(population_.begin(), population_.end(), member, slower), member);
    if (population_.size() > population_size) population_.pop_back();
  }

  /// The population is sorted, so the winner of a tournament is the lowest position.
  const Member& select() {
    std::uint64_t winner = population_.size();
    for (std::size_t i = 0; i < tournament; ++i) winner = std::min(winner, random().below(population_.size()));
    return population_[winner];
  }

  void cross(Point& child, const Point& other) {
    const Point mate =
        other.subspace == child.subspace ? other : neighbourhood().translate(other, child.subspace, random());
    for (std::size_t i = 0; i < child.choices.size(); ++i)
      if (random().chance(0.5)) child.choices[i] = mate.choices[i];
  }

  Point mutated(Point point) {
    const auto& free = neighbourhood().free_parameters(point.subspace);
    for (const std::size_t p : free) {
      if (!random().chance(mutations / static_cast<double>(free.size()))) continue;
      const auto& parameter = space().subspaces()[point.subspace].parameters[p];
      const std::size_t reach = parameter.ordered && random().chance(0.5) ? 1 : parameter.values.size();
      neighbourhood().change(point, p, reach, random());
    }
    return point;
  }

  std::vector<Member> population_;  ///< The fastest first.
};

}  // namespace

std::unique_ptr<Strategy> make_genetic(StrategyContext context) {
  return std::make_unique<Genetic>(std::move(context));
}

}  // namespace fuseline::tuner
