#include "tuner/search/proposer.hpp"

#include <algorithm>
#include <utility>

namespace fuseline::tuner {

namespace {
/// What is taken for the budget in seconds before the first cost is known.
constexpr double evaluations_guess = 200;
}  // namespace

Proposer::Proposer(std::string_view name, StrategyContext context)
    : name_(name),
      context_(std::move(context)),
      history_(context_.space->size(), mix64(context_.seed)),
      random_(mix64(context_.seed) + 1),
      neighbourhood_(context_.space) {}

std::vector<std::uint64_t> Proposer::ask(std::size_t count) {
  std::vector<std::uint64_t> indices;
  while (indices.size() < count && !history_.exhausted()) {
    auto index = propose();
    if (!index || history_.proposed(*index)) index = history_.draw();
    if (!index) break;
    history_.propose(*index);
    indices.push_back(*index);
  }
  return indices;
}

void Proposer::tell(const Observation& observation) {
  if (!history_.tell(observation)) return;
  spent_s_ += std::max(0.0, observation.cost_s);
  learn(history_.told().back());
}

std::optional<std::uint64_t> Proposer::fresh(std::uint64_t index) {
  constexpr std::size_t tries = 12;
  for (std::size_t i = 0; i < tries; ++i) {
    if (!history_.proposed(index)) return index;
    const auto near = neighbourhood_.random_step(index, 1 + i / 4, 1 + i, random_);
    if (!near) break;
    index = *near;
  }
  return std::nullopt;
}

double Proposer::expected_evaluations() const {
  double evaluations = static_cast<double>(history_.size());
  const auto& budget = context_.budget;
  if (budget.evaluations) evaluations = std::min(evaluations, static_cast<double>(*budget.evaluations));
  if (budget.seconds) {
    const double told = static_cast<double>(history_.told().size());
    evaluations = std::min(evaluations, spent_s_ > 0 ? *budget.seconds * told / spent_s_ : evaluations_guess);
  }
  return std::max(1.0, evaluations);
}

double Proposer::progress() const {
  double part = static_cast<double>(history_.proposed_count()) / static_cast<double>(history_.size());
  const auto& budget = context_.budget;
  if (budget.evaluations && *budget.evaluations > 0)
    part = std::max(part, static_cast<double>(history_.proposed_count()) / static_cast<double>(*budget.evaluations));
  if (budget.seconds && *budget.seconds > 0) part = std::max(part, spent_s_ / *budget.seconds);
  return std::min(1.0, part);
}

}  // namespace fuseline::tuner
