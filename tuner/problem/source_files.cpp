#include "tuner/problem/source_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"
#include "tuner/problem/loading.hpp"

namespace fuseline::tuner {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMostSources = std::size_t{1} << 16;
constexpr std::size_t kMostSourceBytes = std::size_t{1} << 30;  ///< All of one variant together.

std::size_t most_bytes(KernelForm form) { return form == KernelForm::cubin ? kMaximumCubinBytes : kMaximumTextBytes; }

fs::path folder_of(const Variant& variant) {
  return variant.file.has_parent_path() ? variant.file.parent_path() : fs::path(".");
}

Result<void> add_source(const JsonView& view, const std::string& name, Variant& variant) {
  FUSELINE_TRY(bytes, read_source(view, folder_of(variant), name, most_bytes(variant.form)));
  if (variant.form != KernelForm::cuda) {
    const std::string shown = printable((folder_of(variant) / name).string());
    variant.images.emplace(name, variant.form == KernelForm::ptx ? read_ptx(bytes, shown) : read_cubin(bytes, shown));
  }
  variant.sources.emplace(name, std::make_shared<const std::string>(std::move(bytes)));
  return {};
}

/// Names in `folder`, which is within the manifest's, that the pattern can stand for; sorted.
Result<std::vector<std::string>> matching_files(const JsonView& view, const fs::path& folder, const std::string& prefix,
                                                const NamePattern& pattern, const Variant& variant) {
  std::map<std::string, std::vector<std::string>> values;
  for (const ParameterSpec& parameter : variant.parameters)
    for (const Value& value : parameter.full_values) values[parameter.name].push_back(value.to_string());
  if (!values.contains(kDtypePlaceholder)) {
    for (const Dtype each : {Dtype::f32, Dtype::f16, Dtype::bf16})
      values[kDtypePlaceholder].emplace_back(to_string(each));
  }
  std::vector<std::string> names;
  std::error_code failed;
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
    std::string name = prefix + at->path().filename().string();
    if (!pattern.matches(name, values)) continue;
    if (names.size() >= kMostSources) return view.fail(fmt::format("more than {} files match", kMostSources));
    names.push_back(std::move(name));
  }
  if (failed) return view.fail(fmt::format("\"{}\": {}", printable(prefix), failed.message()));
  std::sort(names.begin(), names.end());
  return names;
}

Result<void> add_matching_sources(const JsonView& view, const NamePattern& pattern, Variant& variant) {
  const std::string& text = variant.source_name;
  const std::size_t slash = text.rfind('/');
  const std::string prefix = slash == std::string::npos ? "" : text.substr(0, slash + 1);
  if (prefix.find('{') != std::string::npos) return view.fail("a folder's name cannot hold a placeholder");
  FUSELINE_TRY(folder, located(path_within(folder_of(variant), prefix.empty() ? "." : prefix), view));
  FUSELINE_TRY(names, matching_files(view, folder, prefix, pattern, variant));
  std::size_t total = 0;
  for (const std::string& name : names) {
    FUSELINE_CHECK(add_source(view, name, variant));
    total += variant.sources.at(name)->size();
    if (total > kMostSourceBytes) return view.fail("the files that match are more than 1 GiB together");
  }
  return {};
}

}  // namespace

Result<void> read_sources(const JsonView& root, Variant& variant) {
  FUSELINE_TRY(form_text, root.string_or("form", "cuda"));
  const auto form = kernel_form_from_string(form_text);
  if (!form) return root.fail(fmt::format("there is no form \"{}\"", printable(form_text)));
  variant.form = *form;
  FUSELINE_TRY(view, root.at("source"));
  FUSELINE_TRY(name, view.string());
  variant.source_name = name;
  FUSELINE_TRY(pattern, located(NamePattern::parse(name, placeholders(variant, false)), view));
  if (pattern.has_placeholder()) return add_matching_sources(view, pattern, variant);
  FUSELINE_CHECK(add_source(view, name, variant));
  const auto image = variant.images.find(name);
  if (image != variant.images.end() && !image->second) return view.fail(image->second.error().message());
  return {};
}

std::vector<std::string> placeholders(const Variant& variant, bool kernel) {
  std::vector<std::string> names;
  for (const ParameterSpec& parameter : variant.parameters) names.push_back(parameter.name);
  if (!kernel) names.insert(names.end(), {kArchitecturePlaceholder, kDtypePlaceholder});
  if (kernel && variant.form == KernelForm::cuda) names.emplace_back(kTypePlaceholder);
  return names;
}

const char* kernel_type(Dtype dtype) {
  if (dtype == Dtype::f16) return "__half";
  return dtype == Dtype::bf16 ? "__nv_bfloat16" : "float";
}

std::map<std::string, std::string> placeholder_values(const Variant& variant, const Configuration& configuration,
                                                      Dtype dtype, const DeviceLimits& device) {
  std::map<std::string, std::string> values;
  for (const NamedValue& named : configuration.values) values.emplace(named.name, named.value.to_string());
  // A parameter of the same name comes first.
  values.emplace(kArchitecturePlaceholder, std::to_string(device.compute_major * 10 + device.compute_minor));
  values.emplace(kDtypePlaceholder, to_string(dtype));
  if (variant.form == KernelForm::cuda) values.emplace(kTypePlaceholder, kernel_type(dtype));
  return values;
}

Result<std::string> source_of(const Variant& variant, const std::map<std::string, std::string>& values) {
  FUSELINE_TRY(pattern, NamePattern::parse(variant.source_name, placeholders(variant, false)));
  std::string name = pattern.fill(values);
  if (variant.sources.contains(name)) return name;
  std::vector<std::string> known;
  for (const auto& [file, bytes] : variant.sources) known.push_back(file);
  return bad_input(
      printable(variant.file.string()), "/source",
      fmt::format("there is no file \"{}\" for this configuration{}", printable(name), known_names_hint(name, known)));
}

}  // namespace fuseline::tuner
