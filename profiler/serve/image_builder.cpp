#include "profiler/serve/image_builder.hpp"

#include <algorithm>

#include "profiler/compile/kernel_image.hpp"

namespace fuseline::profiler {
namespace {

tuner::BuildReply reply_of(std::uint64_t id, const std::vector<std::string>& kernels, const CompileResult& result) {
  tuner::BuildReply reply;
  reply.id = id;
  reply.form = result.form;
  reply.source_sha256 = result.source_sha256;
  reply.log = result.log;
  if (result.status != CompileResult::Status::ok) {
    reply.reason = result.reason.empty() ? "the compiler gave no image" : result.reason;
    return reply;
  }
  reply.image = result.image;
  for (const std::string& kernel : kernels) reply.symbols[kernel] = result.symbol(kernel);
  for (const KernelResources& each : result.kernels) {
    reply.registers = std::max(reply.registers, each.registers);
    reply.spill_bytes += each.spill_store_bytes + each.spill_load_bytes;
  }
  return reply;
}

}  // namespace

ImageBuilder::ImageBuilder(CompilerPool& pool, ReplySender& replies)
    : pool_(pool), replies_(replies), thread_([this](const std::stop_token& stop) { answer(stop); }) {}

void ImageBuilder::submit(const tuner::BuildRequest& request, std::filesystem::path cache_folder) {
  const tuner::ResolvedConfiguration& resolved = request.configuration.resolved;
  tuner::Job job;
  job.headers = request.headers;
  Build build{request.configuration.id, {}, {}};
  for (const tuner::ResolvedLaunch& launch : resolved.launches) build.kernels.push_back(launch.kernel);
  CompileRequest compile = configuration_request(job, resolved, *request.configuration.source, request.architecture);
  build.result = make_image(pool_, {std::move(compile), request.deadline_s, std::move(cache_folder), [] {}});
  const std::lock_guard lock(mutex_);
  builds_.push_back(std::move(build));
  wake_.notify_all();
}

void ImageBuilder::answer(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (wake_.wait(lock, stop, [this] { return !builds_.empty(); })) {
    const Build build = builds_.front();
    lock.unlock();
    replies_.send(reply_of(build.id, build.kernels, build.result.get()));
    lock.lock();
    builds_.pop_front();
  }
}

}  // namespace fuseline::profiler
