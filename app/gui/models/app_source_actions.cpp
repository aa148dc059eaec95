// What is done with the source on show.
#include <algorithm>
#include <charconv>
#include <system_error>

#include "app/gui/models/app.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::app::gui {
namespace {

using tuner::Result;

bool in_front(const Layout& layout, const std::string& panel) {
  const auto& all = layout.panels();
  return std::any_of(all.begin(), all.end(), [&](const PanelPlace& place) {
    return place.id == panel && place.shown && layout.active(place.area) == panel;
  });
}

std::vector<std::string> file_names(const App& app) {
  std::vector<std::string> names;
  for (const SourceFile& file : app.source.files()) names.push_back(file.name);
  return names;
}

/// "row.cu:12", or "12" of the file on show.
Result<void> go_to(App& app, const std::string& text) {
  const std::size_t colon = text.rfind(':');
  const std::string file = colon == std::string::npos ? "" : text.substr(0, colon);
  const std::string number = colon == std::string::npos ? text : text.substr(colon + 1);
  std::size_t line = 0;
  const auto [at, error] = std::from_chars(number.data(), number.data() + number.size(), line);
  if (error != std::errc() || at != number.data() + number.size() || line == 0)
    return tuner::bad_input("'" + tuner::printable(text) + "' names no line: write FILE:12, or 12");
  FUSELINE_CHECK(app.source.go_to(file, line));
  app.lines_view = LinesView::source;
  app.layout.activate("source");
  return {};
}

void add_file_actions(App& app) {
  const auto shown = [&app] { return app.source.file() != nullptr; };
  app.actions.add({"source.of",
                   "Source of the set-up, or of the run on show",
                   "",
                   [&app](const std::string& text) -> Result<void> {
                     if (text != "setup" && text != "run")
                       return tuner::bad_input("the source is of the setup or of the run, not '" + text + "'");
                     app.source_of = text == "run" ? SourceOf::run : SourceOf::setup;
                     return {};
                   },
                   {},
                   "setup|run",
                   [] {
                     return std::vector<std::string>{"setup", "run"};
                   }});
  app.actions.add({"source.against",
                   "Source and parameters against the baseline, or the best",
                   "Ctrl+Shift+S",
                   [&app](const std::string&) {
                     // What lies behind another panel is brought to the front, and not turned off unseen.
                     app.source_against = !app.source_against || !in_front(app.layout, "source");
                     if (app.source_against) app.layout.activate("source");
                     return done();
                   },
                   [&app] { return app.source_against || app.can_compare_sources(); },
                   "",
                   {},
                   [&app] { return app.source_against; }});
  app.actions.add({"source.variant",
                   "Show the source of a variant of the set-up",
                   "",
                   [&app](const std::string& name) -> Result<void> {
                     const auto on = app.source_variants();
                     if (std::find(on.begin(), on.end(), name) == on.end())
                       return tuner::bad_input("'" + tuner::printable(name) + "' is no variant that is set up");
                     app.source_variant = name;
                     app.source_of = SourceOf::setup;
                     return {};
                   },
                   {},
                   "VARIANT",
                   [&app] { return app.source_variants(); }});
  app.actions.add({"source.file", "Show a file of the kernel", "",
                   [&app](const std::string& name) { return app.source.choose(name); }, shown, "FILE",
                   [&app] { return file_names(app); }});
  app.actions.add({"source.go_to", "Go to a line of the source", "",
                   [&app](const std::string& text) { return go_to(app, text); }, shown, "FILE:LINE"});
  app.actions.add({"source.edit", "Open the source in an editor, at its line", "Ctrl+Shift+E",
                   [&app](const std::string&) { return app.edit_source(); }, shown});
  app.actions.add({"source.copy", "Copy the source, or its lines marked", "",
                   [&app](const std::string&) {
                     const bool sass = app.lines_view != LinesView::source && !app.lines.empty();
                     return app.copy(sass ? app.lines.listing() : app.source.copied(), "text");
                   },
                   [&app, shown] { return shown() && app.source.file()->text && app.set_clipboard; }});
}

void add_find_actions(App& app) {
  const auto found = [&app] { return !app.source.matches().empty(); };
  app.actions.add({"source.find", "Find in the source", "",
                   [&app](const std::string& text) {
                     app.layout.activate("source");
                     app.source.look_for(text);
                     return done();
                   },
                   [&app] { return app.source.file() != nullptr; }, "TEXT"});
  app.actions.add({"source.next", "Find the next in the source", "F3",
                   [&app](const std::string&) {
                     app.source.next_match(true);
                     return done();
                   },
                   found});
  app.actions.add({"source.previous", "Find the one before in the source", "Shift+F3",
                   [&app](const std::string&) {
                     app.source.next_match(false);
                     return done();
                   },
                   found});
}

}  // namespace

void add_source_actions(App& app) {
  add_file_actions(app);
  add_find_actions(app);
  app.actions.add({"source.compile", "Compile the kernel on show: registers, spills, messages", "F7",
                   [&app](const std::string&) { return app.compile_source(); },
                   [&app] { return app.source.subject().variant != nullptr; }});
  app.actions.add({"source.compile_for",
                   "Compile for the device, or for the target",
                   "",
                   [&app](const std::string& text) -> Result<void> {
                     if (text != "device" && text != "target")
                       return tuner::bad_input("kernels are compiled for the device or the target, not '" + text + "'");
                     app.compile_for_target = text == "target";
                     return {};
                   },
                   {},
                   "device|target",
                   [] {
                     return std::vector<std::string>{"device", "target"};
                   }});
}

}  // namespace fuseline::app::gui
