// Session files: what is on show, saved for another person and opened again.
#include <algorithm>
#include <memory>
#include <utility>

#include "app/gui/models/app.hpp"
#include "app/gui/models/session_file.hpp"
#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::app::gui {
namespace {

using tuner::Result;

SessionView view_of(const App& app) {
  SessionView view;
  view.roofline = view_name(app.scene.view());
  view.level = std::string(to_string(app.scene.level()));
  view.colour = app.scene.coloured_by();
  if (!app.view.is_fitted()) view.in_view = app.view.ranges();
  view.filter = app.results.filter();
  view.sort_column = app.results.sort_column();
  view.descending = app.results.descending();
  view.why_variant = app.why_variant();
  for (const PanelPlace* place : app.layout.shown_in(Area::second_window)) view.second_window.push_back(place->id);
  return view;
}

/// What the run on show does not have stays as it is.
void apply_view(App& app, const SessionView& view) {
  app.results.set_filter(view.filter);
  if (app.results.column(view.sort_column) != nullptr) app.results.sort_by(view.sort_column, view.descending);
  for (const auto& [action, value] :
       {std::pair("roofline.colour", view.colour), std::pair("roofline.level", view.level),
        std::pair("roofline.view", view.roofline)})
    (void)app.actions.run(action, value);
  app.set_why_variant(view.why_variant);
  if (view.in_view) app.view.show(*view.in_view);
  for (const std::string& panel : view.second_window) app.layout.move(panel, Area::second_window);
}

}  // namespace

Result<void> App::save_session(const std::string& text) {
  const std::filesystem::path file = typed_path(text);
  if (file.empty()) return tuner::bad_input("name the file: session.save FILE.fuseline");
  SessionFile session;
  session.view = view_of(*this);
  session.selection = selection.items();
  session.pins = pins.ordered();
  if (const auto request = setup.request()) session.setup = *request;
  background.run([this, file, session = std::move(session), frozen = data.freeze()]() mutable -> Background::Then {
    session.run = frozen.run();
    const auto written = session_text(session);
    const auto kept = written ? tuner::write_file(file, *written) : Result<void>(tl::unexpected(written.error()));
    return [this, file, error = kept ? std::optional<tuner::Error>() : kept.error()] {
      if (error) return messages.add(*error);
      remember_file(file.string());
      messages.add(Severity::success, "Saved the session: " + tuner::printable(file.string()));
    };
  });
  return {};
}

Result<void> App::open_session(const std::string& text) {
  const std::filesystem::path file = typed_path(text);
  background.run([this, file]() -> Background::Then {
    auto session = std::make_shared<Result<SessionFile>>(read_session(file));
    return [this, file, session] {
      if (!*session) return messages.add(session->error());
      SessionFile& opened = **session;
      remember_file(file.string());
      for (const std::string& remark : opened.run.remarks) messages.add(Severity::warning, remark);
      if (opened.setup && catalog->find(opened.setup->problem)) setup.apply(*opened.setup);
      if (!opened.pins.empty()) pins.replace(std::move(opened.pins), opened.baseline);
      const SessionView looked_at = opened.view;
      std::vector<std::uint64_t> selected = std::move(opened.selection);
      show_run(std::make_shared<const tuner::Run>(std::move(opened.run)));
      take_run();
      apply_view(*this, looked_at);
      selected.erase(std::remove_if(selected.begin(), selected.end(),
                                    [this](std::uint64_t item) { return data.by_sequence(item) == nullptr; }),
                     selected.end());
      selection.set(std::move(selected));
      messages.add(Severity::note, "Opened the session " + tuner::printable(file.filename().string()));
    };
  });
  return {};
}

void add_session_actions(App& app) {
  app.actions.add({"session.save", "Save what is on show as a session file", "",
                   [&app](const std::string& file) { return app.save_session(file); },
                   [&app] { return !app.data.rows().empty(); }, "FILE"});
  app.actions.add({"session.open",
                   "Open a session file",
                   "",
                   [&app](const std::string& file) -> Result<void> {
                     if (typed_path(file).empty()) return tuner::bad_input("name the session file to open");
                     return app.open_session(file);
                   },
                   {},
                   "FILE"});
}

}  // namespace fuseline::app::gui
