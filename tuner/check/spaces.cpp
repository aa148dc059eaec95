#include "tuner/check/spaces.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>

#include "tuner/base/text.hpp"
#include "tuner/check/expressions.hpp"
#include "tuner/check/used_names.hpp"
#include "tuner/space/variant_space.hpp"

namespace fuseline::tuner {
namespace {

/// Configurations of one space that are looked at one by one; more are counted, and some of them looked at.
constexpr std::uint64_t kMostLookedAt = std::uint64_t{1} << 17;

double combinations_of(const SubSpaceSpec& spec) {
  double product = 1;
  for (const Parameter& parameter : spec.parameters) product *= static_cast<double>(parameter.values.size());
  return product;
}

class SpacesCheck {
 public:
  SpacesCheck(const Problem& problem, const Variant& variant, VariantCheck& check, FindingList& findings)
      : variant_(variant),
        check_(check),
        findings_(findings),
        file_(printable(variant.file.string())),
        names_(variant, problem) {
    for (const ParameterSpec& parameter : variant.parameters) survived_.emplace_back(parameter.values.size(), false);
    for (const ConstraintSpec& constraint : variant.constraints)
      check_.constraints.push_back({constraint.text, constraint.reason, 0, 0});
  }

  std::vector<CaseSpace> run(const std::vector<CheckCase>& cases) {
    std::vector<CaseSpace> spaces;
    std::size_t supported = 0;
    for (const CheckCase& looked_at : cases) {
      if (!supports(looked_at.device, variant_)) continue;
      ++supported;
      spaces.push_back({&looked_at, look_at(looked_at)});
    }
    if (supported == 0 && !cases.empty())
      check_.remarks.push_back(fmt::format("needs compute capability {:.1f}: nothing of it was looked at",
                                           variant_.minimum_compute_capability));
    const bool any = std::any_of(spaces.begin(), spaces.end(), [](const CaseSpace& each) { return each.space; });
    say_what_is_empty(any);
    if (any && !failed_) look_for_lost_values(spaces);
    return spaces;
  }

 private:
  struct Empty {
    Finding finding;
    std::string where;
  };

  void report(const Error& error, const std::string& where) {
    failed_ = true;
    findings_.add({FindingKind::expression, error.file.empty() ? file_ : error.file, 0, error.path, error.reason},
                  where);
  }

  /// What each constraint removes of what those before it leave.
  void count_removed(const SubSpaceSpec& spec, SpaceCount& count) {
    const auto left = sizes_after_constraints(spec);
    double before = count.combinations;
    for (std::size_t i = 0; i < variant_.constraints.size() && before > 0; ++i) {
      // A constraint may need one behind it, which is looked at first.
      if (!left[i]) return;
      check_.constraints[i].met_by += before;
      check_.constraints[i].removed += before - static_cast<double>(*left[i]);
      before = static_cast<double>(*left[i]);
    }
    count.over_the_device = before - static_cast<double>(count.configurations);
  }

  std::shared_ptr<const Space> look_at(const CheckCase& looked_at) {
    const SubSpaceSpec spec = variant_spec(variant_, looked_at.instance, looked_at.device);
    SpaceCount count{
        looked_at.capability, looked_at.instance.dtype, looked_at.instance.shape, 0, combinations_of(spec), 0};
    const auto size = count_configurations(spec);
    if (!size) {
      report(size.error(), looked_at.text());
      return nullptr;
    }
    count.configurations = *size;
    count_removed(spec, count);
    check_.spaces.push_back(count);
    ExpressionCheck expressions(variant_, looked_at, findings_);
    if (count.over_the_device > 0) look_at_blocks(spec, expressions);
    const auto space = build_space({spec});
    if (!space) {
      empty_.push_back(
          {{FindingKind::space, space.error().file, 0, space.error().path, space.error().reason}, looked_at.text()});
      return nullptr;
    }
    if (count.configurations > kMostLookedAt) {
      check_.remarks.push_back(fmt::format("{}: {} of {} configurations were looked at", looked_at.text(),
                                           grouped(static_cast<double>(kMostLookedAt)),
                                           grouped(static_cast<double>(count.configurations))));
    }
    for (const std::uint64_t index : spread(count.configurations, kMostLookedAt)) {
      const Point point = (*space)->point(index);
      for (std::size_t p = 0; p < point.choices.size(); ++p) survived_[p][point.choices[p]] = true;
      expressions.look_at((*space)->configuration(point));
    }
    return *space;
  }

