#include "tuner/check/finding_list.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tuner/base/text.hpp"

namespace fuseline::tuner {

void FindingList::add(Finding finding, const std::string& where, const std::string& what) {
  const std::string place = fmt::format("{}\n{}\n{}\n{}", finding.file, finding.line, finding.path, what);
  const auto [at, added] = places_.emplace(place, met_.size());
  if (added) met_.push_back({std::move(finding), where, 0});
  ++met_[at->second].times;
}

bool FindingList::has(const std::string& file, const std::string& path) const {
  return std::any_of(met_.begin(), met_.end(),
                     [&](const Met& met) { return met.finding.file == file && met.finding.path == path; });
}

std::vector<Finding> FindingList::take() {
  std::vector<Finding> findings;
  for (Met& met : met_) {
    if (!met.where.empty()) met.finding.reason += fmt::format(", for {}", met.where);
    if (!met.where.empty() && met.times > 1)
      met.finding.reason += fmt::format(" and {} more", grouped(static_cast<double>(met.times - 1)));
    findings.push_back(std::move(met.finding));
  }
  met_.clear();
  places_.clear();
  return findings;
}

}  // namespace fuseline::tuner
