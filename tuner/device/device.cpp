#include "tuner/device/device.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <system_error>
#include <utility>

#include "tuner/base/json.hpp"
#include "tuner/base/text.hpp"

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

Result<std::vector<std::string>> read_strings(const JsonView& view, const std::string& member) {
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
  FUSELINE_TRY(device_names, read_strings(view, "device_names"));
  FUSELINE_TRY(sources, read_strings(view, "sources"));
  target.name = std::move(name);
  target.title = std::move(title);
  target.chip = std::move(chip);
  target.device_names = std::move(device_names);
  target.sources = std::move(sources);
  return {};
}

Result<void> read_rates(const JsonView& view, Target& target) {
  FUSELINE_TRY(dram, view.number_or("dram_gbps", 0));
  FUSELINE_TRY(l2, view.number_or("l2_gbps", 0));
  FUSELINE_TRY(fp32, view.number_or("fp32_gflops", 0));
  FUSELINE_TRY(tensor, view.number_or("fp16_tensor_gflops", 0));
  FUSELINE_TRY(memory, view.integer_or("memory_bytes", 0));
  target.dram_gbps = dram;
  target.l2_gbps = l2;
  target.fp32_gflops = fp32;
  target.fp16_tensor_gflops = tensor;
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
  if (target.name != file.stem())
    return bad_input(shown, "/name", "expected the name of the file, found \"" + target.name + "\"");
  FUSELINE_TRY(limits, read_limits(view));
  target.limits = limits;
  FUSELINE_CHECK(read_rates(view, target));
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
    targets.push_back(std::move(target));
  }
  return targets;
}

Result<Target> find_target(const fs::path& data, const std::string& name) {
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
