// Follows a session on stderr: a progress line on a terminal, a line now and then elsewhere, and every message once.
#pragma once

#include <chrono>
#include <cstddef>

#include "tuner/session/session.hpp"

namespace fuseline::app {

class ProgressReport {
 public:
  explicit ProgressReport(bool quiet);
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
  bool line_shown_ = false;
  std::size_t messages_shown_ = 0;
  std::string last_message_;
  Clock::time_point last_line_ = Clock::now();
};

/// Shows progress until the session has ended; an interrupt stops it.
[[nodiscard]] tuner::Result<tuner::Run> follow(tuner::Session& session, bool quiet);

}  // namespace fuseline::app
