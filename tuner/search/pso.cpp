// Particle swarm optimisation (Kennedy & Eberhart 1995, with the constriction of Clerc & Kennedy 2002) on positions of
// values.
#include <algorithm>
#include <unordered_map>

#include "tuner/search/methods.hpp"
#include "tuner/search/positions.hpp"
#include "tuner/search/proposer.hpp"

namespace fuseline::tuner {

namespace {

class ParticleSwarm final : public Proposer {
 public:
  explicit ParticleSwarm(StrategyContext context) : Proposer("pso", std::move(context)) {}

 private:
  struct Particle {
    std::uint32_t subspace;
    Eigen::VectorXd position, velocity, best;
    double best_ms;
  };
  static constexpr std::size_t swarm_size = 12;
  static constexpr double inertia = 0.7298, pull = 1.49618;

  std::optional<std::uint64_t> propose() override {
    if (history().proposed_count() < swarm_size || swarm_.empty()) return std::nullopt;
    const std::size_t particle = next_++ % swarm_.size();
    move(swarm_[particle]);
    const auto near =
        neighbourhood().repair(nearest_point(swarm_[particle].position, space(), swarm_[particle].subspace), random());
    const auto index = near ? fresh(*near) : std::nullopt;
    if (index) flown_[*index] = particle;
    return index;
  }

  void learn(const Observation& observation) override {
    const auto entry = flown_.find(observation.index);
    const std::optional<std::size_t> particle = entry == flown_.end() ? std::nullopt : std::optional(entry->second);
    if (particle) flown_.erase(entry);
    if (!observation.ok) return;
    const Point point = space().point(observation.index);
    const Eigen::VectorXd here = positions_of(point);
    if (!particle) {
      if (swarm_.size() < swarm_size)
        swarm_.push_back({point.subspace, here, Eigen::VectorXd::Zero(here.size()), here, observation.time_ms});
    } else if (observation.time_ms < swarm_[*particle].best_ms) {
      adopt(swarm_[*particle], point, here, observation.time_ms);
    }
  }

  /// A duplicate's replacement may lie in another variant: the particle then lives there.
  static void adopt(Particle& particle, const Point& point, const Eigen::VectorXd& here, double time_ms) {
    if (particle.subspace != point.subspace)
      particle = {point.subspace, here, Eigen::VectorXd::Zero(here.size()), here, time_ms};
    particle.best = here;
    particle.best_ms = time_ms;
  }

  void move(Particle& particle) {
    const Point leader = space().point(history().best()->index);
    const Eigen::VectorXd towards = positions_of(
        leader.subspace == particle.subspace ? leader : neighbourhood().translate(leader, particle.subspace, random()));
    const auto& parameters = space().subspaces()[particle.subspace].parameters;
    for (Eigen::Index i = 0; i < particle.position.size(); ++i) {
      const double last = static_cast<double>(parameters[static_cast<std::size_t>(i)].values.size() - 1);
      double& velocity = particle.velocity[i];
      velocity = inertia * velocity + pull * random().uniform() * (particle.best[i] - particle.position[i]) +
                 pull * random().uniform() * (towards[i] - particle.position[i]);
      velocity = std::clamp(velocity, -last / 2, last / 2);
      particle.position[i] = std::clamp(particle.position[i] + velocity, 0.0, last);
    }
  }

  std::vector<Particle> swarm_;
  std::unordered_map<std::uint64_t, std::size_t> flown_;
  std::size_t next_ = 0;
};

}  // namespace

std::unique_ptr<Strategy> make_pso(StrategyContext context) {
  return std::make_unique<ParticleSwarm>(std::move(context));
}

}  // namespace fuseline::tuner
