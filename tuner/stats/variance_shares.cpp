#include "tuner/stats/variance_shares.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>
#include <utility>

namespace fuseline::tuner {
namespace {

constexpr std::size_t kRows = 10'000, kPoints = 8192;

/// Of what a row is alone: one step of splitmix64 (Steele, Lea & Flood 2014) for each level and for the response.
std::uint64_t hash_of(const Design& design, std::size_t row) {
  std::uint64_t hash = 0;
  const auto mix = [&hash](std::uint64_t value) {
    hash = (hash ^ value) + 0x9E3779B97F4A7C15ULL;
    hash = (hash ^ (hash >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    hash = (hash ^ (hash >> 27U)) * 0x94D049BB133111EBULL;
    hash ^= hash >> 31U;
  };
  for (const std::uint8_t level : design.row(row)) mix(level);
  mix(std::bit_cast<std::uint64_t>(design.response[row]));
  return hash;
}

/// The rows in an order of their own, whatever order they were measured in: the same answer for a sweep and for the
/// file that it came from. Of too many the first of that order, which is as good as random.
Design settled(const Design& design) {
  std::vector<std::pair<std::uint64_t, std::size_t>> order;
  order.reserve(design.response.size());
  for (std::size_t row = 0; row < design.response.size(); ++row) order.emplace_back(hash_of(design, row), row);
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(std::min(order.size(), kRows));
  std::nth_element(order.begin(), end, order.end());
  std::sort(order.begin(), end);
  Design rows{design.factors, {}, {}};
  for (auto at = order.begin(); at != end; ++at) {
    const auto levels = design.row(at->second);
    rows.levels.insert(rows.levels.end(), levels.begin(), levels.end());
    rows.response.push_back(design.response[at->second]);
  }
  return rows;
}

/// Effects by level, and interactions by levels of both, each with a mean of 0 over the grid.
class Effects {
 public:
  explicit Effects(const std::vector<Factor>& factors)
      : factors_(factors), main_(factors.size() * kFactorLevels, 0.0), pairs_(factors.size() * factors.size()) {}

  /// A leaf of value v that covers the share w of a factor's levels adds v W (1/w - 1) on them and -v W elsewhere, W
  /// being its share of the grid; of two factors the product of both brackets.
  void add(const TreeLeaf& leaf) {
    double volume = leaf.value;
    for (const TreeLeaf::Bound& bound : leaf.bounds) volume *= covered(bound);
    for (std::size_t i = 0; i < leaf.bounds.size(); ++i) {
      const TreeLeaf::Bound& a = leaf.bounds[i];
      const double inside = 1 / covered(a) - 1;
      for (std::size_t level = 0; level < factors_[a.factor].levels; ++level)
        main_[a.factor * kFactorLevels + level] += volume * bracket(a, level, inside);
      for (std::size_t j = i + 1; j < leaf.bounds.size(); ++j) add_pair(a, leaf.bounds[j], volume);
    }
  }

  [[nodiscard]] double main(std::size_t factor) const {
    double squares = 0;
    for (std::size_t level = 0; level < kFactorLevels; ++level) {
      const double effect = main_[factor * kFactorLevels + level];
      squares += effect * effect;
    }
    return squares / static_cast<double>(factors_[factor].levels);
  }
  [[nodiscard]] double pair(std::size_t first, std::size_t second) const {
    double squares = 0;
    for (const double effect : pairs_[first * factors_.size() + second]) squares += effect * effect;
    return squares / static_cast<double>(factors_[first].levels * factors_[second].levels);
  }

 private:
  [[nodiscard]] double covered(const TreeLeaf::Bound& bound) const {
    return std::popcount(bound.levels) / static_cast<double>(factors_[bound.factor].levels);
  }
  static double bracket(const TreeLeaf::Bound& bound, std::size_t level, double inside) {
    return ((bound.levels >> level) & 1U) != 0 ? inside : -1;
  }
  void add_pair(const TreeLeaf::Bound& a, const TreeLeaf::Bound& b, double volume) {
    std::vector<double>& table = pairs_[a.factor * factors_.size() + b.factor];
    const std::size_t width = factors_[b.factor].levels;
    if (table.empty()) table.assign(factors_[a.factor].levels * width, 0.0);
    const double inside_a = 1 / covered(a) - 1, inside_b = 1 / covered(b) - 1;
    for (std::size_t i = 0; i < factors_[a.factor].levels; ++i) {
      const double of_a = volume * bracket(a, i, inside_a);
      for (std::size_t j = 0; j < width; ++j) table[i * width + j] += of_a * bracket(b, j, inside_b);
    }
  }

  const std::vector<Factor>& factors_;
  std::vector<double> main_;
  std::vector<std::vector<double>> pairs_;  ///< By both factors; empty where no leaf bounds both.
};

/// The next combination; false after the last.
bool advance(std::vector<std::uint8_t>& point, const std::vector<Factor>& factors) {
  for (std::size_t i = 0; i < factors.size(); ++i) {
    if (++point[i] < factors[i].levels) return true;
    point[i] = 0;
  }
  return false;
}

double grid_variance(const Forest& forest, const std::vector<Factor>& factors) {
  double grid = 1, sum = 0, squares = 0, count = 0;
  for (const Factor& factor : factors) grid *= static_cast<double>(factor.levels);
  std::vector<std::uint8_t> point(factors.size(), 0);
  const auto take = [&] {
    const double value = forest.predict(point);
    sum += value, squares += value * value, ++count;
  };
  if (grid <= static_cast<double>(kPoints)) {
    do take();
    while (advance(point, factors));
  } else {
    std::mt19937_64 random(1);
    for (std::size_t i = 0; i < kPoints; ++i) {
      for (std::size_t factor = 0; factor < factors.size(); ++factor)
        point[factor] = static_cast<std::uint8_t>((random() >> 32U) * factors[factor].levels >> 32U);
      take();
    }
  }
  return squares / count - (sum / count) * (sum / count);
}

VarianceShares shares_of(const Forest& forest, const Design& design) {
  const std::vector<Factor>& factors = design.factors;
  Effects effects(factors);
  forest.each_leaf([&](const TreeLeaf& leaf) { effects.add(leaf); });
  const double squared_trees = static_cast<double>(forest.trees() * forest.trees());
  VarianceShares shares;
  shares.rows = design.response.size();
  shares.held_out_r2 = forest.held_out_r2();
  double told = 0;
  for (std::size_t i = 0; i < factors.size(); ++i) {
    shares.main.push_back(effects.main(i) / squared_trees);
    told += shares.main.back();
    for (std::size_t j = i + 1; j < factors.size(); ++j) {
      shares.pairs.push_back({i, j, effects.pair(i, j) / squared_trees});
      told += shares.pairs.back().share;
    }
  }
  // Over random points the variance is an estimate, which the parts must not exceed.
  const double all = std::max(grid_variance(forest, factors), told);
  if (!(all > 0)) return shares;
  for (double& share : shares.main) share /= all;
  for (PairShare& pair : shares.pairs) pair.share /= all;
  shares.rest = 1 - told / all;
  return shares;
}

}  // namespace

SharesAnswer variance_shares(const Design& design) {
  const std::size_t count = design.response.size();
  if (count < kFewestRows)
    return {{}, fmt::format("too few configurations to tell what matters: {}, and it takes {}", count, kFewestRows)};
  if (design.factors.empty()) return {{}, "no parameter varies"};
  // Centred and scaled, so that neither where it lies nor its unit touches the last digit.
  Design used = settled(design);
  double mean = 0, largest = 0;
  for (const double response : used.response) mean += response / static_cast<double>(used.response.size());
  for (double& response : used.response) response -= mean, largest = std::max(largest, std::abs(response));
  if (!(largest > 1e-12)) return {{}, "all take the same time"};
  for (double& response : used.response) response /= largest;
  const Forest forest(used);
  if (forest.held_out_r2() < kLeastExplained)
    return {{},
            fmt::format("the parameters explain only {:.0f} % of the variance of log time of configurations that the "
                        "model has not seen: that is too little to tell which of them matter",
                        100 * std::max(0.0, forest.held_out_r2()))};
  return {shares_of(forest, used), {}};
}

}  // namespace fuseline::tuner
