// Programs of kernels on the CPU: compiled, run, watched. Several at a time, each a process of its own, so that a
// kernel that faults or hangs costs its own configuration.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tuner/base/error.hpp"
#include "tuner/check/host_answers.hpp"

namespace fuseline::tuner {

struct HostProgram {
  std::vector<std::string> compile;  ///< The command.
  std::filesystem::path program;     ///< What it makes; removed once it has run.
  std::filesystem::path job;         ///< Its cases are numbered from 0.
  std::size_t cases = 0;
};

/// What became of a case: nothing wrong, something wrong, or it never came to its end.
struct HostCaseEnd {
  std::optional<HostAnswer> wrong = {};
  std::string errors = {};  ///< Of a case with something wrong: the end of the program's standard error.
  std::string lost = {};    ///< Why it did not come to its end; empty: it did.
};

struct HostOutcome {
  std::string complaint;          ///< The compiler's, where there is no program; then there are no ends.
  std::vector<HostCaseEnd> ends;  ///< By case.
  bool out_of_time = false;       ///< Nothing, or not all of it, was begun before the time was over.
};

struct HostTimes {
  std::chrono::steady_clock::time_point end;  ///< Of everything.
  std::chrono::seconds compile{120};          ///< Of one program.
  std::chrono::seconds run{60};               ///< Of one configuration in one order of threads.
};

/// In the order of the programs, as many at a time as there are cores. `progress`: how many are done. Errors: `stop`
/// has said that it is to stop (interrupted).
[[nodiscard]] Result<std::vector<HostOutcome>> run_host_programs(const std::vector<HostProgram>& programs,
                                                                 const HostTimes& times,
                                                                 const std::function<void(std::size_t)>& progress,
                                                                 const std::function<bool()>& stop);

}  // namespace fuseline::tuner
