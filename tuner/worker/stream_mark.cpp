#include "tuner/worker/stream_mark.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "tuner/base/text.hpp"
#include "tuner/worker/framing.hpp"
#include "tuner/worker/protocol.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::string_view kFirstLine = kStreamMark.substr(0, kStreamMark.find('\n'));

/// What a worker of before the mark says, where `output` ends with a message of its.
std::optional<std::string> older_worker(const std::string& output) {
  const auto brace = output.find("{\"");
  if (brace == std::string::npos || brace < kFramePrefix) return std::nullopt;
  FrameReader reader(kMaximumFrameBytes);
  reader.append(std::string_view(output).substr(brace - kFramePrefix));
  const auto payload = reader.next();
  if (!payload || !*payload) return std::nullopt;
  const auto reply = decode_reply(**payload);
  if (!reply) return std::nullopt;
  if (const auto* hello = std::get_if<HelloReply>(&*reply))
    return fmt::format("it speaks protocol {}, this program {}", hello->protocol, kProtocolVersion);
  if (const auto* error = std::get_if<ErrorReply>(&*reply)) return printable(error->reason);
  return std::nullopt;
}

}  // namespace

Result<std::string> StreamOpening::take(std::string_view bytes) {
  if (marked_) return std::string(bytes);
  greeting_.append(bytes);
  const auto begin = greeting_.find(kFirstLine);
  if (begin == std::string::npos) {
    if (const auto says = older_worker(greeting_))
      return worker_error(*says + ": install the same version on both sides");
    if (greeting_.size() > kLongestGreeting)
      return worker_error(fmt::format("{} KiB came from it, and no worker's messages", kLongestGreeting >> 10));
    return std::string{};
  }
  const auto there = std::string_view(greeting_).substr(begin, kStreamMark.size());
  if (there != kStreamMark.substr(0, there.size())) {
    return worker_error(
        "what lies between changes the bytes of its output: leave out a terminal (ssh -t, srun --pty) and labels "
        "(srun --label)");
  }
  if (there.size() < kStreamMark.size()) return std::string{};
  marked_ = true;
  std::string rest = greeting_.substr(begin + kStreamMark.size());
  greeting_.resize(begin);
  return rest;
}

}  // namespace fuseline::tuner
