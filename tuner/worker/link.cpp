#include "tuner/worker/link.hpp"

#include <fmt/format.h>

#include <thread>

#include "tuner/base/text.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::size_t kFirstBytes = 80;
constexpr std::size_t kLastWords = 600;
constexpr std::size_t kTurnBytes = std::size_t{16} << 20;  // A worker that floods us must not keep us from the others.

/// The end of `text` on one line.
std::string last_words(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  if (text.size() > kLastWords) text = "..." + text.substr(text.size() - kLastWords);
  std::string line;
  for (const char c : text) line += c == '\n' ? std::string(" | ") : std::string(1, c);
  return printable(line);
}

}  // namespace

Result<WorkerLink> WorkerLink::start(const std::string& command) {
  FUSELINE_TRY(child, ChildProcess::start_command(command));
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
    // The first bytes of a shell's greeting are a length too, of what never comes: every message of ours is an object.
    if (!understood_ && first_bytes_.size() > kFramePrefix && first_bytes_[kFramePrefix] != '{') {
      result.lost = "it sent what is no message";
      return;
    }
    auto payload = reader_.next();
    if (!payload) {
      result.lost = payload.error().reason;
    } else if (!*payload) {
      return;
    } else if (auto reply = decode_reply(**payload)) {
      understood_ = true;
      result.replies.push_back(std::move(*reply));
    } else {
      result.lost = "it sent what is no message: " + printable(reply.error().message());
    }
  }
}

std::string WorkerLink::how_it_ended(bool& killed) {
  for (int i = 0; i < 50; ++i) {
    if (const auto exit = child_.poll_exit()) {
      killed = exit->starts_with("killed by signal 9 ");
      return (exit->starts_with("killed") ? "it was " : "it ") + *exit;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return "it closed its output";
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
    if (!understood_ && first_bytes_.size() < kFirstBytes)
      first_bytes_ += read.bytes.substr(0, kFirstBytes - first_bytes_.size());
    reader_.append(read.bytes);
    decode_into(result);
    if (result.lost) break;
    if (read.closed) {
      result.lost = how_it_ended(result.killed) + (reader_.pending() ? " within a message" : "");
    } else if (read.bytes.empty()) {
      break;
    }
  }
  if (!result.lost && !reads) result.lost = "it no longer reads its input";
  child_.read_errors();
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
  if (!understood_ && !first_bytes_.empty())
    reason += fmt::format("; its output began with '{}'", printable(first_bytes_));
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
