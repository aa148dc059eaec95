// Images for GPUs that need not be there: compiled in parallel, answered in the order asked for.
#pragma once

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <future>
#include <mutex>
#include <thread>

#include "profiler/compile/compiler_pool.hpp"
#include "profiler/serve/reply_sender.hpp"

namespace fuseline::profiler {

class ImageBuilder {
 public:
  /// Both outlive it.
  ImageBuilder(CompilerPool& pool, ReplySender& replies);
  ImageBuilder(const ImageBuilder&) = delete;
  ImageBuilder& operator=(const ImageBuilder&) = delete;
  ~ImageBuilder() = default;

  /// `cache_folder`: empty for none.
  void submit(const tuner::BuildRequest& request, std::filesystem::path cache_folder);

 private:
  struct Build {
    std::uint64_t id = 0;
    std::vector<std::string> kernels;
    std::shared_future<CompileResult> result;
  };
  void answer(const std::stop_token& stop);

  CompilerPool& pool_;
  ReplySender& replies_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<Build> builds_;
  std::jthread thread_;
};

}  // namespace fuseline::profiler
