#include "profiler/serve/work_queue.hpp"

namespace fuseline::profiler {
namespace {

bool is_evaluation(const Task& task) { return std::holds_alternative<tuner::EvaluateRequest>(task.request); }

bool is_data(const Task& task) { return std::holds_alternative<tuner::DataRequest>(task.request); }
constexpr std::size_t kMostData = 64;

bool is_compiled(const Task& task) {
  for (const auto& each : task.compiled) {
    if (each.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return false;
  }
  return true;
}

}  // namespace

void WorkQueue::push(Task task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  changed_.notify_all();
}

bool WorkQueue::push_within(Task& task, std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, timeout, [&] { return closed_ || data_ < kMostData; })) return false;
  if (closed_) return true;
  tasks_.push_back(std::move(task));
  ++data_;
  lock.unlock();
  changed_.notify_all();
  return true;
}

void WorkQueue::compiled() {
  // Taken and given back, so that a waiter that has just looked is already waiting.
  { const std::lock_guard lock(mutex_); }
  changed_.notify_all();
}

void WorkQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

std::optional<std::size_t> WorkQueue::ready_position(bool evaluations_only) const {
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    const bool evaluation = is_evaluation(tasks_[i]);
    if (!evaluation && (i > 0 || evaluations_only)) return std::nullopt;
    if (is_compiled(tasks_[i])) return i;
    if (!evaluation) return std::nullopt;
  }
  return std::nullopt;
}

Task WorkQueue::take(std::size_t position) {
  Task task = std::move(tasks_[position]);
  tasks_.erase(tasks_.begin() + static_cast<std::ptrdiff_t>(position));
  if (is_data(task)) {
    --data_;
    changed_.notify_all();
  }
  return task;
}

std::optional<Task> WorkQueue::pop() {
  std::unique_lock lock(mutex_);
  std::optional<std::size_t> position;
  changed_.wait(lock, [&] { return closed_ || (position = ready_position(false)).has_value(); });
  if (closed_ || !position) return std::nullopt;
  return take(*position);
}

std::optional<Task> WorkQueue::pop_within(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  std::optional<std::size_t> position;
  changed_.wait_for(lock, timeout, [&] { return closed_ || (position = ready_position(false)).has_value(); });
  if (closed_ || !position) return std::nullopt;
  return take(*position);
}

std::optional<Task> WorkQueue::try_pop_evaluation() {
  const std::lock_guard lock(mutex_);
  const auto position = ready_position(true);
  if (closed_ || !position) return std::nullopt;
  return take(*position);
}

}  // namespace fuseline::profiler
