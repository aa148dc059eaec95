#include <fmt/format.h>

#include <algorithm>

#include "tuner/device/device_json.hpp"
#include "tuner/formats/csv.hpp"
#include "tuner/problem/problem.hpp"
#include "tuner/report/static_report.hpp"

namespace fuseline::tuner {
namespace {

/// 1, 1, 3, ...: what the order cannot tell apart has one place.
std::vector<std::size_t> places(const StaticSpace& space) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < space.entries.size(); ++i) {
    const bool equal = i > 0 && equal_in_order(space.entries[i - 1], space.entries[i]);
    places.push_back(equal ? places.back() : i + 1);
  }
  return places;
}

template <class T>
std::string cell_of(const std::optional<T>& value) {
  return value ? fmt::format("{}", *value) : "";
}
template <class T>
OrderedJson known_or_null(const std::optional<T>& value) {
  return value ? OrderedJson(*value) : OrderedJson(nullptr);
}
std::string rate(double value) { return value > 0 ? fmt::format("{}", value) : ""; }
OrderedJson rate_or_null(double value) { return value > 0 ? OrderedJson(value) : OrderedJson(nullptr); }

std::vector<std::string> parameter_names(const StaticSpace& space) {
  std::vector<std::string> names;
  for (const StaticEntry& entry : space.entries) {
    for (const NamedValue& value : entry.configuration.values) {
      if (std::find(names.begin(), names.end(), value.name) == names.end()) names.push_back(value.name);
    }
  }
  return names;
}

constexpr const char* kColumns[] = {
    "chip",          "measured",        "place",    "state",         "registers",  "spill_bytes",
    "static_shared", "dynamic_shared",  "threads",  "occupancy",     "limited_by", "resident_blocks",
    "waves",         "in_flight_bytes", "floor_ms", "copy_floor_ms", "reason"};

std::vector<std::string> row(const StaticSpace& space, const StaticEntry& entry, std::size_t place,
                             const std::vector<std::string>& parameters) {
  std::vector<std::string> cells{csv_cell(entry.configuration.variant)};
  for (const std::string& name : parameters) {
    const NamedValue* named = entry.configuration.find(name);
    cells.push_back(named == nullptr ? "" : csv_cell(named->value.to_string()));
  }
  const StaticLaunch* launch = entry.shown_launch();
  const StaticLaunch none;
  const StaticLaunch& shown = launch == nullptr ? none : *launch;
  const auto& block = shown.launch.block;
  const auto& held = shown.residency;
  const std::string values[] = {csv_cell(space.chip.name),
                                "no",
                                std::to_string(place),
                                std::string(to_string(entry.state)),
                                cell_of(shown.registers),
                                cell_of(entry.spill_bytes),
                                cell_of(shown.static_shared_bytes),
                                launch == nullptr ? "" : std::to_string(shown.launch.shared_bytes),
                                launch == nullptr ? "" : std::to_string(block[0] * block[1] * block[2]),
                                held ? fmt::format("{}", held->occupancy) : "",
                                held ? std::string(held->limiter()) : "",
                                held ? std::to_string(held->blocks) : "",
                                cell_of(shown.waves),
                                cell_of(entry.in_flight_per_sm),
                                rate(space.floor_ms),
                                rate(space.copy_floor_ms),
                                csv_cell(entry.reason)};
  cells.insert(cells.end(), std::begin(values), std::end(values));
  return cells;
}

OrderedJson launch_json(const StaticLaunch& launch) {
  OrderedJson json;
  json["kernel"] = launch.kernel;
  json["grid"] = launch.launch.grid;
  json["block"] = launch.launch.block;
  json["registers"] = known_or_null(launch.registers);
  json["static_shared_bytes"] = known_or_null(launch.static_shared_bytes);
  json["dynamic_shared_bytes"] = launch.launch.shared_bytes;
  const auto& held = launch.residency;
  json["resident_blocks"] = held ? OrderedJson(held->blocks) : nullptr;
  json["occupancy"] = held ? OrderedJson(held->occupancy) : nullptr;
  json["limited_by"] = held && !held->limiter().empty() ? OrderedJson(held->limiter()) : nullptr;
  json["waves"] = known_or_null(launch.waves);
  return json;
}

