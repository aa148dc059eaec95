// Findings as they are met: the same mistake met again, in another configuration or case, is counted and not repeated.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "tuner/check/report.hpp"

namespace fuseline::tuner {

class FindingList {
 public:
  /// `where`: the configuration and case it was met in; empty: everywhere. What has the file, line and path of an
  /// earlier finding is that finding, unless their `what` differs.
  void add(Finding finding, const std::string& where = "", const std::string& what = "");
  [[nodiscard]] bool has(const std::string& file, const std::string& path) const;
  /// In the order in which they were first met, with how often.
  [[nodiscard]] std::vector<Finding> take();

 private:
  struct Met {
    Finding finding;
    std::string where;
    std::size_t times = 0;
  };
  std::vector<Met> met_;
  std::map<std::string, std::size_t> places_;
};

}  // namespace fuseline::tuner
