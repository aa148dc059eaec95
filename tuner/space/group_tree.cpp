#include "tuner/space/group_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace fuseline::tuner {

/// Depth-first enumeration of one group.
class GroupTreeBuilder {
 public:
  GroupTreeBuilder(GroupPlan plan, GroupContext& context) : plan_(std::move(plan)), context_(context) {
    const std::size_t depths = plan_.parameters.size();
    choices_.resize(context.numbers.size());
    memo_.resize(depths);
    pending_.resize(depths);
    below_.assign(depths, 1.0);
    for (std::size_t d = depths; d-- > 1;) below_[d - 1] = below_[d] * static_cast<double>(numbers(d).size());
    for (std::size_t d = 0; d < depths; ++d) memoised_.push_back(can_share(d));
  }

  Result<GroupTree> run() {
    context_.remembered_bytes = 0;
    FUSELINE_TRY(root, branch(0));
    tree_.root_ = root.node;
    tree_.size_ = root.size;
    tree_.parameters_ = plan_.parameters;
    return std::move(tree_);
  }

 private:
  /// A finished node; dead where nothing below it is valid.
  struct Branch {
    std::uint32_t node = 0;
    std::uint64_t size = 0;
  };
  struct Remembered {
    Branch branch;
    std::vector<double> removed;  ///< What constraints removed below it; only kept for dead branches.
  };

  const std::vector<double>& numbers(std::size_t depth) const { return context_.numbers[plan_.parameters[depth]]; }

  /// Sharing pays where some parameter chosen above `depth` no longer matters below it, and the rest fit a 64-bit key.
  bool can_share(std::size_t depth) const {
    std::size_t live = 0;
    double keys = 1;
    for (std::size_t d = 0; d < depth; ++d) {
      if ((plan_.live[depth] >> plan_.parameters[d] & 1U) == 0) continue;
      ++live;
      keys *= static_cast<double>(numbers(d).size());
    }
    return live < depth && keys < 9e18;
  }

  std::uint64_t key(std::size_t depth) const {
    std::uint64_t key = 0;
    for (std::size_t d = 0; d < depth; ++d) {
      const std::size_t parameter = plan_.parameters[d];
      if (plan_.live[depth] >> parameter & 1U) key = key * context_.numbers[parameter].size() + choices_[parameter];
    }
    return key;
  }

  /// Everything valid below the choices made so far.
  Result<Branch> branch(std::size_t depth) {
    if (!memoised_[depth]) return enumerate(depth);
    const std::uint64_t wanted = key(depth);
    if (const auto known = memo_[depth].find(wanted); known != memo_[depth].end()) {
      for (std::size_t c = 0; c < known->second.removed.size(); ++c) context_.removed[c] += known->second.removed[c];
      return known->second.branch;
    }
    const std::vector<double> before = context_.removed;
    FUSELINE_TRY(made, enumerate(depth));
    // A hash table's node, its share of buckets, and the vector.
    const std::uint64_t bytes = 96 + (made.size == 0 ? before.size() * sizeof(double) : 0);
    if (context_.remembered_bytes + bytes > context_.limits.remembered_bytes) return made;
    context_.remembered_bytes += bytes;
    Remembered& remembered = memo_[depth][wanted];
    remembered.branch = made;
    if (made.size == 0) {
      remembered.removed = context_.removed;
      for (std::size_t c = 0; c < before.size(); ++c) remembered.removed[c] -= before[c];
    }
    return made;
  }

