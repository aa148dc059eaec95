#include "cases.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ostream>
#include <random>
#include <set>

#include "tuner/space/variant_space.hpp"

namespace fuseline::host_cuda {
namespace {

using tuner::Configuration;
using Instance = std::shared_ptr<const tuner::ProblemInstance>;
/// "parameter=value"
using Choices = std::set<std::string>;

[[noreturn]] void give_up(const std::string& reason) {
  fmt::print(stderr, "{}\n", reason);
  std::exit(1);
}

template <class T>
T value_or_give_up(tuner::Result<T> result) {
  if (!result) give_up(result.error().message());
  return std::move(*result);
}

std::string choice_text(const std::string& parameter, const tuner::Value& value) {
  return parameter + "=" + value.to_string();
}

Choices choices_of(const Configuration& configuration) {
  Choices choices;
  for (const tuner::NamedValue& value : configuration.values) choices.insert(choice_text(value.name, value.value));
  return choices;
}

/// Draws configurations of one variant.
class Sampler {
 public:
  Sampler(const tuner::CatalogEntry& entry, const std::string& variant) : entry_(entry) {
    selection_.variants = {variant};
    selection_.full = true;
  }

  /// Up to `count` configurations of the instance with the parameter at the value (any, where `parameter` is empty);
  /// none where constraints allow none.
  [[nodiscard]] std::vector<Configuration> draw(const tuner::ProblemInstance& instance, std::size_t count,
                                                const std::string& parameter = {}, const std::string& value = {}) {
    tuner::SpaceSelection selection = selection_;
    if (!parameter.empty()) selection.parameters[parameter] = {value};
    const auto space = tuner::variant_space(entry_, instance, device(), selection);
    std::vector<Configuration> drawn;
    if (!space) return drawn;
    for (std::size_t i = 0; i < count; ++i) drawn.push_back((*space)->configuration(random_() % (*space)->size()));
    return drawn;
  }

 private:
  const tuner::CatalogEntry& entry_;
  tuner::SpaceSelection selection_;
  std::mt19937_64 random_{1};
};

std::vector<Instance> instances_of(const tuner::Problem& problem, tuner::Dtype dtype) {
  std::vector<Instance> instances;
  for (const auto& dims : shapes_of(problem.name)) {
    instances.push_back(
        std::make_shared<const tuner::ProblemInstance>(value_or_give_up(tuner::instantiate(problem, "", dims, dtype))));
  }
  return instances;
}

/// The configuration with most choices that are not in `taken`.
const Configuration& newest(const std::vector<Configuration>& configurations, const Choices& taken) {
  const auto news = [&](const Configuration& configuration) {
    const Choices choices = choices_of(configuration);
    return std::count_if(choices.begin(), choices.end(),
                         [&](const std::string& choice) { return taken.count(choice) == 0; });
  };
  return *std::max_element(configurations.begin(), configurations.end(),
                           [&](const auto& a, const auto& b) { return news(a) < news(b); });
}

constexpr std::size_t kDraws = 24;

class Chooser {
 public:
  Chooser(const tuner::CatalogEntry& entry, const tuner::Variant& variant, std::vector<Instance> instances)
      : variant_(variant), sampler_(entry, variant.name), instances_(std::move(instances)) {}

  [[nodiscard]] std::vector<Case> choose() {
    for (const Instance& instance : instances_) take_from(instance, sampler_.draw(*instance, kDraws));
    for (const tuner::ParameterSpec& parameter : variant_.parameters) {
      for (const tuner::Value& value : parameter.full_values) reach(parameter.name, value);
    }
    return std::move(cases_);
  }

 private:
  bool take_from(const Instance& instance, const std::vector<Configuration>& drawn) {
    if (drawn.empty()) return false;
    const Configuration& chosen = newest(drawn, taken_);
    taken_.merge(choices_of(chosen));
    cases_.push_back({instance, value_or_give_up(tuner::resolve(variant_, chosen, *instance, device()))});
    return true;
  }

  /// Takes a configuration with the value from some shape, each time starting at another one, unless it was taken or
  /// none allows it.
  void reach(const std::string& parameter, const tuner::Value& value) {
    if (taken_.count(choice_text(parameter, value)) > 0) return;
    for (std::size_t i = 0; i < instances_.size(); ++i) {
      const Instance& instance = instances_[(cases_.size() + i) % instances_.size()];
      if (take_from(instance, sampler_.draw(*instance, kDraws, parameter, value.to_string()))) return;
    }
  }

  const tuner::Variant& variant_;
  Sampler sampler_;
  std::vector<Instance> instances_;
  Choices taken_;
  std::vector<Case> cases_;
};

std::vector<Case> reference_cases(const std::vector<Instance>& instances) {
  std::vector<Case> cases;
  for (const Instance& instance : instances) {
    tuner::ResolvedConfiguration resolved;
    resolved.configuration.variant = "reference";
    resolved.defines = tuner::instance_defines(*instance);
    resolved.launches = value_or_give_up(tuner::resolve_reference(*instance, device()));
    cases.push_back({instance, std::move(resolved)});
  }
  return cases;
}

}  // namespace

const tuner::Catalog& catalog() {
  static const tuner::Catalog loaded = value_or_give_up(tuner::Catalog::load(FUSELINE_SOURCE_DIR, {}));
  return loaded;
}

const tuner::DeviceLimits& device() {
  static const tuner::DeviceLimits limits = [] {
    tuner::DeviceLimits found = value_or_give_up(tuner::find_target(FUSELINE_SOURCE_DIR, "h200")).limits;
    found.sm_count = 2;
    return found;
  }();
  return limits;
}

std::string Case::title() const {
  std::string text = instance->problem->name + " " + std::string(to_string(instance->dtype));
  for (const tuner::Dimension& dimension : instance->dims)
    text += fmt::format(" {}={}", dimension.name, dimension.value);
  return text + ": " + resolved.configuration.key();
}

std::string Target::title() const {
  return fmt::format("{}__{}__{}", problem, variant.empty() ? "reference" : variant, to_string(dtype));
}

std::ostream& operator<<(std::ostream& out, const Target& target) { return out << target.title(); }

std::vector<Target> all_targets() {
  std::vector<Target> targets;
  for (const auto& entry : catalog().entries()) {
    for (const tuner::Dtype dtype : entry->problem.dtypes) {
      targets.push_back({entry->problem.name, "", dtype});
      for (const tuner::Variant& variant : entry->variants) {
        // What is finished for a GPU cannot run here.
        if (variant.form == tuner::KernelForm::cuda) targets.push_back({entry->problem.name, variant.name, dtype});
      }
    }
  }
  return targets;
}

std::vector<Case> choose_cases(const Target& target) {
  const auto entry = value_or_give_up(catalog().find(target.problem));
  std::vector<Instance> instances = instances_of(entry->problem, target.dtype);
  if (target.variant.empty()) return reference_cases(instances);
  for (const tuner::Variant& variant : entry->variants) {
    if (variant.name == target.variant) return Chooser(*entry, variant, std::move(instances)).choose();
  }
  return {};
}

}  // namespace fuseline::host_cuda
