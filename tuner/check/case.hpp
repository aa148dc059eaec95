// What a problem is looked at for: shapes and dtypes of its own, on devices of some compute capabilities.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tuner/check/report.hpp"
#include "tuner/device/device.hpp"
#include "tuner/problem/problem.hpp"

namespace fuseline::tuner {

struct CheckCase {
  int capability = 0;
  DeviceLimits device;
  ProblemInstance instance;

  /// "f32, small, sm_89"
  [[nodiscard]] std::string text() const;
};

/// Devices by capability (89): of several data sheets the one with the fastest memory. Error: there is none for one of
/// them, with those that there are.
[[nodiscard]] Result<std::vector<Target>> check_devices(const std::filesystem::path& data,
                                                        const std::vector<int>& capabilities);

/// What is looked at; empty lists: all.
struct CheckSelection {
  std::vector<Dtype> dtypes;
  std::vector<std::string> shapes;
};

/// Every case; what cannot be worked out is a finding. Errors: a dtype or shape that the problem does not have.
[[nodiscard]] Result<std::vector<CheckCase>> check_cases(const Problem& problem, const CheckSelection& selection,
                                                         const std::vector<Target>& devices,
                                                         std::vector<Finding>& findings);

/// The name of the reference's source, as the problem's file writes it; the file was read before.
[[nodiscard]] std::string reference_name(const Problem& problem);

}  // namespace fuseline::tuner
