// The part of a package's header that its operations make.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <vector>

#include "tuner/base/text.hpp"
#include "tuner/package/cpp_expression.hpp"
#include "tuner/package/cpp_text.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::size_t kColumns = 120;

/// "NAME(a, b, c);" over lines that line up behind the parenthesis.
std::string wrapped(const std::string& head, const std::vector<std::string>& parameters, const std::string& tail) {
  std::string text = head;
  std::size_t column = head.size();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const std::string each = parameters[i] + (i + 1 == parameters.size() ? tail : ",");
    if (i > 0 && column + 1 + each.size() > kColumns) {
      text += "\n" + std::string(head.size(), ' ');
      column = head.size();
    } else if (i > 0) {
      text += ' ';
      ++column;
    }
    text += each;
    column += each.size();
  }
  return text + "\n";
}

std::string tensor_line(const OrderedJson& tensor) {
  const auto list = [](const OrderedJson& items) {
    return fmt::format("[{}]", fmt::join(items.get<std::vector<std::string>>(), ", "));
  };
  const std::string dtype = member_text(tensor, "dtype");
  return fmt::format("///   {} {}, {}{}, {}\n", tensor.at("role") == "input" ? "reads " : "writes",
                     member_text(tensor, "name"), list(tensor.at("shape")),
                     tensor.contains("strides") ? " with strides " + list(tensor.at("strides")) : "",
                     dtype == "T" ? "of `dtype`" : dtype);
}

/// Shapes that were tuned, each once, with what they were tuned for.
std::string tuned_lines(const std::string& name, const OrderedJson& wisdom) {
  std::vector<std::string> lines;
  for (const OrderedJson& entry : wisdom.at("entries")) {
    if (entry.at("problem") != name) continue;
    const bool measured = entry.at("measured").get<bool>();
    lines.push_back(
        fmt::format("///   {} {}, {}{}\n", member_text(entry, "dtype"), cpp_sizes_text(entry.at("dims")),
                    cpp_comment(member_text(entry.at("device"), "name")),
                    measured ? fmt::format(": {:.4f} ms", entry.at("time_ms").get<double>()) : " (not measured)"));
  }
  return fmt::format("{}", fmt::join(lines, ""));
}

std::string structs(const std::string& name, const OrderedJson& problem) {
  std::string text = fmt::format("/// Sizes of {0}.\nstruct {0}_sizes {{\n", name);
  for (const OrderedJson& dim : problem.at("dims")) {
    text += fmt::format("  std::int64_t {} = 0;  ///< {} to {}\n", member_text(dim, "name"),
                        dim.at("minimum").get<std::int64_t>(), dim.at("maximum").get<std::int64_t>());
  }
  text += "};\n\n";
  if (problem.at("scalars").empty()) return text;
  text += fmt::format("/// Scalars of {0}, with those that it was tuned with.\nstruct {0}_scalars {{\n", name);
  for (const auto& scalar : problem.at("scalars").items())
    text += fmt::format("  double {} = {};\n", scalar.key(), cpp_real(scalar.value().get<double>()));
  return text + "};\n\n";
}

std::string declaration(const std::string& name, const OrderedJson& problem, const OrderedJson& wisdom) {
  const bool scalars = !problem.at("scalars").empty();
  const std::string sizes = fmt::format("const {}_sizes& sizes", name);
  const std::string last = fmt::format("const {}_scalars& scalars = {{}}", name);
  std::string text =
      fmt::format("// {}: {}\n\n{}", name, cpp_comment(member_text(problem, "title")), structs(name, problem));
  text += fmt::format("/// {}\n///\n", cpp_comment(member_text(problem, "formula")));
  std::vector<std::string> parameters;
  for (const OrderedJson* tensor : cpp_tensors(problem)) {
    text += tensor_line(*tensor);
    parameters.push_back(
        fmt::format("{}void* {}", tensor->at("role") == "input" ? "const " : "", member_text(*tensor, "name")));
  }
  text += fmt::format(
      "///\n/// Launches it on `stream`. Tensors are contiguous where no strides are given, start at multiples of 16\n"
      "/// bytes, and those written overlap no other. The workspace is needed where {0}_workspace_bytes()\n"
      "/// says so. Errors: every Code but out_of_memory may come. What was tuned:\n{1}",
      name, tuned_lines(name, wisdom));
  parameters.push_back(sizes);
  parameters.insert(parameters.end(), {"Dtype dtype", "Stream stream = nullptr", "Workspace workspace = {}"});
  if (scalars) parameters.push_back(last);
  text += wrapped(fmt::format("Status {}(", name), parameters, ") noexcept;");
  text += fmt::format(
      "\n/// Loads what {0}() runs for these sizes, and tells what that is where `chosen` is not null.\n", name);
  parameters = {sizes, "Dtype dtype", "Chosen* chosen = nullptr"};
  if (scalars) parameters.push_back(last);
  text += wrapped(fmt::format("Status {}_prepare(", name), parameters, ") noexcept;");
  text +=
      fmt::format("\n/// Bytes of workspace that {0}() needs for these sizes on this device. Loads it too.\n", name);
  parameters = {"std::size_t* bytes", sizes, "Dtype dtype"};
  if (scalars) parameters.push_back(last);
  return text + wrapped(fmt::format("Status {}_workspace_bytes(", name), parameters, ") noexcept;");
}

}  // namespace

std::vector<const OrderedJson*> cpp_tensors(const OrderedJson& problem) {
  std::vector<const OrderedJson*> tensors;
  for (const char* role : {"input", "output"}) {
    for (const OrderedJson& tensor : problem.at("tensors")) {
      if (tensor.at("role") == role) tensors.push_back(&tensor);
    }
  }
  return tensors;
}

std::string cpp_sizes_text(const OrderedJson& dims) {
  std::vector<std::string> parts;
  for (const auto& dim : dims.items())
    parts.push_back(fmt::format("{}={}", dim.key(), dim.value().get<std::int64_t>()));
  return fmt::format("{}", fmt::join(parts, " "));
}

std::string cpp_comment(const std::string& text) {
  std::string shown = printable(text);
  std::replace(shown.begin(), shown.end(), '\\', '/');
  return shown;
}

std::string cpp_declarations(const OrderedJson& wisdom) {
  std::vector<std::string> parts;
  for (const auto& problem : wisdom.at("problems").items())
    parts.push_back(declaration(problem.key(), problem.value(), wisdom));
  return fmt::format("{}", fmt::join(parts, "\n"));
}

}  // namespace fuseline::tuner
