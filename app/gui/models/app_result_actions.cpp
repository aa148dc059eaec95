// What selects, sorts, copies, exports.
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>

#include "app/gui/models/app.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::app::gui {
namespace {

using tuner::Result;

void add_selection_actions(App& app) {
  const auto has_best = [&app] { return app.data.best().has_value(); };
  app.actions.add({"select.best", "Select the best", "Ctrl+B",
                   [&app](const std::string&) {
                     app.selection.only(*app.data.best());
                     return done();
                   },
                   has_best});
  app.actions.add({"select.tied", "Select the best and all tied with it", "",
                   [&app](const std::string&) {
                     std::vector<std::uint64_t> items;
                     for (const Row& row : app.data.rows()) {
                       if (row.tied && row.evaluation->sequence != app.data.best())
                         items.push_back(row.evaluation->sequence);
                     }
                     items.push_back(*app.data.best());
                     app.selection.set(std::move(items));
                     return done();
                   },
                   has_best});
  app.actions.add({"select.rows",
                   "Select configurations by number",
                   "",
                   [&app](const std::string& text) -> Result<void> {
                     std::vector<std::uint64_t> items;
                     for (const std::string& part : tuner::split(text, ',')) {
                       std::uint64_t sequence = 0;
                       const auto [at, error] = std::from_chars(part.data(), part.data() + part.size(), sequence);
                       if (error != std::errc() || app.data.by_sequence(sequence) == nullptr)
                         return tuner::bad_input("there is no configuration '" + part + "' in the run on show");
                       items.push_back(sequence);
                     }
                     app.selection.set(std::move(items));
                     return {};
                   },
                   {},
                   "N,N"});
  app.actions.add({"select.shown", "Select everything in the table", "Ctrl+A", [&app](const std::string&) {
                     std::vector<std::uint64_t> items;
                     for (const std::uint32_t position : app.results.order())
                       items.push_back(app.data.rows()[position].evaluation->sequence);
                     app.selection.set(std::move(items));
                     return done();
                   }});
  app.actions.add({"select.none", "Select nothing", "Escape", [&app](const std::string&) {
                     app.selection.clear();
                     return done();
                   }});
}

void add_table_actions(App& app) {
  const auto columns = [&app] {
    std::vector<std::string> ids;
    for (const Column& column : app.results.columns()) ids.push_back(column.id);
    return ids;
  };
  app.actions.add({"results.sort",
                   "Sort by",
                   "",
                   [&app](const std::string& id) -> Result<void> {
                     if (app.results.column(id) == nullptr) return tuner::bad_input("there is no column '" + id + "'");
                     app.results.sort_by(id, app.results.sort_column() == id && !app.results.descending());
                     return {};
                   },
                   {},
                   "COLUMN",
                   columns});
  app.actions.add({"results.column",
                   "Show or hide a column",
                   "",
                   [&app](const std::string& id) -> Result<void> {
                     const Column* column = app.results.column(id);
                     if (column == nullptr) return tuner::bad_input("there is no column '" + id + "'");
                     app.results.show_column(id, !column->shown);
                     return {};
                   },
                   {},
                   "COLUMN",
                   columns});
  app.actions.add({"results.move_column",
                   "Move a column before another",
                   "",
                   [&app](const std::string& text) -> Result<void> {
                     const std::size_t equals = text.find('=');
                     const std::string id = text.substr(0, equals);
                     const std::string before = equals == std::string::npos ? "" : text.substr(equals + 1);
                     for (const std::string& each : {id, before}) {
                       if (!each.empty() && app.results.column(each) == nullptr)
                         return tuner::bad_input("there is no column '" + each + "'");
                     }
                     app.results.move_column(id, before);
                     return {};
                   },
                   {},
                   "COLUMN=COLUMN"});
  app.actions.add({"results.find", "Find configurations: write a filter", "Ctrl+F", [&app](const std::string&) {
                     app.layout.activate("results");
                     app.dialogs.panel = "results";
                     app.dialogs.find = true;
                     return done();
                   }});
  app.actions.add({"results.filter",
                   "Filter",
                   "",
                   [&app](const std::string& text) {
                     app.results.set_filter(text);
                     return done();
                   },
                   {},
                   "TEXT"});
}

void add_copy_actions(App& app) {
  const auto selected = [&app] { return !app.selection.empty() && app.set_clipboard; };
  app.actions.add({"copy.text", "Copy the selected as text", "Ctrl+C",
                   [&app](const std::string&) {
                     return app.copy(rows_as_text(app.selected_rows(), app.results.columns(), kClipboardLimit), "text");
                   },
                   selected});
  app.actions.add(
      {"copy.json", "Copy the selected as JSON", "Ctrl+Shift+C",
       [&app](const std::string&) { return app.copy(rows_as_json(app.selected_rows(), kClipboardLimit), "JSON"); },
       selected});
  app.actions.add({"copy.command", "Copy the command that measures the selected again", "Ctrl+Alt+C",
                   [&app](const std::string&) {
                     return app.copy(
                         rows_as_commands(app.selected_rows(), app.data.info(), app.problem_folders(), kClipboardLimit),
                         "commands");
                   },
                   selected});
  app.actions.add({"copy.setup", "Copy the command of the sweep set up", "",
                   [&app](const std::string&) -> Result<void> {
                     FUSELINE_TRY(request, app.setup.request());
                     return app.copy(command_of(request, app.problem_folders()), "a command");
                   },
                   [&app] { return static_cast<bool>(app.set_clipboard); }});
}

/// Of plots in files.
tuner::Theme plot_theme(const Settings& settings) {
  const bool dark = settings.plot_theme.empty() ? settings.dark : settings.plot_theme == "dark";
  return dark ? tuner::Theme::dark : tuner::Theme::light;
}

void ask_for_export(App& app, const std::string& format) {
  Dialogs& dialogs = app.dialogs;
  dialogs.export_ = true;
  dialogs.export_format = format;
  dialogs.export_error.clear();
  dialogs.export_asks.clear();
  dialogs.export_file = typed_path(suggested_file(app.data.info(), format, app.settings.export_folder)).string();
}

/// As things are on show.
ExportRequest export_request(const App& app, const std::string& format, const std::string& file, bool only_selected) {
  ExportRequest request{format,
                        file,
                        only_selected ? app.selection.items() : std::vector<std::uint64_t>(),
                        plot_theme(app.settings),
                        app.scene.view(),
                        app.catalog,
                        {},
                        {}};
  request.units = app.scene.units() && app.scene.has_units();
  request.store = app.store;
  request.pins = app.pins.ordered();
  request.overlaid = app.overlaid_runs();
  for (const RelationKind kind : kRelationKinds) {
    if (to_string(kind) == format) request.relations = app.relations.choice(kind);
  }
  if (app.results.narrowed()) {
    request.passing.emplace();
    for (const Row* row : app.passing_rows()) request.passing->push_back(row->evaluation->sequence);
  }
  return request;
}

void add_plot_copy_action(App& app) {
  app.actions.add({"copy.plot", "Copy a plot as a picture", "",
                   [&app](const std::string& kind) -> Result<void> {
                     const auto& kinds = tuner::plot_kinds();
                     if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end())
                       return tuner::bad_input("'" + tuner::printable(kind) + "' is no plot that can be copied");
                     return start_plot_copy(app.background, app.messages, app.data.freeze(),
                                            export_request(app, kind, "", needs_selection(kind)));
                   },
                   [&app] { return !app.data.rows().empty(); }, "KIND", [] { return tuner::plot_kinds(); }});
}

