// Compiles many sources at once in child processes, so that one that hangs or crashes the compiler costs nothing but
// itself.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "profiler/compile/compiler.hpp"
#include "profiler/compile/cubin_cache.hpp"

namespace fuseline::profiler {

struct CompilerPoolOptions {
  std::vector<std::string> command = {"/proc/self/exe", "--compiler"};  ///< Starts one compiler (run_compiler_child).
  std::size_t processes = 0;                                            ///< 0: one a core, at most 16.
  /// A process is replaced after so many: NVRTC keeps some 5 KiB of every compilation (tests/bench/soak.sh), without
  /// end.
  std::size_t compilations_each = 500;
};

struct CompileJob {
  CompileRequest request;
  double deadline_s = 60;              ///< A compilation that takes longer is killed (Status::timeout).
  std::filesystem::path cache_folder;  ///< Empty: no cache.
  std::function<void()> when_done;     ///< Called on a pool thread once the result is ready.
};

/// A thread and a child process a slot; children start at once and are replaced when they die, or have compiled their
/// share. Thread-safe.
class CompilerPool {
 public:
  explicit CompilerPool(CompilerPoolOptions options);
  CompilerPool(const CompilerPool&) = delete;
  CompilerPool& operator=(const CompilerPool&) = delete;
  /// Kills what is being compiled; results not delivered are failed ("the compiler pool was closed").
  ~CompilerPool();

  /// Looks in the cache, else compiles; jobs are taken in order.
  [[nodiscard]] std::shared_future<CompileResult> submit(CompileJob job);

  [[nodiscard]] std::size_t processes() const { return threads_.size(); }

 private:
  struct Queued {
    CompileJob job;
    std::promise<CompileResult> promise;
  };
  void serve(int compiler, const std::stop_token& stop);

  CompilerPoolOptions options_;
  std::string compiler_version_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<Queued> jobs_;
  std::vector<std::jthread> threads_;
};

}  // namespace fuseline::profiler
