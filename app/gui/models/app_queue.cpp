// Several sweeps, one after the other, and what is said when one has ended.
#include <fmt/format.h>

#include <charconv>
#include <tuple>
#include <utility>

#include "app/gui/models/app.hpp"
#include "tuner/base/text.hpp"
#include "tuner/report/describe.hpp"

namespace fuseline::app::gui {
namespace {

using tuner::Result;

Result<std::uint64_t> queue_number(const std::string& text) {
  std::uint64_t id = 0;
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || at != text.data() + text.size())
    return tuner::bad_input("'" + tuner::printable(text) + "' is no number of a sweep in the queue");
  return id;
}

std::vector<std::string> queue_numbers(const App& app) {
  std::vector<std::string> numbers;
  for (const QueuedSweep& each : app.queue.waiting()) numbers.push_back(std::to_string(each.id));
  return numbers;
}

/// What a notification says of a sweep that has ended.
std::string end_text(const tuner::Snapshot& snapshot) {
  if (snapshot.error) return "Failed: " + snapshot.error->reason;
  if (snapshot.state == tuner::SessionState::interrupted) return "Stopped";
  if (!snapshot.best) return "No configuration worked";
  return fmt::format("{} configurations, best {}", snapshot.evaluated,
                     tuner::time_text(tuner::figures_of(snapshot.info, *snapshot.best).time_ms));
}

}  // namespace

Result<void> App::queue_sweep() {
  FUSELINE_TRY(request, setup.request());
  queue.add(request);
  // What somebody stopped goes on with the next start.
  if (!control.active()) queue.go_on();
  if (control.active() || again.active())
    messages.add(Severity::note,
                 fmt::format("Queued: {}; {} wait", queue.waiting().back().title, queue.waiting().size()));
  return {};
}

void App::begin_sweep(const tuner::SweepRequest& request, bool resume) {
  control.start(request, resume);
  watching_ = true;
  selection.clear();
  set_why_variant("");
  relations.forget();
  data.clear();
  view.fit();
  settings.welcome = false;
}

void App::follow_queue() {
  if (control.active() || again.active()) return;
  // Failed, finished or not started at all: the next one has its turn.
  const bool looking_elsewhere = !watching_ && !data.empty();
  const auto next = queue.next();
  if (!next) return;
  if (looking_elsewhere) {
    control.start(next->request);
  } else {
    begin_sweep(next->request, false);
  }
  messages.add(Severity::note, "Started from the queue: " + next->title);
}

void App::tell_end() {
  const auto& snapshot = control.snapshot();
  if (!snapshot || again.active()) return;
  if (snapshot->state == tuner::SessionState::interrupted) queue.hold();
  if (window_focused) return;
  const auto command =
      notification_command("Fuseline: " + run_title(snapshot->info), tuner::printable(end_text(*snapshot)));
  if (command.empty()) return;
  background.run([command]() -> Background::Then {
    (void)run_program(command);  // The message in the window says it too.
    return [] {};
  });
}

void add_queue_actions(App& app) {
  const auto waiting = [&app] { return !app.queue.empty(); };
  const auto numbers = [&app] { return queue_numbers(app); };
  app.actions.add({"run.queue", "Queue the sweep set up", "Ctrl+Shift+Enter", [&app](const std::string&) {
                     app.dialogs.queueing = false;
                     return app.queue_sweep();
                   }});
  app.actions.add({"queue.show", "Show the queue of sweeps", "",
                   [&app](const std::string&) {
                     app.dialogs.workers = false;  // One at a time.
                     app.dialogs.queue = true;
                     return done();
                   },
                   waiting});
  app.actions.add({"queue.remove", "Take a sweep out of the queue", "",
                   [&app](const std::string& text) -> Result<void> {
                     FUSELINE_TRY(id, queue_number(text));
                     return app.queue.remove(id);
                   },
                   waiting, "NUMBER", numbers});
  for (const auto& [id, title, by] : {std::tuple("queue.earlier", "Move a sweep of the queue forward", -1),
                                      std::tuple("queue.later", "Move a sweep of the queue back", 1)}) {
    app.actions.add({id, title, "",
                     [&app, by = by](const std::string& text) -> Result<void> {
                       FUSELINE_TRY(number, queue_number(text));
                       return app.queue.move(number, by);
                     },
                     waiting, "NUMBER", numbers});
  }
  app.actions.add({"queue.clear", "Empty the queue of sweeps", "",
                   [&app](const std::string&) {
                     app.queue.clear();
                     return done();
                   },
                   waiting});
  app.actions.add({"queue.go_on", "Go on with the queue after a stop", "",
                   [&app](const std::string&) {
                     app.queue.go_on();
                     return done();
                   },
                   [&app] { return app.queue.held(); }});
}

}  // namespace fuseline::app::gui
