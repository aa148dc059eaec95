#include "tuner/session/images.hpp"

#include <fmt/format.h>

#include <utility>

#include "tuner/base/text.hpp"
#include "tuner/session/session.hpp"
#include "tuner/worker/link.hpp"

namespace fuseline::tuner {
namespace {

using namespace std::chrono_literals;

/// A process that compiles answers within its deadlines; this is for one that does not answer at all.
constexpr auto kSilence = 180s;

tl::unexpected<Error> no_images(const std::string& reason) {
  return tl::unexpected(Error{ErrorKind::worker, {}, {}, "no kernels can be compiled: " + reason});
}

Result<void> check_hello(const HelloReply& hello) {
  if (hello.protocol == kProtocolVersion) return {};
  return no_images(fmt::format("the worker speaks protocol {}, this program {}", hello.protocol, kProtocolVersion));
}

/// Requests that the worker holds at a time: enough for all its compilers, and few enough to be held.
constexpr std::size_t kMostAhead = 64;

/// The image in a reply; nullptr where it holds none.
Result<BuildReply*> image_in(Reply& reply, std::size_t sent) {
  if (const auto* hello = std::get_if<HelloReply>(&reply)) FUSELINE_CHECK(check_hello(*hello));
  if (const auto* error = std::get_if<ErrorReply>(&reply)) return no_images(printable(error->reason));
  auto* image = std::get_if<BuildReply>(&reply);
  if (image != nullptr && image->id >= sent) return no_images("the worker answered what it was not asked");
  return image;
}

}  // namespace

Result<void> stream_images(const std::string& worker_command, std::size_t count,
                           const std::function<BuildRequest(std::size_t)>& request,
                           const std::function<void(BuildReply&)>& take) {
  FUSELINE_TRY(worker, WorkerLink::start(worker_command));
  worker.send(HelloRequest{kProtocolVersion, false});
  std::size_t sent = 0;
  std::size_t answered = 0;
  auto silent_since = std::chrono::steady_clock::now();
  while (answered < count) {
    for (; sent < count && sent < answered + kMostAhead; ++sent) worker.send(request(sent));
    wait_for_children({worker.interest()}, 200ms);
    auto exchange = worker.exchange();
    for (Reply& reply : exchange.replies) {
      silent_since = std::chrono::steady_clock::now();
      FUSELINE_TRY(image, image_in(reply, sent));
      if (image == nullptr) continue;
      ++answered;
      take(*image);
    }
    if (answered < count && exchange.lost) return no_images(printable(*exchange.lost));
    if (std::chrono::steady_clock::now() - silent_since > kSilence)
      return no_images(printable(worker.abandon("the worker does not answer")));
  }
  worker.close();
  return {};
}

Result<std::vector<BuildReply>> build_images(const std::string& worker_command,
                                             const std::vector<BuildRequest>& requests) {
  std::vector<BuildReply> built(requests.size());
  FUSELINE_CHECK(stream_images(
      worker_command, requests.size(), [&](std::size_t i) { return requests[i]; },
      [&](BuildReply& reply) { built[reply.id] = std::move(reply); }));
  return built;
}

Result<std::function<Result<std::vector<BuildReply>>(const std::vector<BuildRequest>&)>> image_builder(
    std::string worker_command, const std::string& worker_program) {
  if (worker_command.empty()) {
    FUSELINE_TRY(own, own_worker_command(worker_program, 0));
    worker_command = std::move(own);
  }
  return [worker_command](const std::vector<BuildRequest>& requests) { return build_images(worker_command, requests); };
}

ImageStream image_stream(const std::string& worker_command, const std::string& worker_program) {
  return [=](std::size_t count, const std::function<BuildRequest(std::size_t)>& request,
             const std::function<void(const BuildReply&)>& take) -> Result<void> {
    std::string command = worker_command;
    if (command.empty()) {
      FUSELINE_TRY(own, own_worker_command(worker_program, 0));
      command = std::move(own);
    }
    return stream_images(command, count, request, [&](BuildReply& reply) { take(reply); });
  };
}

}  // namespace fuseline::tuner
