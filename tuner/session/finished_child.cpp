#include "tuner/session/finished_child.hpp"

#include <fmt/format.h>

#include "tuner/worker/process.hpp"

namespace fuseline::tuner {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t kMostPrinted = std::size_t{64} << 20;

}  // namespace

Result<FinishedChild> run_to_end(const std::string& command, const std::string& input, std::chrono::seconds allowed) {
  FUSELINE_TRY(child, ChildProcess::start_command(command));
  // One that ends without reading says why on stderr.
  static_cast<void>(child.write(input, 30s));
  child.close_input();
  FinishedChild finished;
  for (const auto end = std::chrono::steady_clock::now() + allowed; std::chrono::steady_clock::now() < end;) {
    wait_for_children({{&child, false}}, 200ms);
    child.read_errors();
    const auto read = child.read_output();
    finished.output += read.bytes;
    if (finished.output.size() > kMostPrinted) return worker_error("what it prints does not end");
    if (!read.closed) continue;
    finished.status = child.wait_exit(5s);
    child.read_errors();
    finished.errors = child.stderr_tail();
    return finished;
  }
  return worker_error(fmt::format("it did not end within {} s", allowed.count()));
}

}  // namespace fuseline::tuner
