#include "profiler/device_thread.hpp"

#include <fmt/format.h>

#include "profiler/ceilings.hpp"
#include "profiler/finals.hpp"

namespace fuseline::profiler {
namespace {

constexpr std::size_t kRetiredAtMost = 512;

tl::unexpected<tuner::Error> failure(std::string reason) {
  return tl::unexpected(tuner::Error{tuner::ErrorKind::worker, {}, {}, std::move(reason)});
}

}  // namespace

bool DeviceThread::run() {
  while (auto task = queue_.pop()) {
    if (!handle(std::move(*task))) return false;
  }
  return true;
}

bool DeviceThread::handle(Task task) {
  if (std::holds_alternative<tuner::PrepareRequest>(task.request)) return prepare(task);
  if (std::holds_alternative<tuner::EvaluateRequest>(task.request)) return evaluate(task);
  if (std::holds_alternative<tuner::FinalsRequest>(task.request)) return finals(task);
  if (std::holds_alternative<tuner::CeilingsRequest>(task.request)) return ceilings(task);
  static_cast<void>(open(nullptr));  // Hello: the context is made while the coordinator thinks; a failure shows again when it is needed.
  return true;
}

tuner::Result<void> DeviceThread::open(const CompileResult* support) {
  if (!gpu_) {
    FUSELINE_TRY(gpu, Gpu::open(ordinal_, info_));
    gpu_ = std::move(gpu);
  }
  if (support_ || support == nullptr) return {};
  if (support->status != CompileResult::Status::ok) return failure("the worker's own kernels do not compile: " + support->reason + "\n" + support->log);
  auto loaded = SupportKernels::load(*gpu_, support->cubin);
  if (!loaded) return failure("the worker's own kernels cannot be loaded: " + loaded.error().message());
  support_ = std::move(*loaded);
  return {};
}

bool DeviceThread::lost(const std::string& reason) {
  replies_.error(reason, true);
  return false;
}

bool DeviceThread::report(const DeviceError& error, const std::string& doing) {
  const std::string reason = doing + ": " + error.message();
  if (error.context_lost()) return lost(reason);
  replies_.error(reason, false);
  return true;
}

void DeviceThread::tidy() {
  if (gpu_ && gpu_->retired() > 0) gpu_->unload_retired();
}

bool DeviceThread::prepare(const Task& task) {
  if (const auto opened = open(&task.compiled.at(0).get()); !opened) return lost(opened.error().reason);
  context_.reset();  // What the last job held is free before the next one asks for memory.
  tidy();
  const CompileResult& reference = task.compiled.at(1).get();
  if (reference.status != CompileResult::Status::ok) {
    replies_.error("the reference does not compile: " + reference.reason + (reference.log.empty() ? "" : "\n" + reference.log), false);
    return true;
  }
  auto context = JobContext::create(*gpu_, *support_, task.job, reference);
  if (!context) {
    if (context.error().context_lost) return lost(context.error().reason);
    replies_.error(context.error().reason, false);
    return true;
  }
  context_ = std::move(*context);
  if (context_->buffers->partly_warm()) {
    replies_.send(tuner::LogReply{"warning", fmt::format("{} sets of buffers are fewer than cold timing needs: times are partly L2-hot",
                                                         context_->buffers->sets())});
  }
  replies_.send(context_->prepared());
  return true;
}

JobContext* DeviceThread::context_for(const Task& task) {
  if (context_ && context_->job == task.job) return context_.get();
  replies_.error("there is no prepared job to evaluate this for", false);
  return nullptr;
}

bool DeviceThread::evaluate(const Task& task) {
  JobContext* context = context_for(task);
  if (context == nullptr) return true;
  return evaluate(make_candidate(*gpu_, *context->job, std::get<tuner::EvaluateRequest>(task.request), task.compiled.at(0).get()));
}

bool DeviceThread::evaluate(Candidate first) {
  Evaluator evaluator(*gpu_, *context_, [this](const tuner::Reply& reply) { replies_.send(reply); });
  std::optional<Candidate> current(std::move(first));
  while (current) {
    std::optional<Candidate> next;
    // The next configuration is loaded while the device times this one. All evaluations between two other requests are of one job.
    const auto load_next = [&] {
      if (auto task = queue_.try_pop_evaluation(); task && task->job == context_->job) {
        next = make_candidate(*gpu_, *context_->job, std::get<tuner::EvaluateRequest>(task->request), task->compiled.at(0).get());
      }
    };
    const std::uint64_t id = current->id;
    Evaluator::Result result = evaluator.evaluate(std::move(*current), load_next);
    const std::string reason = result.measurement.reason;
    replies_.send(tuner::OutcomeReply{id, std::move(result.measurement)});
    if (result.context_lost) return lost("the GPU context was lost: " + reason);
    if (gpu_->retired() > kRetiredAtMost) tidy();
    current = std::move(next);
  }
  return true;
}

bool DeviceThread::finals(const Task& task) {
  JobContext* context = context_for(task);
  if (context == nullptr) return true;
  const auto& request = std::get<tuner::FinalsRequest>(task.request);
  std::vector<Contender> contenders;
  for (std::size_t i = 0; i < request.finalists.size(); ++i) {
    Candidate candidate = make_candidate(*gpu_, *context->job, request.finalists[i], task.compiled.at(i).get());
    if (candidate.context_lost) return lost(candidate.measurement.reason);
    if (candidate.loaded) contenders.push_back({candidate.id, std::move(*candidate.loaded)});
  }
  auto reply = run_finals(*gpu_, *support_, *context, std::move(contenders), request.rounds, [this](const tuner::Reply& each) { replies_.send(each); });
  if (!reply) return report(reply.error(), "finals");
  replies_.send(*reply);
  return true;
}

bool DeviceThread::ceilings(const Task& task) {
  if (const auto opened = open(&task.compiled.at(0).get()); !opened) return lost(opened.error().reason);
  const auto measured = measure_ceilings(*gpu_, *support_);
  if (!measured) return report(measured.error(), "ceilings");
  replies_.send(tuner::CeilingsReply{*measured});
  return true;
}

}  // namespace fuseline::profiler
