// Where and how a sweep runs: device, target, strategy, budget, counters.
#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "app/gui/panels/widgets.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/search/strategy.hpp"

namespace fuseline::app::gui {
namespace {

/// What the choice of device has before a place for workers.
constexpr const char* kElsewhere = "elsewhere ";

void choose_device(Ui& ui, const std::string& chosen) {
  const std::string before = kElsewhere;
  if (chosen.starts_with(before)) return act(ui, "workers.use", chosen.substr(before.size()));
  act(ui, "device.choose", chosen);
}

void device(Ui& ui) {
  App& app = ui.app;
  heading(ui, "DEVICE");
  std::vector<std::pair<std::string, std::string>> items;
  std::string shown = app.setup.how.device;
  for (const DeviceOption& option : app.devices.options()) {
    items.emplace_back(option.id, option.label);
    if (option.id == app.setup.how.device) shown = option.label;
  }
  for (const WorkerPlace& place : app.workers.places()) {
    if (!place.gpus.empty())
      items.emplace_back(kElsewhere + place.text,
                         fmt::format("{}: {} x {}", place.text, place.commands.size(), place.gpus.front()));
  }
  const bool remote = !app.setup.how.workers.empty();
  if (remote && app.setup.how.device == "auto") shown = "Automatic: the worker's GPU";
  std::string chosen = app.setup.how.device;
  if (combo(ui, "##device", shown, items, chosen, -1)) choose_device(ui, chosen);
  if (app.devices.searching()) {
    muted(ui, "Looking for GPUs\u2026");
  } else if (remote) {
    muted(ui, "The worker below says which GPU it has.");
  } else if (app.devices.gpus().empty()) {
    muted(ui, "No GPU was found here: a recording is replayed.");
    hint(ui, app.devices.no_gpu_reason());
  }
  heading(ui, "WORKER");
  std::string worker = app.setup.how.workers.empty() ? "" : app.setup.how.workers.front();
  if (edit_line(ui, "##worker", "ssh gpubox fuseline-worker", worker, -1)) act(ui, "search.worker", worker);
  hint(ui, "The command of a worker on another machine or behind a queue; empty: our own, here");
  if (plain_button(ui, "Workers\u2026", true, "Hosts, Slurm and commands: added and tried")) act(ui, "workers.show");
}

void target(Ui& ui) {
  heading(ui, "TARGET");
  std::vector<std::pair<std::string, std::string>> items;
  std::string shown = ui.app.setup.how.target;
  for (const tuner::Target& each : ui.app.devices.targets()) {
    items.emplace_back(each.name, each.title);
    if (each.name == shown) shown = each.title;
  }
  std::string chosen = ui.app.setup.how.target;
  if (combo(ui, "##target", shown, items, chosen, -1)) act(ui, "target.choose", chosen);
  hint(ui, "The GPU whose data-sheet limits are drawn beside the measured ones");
}

void strategy(Ui& ui) {
  heading(ui, "STRATEGY");
  std::vector<std::pair<std::string, std::string>> items;
  std::string description;
  for (const tuner::StrategyInfo& info : tuner::strategies()) {
    items.emplace_back(info.name, info.name);
    if (info.name == ui.app.setup.how.strategy) description = info.description;
  }
  std::string chosen = ui.app.setup.how.strategy;
  if (combo(ui, "##strategy", chosen, items, chosen, -1)) act(ui, "search.strategy", chosen);
  muted(ui, description);
  heading(ui, "BUDGET");
  std::string budget = ui.app.setup.how.budget;
  if (edit_line(ui, "##budget", "whole space; or 200, 30s, auto", budget, -1))
    act(ui, "search.budget", budget.empty() ? "whole space" : budget);
  hint(ui,
       "Evaluations (200), time (30s, 5m), or auto: until nothing more is to be gained; empty: every configuration");
  heading(ui, "SEED");
  std::string seed = std::to_string(ui.app.setup.how.seed);
  if (edit_line(ui, "##seed", "1", seed, -1)) act(ui, "search.seed", seed);
}

void measuring(Ui& ui) {
  const tuner::SweepRequest& how = ui.app.setup.how;
  heading(ui, "HARDWARE COUNTERS");
  bool first = true;
  for (const auto& [mode, id, text] : {std::tuple(tuner::CounterMode::none, "none", "none"),
                                       std::tuple(tuner::CounterMode::best, "best", "of the best"),
                                       std::tuple(tuner::CounterMode::all, "all", "of all")}) {
    if (!first) ImGui::SameLine();
    first = false;
    if (chip(ui, id, text, how.counters == mode)) act(ui, "search.counters", id);
  }
}

void predecessor(Ui& ui) {
  const tuner::SweepRequest& how = ui.app.setup.how;
  heading(ui, "L2 BEFORE A LAUNCH");
  const std::vector<std::pair<std::string, std::string>> items = {{"problem", "as the problem asks"},
                                                                  {"clean", "clean: nothing of use in it"},
                                                                  {"producer", "producer: inputs just written"},
                                                                  {"itself", "itself: as the launch before left it"}};
  std::string chosen = how.after.empty() ? "problem" : how.after;
  std::string shown = chosen;
  for (const auto& [id, text] : items) {
    if (id == chosen) shown = text;
  }
  if (combo(ui, "##after", shown, items, chosen, -1)) act(ui, "search.after", chosen);
  hint(ui, "What every timed launch follows. A problem that asks for nothing is timed behind a clean L2.");
}

}  // namespace

void draw_search(Ui& ui) {
  device(ui);
  target(ui);
  strategy(ui);
  measuring(ui);
  predecessor(ui);
}

}  // namespace fuseline::app::gui
