// A forest of regression trees over factors with few levels: what a response may be for combinations that nobody
// measured.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace fuseline::tuner {

inline constexpr std::size_t kFactorLevels = 16;  ///< That a factor may have.

/// Something that was varied. Of an ordered one splits keep neighbouring levels together; of another they may part
/// levels in any way.
struct Factor {
  std::size_t levels = 1;
  bool ordered = true;
};
/// What was tried, and what came of it.
struct Design {
  std::vector<Factor> factors;
  std::vector<std::uint8_t> levels;  ///< Row by row, one of each factor.
  std::vector<double> response;      ///< One a row; finite.

  [[nodiscard]] std::span<const std::uint8_t> row(std::size_t index) const {
    return std::span(levels).subspan(index * factors.size(), factors.size());
  }
};

/// A set of levels, a bit each.
using LevelSet = std::uint32_t;

/// One box of a tree: combinations that it gives the same value.
struct TreeLeaf {
  struct Bound {
    std::size_t factor = 0;
    LevelSet levels = 0;
  };
  std::vector<Bound> bounds;  ///< Of the factors that are bounded at all, ascending.
  double value = 0;
};

/// The mean of regression trees (CART: Breiman, Friedman, Olshen & Stone 1984), each grown on a bootstrap sample of the
/// rows with five of six factors looked at for a split (Breiman 2001). Deterministic: the same design gives the same
/// forest everywhere.
class Forest {
 public:
  /// `design` needs two rows at least.
  explicit Forest(const Design& design);

  [[nodiscard]] double predict(std::span<const std::uint8_t> levels) const;
  /// Share of the response's variance that is explained where every row is predicted by the trees alone that it was not
  /// drawn for (out of bag): 1 is all, 0 and below is nothing.
  [[nodiscard]] double held_out_r2() const { return held_out_r2_; }
  /// Every leaf of every tree, whose values are to be added and divided by trees().
  void each_leaf(const std::function<void(const TreeLeaf&)>& visit) const;
  [[nodiscard]] std::size_t trees() const { return roots_.size(); }

  struct Node {
    std::size_t factor = 0;
    LevelSet left_levels = 0;
    std::uint32_t left = 0, right = 0;  ///< 0: it is a leaf.
    double value = 0;
  };

 private:
  [[nodiscard]] double predict_by(std::uint32_t root, std::span<const std::uint8_t> levels) const;
  void judge(const Design& design, const std::vector<std::vector<bool>>& drawn);
  void visit_leaves(std::uint32_t node, TreeLeaf& leaf, const std::function<void(const TreeLeaf&)>& visit) const;

  std::vector<Node> nodes_;
  std::vector<std::uint32_t> roots_;
  std::vector<Factor> factors_;
  double held_out_r2_ = 0;
};

}  // namespace fuseline::tuner
