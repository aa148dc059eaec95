// Devices and ceilings through a worker that is started for the question alone.
#include <fmt/format.h>
#include <unistd.h>

#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"
#include "tuner/session/session.hpp"
#include "tuner/session/worker_backend.hpp"

namespace fuseline::tuner {

Result<std::string> own_worker_program(const std::string& worker_program) {
  const auto program = worker_program.empty() ? (executable_folder() / "fuseline-worker").string() : worker_program;
  if (access(program.c_str(), X_OK) != 0) {
    return tl::unexpected(Error{
        ErrorKind::worker, program, {}, "there is no such worker program: it is built where a CUDA toolkit is found"});
  }
  return shell_quoted(program);
}

Result<std::string> own_worker_command(const std::string& worker_program, int device) {
  FUSELINE_TRY(program, own_worker_program(worker_program));
  return fmt::format("{} --device {}", program, device);
}

Result<std::vector<DeviceInfo>> list_devices(const std::string& worker_command) {
  FUSELINE_TRY(backend, WorkerBackend::connect({worker_command}, {}));
  return backend->hello().devices;
}

Result<Ceilings> measure_ceilings(const std::string& worker_command) {
  FUSELINE_TRY(backend, WorkerBackend::connect({worker_command}, {}));
  backend->measure_ceilings();
  while (true) {
    for (const auto& event : backend->wait(std::chrono::milliseconds(200))) {
      if (const auto* reply = std::get_if<CeilingsReply>(&event)) return reply->ceilings;
      if (const auto* refused = std::get_if<Refused>(&event))
        return tl::unexpected(Error{ErrorKind::worker, {}, {}, refused->reason});
      if (const auto* gave_up = std::get_if<GaveUp>(&event)) return tl::unexpected(gave_up->error);
    }
  }
}

}  // namespace fuseline::tuner
