// The valid choices of one group of parameters that share constraints, as a tree whose equal branches are shared.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tuner/base/error.hpp"
#include "tuner/problem/expression.hpp"
#include "tuner/space/space.hpp"

namespace fuseline::tuner {

/// One thing to do after a parameter got its value: work out a derived value, or check a constraint.
struct GroupStep {
  enum class Kind { derive, require } kind = Kind::require;
  std::size_t expression = 0;  ///< Position in GroupPlan::expressions.
  std::size_t target = 0;      ///< derive: the variable set; require: the constraint's position in the specification.
};

/// An expression with what an error about it says, and the parameters it depends on, directly or through derived
/// values.
struct PlannedExpression {
  Expression expression;
  std::string path;
  std::uint64_t depends_on = 0;  ///< Bit i: the sub-space's parameter i.
};

/// Shared by the groups of one sub-space. Variables are the parameters, then the derived values.
struct GroupContext {
  std::string file;
  std::vector<std::string> variables;
  std::vector<std::vector<double>> numbers;  ///< By parameter: what expressions see for each of its values.
  std::vector<PlannedExpression> expressions;
  std::vector<double> values;  ///< Of variables; constant derived values are set before any group is built.
  SpaceLimits limits;
  std::uint64_t work = 0;              ///< Spent so far, over all groups.
  std::uint64_t edges = 0;             ///< Kept so far, over all groups.
  std::uint64_t remembered_bytes = 0;  ///< Of the group in the making.
  std::vector<double>
      removed;  ///< By constraint: raw combinations of its group that it removed. Exact where the group ends up empty.
};

/// What is done at each depth of one group; depth i chooses `parameters[i]`.
struct GroupPlan {
  std::vector<std::size_t> parameters;        ///< Ascending positions in the sub-space.
  std::vector<std::vector<GroupStep>> steps;  ///< By depth.
  std::vector<std::uint64_t> live;  ///< By depth: parameters chosen before it that steps at or below it depend on.
};

class GroupTree {
 public:
  /// Errors: an expression fails (with the values at hand), or a limit is passed.
  [[nodiscard]] static Result<GroupTree> build(GroupPlan plan, GroupContext& context);

  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] const std::vector<std::size_t>& parameters() const { return parameters_; }
  /// Sets choices[p] for each parameter p of the group. index < size().
  void choices_at(std::uint64_t index, std::span<std::uint16_t> choices) const;
  /// False where the choices are not valid together.
  [[nodiscard]] bool index_of(std::span<const std::uint16_t> choices, std::uint64_t& index) const;

 private:
  friend class GroupTreeBuilder;
  struct Edge {
    std::uint64_t before = 0;  ///< Configurations below the node's earlier edges.
    std::uint32_t child = 0;   ///< Meaningless at the last depth.
    std::uint16_t choice = 0;
  };
  struct Node {
    std::uint32_t first = 0, count = 0;  ///< Its edges.
  };
  std::vector<std::size_t> parameters_;
  std::vector<Node> nodes_;
  std::vector<Edge> edges_;
  std::uint32_t root_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace fuseline::tuner
