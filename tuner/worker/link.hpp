// A worker process as a stream of requests and replies that never blocks.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "tuner/worker/framing.hpp"
#include "tuner/worker/process.hpp"
#include "tuner/worker/protocol.hpp"
#include "tuner/worker/stream_mark.hpp"

namespace fuseline::tuner {

/// One started worker. Requests are queued and written as the worker reads them, so that neither side can wait for the
/// other for ever.
class WorkerLink {
 public:
  /// Error: the command could not be started at all (a shell that fails later shows in exchange()). `asked_to_end`: it
  /// holds something elsewhere, such as a place in a queue, and gives that back where it is asked to end.
  [[nodiscard]] static Result<WorkerLink> start(const std::string& command, bool asked_to_end = false);

  void send(const Request& request);
  /// Bytes that were sent and that the worker has not read yet, without what is in its pipe.
  [[nodiscard]] std::size_t waiting_bytes() const { return outgoing_.size(); }

  struct Exchange {
    std::vector<Reply> replies;       ///< In the order sent.
    std::optional<std::string> lost;  ///< Why nothing more can come: it died, closed its pipes or sent what is no
                                      ///< message. With its last words.
    bool killed = false;  ///< Lost by what comes from outside: the kernel's out-of-memory killer, a scheduler, a
                          ///< person, a connection that broke.
  };
  /// Moves what can be moved now. Once lost, the process is killed.
  [[nodiscard]] Exchange exchange();
  /// Kills the process; the reason with its last words, for messages.
  [[nodiscard]] std::string abandon(const std::string& reason);
  /// Ends its input, which ends a worker whatever it is at; does not wait for that.
  void hang_up() { child_.close_input(); }
  /// Asks the worker to end, waits a moment, then kills it.
  void close();

  /// True once its messages have begun; until then a scheduler, a connection or a login shell is at work.
  [[nodiscard]] bool begun() const { return opening_.marked(); }
  /// The last line that it wrote to stderr, for people; empty where there is none.
  [[nodiscard]] std::string last_line() const;

  [[nodiscard]] ChildInterest interest() const { return {&child_, !outgoing_.empty()}; }

 private:
  explicit WorkerLink(ChildProcess child) : child_(std::move(child)), reader_(kMaximumFrameBytes) {}
  /// True while the worker still reads.
  bool write_waiting();
  void take(std::string_view bytes, Exchange& result);
  void decode_into(Exchange& result);
  /// True where a shell was sent what is for a worker: it answers, and waits for more.
  [[nodiscard]] bool shell_answers();
  /// How a child that closed its output came to its end.
  std::string how_it_ended(bool& killed);
  std::string with_last_words(std::string reason);

  ChildProcess child_;
  FrameReader reader_;
  std::string outgoing_;
  StreamOpening opening_;
  std::optional<std::chrono::steady_clock::time_point> not_found_;  ///< When it was said that something is not found.
};

}  // namespace fuseline::tuner
