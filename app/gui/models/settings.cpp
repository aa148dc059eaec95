#include "app/gui/models/settings.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <system_error>

#include "tuner/base/files.hpp"
#include "tuner/base/json_fields.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::app::gui {
namespace {

using tuner::JsonView;
using tuner::OrderedJson;
using tuner::Result;

constexpr std::array<const char*, 5> kSplitNames = {"left", "right", "left_rows", "centre_rows", "right_rows"};

OrderedJson layout_json(const Layout& layout) {
  OrderedJson json;
  for (std::size_t i = 0; i < kSplitNames.size(); ++i)
    json["splits"][kSplitNames[i]] = static_cast<double>(layout.split(static_cast<Splitter>(i)));
  json["panels"] = OrderedJson::array();
  for (const PanelPlace& place : layout.panels()) {
    json["panels"].push_back({{"id", place.id},
                              {"area", to_string(place.area)},
                              {"home", to_string(place.home)},
                              {"shown", place.shown},
                              {"front", layout.active(place.area) == place.id}});
  }
  return json;
}

template <class Texts>
Result<void> read_texts(const JsonView& view, const char* name, Texts& out) {
  if (!view.has(name)) return {};
  FUSELINE_TRY(list, view.at(name));
  FUSELINE_TRY(size, list.array_size());
  Texts read;
  for (std::size_t i = 0; i < size; ++i) {
    FUSELINE_TRY(item, list.at(i));
    FUSELINE_TRY(text, item.string());
    read.insert(read.end(), std::move(text));
  }
  out = std::move(read);
  return {};
}

OrderedJson table_json(const TableLook& table) {
  OrderedJson json = {{"order", table.order}, {"widths", OrderedJson::object()}};
  for (const auto& [id, width] : table.widths) json["widths"][id] = std::lround(width);
  json["sort"] = table.sort;
  json["descending"] = table.descending;
  json["filter"] = table.filter;
  return json;
}

Result<void> read_table(const JsonView& view, TableLook& table) {
  FUSELINE_CHECK(read_texts(view, "columns_hidden", table.hidden));
  FUSELINE_CHECK(read_texts(view, "columns_added", table.added));
  if (!view.has("table")) return {};
  FUSELINE_TRY(part, view.at("table"));
  FUSELINE_CHECK(read_texts(part, "order", table.order));
  FUSELINE_CHECK(tuner::FieldReader(part)
                     .optional("sort", table.sort)
                     .optional("descending", table.descending)
                     .optional("filter", table.filter)
                     .result());
  if (!part.has("widths")) return {};
  FUSELINE_TRY(widths, part.at("widths"));
  // Numbers, by the schema.
  for (const auto& [name, width] : widths.json().items()) table.widths[name] = width.get<float>();
  return {};
}

OrderedJson pins_json(const std::vector<PinReference>& pins) {
  OrderedJson json = OrderedJson::array();
  for (const PinReference& pin : pins) {
    OrderedJson each = {{"store", pin.store}, {"run", pin.run}, {"file", pin.file}, {"baseline", pin.baseline}};
    if (pin.sequence) each["sequence"] = *pin.sequence;
    json.push_back(std::move(each));
  }
  return json;
}

Result<void> read_pin_references(const JsonView& view, std::vector<PinReference>& pins) {
  if (!view.has("pins")) return {};
  FUSELINE_TRY(list, view.at("pins"));
  FUSELINE_TRY(size, list.array_size());
  pins.clear();
  for (std::size_t i = 0; i < size; ++i) {
    FUSELINE_TRY(item, list.at(i));
    PinReference& pin = pins.emplace_back();
    std::uint64_t sequence = 0;
    FUSELINE_CHECK(tuner::FieldReader(item)
                       .optional("store", pin.store)
                       .optional("run", pin.run)
                       .optional("file", pin.file)
                       .optional("baseline", pin.baseline)
                       .optional("sequence", sequence)
                       .result());
    if (item.has("sequence")) pin.sequence = sequence;
  }
  return {};
}

Result<void> read_layout(const JsonView& view, Layout& layout) {
  for (std::size_t i = 0; i < kSplitNames.size(); ++i) {
    FUSELINE_TRY(splits, view.at("splits"));
    FUSELINE_TRY(share, splits.number_or(kSplitNames[i], static_cast<double>(layout.split(static_cast<Splitter>(i)))));
    layout.set_split(static_cast<Splitter>(i), static_cast<float>(share));
  }
  FUSELINE_TRY(panels, view.at("panels"));
  FUSELINE_TRY(size, panels.array_size());
  std::vector<std::string> fronts;
  for (std::size_t i = 0; i < size; ++i) {
    FUSELINE_TRY(panel, panels.at(i));
    FUSELINE_TRY(id, panel.string_or("id", ""));
    FUSELINE_TRY(area_name, panel.string_or("area", ""));
    FUSELINE_TRY(shown, panel.boolean_or("shown", true));
    FUSELINE_TRY(front, panel.boolean_or("front", false));
    Area area = Area::centre_top;
    if (!area_from_string(area_name, area)) return panel.fail("unknown area '" + tuner::printable(area_name) + "'");
    FUSELINE_TRY(home_name, panel.string_or("home", area_name));
    Area home = area;
    if (!area_from_string(home_name, home)) return panel.fail("unknown area '" + tuner::printable(home_name) + "'");
    layout.move(id, area);
    layout.set_home(id, home);
    if (!shown) layout.show(id, false);
    if (front && shown) fronts.push_back(id);
  }
  for (const std::string& id : fronts) layout.activate(id);
  return {};
}

}  // namespace

