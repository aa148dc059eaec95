#include "tuner/problem/tensor_files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "tuner/base/digest.hpp"
#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"
#include "tuner/problem/loading.hpp"
#include "tuner/problem/name_pattern.hpp"
#include "tuner/problem/npy_values.hpp"
#include "tuner/problem/source_files.hpp"

namespace fuseline::tuner {
namespace {

namespace fs = std::filesystem;

constexpr const char* kShape = "shape";
const std::vector<std::string>& placeholder_names() {
  static const std::vector<std::string> names = {kShape, kDtypePlaceholder};
  return names;
}

std::string shape_names(const Problem& problem) {
  std::vector<std::string> names;
  for (const ShapePreset& shape : problem.shapes) names.push_back(shape.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string dims_text(const ProblemInstance& instance) {
  std::vector<std::string> dims;
  for (const Dimension& dim : instance.dims) dims.push_back(fmt::format("{} = {}", dim.name, dim.value));
  return fmt::format("{}", fmt::join(dims, ", "));
}

/// The named shape that has the instance's dimensions, however they were given; empty where there is none.
std::string named_shape(const ProblemInstance& instance) {
  std::string found;
  for (const ShapePreset& shape : instance.problem->shapes) {
    if (shape.dims != instance.dims) continue;
    if (shape.name == instance.shape || found.empty()) found = shape.name;
  }
  return found;
}

/// Numbers that were worked out elsewhere belong to the dimensions and scalars that they were worked out with.
Result<void> check_reference(const ProblemInstance& instance) {
  const Problem& problem = *instance.problem;
  if (!problem.reference_from_files()) return {};
  const auto fail = [&](const std::string& reason) {
    return bad_input(printable(problem.file.string()), "/reference/files", reason);
  };
  if (named_shape(instance).empty()) {
    return fail(
        fmt::format("the reference was written for the shapes that the problem names ({}), and {} is none of them",
                    shape_names(problem), dims_text(instance)));
  }
  if (const Scalars changed = changed_scalars(problem, instance.scalars); !changed.empty()) {
    return fail(fmt::format("the reference was written for {}, and cannot be had for {}", scalars_text(problem.scalars),
                            scalars_text(changed)));
  }
  return {};
}

/// Place of the name in the problem's file.
std::string place_of(const ProblemInstance& instance, std::size_t i) {
  return instance.tensors[i].role == TensorRole::input ? fmt::format("/tensors/{}/fill/path", i)
                                                       : "/reference/files/" + instance.tensors[i].name;
}

Result<fs::path> find_file(const ProblemInstance& instance, std::size_t i) {
  const Problem& problem = *instance.problem;
  const std::string& text = problem.tensors[i].file;
  const auto fail = [&](const std::string& reason) {
    return bad_input(printable(problem.file.string()), place_of(instance, i), reason);
  };
  const std::map<std::string, std::string> values = {{kShape, named_shape(instance)},
                                                     {kDtypePlaceholder, std::string(to_string(instance.dtype))}};
  auto pattern = NamePattern::parse(text, placeholder_names());
  if (!pattern) return fail(pattern.error().reason);
  if (values.at(kShape).empty() && text.find("{shape}") != std::string::npos) {
    return fail(fmt::format("\"{}\" is named by the shape, and {} is none that the problem names: {}", printable(text),
                            dims_text(instance), shape_names(problem)));
  }
  auto file = path_within(problem.kernel_folder.empty() ? "." : problem.kernel_folder, pattern->fill(values));
  if (!file) return fail(file.error().reason + "; a problem may not read what lies elsewhere");
  return file;
}

Result<void> check_header(const NpyHeader& header, const Tensor& tensor, const std::string& shown) {
  const auto fail = [&](const std::string& reason) { return bad_input(shown, "/", reason); };
  if (header.elements != tensor.elements) {
    return fail(
        fmt::format("shape {}, the tensor {} takes {} elements", header.shape_text(), tensor.name, tensor.elements));
  }
  const std::string_view type = to_string(header.type);
  if (!fills(header.type, tensor.dtype)) {
    return fail(fmt::format("its type \"{}\" does not serve the tensor {} of {}: {}", type, tensor.name,
                            to_string(tensor.dtype),
                            is_integer(header.type) ? "write \"<f4\" or \"<f8\"" : "write whole numbers, as \"<i4\""));
  }
  if (tensor.role == TensorRole::output && !refers_to(header.type, tensor.dtype)) {
    return fail(fmt::format("its type \"{}\" is narrower than the output {} of {}: write \"{}\"", type, tensor.name,
                            to_string(tensor.dtype), is_integer(header.type) ? "<i4" : "<f8"));
  }
  return {};
}

}  // namespace

Result<std::string> read_tensor_file_name(const JsonView& view) {
  FUSELINE_TRY(name, view.string());
  FUSELINE_TRY(pattern, located(NamePattern::parse(name, placeholder_names()), view));
  static_cast<void>(pattern);
  const fs::path path(name);
  const bool leaves = std::any_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
  if (path.is_absolute() || leaves || name.find('\0') != std::string::npos) {
    return view.fail(fmt::format(
        "\"{}\" is not taken: a problem reads files of its own folder alone, named without \"..\" from there",
        printable(name)));
  }
  return name;
}

Result<std::vector<TensorFile>> tensor_files(const ProblemInstance& instance) {
  const Problem& problem = *instance.problem;
  FUSELINE_CHECK(check_reference(instance));
  std::vector<TensorFile> files;
  for (std::size_t i = 0; i < problem.tensors.size(); ++i) {
    if (problem.tensors[i].file.empty()) continue;
    FUSELINE_TRY(file, find_file(instance, i));
    const std::string shown = printable(file.string());
    FUSELINE_TRY(header, read_npy_header(file, shown));
    FUSELINE_CHECK(check_header(header, instance.tensors[i], shown));
    files.push_back({instance.tensors[i].name, std::move(file), std::move(header)});
  }
  return files;
}

Result<void> digest_files(std::vector<TensorFile>& files) {
  for (TensorFile& each : files) {
    FUSELINE_TRY(digest, file_sha256(each.file));
    each.sha256 = std::move(digest);
  }
  return {};
}

}  // namespace fuseline::tuner
