// Workers elsewhere: added, tried and used.
#include "app/gui/models/app.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::app::gui {

using tuner::Result;

void add_worker_actions(App& app) {
  const auto texts = [&app] { return app.workers.texts(); };
  const auto some = [&app] { return !app.workers.places().empty(); };
  app.actions.add({"workers.show", "Workers: this machine, hosts, Slurm", "", [&app](const std::string&) {
                     app.dialogs.queue = false;  // One at a time.
                     app.dialogs.workers = true;
                     return done();
                   }});
  app.actions.add({"workers.add",
                   "Add a place for workers",
                   "",
                   [&app](const std::string& text) { return app.workers.add(text); },
                   {},
                   "host NAME[:N] | slurm N ARGUMENTS | command WORDS"});
  app.actions.add({"workers.remove", "Remove a place for workers", "",
                   [&app](const std::string& text) { return app.workers.remove(text); }, some, "PLACE", texts});
  app.actions.add({"workers.try", "Try a place for workers", "",
                   [&app](const std::string& text) { return app.workers.try_out(text, app.background); }, some, "PLACE",
                   texts});
  app.actions.add({"workers.use", "Sweep with the workers of a place", "",
                   [&app](const std::string& text) -> Result<void> {
                     const WorkerPlace* place = app.workers.find(text);
                     if (place == nullptr)
                       return tuner::bad_input("there is no place '" + tuner::printable(text) + "' for workers");
                     if (place->commands.empty()) return tuner::bad_input("try it first: it has not answered yet");
                     app.setup.how.workers = place->commands;
                     app.setup.how.device = "auto";
                     app.messages.add(Severity::note, "Sweeps run on " + tuner::printable(text) + " from now on");
                     return {};
                   },
                   some, "PLACE", texts});
}

}  // namespace fuseline::app::gui
