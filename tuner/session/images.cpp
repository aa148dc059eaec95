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

/// Keeps a reply in its place. True where it was one that is waited for.
Result<bool> keep(Reply& reply, std::vector<BuildReply>& built) {
  if (const auto* hello = std::get_if<HelloReply>(&reply)) FUSELINE_CHECK(check_hello(*hello));
  if (const auto* error = std::get_if<ErrorReply>(&reply)) return no_images(printable(error->reason));
  auto* image = std::get_if<BuildReply>(&reply);
  if (image == nullptr) return false;
  if (image->id >= built.size()) return no_images("the worker answered what it was not asked");
  built[image->id] = std::move(*image);
  return true;
}

}  // namespace

Result<std::vector<BuildReply>> build_images(const std::string& worker_command,
                                             const std::vector<BuildRequest>& requests) {
  std::vector<BuildReply> built(requests.size());
  FUSELINE_TRY(worker, WorkerLink::start(worker_command));
  worker.send(HelloRequest{kProtocolVersion, false});
  for (const BuildRequest& request : requests) worker.send(request);
  std::size_t missing = requests.size();
  auto silent_since = std::chrono::steady_clock::now();
  while (missing > 0) {
    wait_for_children({worker.interest()}, 200ms);
    auto exchange = worker.exchange();
    for (Reply& reply : exchange.replies) {
      silent_since = std::chrono::steady_clock::now();
      FUSELINE_TRY(kept, keep(reply, built));
      if (kept) --missing;
    }
    if (missing > 0 && exchange.lost) return no_images(printable(*exchange.lost));
    if (std::chrono::steady_clock::now() - silent_since > kSilence)
      return no_images(printable(worker.abandon("the worker does not answer")));
  }
  worker.close();
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

}  // namespace fuseline::tuner
