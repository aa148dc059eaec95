#include "tuner/device/device.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string_view>
#include <system_error>
#include <utility>

#include "tuner/base/json.hpp"
#include "tuner/base/json_fields.hpp"
#include "tuner/base/text.hpp"
#include "tuner/device/device_json.hpp"

namespace fuseline::tuner {
namespace fs = std::filesystem;
namespace {

/// "8.9" into its two numbers; the schema has checked the form.
Result<void> read_compute_capability(const JsonView& view, DeviceLimits& limits) {
  FUSELINE_TRY(text, view.string());
  const std::vector<std::string> parts = split(text, '.');
  const auto number = [](const std::string& digits, int& value) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc() && end == digits.data() + digits.size();
  };
  if (parts.size() != 2 || !number(parts[0], limits.compute_major) || !number(parts[1], limits.compute_minor)) {
    return view.fail("expected a compute capability such as \"8.9\", found \"" + printable(text) + "\"");
  }
  return {};
}

Result<void> read_limit(const JsonView& limits, const std::string& name, int& value) {
  FUSELINE_TRY(number, limits.integer_or(name, value));
  value = static_cast<int>(number);  // The schema bounds it.
  return {};
}

Result<void> read_limit(const JsonView& limits, const std::string& name, std::int64_t& value) {
  FUSELINE_TRY(number, limits.integer_or(name, value));
  value = number;
  return {};
}

Result<DeviceLimits> read_limits(const JsonView& view) {
  DeviceLimits limits;
  FUSELINE_TRY(capability, view.at("compute_capability"));
  FUSELINE_CHECK(read_compute_capability(capability, limits));
  FUSELINE_TRY(given, view.at("limits"));
  FUSELINE_CHECK(read_limit(given, "sm_count", limits.sm_count));
  FUSELINE_CHECK(read_limit(given, "max_threads_per_block", limits.max_threads_per_block));
  FUSELINE_CHECK(read_limit(given, "max_threads_per_sm", limits.max_threads_per_sm));
  FUSELINE_CHECK(read_limit(given, "max_blocks_per_sm", limits.max_blocks_per_sm));
  FUSELINE_CHECK(read_limit(given, "registers_per_sm", limits.registers_per_sm));
  FUSELINE_CHECK(read_limit(given, "registers_per_block", limits.registers_per_block));
  FUSELINE_CHECK(read_limit(given, "registers_per_thread", limits.registers_per_thread));
  FUSELINE_CHECK(read_limit(given, "shared_bytes_per_sm", limits.shared_bytes_per_sm));
  FUSELINE_CHECK(read_limit(given, "shared_bytes_per_block", limits.shared_bytes_per_block));
  FUSELINE_CHECK(read_limit(given, "l2_bytes", limits.l2_bytes));
  return limits;
}

/// The schema has checked which members there must be.
Result<std::vector<std::string>> read_strings(const JsonView& view, const std::string& member) {
  if (!view.has(member)) return std::vector<std::string>();
  FUSELINE_TRY(list, view.at(member));
  FUSELINE_TRY(size, list.array_size());
  std::vector<std::string> strings;
  for (std::size_t i = 0; i < size; ++i) {
    FUSELINE_TRY(item, list.at(i));
    FUSELINE_TRY(text, item.string());
    strings.push_back(std::move(text));
  }
  return strings;
}

Result<void> read_names(const JsonView& view, Target& target) {
  FUSELINE_TRY(name, view.string_or("name", ""));
  FUSELINE_TRY(title, view.string_or("title", ""));
  FUSELINE_TRY(chip, view.string_or("chip", ""));
  FUSELINE_TRY(memory_kind, view.string_or("memory_kind", ""));
  FUSELINE_TRY(driver, view.string_or("driver", ""));
  FUSELINE_TRY(measured_at, view.string_or("measured_at", ""));
  FUSELINE_TRY(device_names, read_strings(view, "device_names"));
  FUSELINE_TRY(sources, read_strings(view, "sources"));
  FUSELINE_TRY(estimated, read_strings(view, "estimated"));
  target.name = std::move(name);
  target.title = std::move(title);
  target.chip = std::move(chip);
  target.memory_kind = std::move(memory_kind);
  target.driver = std::move(driver);
  target.measured_at = std::move(measured_at);
  target.device_names = std::move(device_names);
  target.sources = std::move(sources);
  target.estimated = std::move(estimated);
  return {};
}

/// What a copy reaches of the data sheet's bandwidth; device.hpp has the sources.
constexpr std::pair<std::string_view, double> kCopyShares[] = {{"HBM3e", 0.892}, {"HBM3", 0.898}, {"GDDR6X", 0.914}};
constexpr double kCopyShareAssumed = 0.85;

Result<void> read_rates(const JsonView& view, Target& target) {
  for (const auto& [name, rate] : kTargetRates) {
    FUSELINE_TRY(number, view.number_or(name, 0));
    target.*rate = number;
  }
  FUSELINE_TRY(memory, view.integer_or("memory_bytes", 0));
  target.memory_bytes = memory;
  return {};
}

Result<Target> read_target(const fs::path& file) {
  FUSELINE_TRY(json, read_json_file(file));
  const std::string shown = printable(file.string());
  FUSELINE_CHECK(validate_schema(json, "device", shown));
  const JsonView view(json, shown);
  Target target;
  FUSELINE_CHECK(read_names(view, target));
  FUSELINE_TRY(limits, read_limits(view));
  target.limits = limits;
  FUSELINE_CHECK(read_rates(view, target));
  FUSELINE_CHECK(FieldReader(view).optional("streams", target.streams).result());
  return target;
}

bool same_name(const std::string& a, const std::string& b) {
  const auto same = [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

OrderedJson device_file(const Target& target) {
  OrderedJson json;
  json["schema"] = "fuseline/device/1";
  json["name"] = target.name;
  json["title"] = target.title;
  json["chip"] = target.chip;
  json["device_names"] = target.device_names;
  json["compute_capability"] = target.limits.compute_capability();
  json["limits"] = limits_object(target.limits);
  json["memory_bytes"] = target.memory_bytes;
  if (!target.memory_kind.empty()) json["memory_kind"] = target.memory_kind;
  for (const auto& [name, rate] : kTargetRates) {
    // A rate of zero is one that is not known, but for the tensor rate, which every file has.
    if (target.*rate > 0 || rate == &Target::fp16_tensor_gflops) json[name] = target.*rate;
  }
  if (!target.driver.empty()) json["driver"] = target.driver;
  if (!target.measured_at.empty()) json["measured_at"] = target.measured_at;
  if (target.streams.known()) json["streams"] = streams_object(target.streams);
  json["sources"] = target.sources;
  if (!target.estimated.empty()) json["estimated"] = target.estimated;
  return json;
}

Result<Target> measured_target(const DeviceInfo& device, const std::vector<Target>& sheets) {
  if (!device.ceilings) return bad_input("no ceilings of " + printable(device.name) + " were measured");
  const auto sheet = data_sheet_of(sheets, device.name);
  if (!sheet) {
    return bad_input("there is no data sheet of \"" + printable(device.name) +
                     "\" to take the chip's name and what is not measured from; add one to presets/devices");
  }
  Target target = *sheet;
  const Ceilings& ceilings = *device.ceilings;
  target.limits = device.limits;
  target.memory_bytes = device.memory_bytes;
  target.copy_gbps = ceilings.copy_gbps;
  target.read_gbps = ceilings.read_gbps;
  target.l2_gbps = ceilings.l2_gbps;
  if (ceilings.fp32_gflops > 0) target.fp32_gflops = ceilings.fp32_gflops;
  target.estimated.clear();
  target.driver = device.driver;
  target.measured_at = ceilings.measured_at;
  target.streams = ceilings.streams;
  target.streams.missing.clear();
  if (target.streams.known() && target.streams.measured_at.empty()) {
    target.streams.driver = device.driver;
    target.streams.measured_at = ceilings.measured_at;
  }
  target.sources.emplace_back(
      "copy_gbps, read_gbps, l2_gbps, fp32_gflops and limits: measured and asked of the driver by fuseline devices");
  return target;
}

void add_catalogued_streams(DeviceInfo& device, const std::vector<Target>& sheets) {
  if (!device.ceilings || device.ceilings->streams.known()) return;
  const auto sheet = data_sheet_of(sheets, device.name);
  if (sheet && sheet->streams.known()) device.ceilings->streams = sheet->streams;
}

StreamingRate streaming_rate(const Target& target) {
  if (target.copy_gbps > 0) return {target.copy_gbps, true};
  for (const auto& [kind, share] : kCopyShares) {
    if (target.memory_kind == kind) return {target.dram_gbps * share, false};
  }
  return {target.dram_gbps * kCopyShareAssumed, false};
}

std::string_view Target::known_by(std::string_view rate) const {
  if (std::find(estimated.begin(), estimated.end(), rate) != estimated.end()) return "estimated";
  return measured_at.empty() ? "published" : "measured there";
}

std::string DeviceLimits::compute_capability() const {
  return std::to_string(compute_major) + "." + std::to_string(compute_minor);
}

std::string DeviceLimits::sm() const { return "sm_" + std::to_string(compute_major) + std::to_string(compute_minor); }

Result<std::vector<Target>> load_targets(const fs::path& data) {
  const fs::path folder = data / "presets" / "devices";
  std::error_code failed;
  fs::directory_iterator entry(folder, failed);
  std::vector<fs::path> files;
  for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
    if (entry->path().extension() == ".json") files.push_back(entry->path());
  }
  if (failed) return io_error(printable(folder.string()), "cannot be listed: " + failed.message());
  std::sort(files.begin(), files.end());
  std::vector<Target> targets;
  for (const fs::path& file : files) {
    FUSELINE_TRY(target, read_target(file));
    if (target.name != file.stem()) {
      return bad_input(printable(file.string()), "/name",
                       "expected the name of the file, found \"" + target.name + "\"");
    }
    targets.push_back(std::move(target));
  }
  return targets;
}

Result<Target> find_target(const fs::path& data, const std::string& name) {
  if (fs::path(name).extension() == ".json") return read_target(name);
  FUSELINE_TRY(targets, load_targets(data));
  std::vector<std::string> names;
  for (Target& target : targets) {
    if (target.name == name) return std::move(target);
    names.push_back(target.name);
  }
  const std::vector<std::string> close = closest(name, names);
  const std::string hint = close.empty() ? "" : "; did you mean " + joined(close) + "?";
  return bad_input("there is no target \"" + printable(name) + "\"" + hint + " (targets: " + joined(names) + ")");
}

std::optional<Target> data_sheet_of(const std::vector<Target>& targets, const std::string& device_name) {
  for (const Target& target : targets) {
    for (const std::string& name : target.device_names) {
      if (same_name(name, device_name)) return target;
    }
  }
  return std::nullopt;
}

}  // namespace fuseline::tuner
