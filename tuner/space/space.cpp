#include "tuner/space/space.hpp"

#include <algorithm>

namespace fuseline::tuner {

Configuration Space::configuration(std::uint64_t index) const { return configuration(point(index)); }

Configuration Space::configuration(const Point& point) const {
  const SubSpace& subspace = subspaces()[point.subspace];
  Configuration configuration{subspace.variant, {}};
  configuration.values.reserve(subspace.parameters.size());
  for (std::size_t i = 0; i < subspace.parameters.size(); ++i) {
    const Parameter& parameter = subspace.parameters[i];
    configuration.values.push_back({parameter.name, parameter.values[point.choices[i]]});
  }
  return configuration;
}

namespace {

/// Position of the value that `configuration` gives to `parameter`.
std::optional<std::uint16_t> choice_of(const Parameter& parameter, const Configuration& configuration) {
  const auto named = std::find_if(configuration.values.begin(), configuration.values.end(),
                                  [&](const auto& v) { return v.name == parameter.name; });
  if (named == configuration.values.end()) return std::nullopt;
  const auto value = std::find(parameter.values.begin(), parameter.values.end(), named->value);
  if (value == parameter.values.end()) return std::nullopt;
  return static_cast<std::uint16_t>(value - parameter.values.begin());
}

}  // namespace

std::optional<std::uint64_t> Space::index_of(const Configuration& configuration) const {
  const std::vector<SubSpace>& all = subspaces();
  const auto subspace =
      std::find_if(all.begin(), all.end(), [&](const auto& s) { return s.variant == configuration.variant; });
  if (subspace == all.end() || subspace->parameters.size() != configuration.values.size()) return std::nullopt;
  Point point{static_cast<std::uint32_t>(subspace - all.begin()), {}};
  point.choices.reserve(subspace->parameters.size());
  for (const Parameter& parameter : subspace->parameters) {
    const std::optional<std::uint16_t> choice = choice_of(parameter, configuration);
    if (!choice) return std::nullopt;
    point.choices.push_back(*choice);
  }
  return index_of(point);
}

}  // namespace fuseline::tuner
