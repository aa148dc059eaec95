#include "profiler/serve/reply_sender.hpp"

#include <nlohmann/json.hpp>

#include "tuner/worker/framing.hpp"

namespace fuseline::profiler {

void ReplySender::send(const tuner::Reply& reply) {
  // Logs and names come from files of any encoding: what is not UTF-8 is replaced, never thrown over.
  const std::string text = tuner::encode(reply).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  const std::lock_guard lock(mutex_);
  static_cast<void>(tuner::write_frame(fd_, text));
}

}  // namespace fuseline::profiler
