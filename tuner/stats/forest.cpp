#include "tuner/stats/forest.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <random>

namespace fuseline::tuner {
namespace {

constexpr std::size_t kTrees = 32;
constexpr std::size_t kDrawn = 2048;    ///< Rows of a tree, at most: what bounds the time.
constexpr std::size_t kSmallest = 3;    ///< Rows that are split any further.
constexpr std::uint64_t kSeed = 20140;  ///< Any will do.

LevelSet bit(std::size_t level) { return LevelSet{1} << level; }

using Random = std::mt19937_64;  // Its numbers are those of the standard, unlike those of distributions.

std::size_t below(Random& random, std::size_t bound) {
  return static_cast<std::size_t>((random() >> 32U) * static_cast<std::uint64_t>(bound) >> 32U);
}

struct Split {
  std::size_t factor = 0;
  LevelSet left = 0;
  double gain = -1;
};

/// Rows of a node by the level of one factor.
struct Histogram {
  std::array<double, kFactorLevels> sum{};
  std::array<std::size_t, kFactorLevels> count{};
};

class Grower {
 public:
  Grower(const Design& design, Random& random, std::vector<Forest::Node>& nodes)
      : design_(design), random_(random), nodes_(nodes), order_(design.factors.size()) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
  }

  std::uint32_t grow(std::span<std::uint32_t> rows) {
    const auto at = static_cast<std::uint32_t>(nodes_.size());
    double sum = 0, lowest = design_.response[rows.front()], highest = lowest;
    for (const std::uint32_t row : rows) {
      const double response = design_.response[row];
      sum += response, lowest = std::min(lowest, response), highest = std::max(highest, response);
    }
    nodes_.push_back({0, 0, 0, 0, sum / static_cast<double>(rows.size())});
    if (rows.size() < kSmallest || !(highest > lowest)) return at;
    const auto split = best_split(rows, sum);
    if (!split) return at;
    const auto middle = std::partition(rows.begin(), rows.end(), [&](std::uint32_t row) {
      return (split->left & bit(design_.row(row)[split->factor])) != 0;
    });
    const auto left_rows = static_cast<std::size_t>(middle - rows.begin());
    const std::uint32_t left = grow(rows.first(left_rows)), right = grow(rows.subspan(left_rows));
    nodes_[at].factor = split->factor, nodes_[at].left_levels = split->left;
    nodes_[at].left = left, nodes_[at].right = right;
    return at;
  }

 private:
  /// Among five of six factors, or among all where those have one level each.
  std::optional<Split> best_split(std::span<const std::uint32_t> rows, double sum) {
    for (std::size_t i = order_.size(); i > 1; --i) std::swap(order_[i - 1], order_[below(random_, i)]);
    const std::size_t looked_at = (5 * order_.size() + 5) / 6;
    Split best;
    for (std::size_t i = 0; i < order_.size(); ++i) {
      if (i >= looked_at && best.gain >= 0) break;
      const Split split = split_by(order_[i], rows, sum);
      // A response that only combinations tell (exclusive or) gains nothing at first: a split all the same.
      if (split.gain > best.gain) best = split;
    }
    return best.gain >= 0 ? std::optional(best) : std::nullopt;
  }

  [[nodiscard]] Split split_by(std::size_t factor, std::span<const std::uint32_t> rows, double sum) const {
    Histogram histogram;
    for (const std::uint32_t row : rows) {
      const std::size_t level = design_.row(row)[factor];
      histogram.sum[level] += design_.response[row];
      ++histogram.count[level];
    }
    std::array<std::size_t, kFactorLevels> levels{};
    std::size_t there = 0;
    for (std::size_t level = 0; level < design_.factors[factor].levels; ++level) {
      if (histogram.count[level] > 0) levels[there++] = level;
    }
    if (!design_.factors[factor].ordered) {
      // In the order of their means, the best of all partitions is one of neighbours (Breiman and others 1984, 4.2).
      std::stable_sort(levels.begin(), levels.begin() + there, [&](std::size_t a, std::size_t b) {
        return histogram.sum[a] * static_cast<double>(histogram.count[b]) <
               histogram.sum[b] * static_cast<double>(histogram.count[a]);
      });
    }
    Split best{factor, 0, -1};
    double left_sum = 0;
    std::size_t left_count = 0;
    LevelSet left = 0;
    for (std::size_t i = 0; i + 1 < there; ++i) {
      left_sum += histogram.sum[levels[i]], left_count += histogram.count[levels[i]], left |= bit(levels[i]);
      const double right_sum = sum - left_sum, all = static_cast<double>(rows.size());
      const double gain = left_sum * left_sum / static_cast<double>(left_count) +
                          right_sum * right_sum / (all - static_cast<double>(left_count)) - sum * sum / all;
      if (gain > best.gain || best.left == 0) best.gain = std::max(0.0, gain), best.left = left;
    }
    // Between two levels that are there, those that are not go with the nearer one.
    if (best.left != 0 && design_.factors[factor].ordered) best.left = filled(best.left, levels, there);
    return best;
  }

