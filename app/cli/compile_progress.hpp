// How far a compiler is, on stderr: a line on a terminal; elsewhere one now and then.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>

#include "app/cli/common.hpp"

namespace fuseline::app {

class CompileProgress {
 public:
  explicit CompileProgress(bool quiet, std::string verb = "compiled") : verb_(std::move(verb)), quiet_(quiet) {}
  ~CompileProgress() { clear(); }
  CompileProgress(const CompileProgress&) = delete;
  CompileProgress& operator=(const CompileProgress&) = delete;

  void show(std::size_t done, std::size_t total);
  /// Removes the line, so that what is printed next starts on a clean one.
  void clear();

 private:
  std::string verb_;
  bool quiet_, terminal_ = is_terminal(2), line_shown_ = false;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace fuseline::app
