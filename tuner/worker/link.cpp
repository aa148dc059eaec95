#include "tuner/worker/link.hpp"

#include <fmt/format.h>

#include <thread>

#include "tuner/base/text.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::size_t kFirstBytes = 80;
constexpr std::chrono::seconds kShellGrace{5};  // A login script may miss a command too, and go on.
constexpr std::size_t kLastWords = 600;
constexpr std::size_t kTurnBytes = std::size_t{16} << 20;  // A worker that floods us must not keep us from the others.

/// How a process ends that something outside has ended: killed, or as shells, srun (128 and the signal) and ssh (a
/// connection that broke) tell of it.
bool ended_from_outside(std::string_view exit, std::string_view last_words) {
  for (const char* killed : {"killed by signal 9 ", "killed by signal 15 ", "killed by signal 1 "})
    if (exit.starts_with(killed)) return true;
  for (const char* told :
       {"exited with status 129", "exited with status 137", "exited with status 143", "exited with status 255"})
    if (exit == told) return true;
  // srun's own words, whatever its status: 0 where a node failed.
  for (const char* said : {"Node failure on", " CANCELLED AT ", "has been revoked"})
    if (last_words.find(said) != std::string_view::npos) return true;
  return false;
}

/// The end of `text` on one line, to be shown.
std::string last_words(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  if (text.size() > kLastWords) text = "..." + text.substr(text.size() - kLastWords);
  std::string line;
  for (const char c : text) line += c == '\n' ? std::string(" | ") : std::string(1, c);
  return printable(line);
}

}  // namespace

Result<WorkerLink> WorkerLink::start(const std::string& command, bool asked_to_end) {
  FUSELINE_TRY(child, ChildProcess::start_command(command));
  child.ask_to_end(asked_to_end);
  return WorkerLink(std::move(child));
}

void WorkerLink::send(const Request& request) { outgoing_ += frame(encode_text(request)); }

bool WorkerLink::write_waiting() {
  while (!outgoing_.empty()) {
    const auto written = child_.write_some(outgoing_);
    if (!written) return false;
    if (*written == 0) break;
    outgoing_.erase(0, *written);
  }
  return true;
}

void WorkerLink::decode_into(Exchange& result) {
  while (!result.lost) {
    auto payload = reader_.next();
    if (!payload) {
      result.lost = payload.error().reason;
    } else if (!*payload) {
      return;
    } else if (auto reply = decode_reply(**payload)) {
      result.replies.push_back(std::move(*reply));
    } else {
      result.lost = "it sent what is no message: " + printable(reply.error().message());
    }
  }
}

std::string WorkerLink::how_it_ended(bool& killed) {
  for (int i = 0; i < 50; ++i) {
    if (const auto exit = child_.poll_exit()) {
      child_.read_errors();
      killed = ended_from_outside(*exit, child_.stderr_tail());
      return (exit->starts_with("killed") ? "it was " : "it ") + *exit;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return "it closed its output";
}

void WorkerLink::take(std::string_view bytes, Exchange& result) {
  auto messages = opening_.take(bytes);
  if (!messages) {
    result.lost = messages.error().reason;
    return;
  }
  reader_.append(*messages);
  decode_into(result);
}

bool WorkerLink::shell_answers() {
  if (begun() || child_.stderr_tail().find("not found") == std::string::npos) return false;
  const auto now = std::chrono::steady_clock::now();
  if (!not_found_) not_found_ = now;
  return now - *not_found_ >= kShellGrace;
}

std::string WorkerLink::last_line() const {
  const std::string& tail = child_.stderr_tail();
  const auto end = tail.find_last_not_of(" \r\n");
  if (end == std::string::npos) return {};
  const auto before = tail.find_last_of("\r\n", end);
  return printable(tail.substr(before == std::string::npos ? 0 : before + 1, end - (before + 1) + 1));
}

WorkerLink::Exchange WorkerLink::exchange() {
  Exchange result;
  const bool reads = write_waiting();
  // What it wrote before it died is in the pipe by now, so it is read first: an outcome must not be lost to the death
  // that follows it.
  std::size_t taken = 0;
  while (!result.lost && taken < kTurnBytes) {
    const auto read = child_.read_output();
    taken += read.bytes.size();
    take(read.bytes, result);
    if (result.lost) break;
    if (read.closed) {
      result.lost = how_it_ended(result.killed) + (reader_.pending() ? " within a message" : "");
    } else if (read.bytes.empty()) {
      break;
    }
  }
  if (!result.lost && !reads) result.lost = "it no longer reads its input";
  child_.read_errors();
  if (!result.lost && shell_answers()) result.lost = "a shell answers in a worker's place";
  if (result.lost) result.lost = abandon(*result.lost);
  return result;
}

std::string WorkerLink::abandon(const std::string& reason) {
  child_.kill();
  child_.read_errors();
  (void)child_.wait_exit(std::chrono::milliseconds(0));
  return with_last_words(reason);
}

std::string WorkerLink::with_last_words(std::string reason) {
  if (const std::string& greeting = opening_.greeting(); !begun() && !greeting.empty())
    reason += fmt::format("; its output began with '{}'", last_words(greeting.substr(0, kFirstBytes)));
  if (const auto words = last_words(child_.stderr_tail()); !words.empty()) reason += "; it wrote: " + words;
  return reason;
}

void WorkerLink::close() {
  send(QuitRequest{});
  (void)write_waiting();
  child_.close_input();
  (void)child_.wait_exit(std::chrono::milliseconds(1000));
}

}  // namespace fuseline::tuner
