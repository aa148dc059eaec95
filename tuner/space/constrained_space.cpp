// Plans a constrained space (which expressions matter, which parameters they tie together), builds its groups, and
// indexes their product.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <map>
#include <optional>

#include "tuner/base/text.hpp"
#include "tuner/space/group_tree.hpp"
#include "tuner/space/space.hpp"

namespace fuseline::tuner {
namespace {

/// A sub-space as the product of its groups; the last group varies fastest.
struct BuiltSubSpace {
  SubSpace subspace;
  std::vector<GroupTree> groups;
};

class ConstrainedSpace final : public Space {
 public:
  explicit ConstrainedSpace(std::vector<BuiltSubSpace> built) {
    for (BuiltSubSpace& one : built) {
      one.subspace.first_index = size_;
      size_ += one.subspace.size;
      subspaces_.push_back(std::move(one.subspace));
      groups_.push_back(std::move(one.groups));
    }
  }

  std::uint64_t size() const override { return size_; }
  const std::vector<SubSpace>& subspaces() const override { return subspaces_; }

  Point point(std::uint64_t index) const override {
    const auto after = std::upper_bound(subspaces_.begin(), subspaces_.end(), index,
                                        [](std::uint64_t i, const SubSpace& s) { return i < s.first_index; });
    const std::size_t at = static_cast<std::size_t>(after - subspaces_.begin()) - 1;
    Point point{static_cast<std::uint32_t>(at), std::vector<std::uint16_t>(subspaces_[at].parameters.size())};
    index -= subspaces_[at].first_index;
    for (auto group = groups_[at].rbegin(); group != groups_[at].rend(); ++group) {
      group->choices_at(index % group->size(), point.choices);
      index /= group->size();
    }
    return point;
  }

  std::optional<std::uint64_t> index_of(const Point& point) const override {
    if (point.subspace >= subspaces_.size()) return std::nullopt;
    const SubSpace& subspace = subspaces_[point.subspace];
    if (point.choices.size() != subspace.parameters.size()) return std::nullopt;
    std::uint64_t index = 0;
    for (const GroupTree& group : groups_[point.subspace]) {
      std::uint64_t within = 0;
      if (!group.index_of(point.choices, within)) return std::nullopt;
      index = index * group.size() + within;
    }
    return subspace.first_index + index;
  }

 private:
  std::vector<SubSpace> subspaces_;
  std::vector<std::vector<GroupTree>> groups_;
  std::uint64_t size_ = 0;
};

/// The constraint that removed most of a sub-space.
struct Culprit {
  Error error;
  double share = -1;  ///< Of the raw combinations.
};

Error too_many(const SubSpaceSpec& spec, const SpaceLimits& limits) {
  return {ErrorKind::bad_input, spec.file, "/parameters",
          fmt::format("the space has more than {} configurations", limits.configurations)};
}

class SubSpaceBuilder {
 public:
  SubSpaceBuilder(const SubSpaceSpec& spec, const SpaceLimits& limits)
      : spec_(spec), parameter_count_(spec.parameters.size()) {
    context_.limits = limits;
  }

  Result<BuiltSubSpace> build() {
    FUSELINE_CHECK(take_parameters());
    FUSELINE_CHECK(parse_expressions());
    FUSELINE_TRY(possible, settle_constants());
    BuiltSubSpace built{{spec_.variant, spec_.parameters, 0, possible ? 1U : 0U, raw_size_}, {}};
    if (!possible) return built;
    for (const std::uint64_t members : independent_groups()) {
      std::fill(context_.removed.begin(), context_.removed.end(), 0.0);
      FUSELINE_TRY(tree, GroupTree::build(plan(members), context_));
      if (tree.size() == 0) {
        empty_group_raw_ = raw_size_of(members);
        built.subspace.size = 0;
        return built;
      }
      if (built.subspace.size > context_.limits.configurations / tree.size())
        return tl::unexpected(too_many(spec_, context_.limits));
      built.subspace.size *= tree.size();
      built.groups.push_back(std::move(tree));
    }
    return built;
  }

  /// Of a sub-space that turned out empty.
  Culprit culprit() const {
    const auto most = std::max_element(context_.removed.begin(), context_.removed.end());
    const auto at = static_cast<std::size_t>(most - context_.removed.begin());
    const double share = *most / empty_group_raw_;
    const SpaceConstraint& constraint = spec_.constraints[at];
    return {fail(constraint_path(at),
                 fmt::format("no configuration is left: \"{}\" ({}) removes {:.0f} of {:.0f}",
                             printable(constraint.text), constraint.reason, share * raw_size_, raw_size_))
                .value(),
            share};
  }

 private:
  tl::unexpected<Error> fail(std::string path, std::string reason) const {
    return bad_input(spec_.file, std::move(path), std::move(reason));
  }

  std::string constraint_path(std::size_t at) const {
    const SpaceConstraint& constraint = spec_.constraints[at];
    return constraint.path.empty() ? fmt::format("/constraints/{}/require", at) : constraint.path;
  }

