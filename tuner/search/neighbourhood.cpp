#include "tuner/search/neighbourhood.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace fuseline::tuner {

namespace {

/// How often a random change is retried before it is given up: constraints may leave few valid neighbours.
constexpr int attempts = 24;
/// How often a change leads to another variant, where there are several.
constexpr double variant_change = 0.1;

std::uint16_t position(std::size_t value) { return static_cast<std::uint16_t>(value); }

/// Positions of `parameter` other than `chosen`, the nearest first.
std::vector<std::uint16_t> others(const Parameter& parameter, std::size_t chosen) {
  std::vector<std::uint16_t> list;
  const std::size_t count = parameter.values.size();
  for (std::size_t distance = 1; distance < count; ++distance) {
    if (distance <= chosen) list.push_back(position(chosen - distance));
    if (chosen + distance < count) list.push_back(position(chosen + distance));
  }
  return list;
}

std::uint16_t nearest_value(const Parameter& parameter, const Value& value) {
  const auto wanted = value.number();
  std::size_t best = 0;
  double distance = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < parameter.values.size(); ++i) {
    if (parameter.values[i] == value) return position(i);
    const auto number = parameter.values[i].number();
    if (!wanted || !number || std::abs(*number - *wanted) >= distance) continue;
    distance = std::abs(*number - *wanted);
    best = i;
  }
  return position(best);
}

}  // namespace

Neighbourhood::Neighbourhood(std::shared_ptr<const Space> space) : space_(std::move(space)) {
  for (const auto& subspace : space_->subspaces()) {
    auto& list = free_.emplace_back();
    for (std::size_t i = 0; i < subspace.parameters.size(); ++i)
      if (subspace.parameters[i].values.size() > 1) list.push_back(i);
  }
}

std::vector<std::uint64_t> Neighbourhood::adjacent(std::uint64_t index) const {
  std::vector<std::uint64_t> list;
  const Point centre = space_->point(index);
  const auto& parameters = space_->subspaces()[centre.subspace].parameters;
  for (const std::size_t p : free_[centre.subspace]) {
    Point point = centre;
    const int chosen = centre.choices[p], count = static_cast<int>(parameters[p].values.size());
    if (!parameters[p].ordered) {
      for (const auto choice : others(parameters[p], centre.choices[p])) {
        point.choices[p] = choice;
        if (const auto found = space_->index_of(point)) list.push_back(*found);
      }
      continue;
    }
    for (const int direction : {-1, 1})
      for (int choice = chosen + direction; choice >= 0 && choice < count; choice += direction) {
        point.choices[p] = static_cast<std::uint16_t>(choice);
        const auto found = space_->index_of(point);
        if (!found) continue;
        list.push_back(*found);
        break;
      }
  }
  return list;
}

std::vector<std::uint64_t> Neighbourhood::one_changed(std::uint64_t index, std::size_t values_each) const {
  std::vector<std::uint64_t> list;
  const Point centre = space_->point(index);
  for (const std::size_t p : free_[centre.subspace]) {
    Point point = centre;
    std::size_t looked_at = 0;
    for (const auto choice : others(space_->subspaces()[centre.subspace].parameters[p], centre.choices[p])) {
      if (looked_at++ >= values_each) break;
      point.choices[p] = choice;
      if (const auto found = space_->index_of(point)) list.push_back(*found);
    }
  }
  return list;
}

void Neighbourhood::change(Point& point, std::size_t parameter, std::size_t reach, RandomSource& random) const {
  const auto& description = space_->subspaces()[point.subspace].parameters[parameter];
  const std::size_t count = description.values.size(), chosen = point.choices[parameter];
  if (count < 2) return;
  std::size_t low = 0, high = count - 1;
  if (description.ordered) {
    low = chosen > reach ? chosen - reach : 0;
    high = count - 1 - chosen > reach ? chosen + reach : count - 1;
  }
  const std::size_t drawn = low + static_cast<std::size_t>(random.below(high - low));
  point.choices[parameter] = position(drawn >= chosen ? drawn + 1 : drawn);
}

std::optional<std::uint64_t> Neighbourhood::random_change(std::uint64_t index, std::size_t changes,
                                                          RandomSource& random) const {
  return random_step(index, changes, std::numeric_limits<std::uint16_t>::max(), random);
}

std::optional<std::uint64_t> Neighbourhood::random_step(std::uint64_t index, std::size_t changes, std::size_t reach,
                                                        RandomSource& random) const {
  const Point centre = space_->point(index);
  const auto variants = space_->subspaces().size();
  for (int attempt = 0; attempt < attempts; ++attempt) {
    Point point = centre;
    if (variants > 1 && random.chance(variant_change)) {
      const auto drawn = static_cast<std::uint32_t>(random.below(variants - 1));
      point = translate(centre, drawn >= centre.subspace ? drawn + 1 : drawn, random);
    } else {
      const auto& list = free_[centre.subspace];
      if (list.empty()) continue;
      // A constraint may tie parameters together: later attempts change one more.
      const std::size_t wanted = std::min(list.size(), changes + static_cast<std::size_t>(attempt / 8));
      auto parameters = list;
      for (std::size_t i = 0; i < wanted; ++i) {
        std::swap(parameters[i], parameters[i + static_cast<std::size_t>(random.below(parameters.size() - i))]);
        change(point, parameters[i], reach, random);
      }
    }
    const auto found = space_->index_of(point);
    if (found && *found != index) return found;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> Neighbourhood::repair(const Point& point, RandomSource& random) const {
  if (const auto found = space_->index_of(point)) return found;
  const auto& list = free_[point.subspace];
  if (list.empty()) return std::nullopt;
  constexpr int tries = 4 * attempts;
  for (int attempt = 0; attempt < tries; ++attempt) {
    Point candidate = point;
    const auto changes = 1 + static_cast<std::size_t>(attempt) * list.size() / tries;
    for (std::size_t i = 0; i < changes; ++i)
      change(candidate, list[static_cast<std::size_t>(random.below(list.size()))],
             1 + static_cast<std::size_t>(attempt / 8), random);
    if (const auto found = space_->index_of(candidate)) return found;
  }
  return std::nullopt;
}

Point Neighbourhood::translate(const Point& point, std::uint32_t subspace, RandomSource& random) const {
  const auto& from = space_->subspaces()[point.subspace].parameters;
  const auto& to = space_->subspaces()[subspace].parameters;
  Point result{subspace, std::vector<std::uint16_t>(to.size(), 0)};
  for (std::size_t i = 0; i < to.size(); ++i) {
    const auto same = std::find_if(from.begin(), from.end(),
                                   [&](const Parameter& parameter) { return parameter.name == to[i].name; });
    if (same == from.end()) {
      result.choices[i] = position(static_cast<std::size_t>(random.below(to[i].values.size())));
    } else {
      const auto p = static_cast<std::size_t>(same - from.begin());
      result.choices[i] = nearest_value(to[i], from[p].values[point.choices[p]]);
    }
  }
  return result;
}

}  // namespace fuseline::tuner
