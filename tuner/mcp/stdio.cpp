#include "tuner/mcp/stdio.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>
#include <utility>

#include "tuner/base/files.hpp"

namespace fuseline::tuner::mcp {
namespace {

constexpr int kBetweenLooks_ms = 200;

tl::unexpected<Error> unreadable() { return io_error("standard input", std::strerror(errno)); }

}  // namespace

Result<void> serve_stdio(std::vector<Tool> tools, const ServerOptions& options, const std::function<bool()>& stop) {
  // A client that has gone is an end, not a death.
  (void)std::signal(SIGPIPE, SIG_IGN);
  std::atomic<bool> gone{false};
  Server server(std::move(tools), options, [&gone](const std::string& line) {
    if (!gone && !write_file("-", line)) gone = true;
  });
  LineSplitter splitter;
  const auto on_line = [&server](std::string_view line) { server.receive(line); };
  std::array<char, 65536> buffer{};
  while (!gone && !stop()) {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    const int ready = ::poll(&input, 1, kBetweenLooks_ms);
    if (ready < 0 && errno != EINTR) return unreadable();
    if (ready <= 0) continue;
    const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got < 0 && errno != EINTR && errno != EAGAIN) return unreadable();
    if (got < 0) continue;
    if (got == 0) {
      splitter.finish(on_line);
      break;
    }
    splitter.take({buffer.data(), static_cast<std::size_t>(got)}, on_line, [&server] { server.refuse_long_line(); });
  }
  server.close();
  return {};
}

}  // namespace fuseline::tuner::mcp