  /// What constraints let through, and the device cannot launch.
  void look_at_blocks(SubSpaceSpec spec, ExpressionCheck& expressions) const {
    spec.constraints.resize(variant_.constraints.size());
    const auto space = build_space({spec});
    if (!space) return;
    for (const std::uint64_t index : spread((*space)->size(), kMostLookedAt))
      expressions.look_at_blocks((*space)->configuration(index));
  }

  /// A variant may be for other sizes than those at hand.
  void say_what_is_empty(bool any) {
    std::map<std::string, std::vector<const Empty*>> alike;  // By the place of the constraint.
    for (const Empty& empty : empty_) alike[empty.finding.path].push_back(&empty);
    for (const auto& [path, empties] : alike) {
      if (!any && !of_sizes_alone(path)) {
        for (const Empty* empty : empties) findings_.add(empty->finding, empty->where);
        continue;
      }
      const std::string more = empties.size() == 1 ? "" : fmt::format(" and {} more", empties.size() - 1);
      check_.remarks.push_back(fmt::format("{}{}: {}", empties.front()->where, more, empties.front()->finding.reason));
    }
  }

  /// Whether the constraint at a place asks something of the problem's sizes, and nothing of a configuration.
  bool of_sizes_alone(const std::string& path) const {
    for (std::size_t i = 0; i < variant_.constraints.size(); ++i) {
      if (path == fmt::format("/constraints/{}/require", i))
        return names_.uses_sizes(variant_.constraints[i].text) && !names_.uses_parameters(variant_.constraints[i].text);
    }
    return false;
  }

  void look_for_lost_values(const std::vector<CaseSpace>& spaces) {
    for (std::size_t p = 0; p < survived_.size(); ++p) {
      for (std::size_t i = 0; i < survived_[p].size(); ++i) {
        if (!survived_[p][i]) look_for_lost_value(spaces, p, i);
      }
    }
  }

  /// What only a constraint over sizes keeps out is for other sizes: a note.
  void look_for_lost_value(const std::vector<CaseSpace>& spaces, std::size_t p, std::size_t i) {
    const ParameterSpec& parameter = variant_.parameters[p];
    const std::string value = fmt::format("{} = {}", parameter.name, parameter.values[i].to_string());
    std::string why;
    bool at_other_sizes = false;
    for (const CaseSpace& each : spaces) {
      SubSpaceSpec spec = variant_spec(variant_, each.looked_at->instance, each.looked_at->device);
      spec.parameters[p].values = {parameter.values[i]};
      const auto space = build_space({spec});
      if (space) return;
      if (why.empty()) why = fmt::format("{}: {}", each.looked_at->text(), space.error().reason);
      std::erase_if(spec.constraints,
                    [&](const SpaceConstraint& constraint) { return names_.uses_sizes(constraint.text); });
      at_other_sizes = at_other_sizes || build_space({std::move(spec)}).has_value();
    }
    if (at_other_sizes) {
      check_.remarks.push_back(fmt::format("{} is for other sizes than those of the shapes looked at", value));
      return;
    }
    findings_.add({FindingKind::value, file_, 0, fmt::format("/parameters/{}/values/{}", p, i),
                   fmt::format("no configuration has {}, in any shape, dtype or device looked at; {}", value, why)});
  }

  const Variant& variant_;
  VariantCheck& check_;
  FindingList& findings_;
  std::string file_;
  UsedNames names_;
  std::vector<std::vector<bool>> survived_;  ///< By parameter and value.
  std::vector<Empty> empty_;
  bool failed_ = false;  ///< An expression failed somewhere: what is left is not known.
};

}  // namespace

std::vector<std::uint64_t> spread(std::uint64_t count, std::uint64_t most) {
  std::vector<std::uint64_t> positions;
  const std::uint64_t taken = std::min(count, most);
  positions.reserve(taken);
  // In floating point: a product of the two may be over 2^64.
  const double step = taken == 0 ? 0 : static_cast<double>(count) / static_cast<double>(taken);
  for (std::uint64_t i = 0; i < taken; ++i)
    positions.push_back(std::min(count - 1, static_cast<std::uint64_t>(static_cast<double>(i) * step)));
  return positions;
}

std::vector<CaseSpace> check_spaces(const Problem& problem, const Variant& variant, const std::vector<CheckCase>& cases,
                                    VariantCheck& check, FindingList& findings) {
  return SpacesCheck(problem, variant, check, findings).run(cases);
}

}  // namespace fuseline::tuner
