// Pinning configurations and runs, and the baseline that figures are compared with.
#include <algorithm>
#include <charconv>
#include <utility>

#include "app/gui/models/app.hpp"
#include "tuner/base/text.hpp"
#include "tuner/run/neighbours.hpp"

namespace fuseline::app::gui {
namespace {

using tuner::Result;

std::vector<std::string> pin_names(const App& app) {
  std::vector<std::string> names;
  for (const Pin& pin : app.pins.all()) names.push_back(pin.name());
  return names;
}

/// Those selected, or the best.
std::vector<const Row*> rows_to_pin(const App& app) {
  auto rows = app.selected_rows();
  if (rows.empty() && app.data.best_row() != nullptr) rows.push_back(app.data.best_row());
  return rows;
}

/// Of the store, whatever is on show.
Result<void> pin_run_number(App& app, const std::string& text) {
  std::int64_t id = 0;
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || at != text.data() + text.size())
    return tuner::bad_input("'" + tuner::printable(text) + "' is no run's number");
  if (app.pins.has_run(id)) return app.pins.remove("run " + text);
  app.history.open(id, [&app](const std::shared_ptr<const tuner::Run>& run) {
    RunData::Frozen frozen{run->info, {}};
    for (const tuner::Evaluation& evaluation : run->evaluations) frozen.evaluations.emplace_back(run, &evaluation);
    auto pin = pin_of_run(frozen);
    if (!pin) return app.messages.add(pin.error());
    app.pins.add(std::move(*pin));
  });
  return {};
}

Result<void> make_baseline(App& app, const std::string& name) {
  if (!name.empty()) return app.pins.make_baseline(name);
  const auto rows = rows_to_pin(app);
  if (rows.empty()) return tuner::bad_input("nothing is selected, and nothing is the best yet");
  const Pin pin = pin_of(app.data.info(), *rows.back()->evaluation);
  app.pins.add(pin);
  return app.pins.make_baseline(pin.name());
}

void add_pinning(App& app) {
  const auto something = [&app] { return !rows_to_pin(app).empty(); };
  app.actions.add({"pin.configuration", "Pin the selected, or the best; or no more", "Ctrl+K",
                   [&app](const std::string&) {
                     const auto rows = rows_to_pin(app);
                     const bool all = std::all_of(rows.begin(), rows.end(), [&](const Row* row) {
                       return app.pins.has(app.data.info(), row->evaluation->sequence);
                     });
                     for (const Row* row : rows) {
                       if (all || !app.pins.has(app.data.info(), row->evaluation->sequence)) app.toggle_pin(*row);
                     }
                     return done();
                   },
                   something});
  app.actions.add({"pin.baseline", "Make it the baseline: the one selected, or one that is pinned", "Ctrl+Shift+K",
                   [&app](const std::string& name) { return make_baseline(app, name); },
                   [&app, something] { return something() || !app.pins.empty(); }, "PIN",
                   [&app] { return pin_names(app); }});
  app.actions.add({"pin.run", "Pin the run on show, or another; or no more", "",
                   [&app](const std::string& number) {
                     return number.empty() ? app.toggle_run_pin() : pin_run_number(app, number);
                   },
                   [&app] { return app.data.best_row() != nullptr || !app.history.runs().empty(); }, "RUN"});
}

/// Of what the table's filter leaves; null where nothing but the best worked.
const Row* slowest_row(const App& app) {
  const Row* slowest = nullptr;
  for (std::size_t i = 0; i < app.data.rows().size(); ++i) {
    const Row& row = app.data.rows()[i];
    if (!row.ok() || !app.results.passes(i) || row.evaluation->sequence == app.data.best()) continue;
    if (slowest == nullptr || row.time_ms > slowest->time_ms) slowest = &row;
  }
  return slowest;
}

void add_comparing(App& app) {
  app.actions.add({"compare.slowest", "Compare the slowest with the best", "Ctrl+Shift+D",
                   [&app](const std::string&) {
                     app.selection.only(slowest_row(app)->evaluation->sequence);
                     app.layout.activate("compare");
                     return done();
                   },
                   [&app] { return app.data.best().has_value() && slowest_row(app) != nullptr; }});
}

}  // namespace

void App::toggle_pin(const Row& row) {
  const Pin pin = pin_of(data.info(), *row.evaluation);
  if (pins.find(pin.name()) != nullptr) {
    (void)pins.remove(pin.name());
  } else {
    pins.add(pin);
  }
}

Result<void> App::toggle_run_pin() {
  if (pins.has_run(data.info())) return pins.remove(short_run_name(data.info()));
  if (data.best_row() == nullptr) return tuner::bad_input("nothing of the run on show worked");
  pins.add(pin_of_run(data.freeze(), *data.best_row()->evaluation));
  return {};
}

std::vector<tuner::OverlaidRun> App::overlaid_runs() const {
  std::vector<tuner::OverlaidRun> runs;
  for (const Pin& pin : pins.all()) {
    if (!pin.whole || tuner::same_run(*pin.info, data.info())) continue;
    tuner::OverlaidRun run = overlaid(pin, data.info());
    if (run.intensity > 0 && (other_gpus || !run.other_device)) runs.push_back(std::move(run));
  }
  return runs;
}

std::size_t App::runs_not_overlaid() const {
  return static_cast<std::size_t>(std::count_if(pins.all().begin(), pins.all().end(), [&](const Pin& pin) {
    return pin.whole && !other_gpus && pin.info->device.name != data.info().device.name;
  }));
}

void App::follow_pins() {
  const PinsSeen now{pins.revision(), data.rebuilt(), other_gpus};
  if (now == pins_seen_) return;
  if (pins_seen_.pins != now.pins) {
    const Pin* pin = pins.baseline();
    data.set_baseline(pin == nullptr ? std::nullopt
                                     : std::optional<Baseline>({pin->name(), pin->info, pin->evaluation}));
  }
  scene.set_overlaid(overlaid_runs());
  // As it is now: another baseline is another reading of the rows.
  pins_seen_ = {pins.revision(), data.rebuilt(), other_gpus};
}

void add_pin_actions(App& app) {
  add_pinning(app);
  add_comparing(app);
  const auto pinned = [&app] { return !app.pins.empty(); };
  app.actions.add({"pin.remove", "Unpin", "", [&app](const std::string& name) { return app.pins.remove(name); }, pinned,
                   "PIN", [&app] { return pin_names(app); }});
  app.actions.add({"pin.clear", "Unpin everything", "",
                   [&app](const std::string&) {
                     app.pins.clear();
                     return done();
                   },
                   pinned});
  app.actions.add({"pin.other_gpus",
                   "Draw pinned runs of other GPUs over the roofline",
                   "",
                   [&app](const std::string&) {
                     app.other_gpus = !app.other_gpus;
                     return done();
                   },
                   {},
                   "",
                   {},
                   [&app] { return app.other_gpus; }});
}

}  // namespace fuseline::app::gui
