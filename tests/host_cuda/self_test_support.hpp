// Kernels of the harness's own tests: lambdas that call the shim's functions.
#pragma once

#include <functional>
#include <string>

#include "profiler/host/runtime/grid.hpp"

extern "C" {
extern char __start_fuseline_shared[] __attribute__((weak, visibility("hidden")));
extern char __stop_fuseline_shared[] __attribute__((weak, visibility("hidden")));
}

namespace fuseline::host_cuda {

inline SharedRange own_statics() { return {__start_fuseline_shared, __stop_fuseline_shared}; }

inline std::string run_block(unsigned threads, const std::function<void()>& kernel, const RunSettings& settings = {},
                             std::size_t shared_bytes = 0) {
  return run_grid({{1, 1, 1}, {threads, 1, 1}, shared_bytes}, settings, own_statics(), kernel);
}

/// Runs in every order of threads; the first error.
inline std::string run_in_every_order(unsigned threads, const std::function<void()>& kernel,
                                      std::size_t shared_bytes = 0) {
  for (const Order order : kOrders) {
    std::string error = run_block(threads, kernel, {order, 7, true}, shared_bytes);
    if (!error.empty()) return std::string(to_string(order)) + ": " + error;
  }
  return {};
}

}  // namespace fuseline::host_cuda
