#include "tuner/check/sample.hpp"

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <utility>

#include "tuner/space/variant_space.hpp"

namespace fuseline::tuner {
namespace {

using Instance = std::shared_ptr<const ProblemInstance>;
/// "parameter=value"
using Choices = std::set<std::string>;

std::string choice_text(const std::string& parameter, const Value& value) {
  return parameter + "=" + value.to_string();
}

Choices choices_of(const Configuration& configuration) {
  Choices choices;
  for (const NamedValue& value : configuration.values) choices.insert(choice_text(value.name, value.value));
  return choices;
}

/// The configuration with most choices that are not in `taken`.
const Configuration& newest(const std::vector<Configuration>& configurations, const Choices& taken) {
  const auto news = [&](const Configuration& configuration) {
    const Choices choices = choices_of(configuration);
    return std::count_if(choices.begin(), choices.end(),
                         [&](const std::string& choice) { return !taken.contains(choice); });
  };
  return *std::max_element(configurations.begin(), configurations.end(),
                           [&](const auto& a, const auto& b) { return news(a) < news(b); });
}

constexpr std::size_t kDraws = 24;

class Sampler {
 public:
  Sampler(const CatalogEntry& entry, const Variant& variant, const std::vector<Instance>& instances,
          const DeviceLimits& device, const SampleOptions& options)
      : entry_(entry), variant_(variant), instances_(instances), device_(device), options_(options) {}

  Sample sample() {
    for (const Instance& instance : instances_) take_from(instance, {}, {});
    for (const ParameterSpec& parameter : variant_.parameters) {
      for (const Value& value : options_.full ? parameter.full_values : parameter.values) reach(parameter.name, value);
    }
    return std::move(sample_);
  }

 private:
  /// Some configurations of the instance with the parameter at the value (any, where `parameter` is empty); none where
  /// constraints allow none.
  std::vector<Configuration> draw(const ProblemInstance& instance, const std::string& parameter,
                                  const std::string& value) {
    SpaceSelection selection;
    selection.variants = {variant_.name};
    selection.full = options_.full;
    if (!parameter.empty()) selection.parameters[parameter] = {value};
    const auto space = variant_space(entry_, instance, device_, selection);
    std::vector<Configuration> drawn;
    if (!space) return drawn;
    for (std::size_t i = 0; i < kDraws; ++i) drawn.push_back((*space)->configuration(random_() % (*space)->size()));
    return drawn;
  }

  bool take_from(const Instance& instance, const std::string& parameter, const std::string& value) {
    if (sample_.taken.size() >= options_.at_most) return true;
    const std::vector<Configuration> drawn = draw(*instance, parameter, value);
    if (drawn.empty()) return false;
    const Configuration& chosen = newest(drawn, taken_);
    taken_.merge(choices_of(chosen));
    auto resolved = resolve(variant_, chosen, *instance, device_);
    if (resolved) {
      sample_.taken.push_back({instance, std::move(*resolved)});
    } else {
      sample_.failed.push_back(std::move(resolved.error()));
    }
    return true;
  }

  /// Takes a configuration with the value from some instance, each time starting at another one, unless it was taken or
  /// none allows it.
  void reach(const std::string& parameter, const Value& value) {
    if (taken_.contains(choice_text(parameter, value))) return;
    for (std::size_t i = 0; i < instances_.size(); ++i) {
      const Instance& instance = instances_[(sample_.taken.size() + i) % instances_.size()];
      if (take_from(instance, parameter, value.to_string())) return;
    }
  }

  const CatalogEntry& entry_;
  const Variant& variant_;
  const std::vector<Instance>& instances_;
  const DeviceLimits& device_;
  const SampleOptions& options_;
  std::mt19937_64 random_{1};
  Choices taken_;
  Sample sample_;
};

}  // namespace

Sample sample_configurations(const CatalogEntry& entry, const Variant& variant,
                             const std::vector<std::shared_ptr<const ProblemInstance>>& instances,
                             const DeviceLimits& device, const SampleOptions& options) {
  return Sampler(entry, variant, instances, device, options).sample();
}

}  // namespace fuseline::tuner