  Result<void> take_parameters() {
    if (parameter_count_ > 64) return fail("/parameters", "a space of more than 64 parameters");
    for (const auto& [name, value] : spec_.constants) constants_[name] = value;
    for (std::size_t p = 0; p < parameter_count_; ++p) {
      const Parameter& parameter = spec_.parameters[p];
      const std::size_t count = parameter.values.size();
      if (count == 0 || count > 65535)
        return fail(fmt::format("/parameters/{}/values", p), fmt::format("{} values, not 1 to 65535", count));
      context_.variables.push_back(parameter.name);
      context_.numbers.push_back(numbers_of(parameter));
      raw_size_ *= static_cast<double>(count);
    }
    for (const auto& [name, text] : spec_.derived) context_.variables.push_back(name);
    context_.file = spec_.file;
    context_.values.assign(context_.variables.size(), 0.0);
    context_.removed.assign(spec_.constraints.size(), 0.0);
    return {};
  }

  std::vector<double> numbers_of(const Parameter& parameter) {
    std::vector<double> numbers;
    for (std::size_t i = 0; i < parameter.values.size(); ++i) {
      const Value& value = parameter.values[i];
      const auto as_constant = [&] {
        return constants_.emplace(parameter.name + "." + value.to_string(), static_cast<double>(i)).first->second;
      };
      numbers.push_back(value.is_string() ? as_constant() : value.number().value_or(0));
    }
    return numbers;
  }

  /// Derived values come first in context_.expressions, then constraints.
  Result<void> parse_expressions() {
    std::vector<std::string> visible(context_.variables.begin(),
                                     context_.variables.begin() + static_cast<std::ptrdiff_t>(parameter_count_));
    for (std::size_t i = 0; i < spec_.derived.size(); ++i) {
      FUSELINE_CHECK(parse_one(spec_.derived[i].second, fmt::format("/derived/{}/value", i), visible));
      visible.push_back(spec_.derived[i].first);
    }
    for (std::size_t i = 0; i < spec_.constraints.size(); ++i) {
      FUSELINE_CHECK(parse_one(spec_.constraints[i].text, constraint_path(i), visible));
    }
    return {};
  }

  Result<void> parse_one(const std::string& text, const std::string& path, const std::vector<std::string>& visible) {
    Result<Expression> expression = Expression::parse(text, visible, constants_);
    if (!expression) return fail(path, expression.error().reason);
    std::uint64_t depends_on = 0;
    for (const std::size_t variable : expression->used()) {
      depends_on |= variable < parameter_count_ ? std::uint64_t{1} << variable
                                                : context_.expressions[variable - parameter_count_].depends_on;
    }
    context_.expressions.push_back({std::move(*expression), path, depends_on});
    return {};
  }

  const PlannedExpression& derived(std::size_t i) const { return context_.expressions[i]; }
  const PlannedExpression& constraint(std::size_t i) const { return context_.expressions[spec_.derived.size() + i]; }

  /// Works out what depends on no parameter. False where such a constraint fails.
  Result<bool> settle_constants() {
    mark_needed();
    for (std::size_t i = 0; i < spec_.derived.size(); ++i) {
      if (derived(i).depends_on != 0 || !needed_[i]) continue;
      const Result<double> value = derived(i).expression.evaluate(context_.values);
      if (!value) return fail(derived(i).path, value.error().reason);
      context_.values[parameter_count_ + i] = *value;
    }
    for (std::size_t i = 0; i < spec_.constraints.size(); ++i) {
      if (constraint(i).depends_on != 0) continue;
      const Result<double> value = constraint(i).expression.evaluate(context_.values);
      if (!value) return fail(constraint(i).path, value.error().reason);
      if (*value != 0) continue;
      context_.removed[i] = 1;
      return false;
    }
    return true;
  }

  /// Derived values that some constraint uses; the others neither cost time nor tie parameters together.
  void mark_needed() {
    needed_.assign(spec_.derived.size(), false);
    const auto mark = [&](const PlannedExpression& by) {
      for (const std::size_t variable : by.expression.used()) {
        if (variable >= parameter_count_) needed_[variable - parameter_count_] = true;
      }
    };
    for (std::size_t i = 0; i < spec_.constraints.size(); ++i) mark(constraint(i));
    for (std::size_t i = spec_.derived.size(); i-- > 0;) {
      if (needed_[i]) mark(derived(i));
    }
  }

  /// Sets of parameters (bits) tied together by constraints, by their first parameter.
  std::vector<std::uint64_t> independent_groups() const {
    std::vector<std::uint64_t> groups;
    for (std::size_t p = 0; p < parameter_count_; ++p) groups.push_back(std::uint64_t{1} << p);
    for (std::size_t i = 0; i < spec_.constraints.size(); ++i) {
      std::uint64_t merged = constraint(i).depends_on;
      if (merged == 0) continue;
      std::erase_if(groups, [&, touched = merged](std::uint64_t group) {
        if ((group & touched) == 0) return false;
        merged |= group;
        return true;
      });
      groups.push_back(merged);
    }
    std::sort(groups.begin(), groups.end(), [](auto a, auto b) { return std::countr_zero(a) < std::countr_zero(b); });
    return groups;
  }

