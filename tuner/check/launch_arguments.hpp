// Launches held against what the text of a source says that its kernels take.
#pragma once

#include <string>
#include <vector>

#include "tuner/check/finding_list.hpp"
#include "tuner/problem/problem.hpp"

namespace fuseline::tuner {

/// Where launches stand: "/launches" in a manifest, "/reference/launches" in a problem's file.
struct LaunchesPlace {
  std::string file, path;
};

/// Findings: another number of arguments, two that are given for each other, an output that is only ever given as a
/// pointer to const, an input given where the kernel may write though it has pointers to const, a number given for a
/// pointer. `codes` are of the source and its headers; a kernel that they do not show plainly is passed over.
void check_arguments(const std::vector<LaunchSpec>& launches, const std::vector<TensorSpec>& tensors,
                     const std::vector<std::string>& codes, const LaunchesPlace& place, FindingList& findings);

}  // namespace fuseline::tuner
