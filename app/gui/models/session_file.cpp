#include "app/gui/models/session_file.hpp"

#include <cmath>
#include <fstream>
#include <utility>

#include "tuner/base/files.hpp"
#include "tuner/base/json.hpp"
#include "tuner/base/json_fields.hpp"
#include "tuner/formats/read_run.hpp"
#include "tuner/formats/t4.hpp"

namespace fuseline::app::gui {
namespace {

using tuner::JsonView;
using tuner::OrderedJson;
using tuner::Result;

constexpr const char* kSchema = "fuseline/session/1";

/// As many values as the runs that are read from files have.
tuner::JsonLimits limits() {
  tuner::JsonLimits limits;
  limits.bytes = tuner::kLargestRunFile;
  limits.values = std::size_t{256} << 20;
  return limits;
}

OrderedJson range_json(const tuner::ValueRange& range) { return {range.low, range.high}; }

Result<void> read_range(const JsonView& view, const std::string& member, tuner::ValueRange& out) {
  FUSELINE_TRY(range, view.at(member));
  std::vector<double> ends;
  FUSELINE_CHECK(tuner::read_value(range, ends));
  if (ends.size() != 2 || !std::isfinite(ends[0]) || !std::isfinite(ends[1]) || !(ends[0] > 0) || ends[1] <= ends[0])
    return range.fail("expected a range of two numbers above zero, the lower first");
  out = {ends[0], ends[1]};
  return {};
}

OrderedJson view_json(const SessionView& view) {
  OrderedJson json = {{"roofline", view.roofline},      {"level", view.level},      {"colour", view.colour},
                      {"filter", view.filter},          {"sort", view.sort_column}, {"descending", view.descending},
                      {"why_variant", view.why_variant}};
  if (!view.second_window.empty()) json["second_window"] = view.second_window;
  if (view.in_view) {
    json["intensity"] = range_json(view.in_view->intensity);
    json["gflops"] = range_json(view.in_view->gflops);
  }
  return json;
}

Result<void> read_view(const JsonView& json, SessionView& view) {
  FUSELINE_CHECK(tuner::FieldReader(json)
                     .optional("roofline", view.roofline)
                     .optional("level", view.level)
                     .optional("colour", view.colour)
                     .optional("filter", view.filter)
                     .optional("sort", view.sort_column)
                     .optional("descending", view.descending)
                     .optional("why_variant", view.why_variant)
                     .optional("second_window", view.second_window)
                     .result());
  if (!json.has("intensity")) return {};
  tuner::RooflineRanges ranges;
  FUSELINE_CHECK(read_range(json, "intensity", ranges.intensity));
  FUSELINE_CHECK(read_range(json, "gflops", ranges.gflops));
  view.in_view = ranges;
  return {};
}

OrderedJson pin_json(const Pin& pin, bool baseline) {
  OrderedJson json = {{"whole", pin.whole}, {"baseline", baseline}};
  if (pin.whole) json["gflops"] = pin.gflops;
  json["run"] = tuner::t4_json({*pin.info, {*pin.evaluation}});
  return json;
}

/// A run of a file of another person's.
Result<tuner::Run> read_part(const OrderedJson& json, const std::string& file) {
  FUSELINE_TRY(run, tuner::run_from_text(json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace), file));
  be_of_file(run.info, std::filesystem::path(run.info.recording.empty() ? file : run.info.recording));
  return run;
}

Result<Pin> read_pin(const JsonView& json, const std::string& file) {
  FUSELINE_TRY(part, json.at("run"));
  auto run = read_part(part.json(), file);
  if (!run) return tl::unexpected(run.error());
  if (run->evaluations.size() != 1) return part.fail("expected one configuration of the run that is pinned");
  Pin pin = pin_of(run->info, run->evaluations.front());
  FUSELINE_CHECK(tuner::FieldReader(json).optional("whole", pin.whole).optional("gflops", pin.gflops).result());
  for (const double gflops : pin.gflops) {
    if (!std::isfinite(gflops) || !(gflops > 0)) return json.fail("expected rates above zero in gflops");
  }
  return pin;
}

Result<void> read_pins(const JsonView& root, const std::string& file, SessionFile& session) {
  if (!root.has("pins")) return {};
  FUSELINE_TRY(list, root.at("pins"));
  FUSELINE_TRY(size, list.array_size());
  for (std::size_t i = 0; i < size; ++i) {
    FUSELINE_TRY(item, list.at(i));
    FUSELINE_TRY(pin, read_pin(item, file));
    FUSELINE_TRY(baseline, item.boolean_or("baseline", false));
    if (baseline) session.baseline = i;
    session.pins.push_back(std::move(pin));
  }
  return {};
}

}  // namespace

Result<std::string> session_text(const SessionFile& session) {
  OrderedJson json = {{"schema", kSchema}, {"view", view_json(session.view)}, {"selection", session.selection}};
  if (session.setup) {
    tuner::SweepRequest setup = *session.setup;
    setup.workers.clear();
    json["setup"] = OrderedJson::parse(tuner::dump_line(tuner::to_json(setup)));
  }
  if (!session.pins.empty()) json["pins"] = OrderedJson::array();
  for (std::size_t i = 0; i < session.pins.size(); ++i)
    json["pins"].push_back(pin_json(session.pins[i], i == session.baseline));
  json["run"] = tuner::t4_json(session.run);
  return json.dump(1, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

Result<SessionFile> session_from_text(std::string_view text, const std::string& file) {
  FUSELINE_TRY(json, tuner::parse_json(text, file, limits()));
  FUSELINE_CHECK(tuner::validate_schema(json, "session", file));
  const JsonView root(json, file);
  SessionFile session;
  FUSELINE_TRY(view, root.at("view"));
  FUSELINE_CHECK(read_view(view, session.view));
  FUSELINE_TRY(selection, root.at("selection"));
  FUSELINE_CHECK(tuner::read_value(selection, session.selection));
  if (root.has("setup")) {
    FUSELINE_TRY(part, root.at("setup"));
    FUSELINE_TRY(setup, tuner::sweep_request_from_json(part));
    setup.workers.clear();  // Commands of whoever made the file.
    session.setup = std::move(setup);
  }
  FUSELINE_CHECK(read_pins(root, file, session));
  FUSELINE_TRY(run, read_part(json["run"], file));
  session.run = std::move(run);
  return session;
}

Result<SessionFile> read_session(const std::filesystem::path& file) {
  FUSELINE_TRY(text, tuner::read_file(file, tuner::kLargestRunFile));
  return session_from_text(text, file.string());
}

bool is_session(const std::filesystem::path& file) {
  constexpr std::size_t kLookedAt = 256;
  std::ifstream in(file, std::ios::binary);
  std::string start(kLookedAt, '\0');
  in.read(start.data(), static_cast<std::streamsize>(start.size()));
  start.resize(static_cast<std::size_t>(in.gcount()));
  return start.find(std::string("\"") + kSchema) != std::string::npos;
}

}  // namespace fuseline::app::gui
