// Replies as frames on one descriptor, from any thread.
#pragma once

#include <mutex>

#include "tuner/worker/protocol.hpp"

namespace fuseline::profiler {

class ReplySender {
 public:
  explicit ReplySender(int fd) : fd_(fd) {}
  /// A coordinator that is gone is noticed by the reader; here it is only passed over.
  void send(const tuner::Reply& reply);
  void error(std::string reason, bool fatal) { send(tuner::ErrorReply{std::move(reason), fatal}); }

 private:
  std::mutex mutex_;
  int fd_;
};

}  // namespace fuseline::profiler
