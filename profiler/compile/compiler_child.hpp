// The worker started as a compiler: reads compile requests from stdin, answers on `reply_fd`, one at a time.
#pragma once

namespace fuseline::profiler {

/// Serves until the end of input. Lowers its own priority and dies with its parent. Returns the exit status.
[[nodiscard]] int run_compiler_child(int request_fd, int reply_fd);

}  // namespace fuseline::profiler
