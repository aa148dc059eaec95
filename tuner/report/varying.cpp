#include "tuner/report/varying.hpp"

namespace fuseline::tuner {

void VaryingParameters::add(const Configuration& configuration) {
  const Configuration& reference = first_.emplace(configuration.variant, configuration).first->second;
  auto& names = names_[configuration.variant];
  for (std::size_t i = 0; i < configuration.values.size(); ++i) {
    if (i >= reference.values.size() || configuration.values[i] != reference.values[i])
      names.insert(configuration.values[i].name);
  }
}

std::string VaryingParameters::text(const Configuration& configuration, bool varying) const {
  const auto& names = names_.at(configuration.variant);
  std::string text;
  for (const NamedValue& value : configuration.values) {
    if ((names.count(value.name) > 0) == varying)
      text += (text.empty() ? "" : " ") + value.name + "=" + value.value.to_string();
  }
  return text;
}

}  // namespace fuseline::tuner
