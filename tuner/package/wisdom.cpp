#include "tuner/package/wisdom.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "tuner/base/text.hpp"
#include "tuner/formats/parts.hpp"
#include "tuner/package/problem_json.hpp"

namespace fuseline::tuner {
namespace {

constexpr const char* kSchema = "fuseline/wisdom/1";

OrderedJson device_json(const PackageEntry& entry) {
  const DeviceLimits& limits = entry.limits;
  return {{"name", entry.device},
          {"compute_capability", limits.compute_capability()},
          {"limits",
           {{"sm_count", limits.sm_count},
            {"max_threads_per_block", limits.max_threads_per_block},
            {"max_threads_per_sm", limits.max_threads_per_sm},
            {"max_blocks_per_sm", limits.max_blocks_per_sm},
            {"shared_bytes_per_block", limits.shared_bytes_per_block},
            {"shared_bytes_per_sm", limits.shared_bytes_per_sm},
            {"registers_per_sm", limits.registers_per_sm},
            {"l2_bytes", limits.l2_bytes}}}};
}

OrderedJson dims_json(const std::vector<Dimension>& dims) {
  OrderedJson json = OrderedJson::object();
  for (const Dimension& dim : dims) json[dim.name] = dim.value;
  return json;
}

OrderedJson launches_json(const ResolvedConfiguration& resolved) {
  OrderedJson json = OrderedJson::array();
  for (const ResolvedLaunch& launch : resolved.launches) {
    OrderedJson each = {{"kernel", launch.kernel}};
    each.update(launch_object(launch.launch));
    json.push_back(std::move(each));
  }
  return json;
}

OrderedJson entry_json(const PackageEntry& entry, const std::vector<PackageImage>& images) {
  OrderedJson workspace = OrderedJson::array();
  for (const ResolvedWorkspace& each : entry.resolved.workspace)
    workspace.push_back({{"name", each.name}, {"bytes", each.bytes}});
  OrderedJson files = OrderedJson::array();
  for (const PackageImage& image : images) files.push_back(image.file);
  const MeasuredFigures& figures = entry.figures;
  OrderedJson json = {{"problem", entry.problem->problem.name},
                      {"dtype", to_string(entry.dtype)},
                      {"shape", entry.shape},
                      {"dims", dims_json(entry.dims)},
                      {"scalars", scalars_object(entry.scalars)},
                      {"device", device_json(entry)},
                      {"measured", entry.measured},
                      {"variant", entry.variant->name},
                      {"configuration", config_json(entry.resolved.configuration)},
                      {"launches", launches_json(entry.resolved)},
                      {"workspace", std::move(workspace)},
                      {"images", std::move(files)},
                      {"measured_on", figures.device},
                      {"time_ms", figures.time_ms.median},
                      {"p25_ms", figures.time_ms.p25},
                      {"p75_ms", figures.time_ms.p75},
                      {"samples", figures.samples},
                      {"of_copy", figures.of_copy},
                      {"after", to_string(figures.after)},
                      {"source_as_measured", figures.source_as_measured}};
  if (entry.untuned) {
    json["untuned"] = {{"variant", entry.untuned->variant->name},
                       {"configuration", config_json(entry.untuned->configuration)}};
  }
  if (figures.verification) {
    json["verified"] = {{"max_absolute_error", figures.verification->max_absolute_error},
                        {"max_relative_error", figures.verification->max_relative_error}};
  }
  return json;
}

bool same_place(const OrderedJson& a, const OrderedJson& b) {
  const auto same = [&](const char* member) { return a.at(member) == b.at(member); };
  return same("problem") && same("dtype") && same("dims") && same("scalars") &&
         a.at("device").at("name") == b.at("device").at("name");
}

/// By problem, dtype and sizes; of one place the device measured first.
bool before(const OrderedJson& a, const OrderedJson& b) {
  const auto key = [](const OrderedJson& entry) {
    return std::tuple(entry.at("problem").get<std::string>(), entry.at("dtype").get<std::string>(),
                      entry.at("dims").dump(), entry.at("scalars").dump(), !entry.at("measured").get<bool>(),
                      entry.at("device").at("name").get<std::string>());
  };
  return key(a) < key(b);
}

}  // namespace

Result<PackageImage> package_image(const PackageEntry& entry, const BuildRequest& request, const BuildReply& reply) {
  const std::string& problem = entry.problem->problem.name;
  if (!reply.reason.empty() || reply.image.empty()) {
    return tl::unexpected(Error{ErrorKind::worker,
                                {},
                                {},
                                fmt::format("{} {} for {}: {}", problem, to_string(entry.dtype), request.architecture,
                                            reply.reason.empty() ? "there is no image" : printable(reply.reason))});
  }
  std::string made_from = source_text(entry);
  for (const auto& [name, text] : entry.headers) made_from.append(1, '\0').append(name).append(1, '\0').append(text);
  for (const std::string& define : entry.defines) made_from += '\0' + define;
  for (const std::string& option : entry.resolved.compile_options) made_from += '\0' + option;
  PackageImage image;
  image.architecture = request.architecture;
  image.form = reply.form;
  image.bytes = reply.image;
  image.symbols = reply.symbols;
  image.registers = reply.registers;
  image.spill_bytes = reply.spill_bytes;
  image.source_sha256 = reply.source_sha256;
  image.file = fmt::format("images/{}.{}.{}.{}.{}", problem, to_string(entry.dtype),
                           sha256_hex(made_from).substr(0, 12), request.architecture, to_string(reply.form));
  return image;
}

Wisdom::Wisdom()
    : json_{{"schema", kSchema},
            {"tool", {{"name", "fuseline"}, {"version", FUSELINE_VERSION}}},
            {"problems", OrderedJson::object()},
            {"images", OrderedJson::array()},
            {"entries", OrderedJson::array()}} {}

Result<Wisdom> Wisdom::parse(const std::string& text, const std::string& file) {
  FUSELINE_TRY(json, parse_json(text, file));
  FUSELINE_CHECK(validate_schema(json, "wisdom", file));
  Wisdom wisdom;
  wisdom.json_ = std::move(json);
  return wisdom;
}

std::vector<std::string> Wisdom::image_files() const {
  std::vector<std::string> files;
  for (const OrderedJson& image : json_.at("images")) files.push_back(image.at("file").get<std::string>());
  return files;
}

Result<void> Wisdom::add_problem(const Problem& problem, const Variant& used) {
  FUSELINE_TRY(described, problem_json(problem));
  const OrderedJson variant = variant_json(used);
  OrderedJson& problems = json_["problems"];
  if (!problems.contains(problem.name)) {
    problems[problem.name] = described;
    problems[problem.name]["variants"] = OrderedJson::object();
  }
  OrderedJson& kept = problems[problem.name];
  OrderedJson comparable = kept;
  comparable.erase("variants");
  comparable.erase("backward");
  OrderedJson& variants = kept["variants"];
  const bool known = variants.contains(used.name);
  if (comparable != described || (known && variants[used.name] != variant)) {
    return bad_input(
        fmt::format("the package has {} in another version of its manifests: export into a new folder", problem.name));
  }
  variants[used.name] = variant;
  return {};
}

void Wisdom::add_images(const PackageEntry& entry, const std::vector<PackageImage>& images) {
  OrderedJson& list = json_["images"];
  for (const PackageImage& image : images) {
    OrderedJson described = {{"file", image.file},
                             {"form", to_string(image.form)},
                             {"architecture", image.architecture},
                             {"problem", entry.problem->problem.name},
                             {"variant", entry.variant->name},
                             {"defines", entry.defines},
                             {"options", entry.resolved.compile_options},
                             {"symbols", OrderedJson(nlohmann::json(image.symbols))},
                             {"registers", image.registers},
                             {"spill_bytes", image.spill_bytes}};
    const auto there =
        std::find_if(list.begin(), list.end(), [&](const OrderedJson& each) { return each.at("file") == image.file; });
    if (there == list.end()) {
      list.push_back(std::move(described));
    } else {
      *there = std::move(described);
    }
  }
}

Result<void> Wisdom::add(const PackageEntry& entry, const std::vector<PackageImage>& images) {
  FUSELINE_CHECK(add_problem(entry.problem->problem, *entry.variant));
  if (entry.untuned) FUSELINE_CHECK(add_problem(entry.problem->problem, *entry.untuned->variant));
  add_images(entry, images);
  OrderedJson added = entry_json(entry, images);
  std::vector<OrderedJson> entries;
  for (OrderedJson& each : json_["entries"]) {
    if (!same_place(each, added)) entries.push_back(std::move(each));
  }
  entries.push_back(std::move(added));
  std::sort(entries.begin(), entries.end(), before);
  json_["entries"] = entries;
  drop_unused_images();
  link_backward_problems();
  json_["tool"]["version"] = FUSELINE_VERSION;
  return {};
}

void Wisdom::drop_unused_images() {
  std::set<std::string> used;
  for (const OrderedJson& entry : json_["entries"]) {
    for (const OrderedJson& file : entry.at("images")) used.insert(file.get<std::string>());
  }
  std::vector<OrderedJson> kept;
  for (OrderedJson& image : json_["images"]) {
    if (used.contains(image.at("file").get<std::string>())) kept.push_back(std::move(image));
  }
  std::sort(kept.begin(), kept.end(), [](const OrderedJson& a, const OrderedJson& b) {
    return a.at("file").get<std::string>() < b.at("file").get<std::string>();
  });
  json_["images"] = kept;
}

void Wisdom::link_backward_problems() {
  OrderedJson& problems = json_["problems"];
  OrderedJson sorted = OrderedJson::object();
  std::vector<std::string> names;
  for (const auto& item : problems.items()) names.push_back(item.key());
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    OrderedJson problem = problems[name];
    problem.erase("backward");
    if (const std::string backward = name + "_backward"; problems.contains(backward)) problem["backward"] = backward;
    sorted[name] = std::move(problem);
  }
  problems = std::move(sorted);
}

}  // namespace fuseline::tuner
