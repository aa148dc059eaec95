// Which parameters a table has to repeat in every row: those that differ.
#pragma once

#include <map>
#include <set>
#include <string>

#include "tuner/base/types.hpp"

namespace fuseline::tuner {

/// Of each variant the parameters that have more than one value among the configurations added.
class VaryingParameters {
 public:
  void add(const Configuration& configuration);
  /// "lanes=8 in_flight=2"; of a configuration whose variant was added.
  [[nodiscard]] std::string of(const Configuration& configuration) const { return text(configuration, true); }
  /// The others: the same for every configuration of the variant.
  [[nodiscard]] std::string constant_of(const Configuration& configuration) const { return text(configuration, false); }

 private:
  [[nodiscard]] std::string text(const Configuration& configuration, bool varying) const;

  std::map<std::string, Configuration> first_;
  std::map<std::string, std::set<std::string>> names_;
};

}  // namespace fuseline::tuner
