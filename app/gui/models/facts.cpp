#include "app/gui/models/facts.hpp"

#include <optional>
#include <string>
#include <vector>

#include "app/gui/models/app.hpp"

namespace fuseline::app::gui {
namespace {

using tuner::OrderedJson;

OrderedJson compiled_facts(const CompileModel& compile) {
  if (!compile.now()) return nullptr;
  const Compiled& compiled = *compile.now();
  OrderedJson json = {{"configuration", compiled.configuration.key()},
                      {"architecture", compiled.look.architecture},
                      {"good", compiled.good()},
                      {"registers", nullptr},
                      {"spill_bytes", nullptr}};
  if (compiled.figures.registers) json["registers"] = *compiled.figures.registers;
  if (compiled.figures.spill_bytes) json["spill_bytes"] = *compiled.figures.spill_bytes;
  return json;
}

OrderedJson entry_facts(const AgainEntry& entry) {
  OrderedJson json = {{"sequence", entry.sequence},
                      {"verdict", to_string(again_verdict(entry))},
                      {"text", again_text(entry)},
                      {"before_ms", entry.before.time_ms.median},
                      {"after_ms", nullptr}};
  if (entry.after) json["after_ms"] = entry.after->time_ms.median;
  if (const AgainRatio ratio = again_ratio(entry); ratio.ratio > 0) {
    json["ratio"] = ratio.ratio;
    json["interval"] = {ratio.interval.low, ratio.interval.high};
  }
  return json;
}

OrderedJson again_facts(const AgainModel& again) {
  if (again.entries().empty()) return nullptr;
  OrderedJson json = OrderedJson::array();
  for (const AgainEntry& entry : again.entries()) json.push_back(entry_facts(entry));
  return json;
}

OrderedJson lines_facts(const LinesModel& lines) {
  if (lines.empty()) return nullptr;
  OrderedJson json = {{"of", lines.subject().title},
                      {"missing", lines.subject().missing},
                      {"samples", lines.subject().profile->samples},
                      {"instructions", lines.instructions()},
                      {"hottest", OrderedJson::array()}};
  for (const tuner::LineProfile& line : lines.hottest())
    json["hottest"].push_back({{"file", line.file}, {"line", line.line}, {"share", line.share}});
  return json;
}

void add_run(OrderedJson& json, const App& app) {
  std::size_t with_counters = 0;
  for (const Row& row : app.data.rows()) {
    with_counters += row.evaluation->measurement.counters.empty() ? 0 : 1;
    auto& count = json["outcomes"][std::string(tuner::to_string(row.evaluation->measurement.outcome))];
    count = count.is_null() ? 1 : count.get<int>() + 1;
  }
  json["rows_with_counters"] = with_counters;
  json["kept"] = OrderedJson::array();
  for (const tuner::RunSummary& run : app.history.runs())
    json["kept"].push_back({{"id", run.id}, {"title", run.title}, {"note", run.note}});
  json["device"] = {{"backend", tuner::to_string(app.data.info().backend)}, {"name", app.data.info().device.name}};
  json["sweep"] = app.control.snapshot() ? progress_text(*app.control.snapshot()).state : "none";
  if (app.data.best()) json["best"] = *app.data.best();
  if (const Row* best = app.data.best_row(); best != nullptr) {
    json["best_ms"] = best->evaluation->measurement.time_ms.median;
    json["best_key"] = best->evaluation->configuration.key();
  }
  const Row* row = app.row_on_show();
  const auto bound = row == nullptr ? std::nullopt : bound_of(app.data, *row);
  json["bound"] = bound ? bound->text : "";
  if (const auto count = app.setup.space.count().count) json["space"] = *count;
}

}  // namespace

OrderedJson session_facts(const App& app) {
  std::vector<std::string> pins, messages, errors;
  for (const Pin& pin : app.pins.ordered()) pins.push_back(pin.name());
  for (const Message& message : app.messages.all()) {
    messages.push_back(message.text);
    if (message.severity == Severity::error) errors.push_back(message.text);
  }
  OrderedJson json = {{"rows", app.data.rows().size()},
                      {"selected", app.selection.items()},
                      {"pins", pins},
                      {"queued", app.queue.waiting().size()},
                      {"best", nullptr},
                      {"shown_rows", app.results.order().size()},
                      {"replayed", app.data.replayed()},
                      {"runs", app.history.runs().size()},
                      {"theme", app.settings.dark ? "dark" : "light"},
                      {"filter", app.results.filter()},
                      {"problem", app.setup.choice.entry() ? app.setup.choice.entry()->problem.name : ""},
                      {"target", app.data.info().target ? app.data.info().target->name : ""},
                      {"on_show", app.data.empty() ? "" : run_title(app.data.info())},
                      {"compiled", compiled_facts(app.compile)},
                      {"again", again_facts(app.again)},
                      {"lines", lines_facts(app.lines)},
                      {"messages", messages},
                      {"errors", errors}};
  add_run(json, app);
  return json;
}

}  // namespace fuseline::app::gui
