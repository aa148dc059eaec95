#include "app/cli/progress.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iostream>
#include <thread>
#include <utility>

#include "app/cli/common.hpp"
#include "app/cli/interrupt.hpp"
#include "tuner/base/text.hpp"
#include "tuner/report/table.hpp"

namespace fuseline::app {
namespace {

constexpr std::chrono::seconds kBetweenLines{
    30};  // Where there is no terminal: enough for a log to show that it goes on.

}  // namespace

ProgressReport::ProgressReport(bool quiet, ProgressLine line)
    : quiet_(quiet), terminal_(is_terminal(2)), line_(line ? std::move(line) : tuner::progress_line) {}

ProgressReport::~ProgressReport() { clear(); }

void ProgressReport::clear() {
  if (line_shown_) std::cerr << "\r\x1b[2K" << std::flush;
  line_shown_ = false;
}

/// The session keeps its newest messages; what was shown before is found by the last one's text.
void ProgressReport::show_messages(const tuner::Snapshot& snapshot) {
  const auto& messages = snapshot.messages;
  if (messages.empty()) return;
  std::size_t first = std::min(messages_shown_, messages.size());
  if (messages_shown_ > 0 &&
      (messages_shown_ > messages.size() || messages[messages_shown_ - 1].text != last_message_)) {
    const auto found = std::find_if(messages.rbegin(), messages.rend(),
                                    [&](const tuner::Notice& notice) { return notice.text == last_message_; });
    first = static_cast<std::size_t>(messages.rend() - found);
  }
  if (first < messages.size()) clear();
  for (; first < messages.size(); ++first) {
    // What has advice is a warning: something went wrong, and there is something to do about it.
    if (messages[first].advice.empty()) {
      spdlog::info("{}", tuner::printable(messages[first].text));
    } else {
      spdlog::warn("{}. {}", tuner::printable(messages[first].text), tuner::printable(messages[first].advice));
    }
  }
  messages_shown_ = messages.size();
  last_message_ = messages.back().text;
}

void ProgressReport::show(const tuner::Snapshot& snapshot) {
  if (quiet_) return;
  show_messages(snapshot);
  if (terminal_) {
    std::cerr << "\r\x1b[2K" << line_(snapshot, terminal_width(2) - 1) << std::flush;
    line_shown_ = true;
  } else if (Clock::now() - last_line_ >= kBetweenLines) {
    spdlog::info("{}", line_(snapshot, 160));
    last_line_ = Clock::now();
  }
}

namespace {

constexpr std::chrono::milliseconds kRefresh{100};

}  // namespace

tuner::Result<tuner::Run> follow(tuner::Session& session, bool quiet, ProgressLine line) {
  ProgressReport progress(quiet, std::move(line));
  bool stopped = false;
  for (auto snapshot = session.snapshot();; snapshot = session.snapshot()) {
    progress.show(*snapshot);
    if (tuner::ended(snapshot->state)) break;
    if (interrupted() && !stopped) {
      session.stop();
      stopped = true;
    }
    std::this_thread::sleep_for(kRefresh);
  }
  return session.wait();
}

}  // namespace fuseline::app
