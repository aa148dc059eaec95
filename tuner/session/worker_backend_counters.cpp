// Hardware counters over workers: one worker reads what is named, every worker what it has gathered. Source profiles:
// one worker takes one.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

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

/// Configurations are shared out among the workers that are free now.
void WorkerBackend::deal_counters() {
  std::vector<Worker*> free;
  for (auto& worker : workers_) {
    if (worker->slot.state() == State::given_up) worker->to_flush = false;
    if (worker->slot.state() == State::ready && worker->slot.outstanding() == 0) free.push_back(worker.get());
  }
  auto& left = counters_->configurations;
  const std::size_t share = free.empty() ? 0 : (left.size() + free.size() - 1) / free.size();
  for (Worker* worker : free) {
    if (flushing_ ? !worker->to_flush : left.empty()) continue;
    worker->to_flush = false;
    const auto end = left.begin() + static_cast<std::ptrdiff_t>(std::min(share, left.size()));
    worker->reading.assign(std::make_move_iterator(left.begin()), std::make_move_iterator(end));
    left.erase(left.begin(), end);
    worker->slot.read_counters({counters_->metrics, worker->reading});
  }
  const auto busy = [](const auto& worker) {
    return worker->to_flush || worker->slot.state() == State::reading_counters;
  };
  if (left.empty() && std::none_of(workers_.begin(), workers_.end(), busy)) end_counters();
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
  if (workers_.size() > 1) reply.card = worker.card;
  if (reply.finished) worker.reading.clear();
  reply.finished = false;  // It ends with the last of the workers: see deal_counters().
  events_.push_back(std::move(reply));
}

/// What the worker had gathered is gone; what it was asked for is asked again, without the configuration that it died
/// of.
void WorkerBackend::lost_counters(Worker& worker, const WorkerSlot::Loss& loss) {
  if (loss.blamed_reading) {
    CountersReply reply;
    reply.readings.push_back({*loss.blamed_reading, {}, "the worker was lost while it read them: " + loss.reason});
    events_.push_back(std::move(reply));
    std::erase_if(worker.reading, [&](const EvaluateRequest& request) { return request.id == *loss.blamed_reading; });
  }
  read_again(worker);
  if (++counters_deaths_ < kCountersDeaths) return;
  if (job_) job_->counters.metrics.clear();
  CountersReply reply;
  reply.unavailable =
      fmt::format("{} workers were lost while they read them, the last one so: {}", counters_deaths_, loss.reason);
  events_.push_back(std::move(reply));
  for (auto& each : workers_) each->to_flush = false;
  if (counters_) counters_->configurations.clear();
}

/// Puts what a worker was at back among what is still to be read.
void WorkerBackend::read_again(Worker& worker) {
  auto unread = std::exchange(worker.reading, {});
  if (!counters_ || flushing_) return;
  for (auto& request : unread) counters_->configurations.push_back(std::move(request));
}

}  // namespace fuseline::tuner
