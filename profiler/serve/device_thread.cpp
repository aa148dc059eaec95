#include "profiler/serve/device_thread.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "profiler/measure/ceilings.hpp"
#include "profiler/measure/finals.hpp"
#include "tuner/counters/metric_sets.hpp"

namespace fuseline::profiler {
namespace {

constexpr std::size_t kRetiredAtMost = 512;
constexpr std::chrono::milliseconds kGatherFor{1000};

}  // namespace

bool DeviceThread::run() {
  while (true) {
    // A search that asks for a few at a time is not to wait for a full batch to see its counters.
    tuner::SpanScope waiting(&spans_, kDeviceThread, "wait");
    auto task = gathered_.empty() ? queue_.pop() : queue_.pop_within(kGatherFor);
    waiting.end();
    if (!task && gathered_.empty()) return true;
    if (!(task ? handle(*task) : read_gathered())) return false;
  }
}

bool DeviceThread::handle(const Task& task) {
  if (std::holds_alternative<tuner::PrepareRequest>(task.request)) return prepare(task);
  if (std::holds_alternative<tuner::DataRequest>(task.request)) return data(task);
  if (std::holds_alternative<tuner::EvaluateRequest>(task.request)) return evaluate(task);
  if (std::holds_alternative<tuner::FinalsRequest>(task.request)) return finals(task);
  if (std::holds_alternative<tuner::CeilingsRequest>(task.request)) return ceilings(task);
  if (std::holds_alternative<tuner::CountersRequest>(task.request)) return counters(task);
  if (std::holds_alternative<tuner::SourceProfileRequest>(task.request)) return source_profile(task);
  static_cast<void>(
      open({}));  // Hello: the context is made while the coordinator thinks; a failure shows again when it is needed.
  return true;
}

tuner::Result<void> DeviceThread::open(std::span<const std::shared_future<CompileResult>> support) {
  if (!gpu_) {
    FUSELINE_TRY(gpu, Gpu::open(ordinal_, info_));
    gpu_ = std::move(gpu);
  }
  if (support_ || support.empty()) return {};
  std::vector<std::string> cubins;
  for (const auto& part : support) {
    const CompileResult& compiled = part.get();
    if (compiled.status != CompileResult::Status::ok)
      return tuner::worker_error("the worker's own kernels do not compile: " + compiled.reason + "\n" + compiled.log);
    cubins.push_back(compiled.image);
  }
  auto loaded = SupportKernels::load(*gpu_, cubins);
  if (!loaded) return tuner::worker_error("the worker's own kernels cannot be loaded: " + loaded.error().message());
  auto flush = L2Flush::create(*gpu_, **loaded);
  if (!flush) return tuner::worker_error("memory to flush L2 with: " + flush.error().message());
  support_ = std::move(*loaded);
  flush_ = std::move(*flush);
  clock_reader_ = ClockReader::open(info_.uuid);
  ClockWatch::Host host;
  host.pause = [this](ClockWatch::Duration time) {
    const tuner::SpanScope pausing(&spans_, kDeviceThread, "pause");
    std::this_thread::sleep_for(time);
  };
  clocks_ = std::make_unique<ClockWatch>(clock_reader_.get(), std::move(host));
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

Candidate DeviceThread::load(const tuner::EvaluateRequest& request, const CompileResult& compiled) {
  add_compilation(compiled);
  const tuner::SpanScope loading(&spans_, kDeviceThread, "load");
  return make_candidate(*gpu_, *context_->job, request, compiled);
}

void DeviceThread::add_compilation(const CompileResult& compiled) {
  if (compiled.begun == compiled.ended) return;  // No compiler was asked.
  spans_.add(fmt::format("compiler {}", compiled.compiler), compiled.cached ? "cache" : "compile", compiled.begun,
             compiled.ended);
}

void DeviceThread::send_spans() {
  if (!spans_.enabled()) return;
  replies_.send(tuner::SpansReply{tuner::SpanRecorder::microseconds(tuner::SpanRecorder::Clock::now()), spans_.take()});
}

bool DeviceThread::prepare(const Task& task) {
  spans_.enable(task.job->spans);
  const tuner::SpanScope preparing(&spans_, kDeviceThread, "prepare");
  const std::span compiled(task.compiled);
  const bool computed = !task.job->reference_launches.empty();
  for (const auto& each : support_ ? compiled.last(computed ? 1 : 0) : compiled) add_compilation(each.get());
  if (const auto opened = open(compiled.first(compiled.size() - (computed ? 1 : 0))); !opened)
    return lost(opened.error().reason);
  gathered_.clear();
  if (counters_) counters_->close();
  preparation_.reset();
  Preparation preparation{task.job, {}, {}};
  if (computed) preparation.reference = compiled.back().get();
  if (const auto& reference = preparation.reference; reference && reference->status != CompileResult::Status::ok) {
    replies_.error(
        "the reference does not compile: " + reference->reason + (reference->log.empty() ? "" : "\n" + reference->log),
        false);
    return true;
  }
  auto memory = memory_for(*task.job);
  if (!memory) return report(memory.error(), "buffers");
  preparation.memory = std::move(*memory);
  preparation_ = std::move(preparation);
  return preparation_->memory.buffers->complete() ? finish_preparation() : true;
}

DeviceResult<JobMemory> DeviceThread::memory_for(const tuner::Job& job) {
  JobMemory memory;
  if (context_ && context_->buffers->fit(job)) memory = {std::move(context_->buffers), std::move(context_->copy)};
  context_.reset();
  if (memory.buffers) {
    FUSELINE_CHECK(memory.buffers->draw(job));
    return memory;
  }
  tidy();  // What the last job held is free before the next one asks for memory.
  FUSELINE_TRY(buffers, Buffers::create(*gpu_, *support_, job));
  memory.buffers = std::move(buffers);
  return memory;
}

bool DeviceThread::data(const Task& task) {
  if (!preparation_ || preparation_->job != task.job) return true;
  const auto received = preparation_->memory.buffers->receive(std::get<tuner::DataRequest>(task.request));
  if (!received) {
    preparation_.reset();
    return report(received.error(), "data");
  }
  return preparation_->memory.buffers->complete() ? finish_preparation() : true;
}

bool DeviceThread::finish_preparation() {
  tuner::SpanScope running(&spans_, kDeviceThread, "reference and copy");
  Preparation preparation = std::move(*std::exchange(preparation_, std::nullopt));
  const std::shared_ptr<const tuner::Job> job = preparation.job;
  auto context = JobContext::create(tools(), job, std::move(preparation.memory),
                                    preparation.reference ? &*preparation.reference : nullptr);
  if (!context) {
    if (context.error().context_lost) return lost(context.error().reason);
    replies_.error(context.error().reason, false);
    return true;
  }
  context_ = std::move(*context);
  if (!flush_->available() && job->timing.after != tuner::Predecessor::itself) {
    replies_.send(tuner::LogReply{
        "warning", "there was no memory to flush L2 with: times depend on what ran before, and are partly L2-hot"});
  }
  // Worked out in the background, while the first configurations are compiled and timed.
  if (!job->counters.metrics.empty() && open_counters()) {
    counters_->plan(job->counters.metrics);
    if (const auto full = tuner::metric_set("full")) counters_->plan(*full);  // What is asked for the best at the end.
  }
  running.end();
  send_spans();
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
  return evaluate(load(std::get<tuner::EvaluateRequest>(task.request), task.compiled.at(0).get()));
}

bool DeviceThread::evaluate(Candidate first) {
  Evaluator evaluator(
      *context_, [this](const tuner::Reply& reply) { replies_.send(reply); }, spans_);
  std::optional<Candidate> current(std::move(first));
  while (current) {
    std::optional<Candidate> next;
    // The next configuration is loaded while the device times this one. All evaluations between two other requests are
    // of one job.
    const auto load_next = [&] {
      if (auto task = queue_.try_pop_evaluation(); task && task->job == context_->job) {
        next = load(std::get<tuner::EvaluateRequest>(task->request), task->compiled.at(0).get());
      }
    };
    const std::uint64_t id = current->id;
    Evaluator::Result result = evaluator.evaluate(std::move(*current), load_next);
    const std::string reason = result.measurement.reason;
    send_spans();
    replies_.send(tuner::OutcomeReply{id, std::move(result.measurement)});
    if (result.context_lost) return lost("the GPU context was lost: " + reason);
    const tuner::CounterPolicy& policy = context_->job->counters;
    if (result.loaded && !policy.metrics.empty()) gathered_.push_back({id, std::move(*result.loaded)});
    if (gathered_.size() >= static_cast<std::size_t>(std::max(policy.batch, 1)) && !read_gathered()) return false;
    if (gpu_->retired() > kRetiredAtMost) tidy();
    current = std::move(next);
  }
  return true;
}

bool DeviceThread::finals(const Task& task) {
  JobContext* context = context_for(task);
  if (context == nullptr) return true;
  const auto& request = std::get<tuner::FinalsRequest>(task.request);
  tuner::SpanScope timing(&spans_, kDeviceThread, "finals");
  std::vector<Contender> contenders;
  for (std::size_t i = 0; i < request.finalists.size(); ++i) {
    Candidate candidate = load(request.finalists[i], task.compiled.at(i).get());
    if (candidate.context_lost) return lost(candidate.measurement.reason);
    if (candidate.loaded) contenders.push_back({candidate.id, std::move(*candidate.loaded)});
  }
  if (counters_) counters_->close();
  auto reply = run_finals(tools(), *context, std::move(contenders), request,
                          {[this](const tuner::Reply& each) { replies_.send(each); }, spans_});
  if (!reply) return report(reply.error(), "finals");
  timing.end();
  send_spans();
  replies_.send(*reply);
  return true;
}

bool DeviceThread::open_counters() {
  if (counters_ || !counters_unavailable_.empty()) return counters_ != nullptr;
  auto opened = CounterCollector::open(*gpu_, *support_, ordinal_, &spans_);
  if (opened) {
    counters_ = std::move(*opened);
  } else {
    counters_unavailable_ = opened.error().reason;
  }
  return counters_ != nullptr;
}

void DeviceThread::give_up_counters(const std::string& reason, bool finished) {
  counters_.reset();
  gathered_.clear();
  counters_unavailable_ = reason;
  tuner::CountersReply reply;
  reply.finished = finished;
  reply.unavailable = reason;
  replies_.send(reply);
}

bool DeviceThread::read_counters(const std::vector<std::string>& metrics, const std::vector<Contender>& configurations,
                                 bool finished) {
  tuner::SpanScope counting(&spans_, kDeviceThread, "counters");
  if (!open_counters()) {
    give_up_counters(std::string(counters_unavailable_), finished);
    return true;
  }
  std::vector<CounterTarget> targets;
  targets.reserve(configurations.size());
  for (const Contender& contender : configurations) targets.push_back({contender.id, &contender.configuration});
  auto reply = counters_->read(
      *context_, metrics, targets,
      [this](std::uint64_t id) {
        replies_.send(tuner::StartedReply{id, "counters"});
      },
      [this](std::string text) {
        replies_.send(tuner::LogReply{"warning", std::move(text)});
      });
  if (!reply) {
    if (reply.error().context_lost) return lost("counters: " + reply.error().reason);
    if (reply.error().unavailable) {
      give_up_counters(reply.error().reason, finished);
      return true;
    }
    reply = tuner::CountersReply{};
    for (const CounterTarget& target : targets)
      reply->readings.push_back({target.id, {}, "the batch could not be run"});
  }
  reply->finished = finished;
  counting.end();
  send_spans();
  replies_.send(*reply);
  return true;
}

bool DeviceThread::read_gathered() {
  const std::vector<Contender> batch = std::exchange(gathered_, {});
  // Said once; from then on the sweep goes on without.
  if (batch.empty() || (!counters_ && !counters_unavailable_.empty() && counters_said_)) return true;
  counters_said_ = true;
  return read_counters(context_->job->counters.metrics, batch, false);
}

bool DeviceThread::counters(const Task& task) {
  JobContext* context = context_for(task);
  if (context == nullptr) return true;
  if (!read_gathered()) return false;
  const auto& request = std::get<tuner::CountersRequest>(task.request);
  std::vector<Contender> configurations;
  std::vector<tuner::CounterReading> failed;
  for (std::size_t i = 0; i < request.configurations.size(); ++i) {
    Candidate candidate = load(request.configurations[i], task.compiled.at(i).get());
    if (candidate.context_lost) return lost(candidate.measurement.reason);
    if (candidate.loaded) {
      configurations.push_back({candidate.id, std::move(*candidate.loaded)});
    } else {
      failed.push_back({candidate.id, {}, candidate.measurement.reason});
    }
  }
  if (!failed.empty()) {
    tuner::CountersReply reply;
    reply.readings = std::move(failed);
    replies_.send(reply);
  }
  if (!configurations.empty()) return read_counters(request.metrics, configurations, true);
  if (counters_) counters_->close();  // The sweep's last batch: what comes now is timed without a session.
  tuner::CountersReply reply;
  reply.finished = true;
  replies_.send(reply);
  return true;
}

bool DeviceThread::source_profile(const Task& task) {
  JobContext* context = context_for(task);
  if (context == nullptr) return true;
  if (!read_gathered()) return false;
  if (counters_) counters_->close();  // Its session and the sampler exclude one another.
  const tuner::EvaluateRequest& request = std::get<tuner::SourceProfileRequest>(task.request).configuration;
  tuner::SpanScope profiling(&spans_, kDeviceThread, "source profile");
  if (!source_profiler_) {
    auto opened = SourceProfiler::open(*gpu_, ordinal_);
    if (!opened) {
      replies_.error(opened.error().reason, false);
      return true;
    }
    source_profiler_ = std::move(*opened);
  }
  const CompileResult& image = task.compiled.at(0).get();
  const auto profile = source_profiler_->profile(*context, {request, image, task.compiled.at(1).get()}, [&] {
    replies_.send(tuner::StartedReply{request.id, "source"});
  });
  profiling.end();
  send_spans();
  if (profile) {
    replies_.send(tuner::SourceProfileReply{request.id, *profile});
    return true;
  }
  if (profile.error().context_lost) return lost("source profile: " + profile.error().reason);
  replies_.error(profile.error().reason, false);
  return true;
}

DeviceResult<tuner::CountersReply> DeviceThread::count_streams(const std::vector<CountedLaunch>& launches) {
  tuner::CountersReply none;
  const auto metrics = tuner::metric_set("full");
  if (!open_counters() || !metrics) {
    none.unavailable = counters_unavailable_;
    return none;
  }
  auto reply = counters_->read_launches(*flush_, *metrics, launches, [](const std::string&) {});
  if (reply) {
    counters_->close();  // What comes next is timed without a session.
    return *reply;
  }
  if (reply.error().context_lost) {
    FUSELINE_CHECK(gpu_->synchronize());  // It fails with the code that tells.
    return device_failure("counters: " + reply.error().reason);
  }
  if (reply.error().unavailable) {
    counters_.reset();
    counters_unavailable_ = reply.error().reason;
  }
  none.unavailable = reply.error().reason;
  return none;
}

bool DeviceThread::ceilings(const Task& task) {
  if (const auto opened = open(task.compiled); !opened) return lost(opened.error().reason);
  const auto measured = measure_ceilings(*gpu_, *support_, *flush_, [this](const std::vector<CountedLaunch>& launches) {
    return count_streams(launches);
  });
  if (!measured) return report(measured.error(), "ceilings");
  replies_.send(tuner::CeilingsReply{*measured});
  return true;
}

}  // namespace fuseline::profiler