  double raw_size_of(std::uint64_t members) const {
    double raw = 1;
    for (std::size_t p = 0; p < parameter_count_; ++p) {
      if (members >> p & 1U) raw *= static_cast<double>(context_.numbers[p].size());
    }
    return raw;
  }

  GroupPlan plan(std::uint64_t members) const {
    GroupPlan plan;
    for (std::size_t p = 0; p < parameter_count_; ++p) {
      if (members >> p & 1U) plan.parameters.push_back(p);
    }
    std::vector<bool> planned(spec_.derived.size(), false);
    for (const std::size_t parameter : plan.parameters) plan.steps.push_back(steps_after(parameter, planned));
    for (const std::size_t parameter : plan.parameters) plan.live.push_back(live_before(parameter, members));
    return plan;
  }

  /// The highest parameter an expression depends on: once it is chosen, the expression can be worked out.
  static std::size_t ready_after(const PlannedExpression& expression) {
    return 63U - static_cast<std::size_t>(std::countl_zero(expression.depends_on));
  }
  static bool is_ready_after(const PlannedExpression& expression, std::size_t parameter) {
    return expression.depends_on != 0 && ready_after(expression) == parameter;
  }

  /// Constraints in their order, each behind the derived values it needs: a constraint may guard what comes after it.
  std::vector<GroupStep> steps_after(std::size_t parameter, std::vector<bool>& planned) const {
    std::vector<GroupStep> steps;
    for (std::size_t i = 0; i < spec_.constraints.size(); ++i) {
      if (!is_ready_after(constraint(i), parameter)) continue;
      derive_for(constraint(i), parameter, planned, steps);
      steps.push_back({GroupStep::Kind::require, spec_.derived.size() + i, i});
    }
    for (std::size_t i = 0; i < spec_.derived.size(); ++i) derive(i, parameter, planned, steps);
    return steps;
  }

  void derive_for(const PlannedExpression& by, std::size_t parameter, std::vector<bool>& planned,
                  std::vector<GroupStep>& steps) const {
    for (const std::size_t variable : by.expression.used()) {
      if (variable >= parameter_count_) derive(variable - parameter_count_, parameter, planned, steps);
    }
  }

  void derive(std::size_t i, std::size_t parameter, std::vector<bool>& planned, std::vector<GroupStep>& steps) const {
    if (!needed_[i] || planned[i] || !is_ready_after(derived(i), parameter)) return;
    planned[i] = true;
    derive_for(derived(i), parameter, planned, steps);
    steps.push_back({GroupStep::Kind::derive, i, parameter_count_ + i});
  }

  /// Parameters before `parameter` that constraints still to be checked depend on.
  std::uint64_t live_before(std::size_t parameter, std::uint64_t members) const {
    std::uint64_t live = 0;
    for (std::size_t i = 0; i < spec_.constraints.size(); ++i) {
      if (constraint(i).depends_on != 0 && ready_after(constraint(i)) >= parameter) live |= constraint(i).depends_on;
    }
    return live & members & ((std::uint64_t{1} << parameter) - 1);
  }

  const SubSpaceSpec& spec_;
  std::size_t parameter_count_;
  Scope constants_;
  GroupContext context_;
  std::vector<bool> needed_;
  double raw_size_ = 1;
  double empty_group_raw_ = 1;  ///< A constraint over constants counts as a group of one.
};

}  // namespace

std::vector<std::optional<std::uint64_t>> sizes_after_constraints(const SubSpaceSpec& spec, const SpaceLimits& limits) {
  std::vector<std::optional<std::uint64_t>> sizes;
  SubSpaceSpec part = spec;
  part.constraints.clear();
  for (const SpaceConstraint& constraint : spec.constraints) {
    part.constraints.push_back(constraint);
    const auto built = SubSpaceBuilder(part, limits).build();
    sizes.push_back(built ? std::optional(built->subspace.size) : std::nullopt);
  }
  return sizes;
}

Result<std::shared_ptr<const Space>> build_space(const std::vector<SubSpaceSpec>& specs, const SpaceLimits& limits) {
  if (specs.empty()) return bad_input("there is no variant to build a space from");
  std::vector<BuiltSubSpace> kept;
  Culprit worst;
  std::uint64_t size = 0;
  for (const SubSpaceSpec& spec : specs) {
    SubSpaceBuilder builder(spec, limits);
    FUSELINE_TRY(built, builder.build());
    if (built.subspace.size == 0) {
      Culprit culprit = builder.culprit();
      if (culprit.share > worst.share) worst = std::move(culprit);
      continue;
    }
    size += built.subspace.size;
    if (size > limits.configurations) return tl::unexpected(too_many(spec, limits));
    kept.push_back(std::move(built));
  }
  if (kept.empty()) return tl::unexpected(worst.error);
  return std::make_shared<const ConstrainedSpace>(std::move(kept));
}

Result<std::uint64_t> count_configurations(const SubSpaceSpec& spec, const SpaceLimits& limits) {
  SubSpaceBuilder builder(spec, limits);
  FUSELINE_TRY(built, builder.build());
  return built.subspace.size;
}

}  // namespace fuseline::tuner
