// Follows a session on stderr: a progress line on a terminal, a line now and then elsewhere, and every message once.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

#include "tuner/session/session.hpp"

namespace fuseline::app {

/// One progress line of at most so many columns.
using ProgressLine = std::function<std::string(const tuner::Snapshot& snapshot, std::size_t width)>;

class ProgressReport {
 public:
  ProgressReport(bool quiet, ProgressLine line);
  ~ProgressReport();
  ProgressReport(const ProgressReport&) = delete;
  ProgressReport& operator=(const ProgressReport&) = delete;

  void show(const tuner::Snapshot& snapshot);
  /// Removes the progress line, so that what is printed next starts on a clean one.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  void show_messages(const tuner::Snapshot& snapshot);

  bool quiet_, terminal_;
  ProgressLine line_;
  bool line_shown_ = false;
  std::size_t messages_shown_ = 0;
  std::string last_message_;
  Clock::time_point last_line_ = Clock::now();
};

/// Shows progress until the session has ended; an interrupt stops it. Without `line` it is tuner::progress_line().
[[nodiscard]] tuner::Result<tuner::Run> follow(tuner::Session& session, bool quiet, ProgressLine line = nullptr);

}  // namespace fuseline::app
