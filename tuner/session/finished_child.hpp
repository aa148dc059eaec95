// A program that is run to its end, for what it prints.
#pragma once

#include <chrono>
#include <string>

#include "tuner/base/error.hpp"

namespace fuseline::tuner {

struct FinishedChild {
  std::string output;  ///< All of stdout, at most 64 MiB.
  std::string errors;  ///< The end of stderr, as written.
  std::string status;  ///< "exited with status 0"
  [[nodiscard]] bool succeeded() const { return status == "exited with status 0"; }
};
/// Runs `command` through the shell with `input` on its stdin. Errors: it could not be started, prints without end, or
/// does not end within the time allowed.
[[nodiscard]] Result<FinishedChild> run_to_end(const std::string& command, const std::string& input,
                                               std::chrono::seconds allowed);

}  // namespace fuseline::tuner
