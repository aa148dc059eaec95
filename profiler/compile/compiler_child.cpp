#include "profiler/compile/compiler_child.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "profiler/compile/compile_codec.hpp"
#include "profiler/compile/read_only_view.hpp"
#include "profiler/cuda/nvrtc_library.hpp"
#include "tuner/base/sanitized.hpp"
#include "tuner/worker/framing.hpp"
#include "tuner/worker/protocol.hpp"

namespace fuseline::profiler {
namespace {

/// A compilation must neither outlive the worker, nor take the processor from the thread that feeds the GPU, nor eat
/// the machine's memory.
void limit_self() {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setpriority(PRIO_PROCESS, 0, 5);
  if constexpr (!tuner::kSanitized) {
    static constexpr rlim_t bytes = rlim_t{4} << 30;
    const rlimit limit{bytes, bytes};
    setrlimit(RLIMIT_DATA, &limit);
  }
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
}

/// A source may include any file by its full name, and what NVRTC makes of it shows in the log. It gets to see the
/// toolkit and system libraries (NVRTC opens one of its own late), and nothing of the user's. Where the system cannot
/// do that, SECURITY.md says what is left open.
void hide_files(const NvrtcLibrary& nvrtc) {
  std::vector<std::string> seen = nvrtc.include_folders;
  seen.push_back(std::filesystem::path(nvrtc.file).parent_path().string());
  for (const char* path : {"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache"}) seen.emplace_back(path);
  static_cast<void>(see_only(seen));
}

}  // namespace

int run_compiler_child(int request_fd, int reply_fd) {
  limit_self();
  // Opened while the worker is still busy elsewhere; a failure is in every reply.
  if (const auto nvrtc = NvrtcLibrary::load()) hide_files(**nvrtc);
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
