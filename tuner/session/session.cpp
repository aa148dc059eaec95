#include "tuner/session/session.hpp"

#include <condition_variable>
#include <exception>
#include <thread>

#include "tuner/session/sweep.hpp"

namespace fuseline::tuner {
namespace {

/// The thread and what other threads may touch.
class ThreadedSession final : public Session {
 public:
  ThreadedSession(SweepPlan plan, SessionEnvironment environment)
      : environment_(std::move(environment)),
        publisher_(environment_.on_publish),
        sweep_(std::move(plan), environment_, commands_, publisher_) {
    publisher_.publish_first();
    thread_ = std::jthread([this] { run(); });
  }
  ThreadedSession(const ThreadedSession&) = delete;
  ThreadedSession& operator=(const ThreadedSession&) = delete;
  ~ThreadedSession() override { stop(); }

  [[nodiscard]] std::shared_ptr<const Snapshot> snapshot() const override { return publisher_.latest(); }
  void pause() override { commands_.pause = true; }
  void resume() override { commands_.pause = false; }
  void stop() override { commands_.stop = true; }

  [[nodiscard]] Result<Run> wait() override {
    {
      std::unique_lock lock(mutex_);
      ended_.wait(lock, [this] { return result_.has_value(); });
      if (!*result_) return tl::unexpected(result_->error());
    }
    const auto last = snapshot();
    Run run;
    run.info = last->info;
    for (const auto& evaluation : last->evaluations) run.evaluations.push_back(*evaluation);
    return run;
  }

 private:
  void run() {
    auto result = guarded();
    {
      const std::scoped_lock lock(mutex_);
      result_ = std::move(result);
    }
    ended_.notify_all();
  }

  Result<void> guarded() {
    try {
      return sweep_.execute();
    } catch (const std::exception& exception) {
      Error error{
          ErrorKind::worker, {}, {}, std::string("the sweep ended with an internal error: ") + exception.what()};
      publisher_.draft.error = error;
      publisher_.draft.state = SessionState::failed;
      publisher_.publish();
      return tl::unexpected(error);
    }
  }

  const SessionEnvironment environment_;
  SweepCommands commands_;
  Publisher publisher_;
  Sweep sweep_;
  mutable std::mutex mutex_;
  std::condition_variable ended_;
  std::optional<Result<void>> result_;
  std::jthread thread_;  // Last: it ends before what it uses.
};

}  // namespace

std::string_view to_string(SessionState state) {
  switch (state) {
    case SessionState::preparing:
      return "preparing";
    case SessionState::running:
      return "running";
    case SessionState::paused:
      return "paused";
    case SessionState::finals:
      return "finals";
    case SessionState::finished:
      return "finished";
    case SessionState::interrupted:
      return "interrupted";
    case SessionState::failed:
      return "failed";
  }
  return "failed";
}

bool ended(SessionState state) {
  return state == SessionState::finished || state == SessionState::interrupted || state == SessionState::failed;
}

Result<std::unique_ptr<Session>> Session::start(const SweepRequest& request, const SessionEnvironment& environment) {
  FUSELINE_TRY(plan, make_plan(request, environment));
  return start_sweep(std::move(plan), environment);
}

std::unique_ptr<Session> start_sweep(SweepPlan plan, const SessionEnvironment& environment) {
  return std::make_unique<ThreadedSession>(std::move(plan), environment);
}

}  // namespace fuseline::tuner
