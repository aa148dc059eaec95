// fuseline check --host: a sample of every variant's configurations, run on the CPU and compared with the reference.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>

#include "tuner/check/check.hpp"

namespace fuseline::tuner {

/// Configurations of a variant and dtype that are run unless the user says.
inline constexpr std::size_t kHostSample = 8;

struct HostCheckOptions {
  CheckSelection selection;
  /// Whose limits hold; of several the one with the highest capability. It is given two SMs, so that blocks of
  /// persistent grids take several tiles.
  std::vector<Target> devices;
  std::filesystem::path data;                                              ///< data_folder()
  std::size_t at_most = kHostSample;                                       ///< Configurations of a variant and dtype.
  std::chrono::seconds time{600};                                          ///< For everything.
  std::function<void(std::size_t done, std::size_t total)> progress = {};  ///< In programs.
  std::function<bool()> stop = {};                                         ///< Whether the user wants it to end.
};

/// Adds what was found to `report`, which is check_problems()'s of the same problems. What cannot run is a remark;
/// where nothing of a problem ran, or time was over, the report is not clean. Errors: no compiler
/// (HostCompiler::find()); no scratch folder, or it cannot be written; interrupted.
[[nodiscard]] Result<void> check_on_host(const CheckedProblems& problems, const HostCheckOptions& options,
                                         CheckReport& report);

}  // namespace fuseline::tuner
