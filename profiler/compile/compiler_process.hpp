// One compiler process as its owner sees it: a request in, a result or a reason out, within a deadline.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "profiler/compile/compiler.hpp"
#include "tuner/worker/process.hpp"

namespace fuseline::profiler {

class CompilerProcess {
 public:
  explicit CompilerProcess(std::vector<std::string> command) : command_(std::move(command)) {}

  /// Starts the process where none is running. The system ends it with the calling thread, which must therefore live as
  /// long.
  void start();
  /// Starts another in its place.
  void renew();
  /// Starts a process where needed. A process that does not answer in time is killed: Status::timeout. One that dies:
  /// Status::failed with how it ended and what it last wrote.
  [[nodiscard]] CompileResult compile(const CompileRequest& request, double deadline_s, const std::stop_token& stop);

 private:
  [[nodiscard]] CompileResult ended(tuner::ChildProcess child) const;

  std::vector<std::string> command_;
  std::optional<tuner::ChildProcess> child_;
  std::string start_error_;
};

}  // namespace fuseline::profiler
