// A worker process as a stream of requests and replies that never blocks.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tuner/worker/framing.hpp"
#include "tuner/worker/process.hpp"
#include "tuner/worker/protocol.hpp"

namespace fuseline::tuner {

/// One started worker. Requests are queued and written as the worker reads them, so that neither side can wait for the
/// other for ever.
class WorkerLink {
 public:
  /// Error: the command could not be started at all (a shell that fails later shows in exchange()).
  [[nodiscard]] static Result<WorkerLink> start(const std::string& command);

  void send(const Request& request);
  /// Bytes that were sent and that the worker has not read yet, without what is in its pipe.
  [[nodiscard]] std::size_t waiting_bytes() const { return outgoing_.size(); }

  struct Exchange {
    std::vector<Reply> replies;       ///< In the order sent.
    std::optional<std::string> lost;  ///< Why nothing more can come: it died, closed its pipes or sent what is no
                                      ///< message. With its last words.
    bool killed = false;  ///< Lost by SIGKILL, which comes from outside: the kernel's out-of-memory killer, a
                          ///< scheduler, a person.
  };
  /// Moves what can be moved now. Once lost, the process is killed.
  [[nodiscard]] Exchange exchange();
  /// Kills the process; the reason with its last words, for messages.
  [[nodiscard]] std::string abandon(const std::string& reason);
  /// Asks the worker to end, waits a moment, then kills it.
  void close();

  [[nodiscard]] ChildInterest interest() const { return {&child_, !outgoing_.empty()}; }

 private:
  explicit WorkerLink(ChildProcess child) : child_(std::move(child)), reader_(kMaximumFrameBytes) {}
  /// True while the worker still reads.
  bool write_waiting();
  void decode_into(Exchange& result);
  /// How a child that closed its output came to its end.
  std::string how_it_ended(bool& killed);
  std::string with_last_words(std::string reason);

  ChildProcess child_;
  FrameReader reader_;
  std::string outgoing_;
  std::string first_bytes_;  ///< Of its output, until a message was understood: what a shell's greeting looks like.
  bool understood_ = false;
};

}  // namespace fuseline::tuner
