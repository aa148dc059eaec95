#include "profiler/measure/evaluator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace fuseline::profiler {
namespace {

using tuner::Measurement;
using tuner::Outcome;

void take_compilation(Measurement& measurement, const CompileResult& compiled) {
  measurement.source_sha256 = compiled.source_sha256;
  measurement.compile_options = compiled.options;
  measurement.compile_ms = compiled.compile_ms;
  measurement.compile_cached = compiled.cached;
  measurement.compiler_log = compiled.log;
  if (compiled.status == CompileResult::Status::ok) return;
  measurement.outcome = compiled.status == CompileResult::Status::timeout ? Outcome::timeout : Outcome::compile_error;
  measurement.reason = compiled.reason;
}

}  // namespace

Candidate make_candidate(Gpu& gpu, const tuner::Job& job, const tuner::EvaluateRequest& request,
                         const CompileResult& compiled) {
  Candidate candidate;
  candidate.id = request.id;
  Measurement& measurement = candidate.measurement;
  for (const tuner::ResolvedLaunch& launch : request.resolved.launches) measurement.launches.push_back(launch.launch);
  take_compilation(measurement, compiled);
  if (compiled.status != CompileResult::Status::ok) return candidate;
  auto loaded = LoadedConfiguration::load(gpu, job, request.resolved.launches, request.resolved.workspace, compiled);
  if (!loaded) {
    measurement.outcome = loaded.error().outcome;
    measurement.reason = loaded.error().reason;
    candidate.context_lost = loaded.error().context_lost;
    if (measurement.compiler_log.empty()) measurement.compiler_log = trim_log(loaded.error().log);
    return candidate;
  }
  if (compiled.form == tuner::KernelForm::ptx) {
    measurement.compile_ms = loaded->assemble_ms();
    measurement.compiler_log = trim_log(loaded->assembler_log());
  }
  const std::size_t launches = loaded->launches().size();
  candidate.find_longest = launches > 1 && !request.resolved.shown_launch;
  measurement.shown_launch = std::min(request.resolved.shown_launch.value_or(0), launches - 1);
  measurement.facts = loaded->facts(measurement.shown_launch);
  candidate.loaded.emplace(std::move(*loaded));
  return candidate;
}

Evaluator::Result Evaluator::evaluate(Candidate candidate, const std::function<void()>& meanwhile) {
  const auto begin = std::chrono::steady_clock::now();
  bool context_lost = candidate.context_lost;
  if (candidate.loaded) {
    if (const auto done = measure(candidate, meanwhile); !done) {
      candidate.measurement.outcome = Outcome::launch_error;
      candidate.measurement.reason = fmt::format("{}: {}", candidate.loaded->kernel_names(), done.error().message());
      context_lost = done.error().context_lost();
    }
  }
  candidate.measurement.cost_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  Result result{std::move(candidate.measurement), context_lost, {}};
  if (result.measurement.outcome == Outcome::ok) result.loaded = std::move(candidate.loaded);
  return result;
}

DeviceResult<void> Evaluator::reject(Measurement& measurement, std::string reason) {
  measurement.outcome = Outcome::incorrect;
  measurement.reason = std::move(reason);
  // What wrote outside its outputs may have hit what the next configuration reads.
  return context_.verifier->restore();
}

DeviceResult<void> Evaluator::measure(Candidate& candidate, const std::function<void()>& meanwhile) {
  Measurement& measurement = candidate.measurement;
  const tuner::TimingPolicy& policy = context_.job->timing;
  send_(tuner::StartedReply{candidate.id, "verify"});
  double launch_ms = 0;
  tuner::SpanScope verifying(&spans_, kDeviceThread, "verify");
  FUSELINE_TRY(first, context_.verifier->verify(*candidate.loaded, launch_ms));
  verifying.end();
  measurement.gpu_ms = first.gpu_ms;
  measurement.verification = first.verification;
  if (!first.correct()) return reject(measurement, first.reason());

  send_(tuner::StartedReply{candidate.id, "time"});
  if (candidate.find_longest) {
    FUSELINE_TRY(longest, context_.timer->longest_launch(*candidate.loaded, launch_ms));
    measurement.shown_launch = longest.launch;
    measurement.facts = candidate.loaded->facts(longest.launch);
    measurement.gpu_ms += longest.spent_ms;
  }
  // What is there by now is right, and would pass for the work of launches that write nothing any more. Every timing
  // writes the first set, which is the one that is looked at afterwards.
  tuner::SpanScope poisoning(&spans_, kDeviceThread, "poison");
  FUSELINE_CHECK(context_.buffers->poison(0));
  poisoning.end();
  tuner::SpanScope sampling(&spans_, kDeviceThread, "sample");
  FUSELINE_TRY(timing, context_.timer->time(*candidate.loaded, policy, launch_ms, context_.best, meanwhile));
  sampling.end();
  measurement.samples_ms = timing.samples_ms;
  measurement.time_ms = tuner::summarize(timing.samples_ms);
  measurement.abandoned = timing.abandoned;
  measurement.after = policy.after;
  measurement.clocks = timing.clocks;
  measurement.gpu_ms += timing.busy_ms;

  // A race may show only in a later launch.
  const tuner::SpanScope checking(&spans_, kDeviceThread, "verify again");
  FUSELINE_TRY(last, context_.verifier->check(0));
  measurement.gpu_ms += last.gpu_ms;
  if (!last.correct()) {
    measurement.verification = last.verification;
    return reject(measurement, fmt::format("right at first, wrong after {} launches: {}", timing.samples_ms.size() + 1,
                                           last.reason()));
  }
  measurement.outcome = Outcome::ok;
  if (context_.best.median_ms <= 0 || measurement.time_ms.median < context_.best.median_ms)
    context_.best = best_of(timing.samples_ms);
  return {};
}

}  // namespace fuseline::profiler