void add_export_actions(App& app) {
  const auto something = [&app] { return !app.data.rows().empty(); };
  for (const ExportFormat& format : export_formats()) {
    app.actions.add({"export." + format.id, "Export " + format.title, format.id == kPairFormat ? "Ctrl+Alt+E" : "",
                     [&app, id = format.id](const std::string& file) -> Result<void> {
                       if (file.empty()) {
                         ask_for_export(app, id);
                         return {};
                       }
                       if (id == kSessionFormat) return app.save_session(file);
                       if (is_package(id)) return start_package_export(app, id, file, app.dialogs.package);
                       start_export(app.background, app.messages, app.data.freeze(),
                                    export_request(app, id, file, needs_selection(id)));
                       return {};
                     },
                     something, "FILE"});
  }
  app.actions.add({"file.export", "Export", "Ctrl+E",
                   [&app](const std::string&) {
                     ask_for_export(app, app.dialogs.export_format);
                     return done();
                   },
                   something});
}

}  // namespace

void answer_export(App& app, bool replace) {
  Dialogs& dialogs = app.dialogs;
  if (dialogs.export_busy) return;
  dialogs.export_error.clear();
  dialogs.export_asks.clear();
  const std::filesystem::path file = typed_path(dialogs.export_file);
  if (file.empty()) return;
  if (is_package(dialogs.export_format)) {
    const auto started = start_package_export(app, dialogs.export_format, file.string(), dialogs.package);
    dialogs.export_ = !started.has_value();
    if (!started) dialogs.export_error = started.error().message();
    if (started) app.settings.export_folder = file.parent_path().string();
    return;
  }
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) {
    dialogs.export_error = file.string() + " is a folder: name a file in it";
    return;
  }
  for (const auto& each : files_of_export(dialogs.export_format, file)) {
    if (replace || !std::filesystem::exists(each, ignored)) continue;
    dialogs.export_asks = each.string();
    return;
  }
  if (dialogs.export_format == kSessionFormat) {
    dialogs.export_ = false;
    app.settings.export_folder = file.parent_path().string();
    if (const auto saved = app.save_session(file.string()); !saved) app.messages.add(saved.error());
    return;
  }
  dialogs.export_busy = true;
  const bool only_selected = dialogs.export_selected || needs_selection(dialogs.export_format);
  start_export(app.background, app.messages, app.data.freeze(),
               export_request(app, dialogs.export_format, file.string(), only_selected),
               [&app, file](const std::optional<tuner::Error>& error) {
                 app.dialogs.export_busy = false;
                 if (error) {
                   app.dialogs.export_error = error->message();
                   return;
                 }
                 app.dialogs.export_ = false;
                 app.settings.export_folder = file.parent_path().string();
               });
}

void add_result_actions(App& app) {
  add_selection_actions(app);
  add_table_actions(app);
  add_copy_actions(app);
  add_plot_copy_action(app);
  add_export_actions(app);
}

}  // namespace fuseline::app::gui
