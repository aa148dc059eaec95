// Lines of the source on show with their samples: whose they are, and having them profiled.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "app/gui/models/app.hpp"
#include "tuner/base/text.hpp"
#include "tuner/report/kernel_texts.hpp"

namespace fuseline::app::gui {
namespace {

using tuner::Result;

const std::pair<const char*, LinesView> kViews[] = {
    {"source", LinesView::source}, {"instructions", LinesView::instructions}, {"opcodes", LinesView::opcodes}};

std::vector<std::string> view_names() {
  std::vector<std::string> names;
  for (const auto& view : kViews) names.emplace_back(view.first);
  return names;
}

std::string title_of(const Row& row) {
  return fmt::format("#{} {}", row.evaluation->sequence, row.evaluation->configuration.key());
}

}  // namespace

/// The second configuration of the selection that has lines.
const Row* App::compared_row(const Row& shown) const {
  const auto& items = selection.items();
  for (auto each = items.rbegin(); each != items.rend(); ++each) {
    const Row* row = *each == shown.evaluation->sequence ? nullptr : data.by_sequence(*each);
    if (row != nullptr && row->evaluation->measurement.source_profile) return row;
  }
  return nullptr;
}

void App::follow_lines() {
  const Row* row = source.subject().settled ? row_on_show() : nullptr;
  const auto profile = row == nullptr ? nullptr : row->evaluation->measurement.source_profile;
  const Row* other = profile ? compared_row(*row) : nullptr;
  const auto against = other == nullptr ? nullptr : other->evaluation->measurement.source_profile;
  const LinesSeen now{profile, against, catalog};
  if (std::exchange(lines_seen_, now) == now) return;
  LinesSubject subject, beside;
  if (profile)
    subject = {profile, title_of(*row), tuner::kernel_texts(data.info(), *row->evaluation, catalog.get()).missing};
  if (against) beside = {against, title_of(*other), ""};
  lines.show(std::move(subject), std::move(beside));
  if (lines.empty()) lines_view = LinesView::source;
}

Result<void> App::profile_lines() {
  follow_source();
  if (control.active()) return tuner::bad_input("a sweep is running: stop it first");
  if (devices.replays(setup.how.device, !setup.how.workers.empty()))
    return tuner::bad_input(
        "a recording cannot be profiled, and has no lines of this configuration: choose a GPU as the device, or a "
        "worker (search.worker)");
  const Row* row = row_on_show();
  if (row == nullptr || !row->ok())
    return tuner::bad_input("lines are profiled of a configuration that worked: select one in the table");
  if (!shown_entry())
    return tuner::bad_input("the problem of the run on show, " + tuner::printable(data.info().problem) +
                            ", is not among those found");
  profiling_ = {data.info().id, data.info().started_at, row->evaluation->sequence, true};
  tuner::SweepRequest request = again_request(data.info(), row->evaluation->configuration, setup.how);
  request.source_profile = true;
  watching_ = false;  // The run that it is of stays on show.
  profiling_sweeps_ = control.sweeps_ended();
  control.start(request, false, true);
  return {};
}

void App::follow_profiling() {
  if (!profiling_.active) return;
  if (control.start_failed()) {
    profiling_.active = false;
    return;
  }
  if (control.active() || control.sweeps_ended() == profiling_sweeps_ || !control.snapshot()) return;
  profiling_.active = false;
  take_lines(*control.snapshot());
}

void App::take_lines(const tuner::Snapshot& snapshot) {
  const auto& best = snapshot.best;
  if (!best) return messages.add(Severity::error, "The configuration did not work when its lines were profiled");
  const auto profile = best->measurement.source_profile;
  if (!profile)
    return messages.add(Severity::warning, "No lines came back",
                        "The messages before this one say what the worker could not do.");
  const bool same_run = profiling_.run == data.info().id && profiling_.started_at == data.info().started_at;
  const Row* row = same_run ? data.by_sequence(profiling_.sequence) : nullptr;
  if (row == nullptr)
    return messages.add(Severity::warning, "The run whose lines were profiled is not on show any more");
  if (row->evaluation->measurement.source_sha256 != best->measurement.source_sha256 ||
      data.info().device.name != snapshot.info.device.name)
    return messages.add(Severity::warning, "The lines are not those of the run on show",
                        "Its source or its device is another now: sweep again, and profile that run's lines.");
  auto profiled = std::make_shared<tuner::Evaluation>(*row->evaluation);
  profiled->measurement.source_profile = profile;
  data.replace(profiled);
  layout.activate("source");
  messages.add(Severity::success, fmt::format("Lines of #{} are profiled", profiling_.sequence));
  keep_lines(profiled);
}

void App::keep_lines(std::shared_ptr<const tuner::Evaluation> profiled) {
  const std::int64_t run = data.info().id;
  if (run <= 0) return;  // A file's.
  background.run([this, run, kept = store, profiled = std::move(profiled)]() -> Background::Then {
    auto replaced = kept->replace(run, *profiled);
    if (replaced) return [] {};
    return [this, error = replaced.error()] { messages.add(error); };
  });
}

void add_lines_actions(App& app) {
  app.actions.add({"source.profile_lines", "Profile lines: where the warps of this configuration wait", "F8",
                   [&app](const std::string&) { return app.profile_lines(); },
                   [&app] { return app.source.subject().settled && !app.control.active(); }});
  app.actions.add({"source.view", "Show the source, its instructions (SASS) or a count of opcodes", "",
                   [&app](const std::string& text) -> Result<void> {
                     const auto* const found = std::find_if(std::begin(kViews), std::end(kViews),
                                                            [&](const auto& view) { return view.first == text; });
                     if (found == std::end(kViews))
                       return tuner::bad_input("there is no view '" + tuner::printable(text) +
                                               "': source, instructions or opcodes");
                     if (found->second != LinesView::source && app.lines.empty())
                       return tuner::bad_input(
                           "the configuration on show has no profile of its lines "
                           "(source.profile_lines)");
                     app.lines_view = found->second;
                     const SourceFile* file = app.source.file();
                     const auto first = file == nullptr || app.source.line() == 0
                                            ? std::nullopt
                                            : app.lines.first_of(file->name, static_cast<int>(app.source.line()));
                     if (first) app.lines.go_to(*first);
                     app.layout.activate("source");
                     return {};
                   },
                   [&app] { return app.source.subject().variant != nullptr; }, "VIEW", [] { return view_names(); }});
}

}  // namespace fuseline::app::gui
