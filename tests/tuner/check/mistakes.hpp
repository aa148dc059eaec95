// The example of a user's problem with one mistake in it, checked.
#pragma once

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/tuner/problem/temporary_problem.hpp"
#include "tuner/base/files.hpp"
#include "tuner/check/check.hpp"

namespace fuseline::tuner::testing {

/// A data folder without built-in problems, which take longest to be read.
inline const std::filesystem::path& data_without_problems() {
  static const TemporaryFolder folder;
  static const std::filesystem::path data = [] {
    std::filesystem::create_directories(folder.path() / "kernels");
    std::filesystem::copy(data_folder() / "kernels/common", folder.path() / "kernels/common",
                          std::filesystem::copy_options::recursive);
    return folder.path();
  }();
  return data;
}

inline CheckReport checked(const TemporaryProblem& problem, CheckOptions options) {
  static const auto devices = check_devices(data_folder(), {89, 90}).value();
  const auto& data = data_without_problems();
  const auto problems = checked_problems(data, {}, {problem.folder().string()});
  if (!problems) throw std::runtime_error(problems.error().message());
  if (options.devices.empty()) options.devices = devices;
  auto report = check_problems(*problems, std::move(options));
  if (!report) throw std::runtime_error(report.error().message());
  return std::move(*report);
}

inline CheckReport checked(const TemporaryProblem& problem) {
  CheckOptions options;
  options.compile = false;
  return checked(problem, std::move(options));
}

/// Findings as they are printed, without the folder.
inline std::vector<std::string> lines(const CheckReport& report, const TemporaryProblem& problem) {
  std::vector<std::string> lines;
  const std::string folder = problem.folder().string() + "/";
  for (const Finding& finding : report.findings) {
    std::string line = to_string(finding);
    if (line.starts_with(folder)) line.erase(0, folder.size());
    lines.push_back(std::move(line));
  }
  return lines;
}

inline void replace_in(const TemporaryProblem& problem, const std::string& file, const std::string& from,
                       const std::string& to) {
  std::string text = read_file(problem.folder() / file).value();
  const std::size_t at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error(from + " is not in " + file);
  problem.write(file, text.replace(at, from.size(), to));
}

}  // namespace fuseline::tuner::testing
