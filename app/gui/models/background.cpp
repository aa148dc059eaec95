#include "app/gui/models/background.hpp"

namespace fuseline::app::gui {

Background::~Background() {
  // Before any member of a job goes: its thread writes them.
  for (Job& job : jobs_) job.thread.join();
}

void Background::run(std::function<Then()> job) {
  Job& entry = jobs_.emplace_back();
  entry.thread = std::jthread([this, &entry, job = std::move(job)] {
    Then then = job();
    {
      const std::scoped_lock lock(mutex_);
      entry.then = std::move(then);
      entry.ended = true;
    }
    if (wake_) wake_();
  });
}

bool Background::pump() {
  std::list<Job> ended;
  {
    const std::scoped_lock lock(mutex_);
    for (auto job = jobs_.begin(); job != jobs_.end();) {
      const auto next = std::next(job);
      if (job->ended) ended.splice(ended.end(), jobs_, job);
      job = next;
    }
  }
  for (Job& job : ended) {
    job.thread.join();
    if (job.then) job.then();
  }
  return !ended.empty();
}

}  // namespace fuseline::app::gui