  static LevelSet filled(LevelSet left, const std::array<std::size_t, kFactorLevels>& levels, std::size_t there) {
    std::size_t last = 0, next = 0;
    for (std::size_t i = 0; i + 1 < there; ++i) {
      if ((left & bit(levels[i])) != 0) last = levels[i], next = levels[i + 1];
    }
    return (bit((last + next) / 2 + 1)) - 1;
  }

  const Design& design_;
  Random& random_;
  std::vector<Forest::Node>& nodes_;
  std::vector<std::size_t> order_;
};

}  // namespace

Forest::Forest(const Design& design) : factors_(design.factors) {
  Random random(kSeed);
  const std::size_t count = design.response.size(), drawn_rows = std::min(count, kDrawn);
  std::vector<std::vector<bool>> drawn;
  std::vector<std::uint32_t> rows(drawn_rows);
  for (std::size_t tree = 0; tree < kTrees; ++tree) {
    std::vector<bool>& in_bag = drawn.emplace_back(count, false);
    for (std::uint32_t& row : rows) {
      row = static_cast<std::uint32_t>(below(random, count));
      in_bag[row] = true;
    }
    roots_.push_back(Grower(design, random, nodes_).grow(rows));
  }
  judge(design, drawn);
}

double Forest::predict_by(std::uint32_t root, std::span<const std::uint8_t> levels) const {
  const Node* node = &nodes_[root];
  while (node->left != 0)
    node = &nodes_[(node->left_levels & bit(levels[node->factor])) != 0 ? node->left : node->right];
  return node->value;
}

double Forest::predict(std::span<const std::uint8_t> levels) const {
  double sum = 0;
  for (const std::uint32_t root : roots_) sum += predict_by(root, levels);
  return sum / static_cast<double>(roots_.size());
}

void Forest::judge(const Design& design, const std::vector<std::vector<bool>>& drawn) {
  const std::size_t count = design.response.size();
  const double mean = std::accumulate(design.response.begin(), design.response.end(), 0.0) / static_cast<double>(count);
  double missed = 0, all = 0;
  for (std::size_t row = 0; row < count; ++row) {
    double sum = 0;
    std::size_t trees = 0;
    for (std::size_t tree = 0; tree < roots_.size(); ++tree) {
      if (!drawn[tree][row]) sum += predict_by(roots_[tree], design.row(row)), ++trees;
    }
    if (trees == 0) continue;
    const double error = design.response[row] - sum / static_cast<double>(trees), own = design.response[row] - mean;
    missed += error * error, all += own * own;
  }
  held_out_r2_ = all > 0 ? 1 - missed / all : 0;
}

void Forest::visit_leaves(std::uint32_t at, TreeLeaf& leaf, const std::function<void(const TreeLeaf&)>& visit) const {
  const Node& node = nodes_[at];
  if (node.left == 0) {
    leaf.value = node.value;
    return visit(leaf);
  }
  const LevelSet all = bit(factors_[node.factor].levels) - 1;
  const std::vector<TreeLeaf::Bound> before = leaf.bounds;
  auto found = std::find_if(leaf.bounds.begin(), leaf.bounds.end(),
                            [&](const TreeLeaf::Bound& bound) { return bound.factor >= node.factor; });
  if (found == leaf.bounds.end() || found->factor != node.factor) found = leaf.bounds.insert(found, {node.factor, all});
  const auto place = static_cast<std::size_t>(found - leaf.bounds.begin());
  const LevelSet here = found->levels;
  for (const auto& [child, levels] :
       {std::pair(node.left, here & node.left_levels), std::pair(node.right, here & ~node.left_levels)}) {
    leaf.bounds[place].levels = levels;
    if (levels != 0) visit_leaves(child, leaf, visit);
  }
  leaf.bounds = before;
}

void Forest::each_leaf(const std::function<void(const TreeLeaf&)>& visit) const {
  for (const std::uint32_t root : roots_) {
    TreeLeaf leaf;
    visit_leaves(root, leaf, visit);
  }
}

}  // namespace fuseline::tuner
