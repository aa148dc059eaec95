#include "tuner/search/features.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <set>
#include <string>

namespace fuseline::tuner {

namespace {

/// Every value that a parameter name has in any variant, and whether all are numbers in order.
struct Merged {
  std::set<Value> values;
  bool ordered = true;
};

std::map<std::string, Merged> merge(const Space& space) {
  std::map<std::string, Merged> merged;
  for (const auto& subspace : space.subspaces())
    for (const auto& parameter : subspace.parameters) {
      auto& entry = merged[parameter.name];
      entry.values.insert(parameter.values.begin(), parameter.values.end());
      for (const auto& value : parameter.values)
        entry.ordered = entry.ordered && parameter.ordered && value.number() && std::isfinite(*value.number());
    }
  return merged;
}

std::vector<double> to_unit(std::vector<double> values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double least = *low, span = *high - *low;
  for (auto& value : values) value = span > 0 ? (value - least) / span : 0.5;
  return values;
}

double powers_of_two(double value) {
  const auto integer = static_cast<std::uint64_t>(value);
  return integer == 0 ? 0 : std::countr_zero(integer);
}

/// The features of one parameter, one list a feature, for each of its values in turn.
std::vector<std::vector<double>> encode(const Merged& merged) {
  std::vector<std::vector<double>> features;
  if (!merged.ordered && merged.values.size() > 2) {
    for (std::size_t k = 0; k < merged.values.size(); ++k) {
      features.emplace_back(merged.values.size(), 0.0);
      features.back()[k] = 1;
    }
    return features;
  }
  std::vector<double> numbers;
  for (const auto& value : merged.values)
    numbers.push_back(merged.ordered ? *value.number() : static_cast<double>(numbers.size()));
  const double least = numbers.front(), greatest = numbers.back();
  const bool logarithmic = least > 0 && greatest >= 4 * least;
  auto scaled = numbers;
  if (logarithmic)
    for (auto& number : scaled) number = std::log2(number);
  features.push_back(to_unit(scaled));
  const bool integers =
      std::all_of(numbers.begin(), numbers.end(), [](double x) { return x >= 0 && x < 0x1p53 && x == std::floor(x); });
  const bool only_powers =
      std::all_of(numbers.begin(), numbers.end(), [](double x) { return x > 0 && x == std::exp2(powers_of_two(x)); });
  if (integers && !only_powers && numbers.size() > 3) {
    for (auto& number : numbers) number = powers_of_two(number);
    features.push_back(to_unit(numbers));
  }
  return features;
}

}  // namespace

FeatureMap::FeatureMap(const Space& space) {
  const auto& subspaces = space.subspaces();
  variant_features_ = subspaces.size() > 1 ? static_cast<Eigen::Index>(subspaces.size()) : 0;
  size_ = variant_features_;
  columns_.resize(subspaces.size());
  for (std::size_t s = 0; s < subspaces.size(); ++s) columns_[s].resize(subspaces[s].parameters.size());
  for (const auto& [name, merged] : merge(space)) {
    if (merged.values.size() < 2) continue;
    const auto features = encode(merged);
    for (std::size_t s = 0; s < subspaces.size(); ++s)
      for (std::size_t p = 0; p < subspaces[s].parameters.size(); ++p) {
        const auto& parameter = subspaces[s].parameters[p];
        if (parameter.name != name) continue;
        auto& column = columns_[s][p];
        column.first = size_;
        column.width = static_cast<Eigen::Index>(features.size());
        for (const auto& value : parameter.values) {
          const auto at = static_cast<std::size_t>(std::distance(merged.values.begin(), merged.values.find(value)));
          for (const auto& feature : features) column.values.push_back(feature[at]);
        }
      }
    size_ += static_cast<Eigen::Index>(features.size());
  }
}

void FeatureMap::write(const Point& point, Eigen::Ref<Eigen::VectorXd> out) const {
  out.setConstant(0.5);
  for (Eigen::Index k = 0; k < variant_features_; ++k) out[k] = k == static_cast<Eigen::Index>(point.subspace) ? 1 : 0;
  const auto& columns = columns_[point.subspace];
  for (std::size_t p = 0; p < columns.size(); ++p)
    for (Eigen::Index k = 0; k < columns[p].width; ++k)
      out[columns[p].first + k] = columns[p].values[static_cast<std::size_t>(point.choices[p] * columns[p].width + k)];
}

}  // namespace fuseline::tuner
