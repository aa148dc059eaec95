#include "app/gui/models/run_control.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tuner/base/memory.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/table.hpp"
#include "tuner/run/figures.hpp"
#include "tuner/session/images.hpp"

namespace fuseline::app::gui {

using tuner::SessionState;

/// A session with what it borrows, so that either may outlive the control on a thread that tears it down.
struct RunControl::Live {
  RunGround ground;
  tuner::SessionEnvironment environment;
  std::unique_ptr<tuner::Session> session;
};

RunControl::RunControl(RunGround ground, Background& background, Messages& messages, std::function<void()> wake)
    : ground_(std::move(ground)), background_(background), messages_(messages), wake_(std::move(wake)) {}

RunControl::~RunControl() = default;

void RunControl::start(const tuner::SweepRequest& request, bool resume, bool quiet) {
  if (active()) return;
  starting_ = true;
  start_failed_ = false;
  quiet_ = quiet;
  stop_at_once_ = false;
  reported_.clear();
  crashes_ = 0;
  auto live = std::make_shared<Live>();
  live->ground = ground_;
  live->environment.catalog = ground_.catalog.get();
  live->environment.data = ground_.data;
  live->environment.store = ground_.store.get();
  live->environment.worker_program = ground_.worker_program;
  live->environment.resume = resume;
  live->environment.on_publish = wake_;
  // By our own worker, as the command line does: one of the user's may wait for a GPU that is taken.
  live->environment.target_images.build = tuner::image_stream("", ground_.worker_program);
  // The one before is torn down there too: that waits for its worker.
  background_.run([this, live, request, earlier = std::exchange(live_, nullptr),
                   alive = std::weak_ptr<int>(alive_)]() mutable -> Background::Then {
    earlier.reset();
    auto session = tuner::Session::start(request, live->environment);
    std::optional<tuner::Error> error;
    if (session) {
      live->session = std::move(*session);
    } else {
      error = session.error();
    }
    return [this, live, error, alive] {
      if (alive.expired()) return;
      starting_ = false;
      start_failed_ = error.has_value();
      if (error) return messages_.add(*error);
      live_ = live;
      if (stop_at_once_) live_->session->stop();
    };
  });
}

void RunControl::pause() {
  if (live_) live_->session->pause();
}
void RunControl::resume() {
  if (live_) live_->session->resume();
}
void RunControl::stop() {
  stop_at_once_ = starting_;
  if (live_) live_->session->stop();
}

bool RunControl::poll() {
  if (!live_) return false;
  auto latest = live_->session->snapshot();
  if (!latest || latest == snapshot_) return false;
  const bool had_ended = snapshot_ && tuner::ended(snapshot_->state) &&
                         snapshot_->info.started_at == latest->info.started_at && snapshot_->info.id == latest->info.id;
  snapshot_ = std::move(latest);
  report(*snapshot_);
  if (tuner::ended(snapshot_->state) && !had_ended) {
    ++sweeps_ended_;
    // What the sweep before this one held went in pieces; a window that stays open for days must not grow by them.
    background_.run([] {
      tuner::release_unused_memory();
      return Background::Then();
    });
    report_end(*snapshot_);
  }
  return true;
}

void RunControl::report(const tuner::Snapshot& snapshot) {
  const auto& all = snapshot.messages;
  // Messages are the last 200: what comes after the one reported last is new.
  auto next = all.begin();
  if (!reported_.empty()) {
    const auto found =
        std::find_if(all.rbegin(), all.rend(), [&](const tuner::Notice& notice) { return notice.text == reported_; });
    if (found != all.rend()) next = found.base();
  }
  for (; next != all.end(); ++next) {
    if (next->advice.empty()) {
      // That it is a replay stands in the status bar for as long as the run is on show.
      snapshot.info.backend == tuner::Backend::replay ? messages_.log(Severity::note, next->text)
                                                      : messages_.add_once(Severity::note, next->text);
    } else {
      messages_.add(Severity::warning, next->text, next->advice);
    }
    reported_ = next->text;
  }
  const auto crashed = snapshot.outcomes.find(tuner::Outcome::crashed);
  const std::uint64_t crashes = crashed == snapshot.outcomes.end() ? 0 : crashed->second;
  if (crashes > crashes_)
    messages_.add(Severity::warning,
                  fmt::format("{} configuration(s) took their worker down; the sweep goes on", crashes),
                  "The reason of each is in the table: filter by outcome 'crashed'.");
  crashes_ = crashes;
}

void RunControl::report_end(const tuner::Snapshot& snapshot) {
  if (snapshot.error) return messages_.add(*snapshot.error);
  const std::string count = tuner::grouped(static_cast<double>(snapshot.evaluated)) + " configurations";
  if (snapshot.state == SessionState::interrupted) {
    const bool kept = ground_.store != nullptr;
    return messages_.add(Severity::warning, "Sweep stopped after " + count,
                         kept ? "Everything measured was kept: Run > Continue the last sweep goes on." : "");
  }
  if (quiet_) return;
  if (!snapshot.best)
    return messages_.add(Severity::error, "No configuration of " + count + " worked",
                         "The reasons are in the table, column 'reason'.");
  const bool replay = snapshot.info.backend == tuner::Backend::replay;
  messages_.add(Severity::success,
                fmt::format("{} {}; best {}", replay ? "Replayed" : "Measured", count,
                            tuner::time_text(tuner::figures_of(snapshot.info, *snapshot.best).time_ms)));
}

ProgressText progress_text(const tuner::Snapshot& snapshot) {
  ProgressText text;
  switch (snapshot.state) {
    case SessionState::preparing:
      text.state = "Preparing";
      break;
    case SessionState::running:
      text.state = "Running";
      break;
    case SessionState::paused:
      text.state = "Paused";
      break;
    case SessionState::finals:
      text.state = "Finals";
      break;
    case SessionState::finished:
      text.state = "Finished";
      break;
    case SessionState::interrupted:
      text.state = "Stopped";
      break;
    case SessionState::failed:
      text.state = "Failed";
      break;
  }
  const auto done = static_cast<double>(snapshot.evaluated);
  text.done = tuner::grouped(done);
  text.share = -1;
  if (snapshot.planned > 0) {
    text.done += " of " + tuner::grouped(static_cast<double>(snapshot.planned));
    text.share = std::min(1.0, done / static_cast<double>(snapshot.planned));
  }
  if (tuner::ended(snapshot.state)) {
    text.share = snapshot.state == SessionState::finished ? 1.0 : text.share;
    text.left = "in " + tuner::format_duration(snapshot.elapsed_s);
  } else if (snapshot.remaining_s) {
    text.left = tuner::format_duration(*snapshot.remaining_s) + " left";
  }
  // By the words of the table: what is of one kind is named.
  std::uint64_t failed = 0;
  std::string kind;
  for (const auto& [outcome, count] : snapshot.outcomes) {
    if (outcome == tuner::Outcome::ok || count == 0) continue;
    kind = failed == 0 ? std::string(tuner::to_string(outcome)) : "failed";
    failed += count;
  }
  if (failed > 0) text.failures = tuner::grouped(static_cast<double>(failed)) + " " + kind;
  return text;
}

}  // namespace fuseline::app::gui
