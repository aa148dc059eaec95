#include "profiler/serve/reply_sender.hpp"

#include "tuner/worker/framing.hpp"

namespace fuseline::profiler {

void ReplySender::send(const tuner::Reply& reply) {
  const std::string text = tuner::encode_text(reply);
  const std::lock_guard lock(mutex_);
  static_cast<void>(tuner::write_frame(fd_, text));
}

}  // namespace fuseline::profiler
