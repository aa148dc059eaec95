#include "tuner/check/case.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "tuner/base/json.hpp"
#include "tuner/base/text.hpp"
#include "tuner/problem/loading.hpp"

namespace fuseline::tuner {
namespace {

int capability_of(const DeviceLimits& device) { return device.compute_major * 10 + device.compute_minor; }

Result<std::vector<Dtype>> chosen_dtypes(const Problem& problem, const std::vector<Dtype>& wanted) {
  if (wanted.empty()) return problem.dtypes;
  for (const Dtype dtype : wanted) {
    if (std::find(problem.dtypes.begin(), problem.dtypes.end(), dtype) == problem.dtypes.end())
      return bad_input(fmt::format("{} is not offered in {}", problem.name, to_string(dtype)));
  }
  return wanted;
}

Result<std::vector<std::string>> chosen_shapes(const Problem& problem, const std::vector<std::string>& wanted) {
  std::vector<std::string> known;
  for (const ShapePreset& shape : problem.shapes) known.push_back(shape.name);
  if (wanted.empty()) return known;
  for (const std::string& shape : wanted) {
    if (std::find(known.begin(), known.end(), shape) == known.end())
      return bad_input(
          fmt::format("{} has no shape \"{}\"{}", problem.name, printable(shape), known_names_hint(shape, known)));
  }
  return wanted;
}

}  // namespace

std::string CheckCase::text() const {
  return fmt::format("{}, {}, sm_{}", to_string(instance.dtype), instance.shape, capability);
}

std::string reference_name(const Problem& problem) {
  constexpr const char* kUsual = "reference.cu";
  const auto json = read_json_file(problem.file, {std::size_t{4} << 20, 16});
  if (!json) return kUsual;
  const auto name = JsonView(*json, "").at("reference").and_then([](const JsonView& reference) {
    return reference.string_or("source", kUsual);
  });
  return name.value_or(kUsual);
}

Result<std::vector<Target>> check_devices(const std::filesystem::path& data, const std::vector<int>& capabilities) {
  FUSELINE_TRY(sheets, load_targets(data));
  std::vector<Target> devices;
  for (const int capability : capabilities) {
    const Target* best = nullptr;
    for (const Target& sheet : sheets) {
      if (capability_of(sheet.limits) != capability) continue;
      if (best == nullptr || sheet.dram_gbps > best->dram_gbps) best = &sheet;
    }
    if (best == nullptr) {
      std::set<int> known;
      for (const Target& sheet : sheets) known.insert(capability_of(sheet.limits));
      return bad_input("--cc", "",
                       fmt::format("there is no data sheet of compute capability {}; there are {}", capability,
                                   fmt::join(known, ", ")));
    }
    devices.push_back(*best);
  }
  return devices;
}

Result<std::vector<CheckCase>> check_cases(const Problem& problem, const CheckSelection& selection,
                                           const std::vector<Target>& devices, std::vector<Finding>& findings) {
  FUSELINE_TRY(dtypes, chosen_dtypes(problem, selection.dtypes));
  FUSELINE_TRY(shapes, chosen_shapes(problem, selection.shapes));
  std::vector<CheckCase> cases;
  for (const Dtype dtype : dtypes) {
    for (const std::string& shape : shapes) {
      const auto instance = instantiate(problem, shape, {}, dtype);
      if (!instance) {
        Finding finding = load_finding(instance.error());
        finding.kind = FindingKind::expression;
        finding.reason += fmt::format(" ({}, {})", to_string(dtype), shape);
        if (finding.file.empty()) finding.file = printable(problem.file.string());
        findings.push_back(std::move(finding));
        continue;
      }
      for (const Target& device : devices) cases.push_back({capability_of(device.limits), device.limits, *instance});
    }
  }
  return cases;
}

}  // namespace fuseline::tuner