  Result<Branch> enumerate(std::size_t depth) {
    const std::size_t parameter = plan_.parameters[depth];
    const std::vector<double>& values = numbers(depth);
    const bool last = depth + 1 == plan_.parameters.size();
    pending_[depth].clear();
    std::uint64_t size = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (++context_.work > context_.limits.work) return too_large("takes too long");
      context_.values[parameter] = values[i];
      choices_[parameter] = static_cast<std::uint16_t>(i);
      FUSELINE_TRY(valid, take_steps(depth));
      if (!valid) continue;
      Branch child{0, 1};
      if (!last) {
        FUSELINE_TRY(below, branch(depth + 1));
        child = below;
      }
      if (child.size == 0) continue;
      pending_[depth].push_back({size, child.node, static_cast<std::uint16_t>(i)});
      size += child.size;
      if (size > context_.limits.configurations)
        return too_large(fmt::format("gives more than {} configurations", context_.limits.configurations));
    }
    return finish(depth, size);
  }

  Result<Branch> finish(std::size_t depth, std::uint64_t size) {
    if (size == 0) return Branch{};
    const auto& edges = pending_[depth];
    context_.edges += edges.size();
    if (context_.edges > context_.limits.edges)
      return too_large(fmt::format("needs a tree of more than {} edges", context_.limits.edges));
    tree_.nodes_.push_back({static_cast<std::uint32_t>(tree_.edges_.size()), static_cast<std::uint32_t>(edges.size())});
    tree_.edges_.insert(tree_.edges_.end(), edges.begin(), edges.end());
    return Branch{static_cast<std::uint32_t>(tree_.nodes_.size() - 1), size};
  }

  Result<bool> take_steps(std::size_t depth) {
    for (const GroupStep& step : plan_.steps[depth]) {
      const PlannedExpression& planned = context_.expressions[step.expression];
      context_.work += 1 + planned.expression.text().size() / 32;
      Result<double> value = planned.expression.evaluate(context_.values);
      if (!value) return failed(planned, value.error().reason);
      if (step.kind == GroupStep::Kind::derive) {
        context_.values[step.target] = *value;
      } else if (*value == 0) {
        context_.removed[step.target] += below_[depth];
        return false;
      }
    }
    return true;
  }

  tl::unexpected<Error> too_large(const std::string& what) const {
    return bad_input(context_.file, "/constraints", fmt::format("the space is too large: enumerating it {}", what));
  }

  tl::unexpected<Error> failed(const PlannedExpression& planned, const std::string& reason) const {
    std::string values;
    for (std::size_t p = 0; p < context_.numbers.size(); ++p) {
      if (planned.depends_on >> p & 1U)
        values += fmt::format("{}{} = {}", values.empty() ? "" : ", ", context_.variables[p], context_.values[p]);
    }
    return bad_input(context_.file, planned.path, values.empty() ? reason : fmt::format("{} with {}", reason, values));
  }

  GroupPlan plan_;
  GroupContext& context_;
  GroupTree tree_;
  std::vector<std::uint16_t> choices_;                               ///< By parameter of the sub-space.
  std::vector<std::unordered_map<std::uint64_t, Remembered>> memo_;  ///< By depth.
  std::vector<bool> memoised_;
  std::vector<std::vector<GroupTree::Edge>> pending_;  ///< Edges of the node in the making at each depth.
  std::vector<double> below_;                          ///< Raw combinations below one value of this depth.
};

Result<GroupTree> GroupTree::build(GroupPlan plan, GroupContext& context) {
  return GroupTreeBuilder(std::move(plan), context).run();
}

void GroupTree::choices_at(std::uint64_t index, std::span<std::uint16_t> choices) const {
  std::uint32_t node = root_;
  for (const std::size_t parameter : parameters_) {
    const Edge* first = edges_.data() + nodes_[node].first;
    const Edge* edge = std::upper_bound(first, first + nodes_[node].count, index,
                                        [](std::uint64_t i, const Edge& e) { return i < e.before; }) -
                       1;
    choices[parameter] = edge->choice;
    index -= edge->before;
    node = edge->child;
  }
}

bool GroupTree::index_of(std::span<const std::uint16_t> choices, std::uint64_t& index) const {
  if (size_ == 0) return false;
  std::uint32_t node = root_;
  index = 0;
  for (const std::size_t parameter : parameters_) {
    const Edge* first = edges_.data() + nodes_[node].first;
    const Edge* end = first + nodes_[node].count;
    const Edge* edge = std::lower_bound(first, end, choices[parameter],
                                        [](const Edge& e, std::uint16_t choice) { return e.choice < choice; });
    if (edge == end || edge->choice != choices[parameter]) return false;
    index += edge->before;
    node = edge->child;
  }
  return true;
}

}  // namespace fuseline::tuner