std::filesystem::path settings_file() {
  const char* config = std::getenv("XDG_CONFIG_HOME");
  const char* home = std::getenv("HOME");
  const std::filesystem::path base = config != nullptr && *config == '/'
                                         ? std::filesystem::path(config)
                                         : std::filesystem::path(home != nullptr ? home : "/tmp") / ".config";
  return base / "fuseline" / "gui.json";
}

Result<void> load_settings(const std::filesystem::path& file, Settings& settings, Layout& layout) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return {};
  FUSELINE_TRY(json, tuner::read_json_file(file));
  FUSELINE_CHECK(tuner::validate_schema(json, "gui", file.string()));
  const JsonView view(json, file.string());
  Settings read = settings;
  Layout placed = layout;
  double scale = 1;
  FUSELINE_CHECK(tuner::FieldReader(view)
                     .optional("dark", read.dark)
                     .optional("scale", scale)
                     .optional("width", read.width)
                     .optional("height", read.height)
                     .optional("second_width", read.second_width)
                     .optional("second_height", read.second_height)
                     .optional("welcome", read.welcome)
                     .optional("export_folder", read.export_folder)
                     .optional("plot_theme", read.plot_theme)
                     .optional("roofline_view", read.roofline_view)
                     .optional("last_store", read.last_store)
                     .optional("last_run", read.last_run)
                     .result());
  read.scale = std::clamp(static_cast<float>(scale), 0.5F, 4.F);
  if (view.has("last")) {
    FUSELINE_TRY(last, view.at("last"));
    FUSELINE_TRY(request, tuner::sweep_request_from_json(last));
    read.last = std::move(request);
  }
  if (view.has("layout")) {
    FUSELINE_TRY(part, view.at("layout"));
    FUSELINE_CHECK(read_layout(part, placed));
  }
  FUSELINE_CHECK(read_texts(view, "problem_folders", read.problem_folders));
  FUSELINE_CHECK(read_texts(view, "workers", read.worker_places));
  FUSELINE_CHECK(read_texts(view, "recent", read.recent));
  FUSELINE_CHECK(read_texts(view, "also_targets", read.also_targets));
  FUSELINE_CHECK(read_table(view, read.table));
  FUSELINE_CHECK(read_pin_references(view, read.pins));
  settings = std::move(read);
  layout = std::move(placed);
  return {};
}

std::string settings_text(const Settings& settings, const Layout& layout) {
  OrderedJson json = {{"schema", "fuseline/gui/1"},
                      {"dark", settings.dark},
                      {"scale", static_cast<double>(settings.scale)},
                      {"width", settings.width},
                      {"height", settings.height},
                      {"second_width", settings.second_width},
                      {"second_height", settings.second_height},
                      {"welcome", settings.welcome},
                      {"export_folder", settings.export_folder},
                      {"problem_folders", settings.problem_folders},
                      {"plot_theme", settings.plot_theme},
                      {"also_targets", settings.also_targets},
                      {"roofline_view", settings.roofline_view},
                      {"last_store", settings.last_store},
                      {"last_run", settings.last_run},
                      {"columns_hidden", settings.table.hidden},
                      {"columns_added", settings.table.added},
                      {"table", table_json(settings.table)},
                      {"pins", pins_json(settings.pins)},
                      {"workers", settings.worker_places},
                      {"recent", settings.recent}};
  if (!settings.last.problem.empty())
    json["last"] = OrderedJson::parse(tuner::dump_line(tuner::to_json(settings.last)));
  json["layout"] = layout_json(layout);
  return tuner::json_text(json);
}

Result<void> save_settings(const std::filesystem::path& file, const std::string& text) {
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);
  if (error) return tuner::io_error(file.parent_path().string(), error.message());
  return tuner::write_file(file, text);
}

Result<std::filesystem::path> keep_broken_settings(const std::filesystem::path& file) {
  std::filesystem::path copy = file;
  copy += ".broken";
  std::error_code error;
  std::filesystem::copy_file(file, copy, std::filesystem::copy_options::overwrite_existing, error);
  if (error) return tuner::io_error(copy.string(), error.message());
  return copy;
}

}  // namespace fuseline::app::gui
