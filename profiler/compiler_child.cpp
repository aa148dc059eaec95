#include "profiler/compiler_child.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

#include "profiler/compile_codec.hpp"
#include "profiler/nvrtc_library.hpp"
#include "tuner/worker/framing.hpp"
#include "tuner/worker/protocol.hpp"

namespace fuseline::profiler {
namespace {

/// A compilation must neither outlive the worker, nor take the processor from the thread that feeds the GPU, nor eat the machine's memory.
void limit_self() {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setpriority(PRIO_PROCESS, 0, 5);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  static constexpr rlim_t bytes = rlim_t{4} << 30;
  const rlimit limit{bytes, bytes};
  setrlimit(RLIMIT_DATA, &limit);
#endif
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
}

}  // namespace

int run_compiler_child(int request_fd, int reply_fd) {
  limit_self();
  static_cast<void>(NvrtcLibrary::load());  // Opened while the worker is still busy elsewhere; a failure is in every reply.
  while (true) {
    auto bytes = tuner::read_frame(request_fd, tuner::kMaximumFrameBytes);
    if (!bytes) return 2;
    if (!*bytes) return 0;
    const auto request = decode_compile_request(**bytes);
    if (!request) return 2;
    const CompileResult result = compile(*request);
    if (!tuner::write_frame(reply_fd, encode(result))) return 0;
  }
}

}  // namespace fuseline::profiler
