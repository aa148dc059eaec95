// Hardware counters over workers: one worker reads what is named, every worker what it has gathered. Source profiles:
// one worker takes one.
#include <fmt/format.h>

#include <algorithm>

#include "tuner/session/worker_backend.hpp"

namespace fuseline::tuner {
namespace {

using State = WorkerSlot::State;
constexpr int kCountersDeaths = 2;

}  // namespace

void WorkerBackend::submit_counters(CountersRequest request) {
  flushing_ = request.configurations.empty();
  counters_ = std::move(request);
  for (auto& worker : workers_) worker->to_flush = flushing_;
  deal();
}

void WorkerBackend::submit_source_profile(SourceProfileRequest request) {
  source_profile_ = std::move(request);
  deal();
}

void WorkerBackend::deal_counters() {
  const auto reads = [](const auto& worker) { return worker->slot.state() == State::reading_counters; };
  for (auto& worker : workers_) {
    auto& slot = worker->slot;
    if (slot.state() == State::given_up) worker->to_flush = false;
    const bool wanted =
        flushing_ ? worker->to_flush
                  : std::none_of(workers_.begin(), workers_.end(), reads) && !counters_->configurations.empty();
    if (!wanted || slot.state() != State::ready || slot.outstanding() > 0) continue;
    worker->to_flush = false;
    slot.read_counters(*counters_);
  }
  const bool waiting =
      flushing_ ? std::any_of(workers_.begin(), workers_.end(), [](const auto& worker) { return worker->to_flush; })
                : !counters_->configurations.empty();
  if (!waiting && std::none_of(workers_.begin(), workers_.end(), reads)) end_counters();
}

void WorkerBackend::end_counters() {
  counters_.reset();
  CountersReply reply;
  reply.finished = true;
  events_.push_back(std::move(reply));
}

void WorkerBackend::take_counters(Worker& worker, CountersReply reply) {
  if (!reply.readings.empty()) worker.fruitless_deaths = 0;
  // A replacement need not find out again.
  if (!reply.unavailable.empty() && job_) job_->counters.metrics.clear();
  // A flush ends with the last of the workers: see deal_counters().
  const bool ends = reply.finished && !flushing_;
  if (ends) counters_.reset();
  reply.finished = ends;
  events_.push_back(std::move(reply));
}

/// What the worker had gathered is gone; what it was asked for is asked again, without the configuration that it died
/// of.
void WorkerBackend::lost_counters(const WorkerSlot::Loss& loss) {
  if (loss.blamed_reading) {
    CountersReply reply;
    reply.readings.push_back({*loss.blamed_reading, {}, "the worker was lost while it read them: " + loss.reason});
    events_.push_back(std::move(reply));
    if (counters_)
      std::erase_if(counters_->configurations,
                    [&](const EvaluateRequest& request) { return request.id == *loss.blamed_reading; });
  }
  if (++counters_deaths_ < kCountersDeaths) return;
  if (job_) job_->counters.metrics.clear();
  CountersReply reply;
  reply.unavailable =
      fmt::format("{} workers were lost while they read them, the last one so: {}", counters_deaths_, loss.reason);
  events_.push_back(std::move(reply));
  for (auto& worker : workers_) worker->to_flush = false;
  if (counters_) counters_->configurations.clear();
}

}  // namespace fuseline::tuner
