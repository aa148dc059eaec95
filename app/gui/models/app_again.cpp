// Measuring again after an edit: the same configurations, before and after.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "app/gui/models/app.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::app::gui {
namespace {

using tuner::Result;

/// What a kernel of the problem is made from.
std::string sources_of(const tuner::CatalogEntry& entry) {
  std::string all = entry.problem.reference_source;
  for (const auto& [name, text] : entry.headers) all += name + text;
  for (const tuner::Variant& variant : entry.variants) {
    for (const auto& [name, text] : variant.sources) all += name + *text;
  }
  return tuner::sha256_hex(all);
}

}  // namespace

std::vector<const Row*> App::rows_for_again() const {
  std::vector<const Row*> rows;
  for (const Row* row : selected_rows()) {
    if (row->ok()) rows.push_back(row);
  }
  if (!rows.empty() || !selection.empty()) return rows;
  for (const Row& row : data.rows()) {
    if (row.ok()) rows.push_back(&row);
  }
  const std::size_t count = std::min(rows.size(), kAgainBest);
  std::partial_sort(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(count), rows.end(),
                    [](const Row* a, const Row* b) { return a->standing < b->standing; });
  rows.resize(count);
  return rows;
}

Result<void> App::run_again() {
  if (control.active()) return tuner::bad_input("a sweep is running: stop it first");
  if (devices.replays(setup.how.device, !setup.how.workers.empty()))
    return tuner::bad_input(
        "a recording cannot be measured again: choose a GPU as the device, or a worker (search.worker)");
  if (!shown_entry())
    return tuner::bad_input("the problem of the run on show, " + tuner::printable(data.info().problem) +
                            ", is not among those found");
  const auto rows = rows_for_again();
  if (rows.empty()) return tuner::bad_input("nothing that worked is selected, or there is nothing at all");
  again.begin(data, rows);
  watching_ = false;  // The run that they are of stays on show.
  layout.activate("again");
  return {};
}

void App::follow_again() {
  if (std::exchange(again_sweeps_, control.sweeps_ended()) != control.sweeps_ended() && again.under_way() &&
      control.snapshot())
    again.take(*control.snapshot());
  const bool active = again.active();
  if (active && !again.under_way() && !control.active()) {
    if (const auto request = again.next(setup.how)) control.start(*request, false, true);
  } else if (active && again.under_way() && !control.active() && control.start_failed()) {
    again.give_up("it could not be started: see the messages");
  }
  if (std::exchange(again_seen_, again.revision()) == again.revision()) return;
  const bool same_run = data.info().started_at == again.info().started_at && data.info().id == again.info().id;
  scene.set_beside(same_run ? again_marks(again.info(), again.entries()) : std::vector<tuner::RooflineMark>());
  if (!again.active() && !again.entries().empty()) tell_again();
}

void App::tell_again() {
  for (const AgainEntry& entry : again.entries()) {
    const AgainVerdict verdict = again_verdict(entry);
    const Severity severity = verdict == AgainVerdict::faster   ? Severity::success
                              : verdict == AgainVerdict::failed ? Severity::error
                                                                : Severity::note;
    messages.add(severity, fmt::format("#{} {}", entry.sequence, tuner::printable(again_text(entry))));
  }
  if (std::exchange(again_asked_, false)) start_again_on_save();
}

void App::start_again_on_save() {
  if (again.active()) {
    again_asked_ = true;
    return;
  }
  if (const auto compiled = compile_source(); !compiled) messages.add(compiled.error());
  if (const auto started = run_again(); !started) messages.add(started.error());
}

void App::look_for_edits(const tuner::Catalog& before) {
  if (!again_on_save || data.empty()) return;
  const auto old = before.find(data.info().problem), now = catalog->find(data.info().problem);
  if (old && now && sources_of(**old) != sources_of(**now)) start_again_on_save();
}

void add_again_actions(App& app) {
  const auto possible = [&app] { return !app.data.rows().empty() && !app.control.active() && !app.again.active(); };
  app.actions.add({"run.again", "Measure the selected, or the best three, again", "Ctrl+Shift+R",
                   [&app](const std::string&) { return app.run_again(); }, possible});
  app.actions.add({"run.again_on_save",
                   "Measure again whenever a file of the problem is saved",
                   "",
                   [&app](const std::string&) -> Result<void> {
                     app.again_on_save = !app.again_on_save;
                     return {};
                   },
                   {},
                   "",
                   {},
                   [&app] { return app.again_on_save; }});
}

}  // namespace fuseline::app::gui
