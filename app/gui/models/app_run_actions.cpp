// What runs sweeps and opens runs.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "app/gui/models/app.hpp"
#include "app/gui/models/session_file.hpp"
#include "tuner/base/text.hpp"
#include "tuner/formats/result.hpp"

namespace fuseline::app::gui {
namespace {

using tuner::Result;

Result<std::int64_t> run_number(const std::string& text) {
  std::int64_t id = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, id);
  if (error != std::errc() || at != end) return tuner::bad_input("'" + text + "' is no run's number");
  return id;
}

std::vector<std::string> run_numbers(const App& app) {
  std::vector<std::string> numbers;
  for (const tuner::RunSummary& run : app.history.runs()) {
    if (numbers.size() < 20) numbers.push_back(std::to_string(run.id));
  }
  return numbers;
}

/// Whether a file is what `fuseline export --format json` writes.
bool is_result(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string start(tuner::kResultLookedAt, '\0');
  in.read(start.data(), static_cast<std::streamsize>(start.size()));
  start.resize(static_cast<std::size_t>(in.gcount()));
  return tuner::is_result(start);
}

void add_sweep_actions(App& app) {
  const auto active = [&app] { return app.control.active(); };
  const auto inactive = [&app] { return !app.control.active(); };
  app.actions.add({"run.start", "Start the sweep", "Ctrl+Enter", [&app](const std::string&) -> Result<void> {
                     if (!app.control.active()) return app.start_sweep(false);
                     app.dialogs.queueing = true;
                     return {};
                   }});
  app.actions.add({"run.continue", "Continue the last sweep of this request", "",
                   [&app](const std::string&) { return app.start_sweep(true); }, inactive});
  app.actions.add({"run.pause", "Pause or go on", "F6",
                   [&app](const std::string&) -> Result<void> {
                     if (app.control.paused()) {
                       app.control.resume();
                     } else {
                       app.control.pause();
                     }
                     return {};
                   },
                   active});
  app.actions.add({"run.stop", "Stop the sweep", "Ctrl+Period",
                   [&app](const std::string&) -> Result<void> {
                     app.control.stop();
                     return {};
                   },
                   active});
  app.actions.add({"run.watch", "Back to the running sweep", "Ctrl+Shift+W",
                   [&app](const std::string&) -> Result<void> {
                     app.watch_sweep();
                     return {};
                   },
                   [&app] { return app.control.snapshot() != nullptr && !app.watching(); }});
  app.actions.add({"run.first", "Replay a recorded sweep", "",
                   [&app](const std::string&) -> Result<void> {
                     const tuner::RecordingInfo* first = app.devices.first_recording();
                     if (first == nullptr) return tuner::bad_input("there is no recording in presets/recordings");
                     const tuner::RecordingInfo recording = *first;
                     FUSELINE_CHECK(app.setup.choose_problem(recording.problem));
                     FUSELINE_CHECK(app.setup.choice.choose_shape(recording.shape));
                     FUSELINE_CHECK(app.setup.choice.choose_dtype(std::string(tuner::to_string(recording.dtype))));
                     app.setup.space.reset();
                     app.setup.how.device = "replay:" + recording.name;
                     return app.start_sweep(false);
                   },
                   inactive});
}

/// "3" and what stands behind the =; empty without one.
Result<std::pair<std::int64_t, std::string>> run_and_text(const std::string& text) {
  const std::size_t equals = text.find('=');
  FUSELINE_TRY(id, run_number(text.substr(0, equals)));
  return std::pair(id, equals == std::string::npos ? std::string() : text.substr(equals + 1));
}

void add_naming_actions(App& app) {
  app.actions.add({"history.title",
                   "Name a run",
                   "",
                   [&app](const std::string& text) -> Result<void> {
                     FUSELINE_TRY(given, run_and_text(text));
                     app.history.rename(given.first, std::string(tuner::trimmed(given.second)));
                     return {};
                   },
                   {},
                   "RUN=TITLE"});
  app.actions.add({"history.tags",
                   "Tag a run",
                   "",
                   [&app](const std::string& text) -> Result<void> {
                     FUSELINE_TRY(given, run_and_text(text));
                     std::vector<std::string> tags = tuner::split(given.second, ' ');
                     std::erase(tags, std::string());
                     app.history.set_tags(given.first, tags);
                     return {};
                   },
                   {},
                   "RUN=TAG TAG"});
  app.actions.add({"history.find",
                   "Find runs",
                   "",
                   [&app](const std::string& words) {
                     app.layout.activate("history");
                     app.history.query = words;
                     return done();
                   },
                   {},
                   "WORDS",
                   [&app] {
                     std::vector<std::string> words;
                     for (const std::string& tag : app.history.tags()) words.push_back("tag:" + tag);
                     return words;
                   }});
  app.actions.add({"history.undo", "Bring back the run deleted last", "Ctrl+Shift+Z",
                   [&app](const std::string&) {
                     app.history.restore(app.history.removed().front().id);
                     return done();
                   },
                   [&app] { return !app.history.removed().empty(); }});
  app.actions.add({"history.restore", "Bring back a deleted run", "",
                   [&app](const std::string& text) -> Result<void> {
                     FUSELINE_TRY(id, run_number(text));
                     app.history.restore(id);
                     return {};
                   },
                   [&app] { return !app.history.removed().empty(); }, "RUN",
                   [&app] {
                     std::vector<std::string> numbers;
                     for (const tuner::RunSummary& run : app.history.removed())
                       numbers.push_back(std::to_string(run.id));
                     return numbers;
                   }});
}

/// Title, tags and note of a run, `naming`: with the title in the keyboard's reach first.
void ask_about(Dialogs& dialogs, const tuner::RunSummary& run, bool naming) {
  dialogs.annotating = run.id;
  dialogs.naming = naming;
  dialogs.note = run.note;
  dialogs.title = run.title;
  dialogs.tags = fmt::format("{}", fmt::join(run.tags, " "));
}

void add_history_actions(App& app) {
  const auto show = [&app](const std::shared_ptr<const tuner::Run>& run) { app.show_run(run); };
  app.actions.add({"history.open",
                   "Open a run",
                   "",
                   [&app, show](const std::string& text) -> Result<void> {
                     FUSELINE_TRY(id, run_number(text));
                     app.history.open(id, show);
                     return {};
                   },
                   {},
                   "RUN",
                   [&app] { return run_numbers(app); }});
  app.actions.add({"history.remove",
                   "Delete a run at once",
                   "",
                   [&app](const std::string& text) -> Result<void> {
                     FUSELINE_TRY(id, run_number(text));
                     if (app.control.active() && app.control.snapshot() && app.control.snapshot()->info.id == id)
                       return tuner::bad_input("the run is still going on: stop it first");
                     app.history.remove(id);
                     return {};
                   },
                   {},
                   "RUN"});
  app.actions.add({"history.annotate",
                   "Annotate a run",
                   "",
                   [&app](const std::string& text) -> Result<void> {
                     const std::size_t equals = text.find('=');
                     FUSELINE_TRY(id, run_number(text.substr(0, equals)));
                     app.history.annotate(id, equals == std::string::npos ? "" : text.substr(equals + 1));
                     return {};
                   },
                   {},
                   "RUN=NOTE"});
  add_naming_actions(app);
  const auto known = [&app](const std::string& text) -> Result<const tuner::RunSummary*> {
    FUSELINE_TRY(id, run_number(text));
    for (const tuner::RunSummary& run : app.history.runs()) {
      if (run.id == id) return &run;
    }
    return tuner::bad_input("there is no run " + text);
  };
  app.actions.add({"history.remove_dialog",
                   "Delete a run, after asking",
                   "",
                   [&app, known](const std::string& text) -> Result<void> {
                     FUSELINE_TRY(run, known(text));
                     app.dialogs.removing = run->id;
                     return {};
                   },
                   {},
                   "RUN",
                   [&app] { return run_numbers(app); }});
  app.actions.add({"history.note_dialog",
                   "Name a run, tag it, write a note on it",
                   "",
                   [&app, known](const std::string& text) -> Result<void> {
                     FUSELINE_TRY(run, known(text));
                     ask_about(app.dialogs, *run, false);
                     return {};
                   },
                   {},
                   "RUN",
                   [&app] { return run_numbers(app); }});
  app.actions.add({"history.compare",
                   "Compare two runs",
                   "",
                   [&app](const std::string& text) -> Result<void> {
                     const std::size_t comma = text.find(',');
                     if (comma == std::string::npos)
                       return tuner::bad_input("'" + text + "' names no two runs: write 3,7");
                     FUSELINE_TRY(before, run_number(text.substr(0, comma)));
                     FUSELINE_TRY(after, run_number(text.substr(comma + 1)));
                     app.layout.activate("history");
                     app.history.compare(before, after);
                     return {};
                   },
                   {},
                   "RUN,RUN"});
  app.actions.add({"history.name_dialog", "Name the run on show", "F2",
                   [&app, known](const std::string&) -> Result<void> {
                     FUSELINE_TRY(run, known(std::to_string(app.data.info().id)));
                     ask_about(app.dialogs, *run, true);
                     return {};
                   },
                   [&app] { return app.data.info().id > 0; }});
  app.actions.add({"history.compare_shown", "Compare with the run on show", "",
                   [&app, known](const std::string& text) -> Result<void> {
                     FUSELINE_TRY(run, known(text));
                     app.layout.activate("history");
                     app.history.compare(run->id, app.data.info().id);
                     return {};
                   },
                   [&app] { return app.data.info().id > 0; }, "RUN", [&app] { return run_numbers(app); }});
  app.actions.add({"file.open",
                   "Open a recording, a Kernel Tuner cache, a result, a session or a folder of problems",
                   "",
                   [&app, show](const std::string& text) -> Result<void> {
                     const std::string file = typed_path(text).string();
                     std::error_code error;
                     if (std::filesystem::is_directory(file, error)) return app.open_folder(file);
                     if (is_session(file)) return app.open_session(file);
                     if (!is_result(file) || app.data.rows().empty()) {
                       app.history.open_file(file, [&app, show, file](const std::shared_ptr<const tuner::Run>& run) {
                         app.remember_file(file);
                         show(run);
                       });
                       return {};
                     }
                     app.remember_file(file);
                     app.layout.activate("history");
                     app.history.compare_file(file, [frozen = app.data.freeze()] { return frozen.run(); });
                     return {};
                   },
                   {},
                   "FILE",
                   [&app] { return app.settings.recent; }});
  app.actions.add({"file.forget_folder", "Forget a folder of problems", "",
                   [&app](const std::string& folder) { return app.forget_folder(folder); },
                   [&app] { return !app.settings.problem_folders.empty(); }, "FOLDER",
                   [&app] { return app.settings.problem_folders; }});
  app.actions.add(
      {"file.open_dialog", "Open a file or a folder of problems", "Ctrl+O", [&app](const std::string&) -> Result<void> {
         app.dialogs.open = true;
         app.dialogs.open_error.clear();
         return {};
       }});
}

}  // namespace

void add_run_actions(App& app) {
  add_sweep_actions(app);
  add_history_actions(app);
}

}  // namespace fuseline::app::gui
