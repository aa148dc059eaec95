#include "profiler/compile/compiler_pool.hpp"

#include <algorithm>

#include "profiler/compile/compiler_process.hpp"
#include "profiler/cuda/nvrtc_library.hpp"

namespace fuseline::profiler {
namespace {

constexpr unsigned kMaximumProcesses = 16;

std::size_t default_processes() { return std::clamp(std::thread::hardware_concurrency(), 1u, kMaximumProcesses); }

CompileResult closed() {
  CompileResult result;
  result.reason = "the compiler pool was closed";
  return result;
}

}  // namespace

CompilerPool::CompilerPool(CompilerPoolOptions options) : options_(std::move(options)) {
  // Without a compiler nothing can be in the cache for it either; the children report what is missing.
  if (const auto nvrtc = NvrtcLibrary::load()) compiler_version_ = (*nvrtc)->version;
  const std::size_t count = options_.processes == 0 ? default_processes() : options_.processes;
  threads_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    threads_.emplace_back([this, i](const std::stop_token& stop) { serve(static_cast<int>(i), stop); });
  }
}

CompilerPool::~CompilerPool() {
  for (std::jthread& thread : threads_) thread.request_stop();
  for (std::jthread& thread : threads_) thread.join();
  for (Queued& queued : jobs_) {
    queued.promise.set_value(closed());
    if (queued.job.when_done) queued.job.when_done();
  }
}

std::shared_future<CompileResult> CompilerPool::submit(CompileJob job) {
  Queued queued{std::move(job), {}};
  std::shared_future<CompileResult> result = queued.promise.get_future().share();
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(queued));
  }
  wake_.notify_one();
  return result;
}

void CompilerPool::serve(int compiler, const std::stop_token& stop) {
  CompilerProcess process(options_.command);
  process.start();
  std::size_t compiled = 0;
  while (true) {
    Queued queued;
    {
      std::unique_lock lock(mutex_);
      if (!wake_.wait(lock, stop, [this] { return !jobs_.empty(); })) return;
      if (stop.stop_requested()) return;
      queued = std::move(jobs_.front());
      jobs_.pop_front();
    }
    const auto begun = std::chrono::steady_clock::now();
    const CompileJob& job = queued.job;
    const CubinCache cache(job.cache_folder);
    const std::string key = job.cache_folder.empty() ? std::string{} : CubinCache::key(job.request, compiler_version_);
    auto result = cache.find(key);
    const bool compiles = !result;
    if (compiles) {
      result = process.compile(job.request, job.deadline_s, stop);
      cache.store(key, *result);
    }
    describe(*result, job.request);
    result->begun = begun;
    result->ended = std::chrono::steady_clock::now();
    result->compiler = compiler;
    queued.promise.set_value(std::move(*result));
    if (job.when_done) job.when_done();
    if (!compiles || ++compiled < options_.compilations_each) continue;
    process.renew();
    compiled = 0;
  }
}

}  // namespace fuseline::profiler