OrderedJson entry_json(const StaticEntry& entry, std::size_t place) {
  OrderedJson json;
  json["place"] = place;
  json["variant"] = entry.configuration.variant;
  json["config"] = OrderedJson::object();
  for (const NamedValue& value : entry.configuration.values) json["config"][value.name] = value.value.to_json();
  json["state"] = to_string(entry.state);
  if (!entry.reason.empty()) json["reason"] = entry.reason;
  json["spill_bytes"] = known_or_null(entry.spill_bytes);
  json["in_flight_bytes_per_sm"] = known_or_null(entry.in_flight_per_sm);
  json["shown_launch"] = entry.shown;
  json["launches"] = OrderedJson::array();
  for (const StaticLaunch& launch : entry.launches) json["launches"].push_back(launch_json(launch));
  return json;
}

OrderedJson problem_json(const StaticSpace& space) {
  const ProblemInstance& instance = space.instance;
  OrderedJson json;
  json["name"] = instance.problem->name;
  json["shape"] = instance.shape;
  json["dims"] = OrderedJson::object();
  for (const Dimension& dim : instance.dims) json["dims"][dim.name] = dim.value;
  json["scalars"] = OrderedJson::object();
  for (const auto& [name, value] : instance.scalars) json["scalars"][name] = value;
  json["dtype"] = to_string(instance.dtype);
  json["compulsory_bytes"] = instance.compulsory_bytes;
  json["flops"] = instance.flops;
  return json;
}

OrderedJson chip_json(const StaticSpace& space) {
  OrderedJson json;
  json["name"] = space.chip.name;
  json["title"] = space.chip.title;
  json["compute_capability"] = space.chip.limits.compute_capability();
  json["limits"] = limits_object(space.chip.limits);
  json["dram_gbps"] = rate_or_null(space.chip.dram_gbps);
  json["copy_gbps"] = rate_or_null(space.copy.gbps);
  json["copy_measured"] = space.copy.measured;
  json["fp32_gflops"] = rate_or_null(space.chip.fp32_gflops);
  return json;
}

}  // namespace

std::string static_csv(const StaticSpace& space) {
  const auto parameters = parameter_names(space);
  std::vector<std::string> header{"variant"};
  for (const std::string& name : parameters) {
    const bool taken =
        name == "variant" || std::find(std::begin(kColumns), std::end(kColumns), name) != std::end(kColumns);
    header.push_back(csv_cell(taken ? "parameter " + name : name));
  }
  header.insert(header.end(), std::begin(kColumns), std::end(kColumns));
  std::string text = csv_row(header);
  const auto at = places(space);
  for (std::size_t i = 0; i < space.entries.size(); ++i)
    text += csv_row(row(space, space.entries[i], at[i], parameters));
  return text;
}

OrderedJson static_json(const StaticSpace& space) {
  OrderedJson json;
  json["schema"] = "fuseline/static/1";
  json["tool"] = {{"name", "fuseline"}, {"version", FUSELINE_VERSION}};
  json["measured"] = false;
  json["problem"] = problem_json(space);
  json["chip"] = chip_json(space);
  json["floor_ms"] = rate_or_null(space.floor_ms);
  json["copy_floor_ms"] = rate_or_null(space.copy_floor_ms);
  json["images"] = space.images;
  json["counts"] = OrderedJson::object();
  for (const StaticState state :
       {StaticState::fits, StaticState::open, StaticState::spills, StaticState::misfit, StaticState::failed})
    json["counts"][std::string(to_string(state))] = space.count(state);
  json["order"] = {"state", "spill_bytes", "occupancy", "in_flight_bytes_per_sm", "registers"};
  json["configurations"] = OrderedJson::array();
  const auto at = places(space);
  for (std::size_t i = 0; i < space.entries.size(); ++i)
    json["configurations"].push_back(entry_json(space.entries[i], at[i]));
  return json;
}

}  // namespace fuseline::tuner
