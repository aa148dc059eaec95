// The worker's message loop: reads requests, starts their compilations at once, and hands them to the thread that owns
// the GPU.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace fuseline::profiler {

struct WorkerOptions {
  int device = 0;
  std::filesystem::path cache_folder;  ///< Empty: <user cache>/cubins; "none": no cache. A job may name its own.
  std::vector<std::string> compiler_command = {"/proc/self/exe", "--compiler"};
};

/// Reads requests from `request_fd` and answers on `reply_fd` until the end of input, a quit, garbage, or the loss of
/// the GPU. Ends the process (a kernel that hangs cannot be waited for) with status 0; 2 after garbage; 3 where there
/// is no usable GPU.
[[noreturn]] void run_worker(const WorkerOptions& options, int request_fd, int reply_fd);

}  // namespace fuseline::profiler
