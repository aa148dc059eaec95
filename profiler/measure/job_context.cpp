#include "profiler/measure/job_context.hpp"

#include <fmt/format.h>

#include <optional>

namespace fuseline::profiler {
namespace {

tl::unexpected<LoadFailure> failure(const char* doing, const DeviceError& error) {
  return tl::unexpected(
      LoadFailure{tuner::Outcome::launch_error, fmt::format("{}: {}", doing, error.message()), error.context_lost()});
}

/// Binds `name` to the value of a DeviceResult, or returns why `doing` failed.
#define FUSELINE_STEP(name, doing, expression)                        \
  auto name##_result_ = (expression);                                 \
  if (!name##_result_) return failure(doing, name##_result_.error()); \
  auto name = std::move(*name##_result_)  // NOLINT(bugprone-macro-parentheses): a declared name

}  // namespace

tl::expected<std::unique_ptr<JobContext>, LoadFailure> JobContext::create(const DeviceTools& tools,
                                                                          std::shared_ptr<const tuner::Job> job,
                                                                          JobMemory memory,
                                                                          const CompileResult* reference) {
  Gpu& gpu = tools.gpu;
  SupportKernels& support = tools.support;
  auto context = std::make_unique<JobContext>();
  context->job = std::move(job);
  const tuner::Job& the_job = *context->job;
  std::int64_t compulsory_bytes = 0;
  for (const tuner::Tensor& tensor : the_job.tensors) compulsory_bytes += tensor.bytes();
  std::optional<LoadedConfiguration> loaded;
  if (reference != nullptr) {
    auto made = LoadedConfiguration::load(gpu, the_job, the_job.reference_launches, {}, *reference);
    if (!made)
      return tl::unexpected(
          LoadFailure{made.error().outcome, "reference: " + made.error().reason, made.error().context_lost});
    loaded = std::move(*made);
  }
  context->buffers = std::move(memory.buffers);
  context->launcher = std::make_unique<Launcher>(gpu, *context->buffers);
  FUSELINE_STEP(verifier, "reference",
                Verifier::create(gpu, support, *context->buffers, *context->launcher, loaded ? &*loaded : nullptr,
                                 the_job.tolerance));
  context->verifier = std::move(verifier);
  context->lead_in =
      std::make_unique<LeadIn>(support, *context->launcher, *context->buffers, tools.flush, the_job.timing.after);
  context->timer =
      std::make_unique<Timer>(gpu, support, *context->launcher, *context->lead_in, tools.clocks, *context->buffers);
  context->copy = std::move(memory.copy);
  if (context->copy) return context;
  FUSELINE_STEP(copy, "copy bandwidth", CopyMeter::create(gpu, support, tools.flush, compulsory_bytes));
  context->copy = std::move(copy);
  return context;
}

#undef FUSELINE_STEP

tuner::PreparedReply JobContext::prepared() const {
  tuner::PreparedReply reply;
  reply.copy_gbps = copy->copy_gbps();
  reply.device_bytes = static_cast<std::int64_t>(DeviceMemory::allocated_bytes());
  reply.buffer_sets = buffers->sets();
  return reply;
}

}  // namespace fuseline::profiler
