#include "cases.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <ostream>

#include "tuner/check/sample.hpp"

namespace fuseline::host_cuda {
namespace {

using Instance = std::shared_ptr<const tuner::ProblemInstance>;

[[noreturn]] void give_up(const std::string& reason) {
  fmt::print(stderr, "{}\n", reason);
  std::exit(1);
}

template <class T>
T value_or_give_up(tuner::Result<T> result) {
  if (!result) give_up(result.error().message());
  return std::move(*result);
}

std::vector<Instance> instances_of(const tuner::Problem& problem, tuner::Dtype dtype) {
  std::vector<Instance> instances;
  for (const auto& dims : shapes_of(problem.name)) {
    instances.push_back(
        std::make_shared<const tuner::ProblemInstance>(value_or_give_up(tuner::instantiate(problem, "", dims, dtype))));
  }
  return instances;
}

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

std::vector<Case> sampled_cases(const tuner::CatalogEntry& entry, const tuner::Variant& variant,
                                const std::vector<Instance>& instances) {
  tuner::SampleOptions options;
  options.full = true;
  tuner::Sample sample = tuner::sample_configurations(entry, variant, instances, device(), options);
  if (!sample.failed.empty()) give_up(sample.failed.front().message());
  std::vector<Case> cases;
  for (tuner::Sampled& each : sample.taken) cases.push_back({each.instance, std::move(each.resolved)});
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
  const std::vector<Instance> instances = instances_of(entry->problem, target.dtype);
  if (target.variant.empty()) return reference_cases(instances);
  for (const tuner::Variant& variant : entry->variants) {
    if (variant.name == target.variant) return sampled_cases(*entry, variant, instances);
  }
  return {};
}

}  // namespace fuseline::host_cuda
