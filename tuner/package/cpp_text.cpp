#include "tuner/package/cpp_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include "tuner/base/text.hpp"
#include "tuner/base/types.hpp"
#include "tuner/package/cpp_expression.hpp"
#include "tuner/package/cpp_images.hpp"
#include "tuner/package/cpp_operation.hpp"
#include "tuner/problem/name_pattern.hpp"
#include "tuner/problem/source_files.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::size_t kMostBuffers = 64;  // kMostArguments of assets/package_cpp/src/plan.hpp.

/// 90 of an entry for compute capability "9.0".
int capability_of(const OrderedJson& entry) {
  const auto parts = split(member_text(entry.at("device"), "compute_capability"), '.');
  return 10 * std::atoi(parts[0].c_str()) + (parts.size() > 1 ? std::atoi(parts[1].c_str()) : 0);
}

/// An array of constants; nothing where it would be empty.
std::string array(const std::string& type, const std::string& name, const std::vector<std::string>& items) {
  if (items.empty()) return "";
  return fmt::format("const {} {}[] = {{{}}};\n", type, name, fmt::join(items, ", "));
}
std::string reference(const std::string& name, const std::vector<std::string>& items) {
  return items.empty() ? "nullptr" : name;
}
/// The same with a line for each.
std::string list(const std::string& type, const std::string& name, const std::vector<std::string>& items) {
  if (items.empty()) return "";
  return fmt::format("const {} {}[] = {{\n    {},\n}};\n", type, name, fmt::join(items, ",\n    "));
}

std::vector<std::string> quoted(const std::vector<std::string>& texts) {
  std::vector<std::string> found;
  found.reserve(texts.size());
  for (const std::string& text : texts) found.push_back(cpp_quoted(text));
  return found;
}

std::vector<std::string> reals(const std::vector<double>& values) {
  std::vector<std::string> found;
  found.reserve(values.size());
  for (const double value : values) found.push_back(cpp_real(value));
  return found;
}

std::string raw_literal(const std::string& text) {
  if (text.find('\r') != std::string::npos || text.find('\0') != std::string::npos) return cpp_quoted(text);
  std::string mark = "cuda";
  while (text.find(")" + mark + "\"") != std::string::npos) mark += "_";
  return fmt::format("R\"{0}({1}){0}\"", mark, text);
}

class Writer {
 public:
  Writer(const OrderedJson& wisdom, const FileContents& images, const FileContents& sources)
      : wisdom_(wisdom), images_(images), sources_(sources) {
    std::size_t number = 0;
    for (const OrderedJson& image : wisdom.at("images")) image_numbers_[member_text(image, "file")] = number++;
  }

  Result<FileContents> write() {
    FileContents files;
    std::string tables;
    std::string functions;
    for (const auto& problem : wisdom_.at("problems").items()) {
      FUSELINE_TRY(table, operation(problem.key(), problem.value()));
      tables += table;
      functions += definitions(problem.key(), problem.value());
    }
    files["src/operations.cpp"] =
        "// Operations of the package, written by Fuseline: what manifests work out, configurations, images.\n"
        "#include \"images.hpp\"\n#include \"sources.hpp\"\n#include \"tables.hpp\"\n\n"
        "namespace fuseline_package {\nnamespace detail {\nnamespace {\n\n" +
        tables + "}  // namespace\n}  // namespace detail\n\n" + functions + "}  // namespace fuseline_package\n";
    write_images(files);
    write_source_files(files);
    return files;
  }

 private:
  /// The number of a file of sources/, which is written from then on. Error: it is not there.
  Result<std::size_t> source_number(const std::string& file) {
    if (!sources_.contains(file)) return bad_input(printable(file), "", "the package lacks this file");
    return source_numbers_.emplace(file, source_numbers_.size()).first->second;
  }

  /// The name of a source or a kernel in one configuration. `values`: what it may hold beside the parameters, of which
  /// one of the same name comes first.
  static Result<std::string> filled(const std::string& text, const OrderedJson& configuration,
                                    std::map<std::string, std::string> values) {
    for (const auto& each : configuration.items()) {
      const auto value = Value::from_json(nlohmann::json(each.value()));
      values[each.key()] = value ? value->to_string() : "";
    }
    std::vector<std::string> known;
    known.reserve(values.size());
    for (const auto& [name, value] : values) known.push_back(name);
    FUSELINE_TRY(pattern, NamePattern::parse(text, known));
    return pattern.fill(values);
  }

  /// Tables of one problem.
  Result<std::string> operation(const std::string& name, const OrderedJson& problem) {
    macros_.clear();
    variant_numbers_.clear();
    operation_sources_.clear();
    image_sources_.clear();
    for (const auto& variant : problem.at("variants").items()) {
      variant_numbers_.emplace(variant.key(), variant_numbers_.size());
      macros_[variant.key()] = cpp_macros(problem, variant.value());
    }
    FUSELINE_TRY(functions, cpp_operation(name, problem, macros_));
    std::string text = functions;
    FUSELINE_TRY(variants, variant_tables(name, problem));
    text += variants;
    FUSELINE_TRY(entries, entry_tables(name, problem));
    text += entries;
    FUSELINE_TRY(images, image_tables(name, problem));
    text += images;
    FUSELINE_TRY(files, source_tables(name));
    text += files;
    return text + operation_table(name, problem);
  }

  Result<std::string> variant_tables(const std::string& name, const OrderedJson& problem) {
    std::string text;
    std::vector<std::string> rows;
    for (const auto& variant : problem.at("variants").items()) {
      const std::string prefix = name + "_in_" + variant.key();
      if (cpp_tensors(problem).size() + variant.value().at("workspace").size() > kMostBuffers)
        return bad_input(fmt::format("{}: more than {} tensors and workspaces", name, kMostBuffers));
      std::vector<std::string> macros;
      for (const CppMacro& macro : macros_.at(variant.key())) {
        const std::string words = prefix + "_" + macro.name;
        text += array("char* const", words, quoted(macro.words));
        macros.push_back(fmt::format("{{{}, Macro::Kind::{}, {}}}", cpp_quoted(macro.name), macro.kind,
                                     reference(words, macro.words)));
      }
      const auto options = variant.value().at("compile_options").get<std::vector<std::string>>();
      text += list("Macro", prefix + "_macros", macros);
      text += array("char* const", prefix + "_options", quoted(options));
      rows.push_back(fmt::format("{{{}, {}, {}, {}, {}, {}}}", cpp_quoted(variant.key()), prefix,
                                 reference(prefix + "_macros", macros), macros.size(),
                                 reference(prefix + "_options", options), options.size()));
    }
    return text + list("Variant", name + "_variants", rows) + "\n";
  }

  Result<std::string> entry_tables(const std::string& name, const OrderedJson& problem) {
    std::string text;
    std::vector<std::string> rows;
    for (const OrderedJson& entry : wisdom_.at("entries")) {
      if (entry.at("problem") != name) continue;
      const std::string prefix = fmt::format("{}_entry{}", name, rows.size());
      FUSELINE_TRY(row, entry_row(prefix, problem, entry, text));
      rows.push_back(std::move(row));
    }
    entry_count_ = rows.size();
    return text + list("Entry", name + "_entries", rows) + "\n";
  }

  Result<std::string> entry_row(const std::string& prefix, const OrderedJson& problem, const OrderedJson& entry,
                                std::string& text) {
    std::vector<std::string> dims;
    std::vector<double> scalars;
    for (const OrderedJson& dim : problem.at("dims"))
      dims.push_back(std::to_string(entry.at("dims").at(member_text(dim, "name")).get<std::int64_t>()));
    for (const auto& scalar : problem.at("scalars").items())
      scalars.push_back(entry.at("scalars").at(scalar.key()).get<double>());
    text += array("std::int64_t", prefix + "_dims", dims) + array("double", prefix + "_scalars", reals(scalars));
    FUSELINE_TRY(own, configuration_row(prefix, problem, entry, entry, text));
    for (const OrderedJson& image : entry.at("images")) {
      image_sources_.emplace(image.get<std::string>(), own.source);
      image_dtypes_[image.get<std::string>()] = member_text(entry, "dtype");
    }
    std::string untuned = "nullptr";
    if (entry.contains("untuned")) {
      const std::string name = prefix + "_untuned";
      FUSELINE_TRY(row, configuration_row(name, problem, entry, entry.at("untuned"), text));
      text += fmt::format("const Configuration {} = {};\n", name, row.text);
      untuned = "&" + name;
    }
    return fmt::format("{{Dtype::{}, {}, {}, {}, {}, {}, {}}}", member_text(entry, "dtype"), prefix + "_dims",
                       reference(prefix + "_scalars", reals(scalars)),
                       cpp_quoted(member_text(entry.at("device"), "name")), capability_of(entry), own.text, untuned);
  }

  struct ConfigurationRow {
    std::string text;
    std::size_t source = 0;  ///< Among the operation's.
  };

  /// `chosen` has the variant and its configuration: the entry itself, or what it names for shapes that were not tuned.
  Result<ConfigurationRow> configuration_row(const std::string& prefix, const OrderedJson& problem,
                                             const OrderedJson& entry, const OrderedJson& chosen, std::string& text) {
    const std::string name = member_text(entry, "problem");
    const std::string variant_name = member_text(chosen, "variant");
    if (!variant_numbers_.contains(variant_name))
      return bad_input(fmt::format("{}: the package lacks the variant {}", name, printable(variant_name)));
    const OrderedJson& variant = problem.at("variants").at(variant_name);
    const OrderedJson& configuration = chosen.at("configuration");
    std::vector<double> parameters;
    std::vector<std::string> shown, kernels;
    for (const OrderedJson& parameter : variant.at("parameters")) {
      const std::string each = member_text(parameter, "name");
      if (!configuration.contains(each))
        return bad_input(fmt::format("{}: a configuration lacks the parameter {}", name, printable(each)));
      const OrderedJson& value = configuration.at(each);
      FUSELINE_TRY(place, cpp_parameter(parameter, value));
      parameters.push_back(place);
      shown.push_back(fmt::format("{}={}", each, value.is_string() ? value.get<std::string>() : value.dump()));
    }
    const auto dtype = dtype_from_string(member_text(entry, "dtype"));
    for (const OrderedJson& launch : variant.at("launches")) {
      FUSELINE_TRY(kernel, filled(member_text(launch, "kernel"), configuration,
                                  {{kTypePlaceholder, kernel_type(dtype.value_or(Dtype::f32))}}));
      kernels.push_back(std::move(kernel));
    }
    FUSELINE_TRY(source, filled(member_text(variant, "source"), configuration,
                                {{kArchitecturePlaceholder, std::to_string(capability_of(entry))}}));
    const std::size_t place = place_of_source(fmt::format("sources/{}/{}", name, source));
    const auto values = reals(parameters);
    text +=
        array("double", prefix + "_parameters", values) + array("char* const", prefix + "_kernels", quoted(kernels));
    return ConfigurationRow{
        fmt::format("{{{}, {}, {}, {}, {}}}", variant_numbers_.at(variant_name),
                    reference(prefix + "_parameters", values), cpp_quoted(fmt::format("{}", fmt::join(shown, " "))),
                    place, prefix + "_kernels"),
        place};
  }

  /// Position among the operation's sources.
  std::size_t place_of_source(const std::string& file) {
    const auto found = std::find(operation_sources_.begin(), operation_sources_.end(), file);
    if (found != operation_sources_.end()) return static_cast<std::size_t>(found - operation_sources_.begin());
    operation_sources_.push_back(file);
    return operation_sources_.size() - 1;
  }

  Result<std::string> image_tables(const std::string& name, const OrderedJson& problem) {
    std::string text;
    std::vector<std::string> rows;
    for (const OrderedJson& image : wisdom_.at("images")) {
      if (image.at("problem") != name) continue;
      const std::string file = member_text(image, "file");
      if (!image_sources_.contains(file) || !images_.contains(file))
        return bad_input(printable(file), "", "no entry of the package is of this image, or it is not there");
      const std::string prefix = fmt::format("{}_image{}", name, rows.size());
      FUSELINE_TRY(macros, macro_values(problem, image));
      std::vector<std::string> symbols;
      for (const auto& symbol : image.at("symbols").items()) {
        symbols.push_back(symbol.key());
        symbols.push_back(symbol.value().get<std::string>());
      }
      text += array("double", prefix + "_macros", macros) + array("char* const", prefix + "_symbols", quoted(symbols));
      const std::string architecture = member_text(image, "architecture");
      const std::string& bytes = images_.at(file);
      rows.push_back(fmt::format(
          "{{{}, {}, image_{}, {}, {}, {}, Dtype::{}, {}, {}, {}, {}, {}}}", cpp_quoted(file),
          cpp_quoted(sha256_hex(bytes)), image_numbers_.at(file), bytes.size(), image.at("form") == "cubin",
          std::atoi(architecture.substr(architecture.find('_') + 1).c_str()), image_dtypes_.at(file),
          variant_numbers_.at(member_text(image, "variant")), image_sources_.at(file),
          reference(prefix + "_macros", macros), reference(prefix + "_symbols", symbols), symbols.size() / 2));
    }
    image_count_ = rows.size();
    return text + list("Image", name + "_images", rows) + "\n";
  }

  /// What the macros of an image's variant were when it was made; any value where its source names a macro not.
  Result<std::vector<std::string>> macro_values(const OrderedJson& problem, const OrderedJson& image) const {
    const std::string variant = member_text(image, "variant");
    std::vector<std::string> values;
    if (!macros_.contains(variant) || !problem.at("variants").contains(variant))
      return bad_input(fmt::format("the package lacks the variant {}", printable(variant)));
    for (const CppMacro& macro : macros_.at(variant)) {
      values.emplace_back("kAnyValue");
      for (const OrderedJson& each : image.at("defines")) {
        const auto define = each.get<std::string>();
        const std::string head = "-D" + macro.name + "=";
        if (!define.starts_with(head)) continue;
        const std::string text = define.substr(head.size());
        const auto word = std::find(macro.words.begin(), macro.words.end(), text);
        values.back() = cpp_real(macro.kind == "word" ? static_cast<double>(word - macro.words.begin())
                                                      : std::strtod(text.c_str(), nullptr));
      }
    }
    return values;
  }

  /// The operation's sources, and every header by the name that it is included by.
  Result<std::string> source_tables(const std::string& name) {
    std::vector<std::string> sources, headers;
    const std::string own = fmt::format("sources/{}/", name);
    for (const std::string& file : operation_sources_) {
      FUSELINE_TRY(number, source_number(file));
      sources.push_back(fmt::format("{{{}, source_{}}}", cpp_quoted(file.substr(own.size())), number));
    }
    for (const auto& [file, text] : sources_) {
      const bool common = file.starts_with("sources/common/");
      const bool header = file.starts_with(own) && !file.ends_with(".cu") && !file.ends_with(".py");
      if (!common && !header) continue;
      FUSELINE_TRY(number, source_number(file));
      const std::size_t skipped = common ? std::string_view("sources/").size() : own.size();
      headers.push_back(fmt::format("{{{}, source_{}}}", cpp_quoted(file.substr(skipped)), number));
    }
    header_count_ = headers.size();
    return list("Source", name + "_sources", sources) + list("Header", name + "_headers", headers) + "\n";
  }

  std::string operation_table(const std::string& name, const OrderedJson& problem) const {
    std::vector<std::string> dims, tensors;
    for (const OrderedJson& dim : problem.at("dims")) {
      dims.push_back(fmt::format("{{{}, {}, {}}}", cpp_quoted(member_text(dim, "name")),
                                 dim.at("minimum").get<std::int64_t>(), dim.at("maximum").get<std::int64_t>()));
    }
    for (const OrderedJson* tensor : cpp_tensors(problem)) tensors.push_back(cpp_quoted(member_text(*tensor, "name")));
    const auto table = [&](const char* part, std::size_t count) {
      return count == 0 ? std::string("nullptr") : name + part;
    };
    return list("Dim", name + "_dims", dims) + array("char* const", name + "_tensors", tensors) +
           fmt::format(
               "const Operation {0}_operation = {{{1}, {0}_dims, {2}, {3}, {0}_tensors, {4}, {0}_check,\n"
               "    {0}_variants, {5}, {6}, {7}, {8}, {0}_sources, {9}, {10}}};\n\n",
               name, cpp_quoted(name), dims.size(), problem.at("scalars").size(), tensors.size(),
               table("_entries", entry_count_), entry_count_, table("_images", image_count_), image_count_,
               table("_headers", header_count_), header_count_);
  }

  /// The functions that users call.
  static std::string definitions(const std::string& name, const OrderedJson& problem) {
    std::vector<std::string> parameters, tensors, dims, scalars;
    for (const OrderedJson* tensor : cpp_tensors(problem)) {
      tensors.push_back(member_text(*tensor, "name"));
      parameters.push_back(fmt::format("{}void* {}", tensor->at("role") == "input" ? "const " : "", tensors.back()));
    }
    for (const OrderedJson& dim : problem.at("dims")) dims.push_back("sizes." + member_text(dim, "name"));
    for (const auto& scalar : problem.at("scalars").items()) scalars.push_back("scalars." + scalar.key());
    const std::string last = scalars.empty() ? "" : fmt::format(", const {}_scalars& scalars", name);
    const std::string values =
        fmt::format("  const std::int64_t dims[] = {{{}}};\n", fmt::join(dims, ", ")) +
        (scalars.empty() ? "" : fmt::format("  const double numbers[] = {{{}}};\n", fmt::join(scalars, ", ")));
    const std::string call =
        fmt::format("{{detail::{}_operation, dims, {}, dtype}}", name, scalars.empty() ? "nullptr" : "numbers");
    return fmt::format(
        "Status {0}({1}, const {0}_sizes& sizes, Dtype dtype, Stream stream, Workspace workspace{2}) noexcept {{\n"
        "  const void* const tensors[] = {{{3}}};\n{4}  return detail::run({5}, tensors, stream, workspace);\n}}\n\n"
        "Status {0}_prepare(const {0}_sizes& sizes, Dtype dtype, Chosen* chosen{2}) noexcept {{\n"
        "{4}  return detail::prepare({5}, chosen);\n}}\n\n"
        "Status {0}_workspace_bytes(std::size_t* bytes, const {0}_sizes& sizes, Dtype dtype{2}) noexcept {{\n"
        "{4}  return detail::workspace_bytes({5}, bytes);\n}}\n\n",
        name, fmt::join(parameters, ", "), last, fmt::join(tensors, ", "), values, call);
  }

  static std::string declared(const std::string& includes, const std::string& declarations) {
    return "#pragma once\n\n" + includes + "\nnamespace fuseline_package {\nnamespace detail {\n\n" + declarations +
           "\n}  // namespace detail\n}  // namespace fuseline_package\n";
  }

  void write_images(FileContents& files) const {
    std::string declarations;
    std::string definitions;
    for (const auto& image : wisdom_.at("images")) {
      const std::string file = member_text(image, "file");
      const std::size_t number = image_numbers_.at(file);
      declarations += fmt::format("extern const std::uint64_t image_{}[];\n", number);
      definitions += fmt::format("alignas(16) const std::uint64_t image_{}[] = {{\n#include \"../{}\"\n}};\n", number,
                                 cpp_image_file(file));
    }
    files["src/images.hpp"] =
        "// Bytes of the images, written by Fuseline.\n" + declared("#include <cstdint>\n", declarations);
    files["src/images.cpp"] = "#include \"images.hpp\"\n\nnamespace fuseline_package {\nnamespace detail {\n\n" +
                              definitions + "\n}  // namespace detail\n}  // namespace fuseline_package\n";
  }

  void write_source_files(FileContents& files) const {
    std::map<std::size_t, std::string> by_number;
    for (const auto& [file, number] : source_numbers_) by_number[number] = file;
    std::string declarations;
    std::string definitions;
    for (const auto& [number, file] : by_number) {
      declarations += fmt::format("extern const char source_{}[];  // {}\n", number, cpp_comment(file));
      definitions += fmt::format("// {}\nconst char source_{}[] = {};\n\n", cpp_comment(file), number,
                                 raw_literal(sources_.at(file)));
    }
    files["src/sources.hpp"] =
        "// Texts of the kernels and of what they include, written by Fuseline.\n" + declared("", declarations);
    files["src/sources.cpp"] = "#include \"sources.hpp\"\n\nnamespace fuseline_package {\nnamespace detail {\n\n" +
                               definitions + "}  // namespace detail\n}  // namespace fuseline_package\n";
  }

  const OrderedJson& wisdom_;
  const FileContents& images_;
  const FileContents& sources_;
  std::map<std::string, std::size_t> image_numbers_;
  std::map<std::string, std::size_t> source_numbers_;
  std::map<std::string, std::string> image_dtypes_;
  // Of the operation at hand.
  std::map<std::string, std::vector<CppMacro>> macros_;
  std::map<std::string, std::size_t> variant_numbers_;
  std::vector<std::string> operation_sources_;
  std::map<std::string, std::size_t> image_sources_;
  std::size_t entry_count_ = 0, image_count_ = 0, header_count_ = 0;
};

}  // namespace

Result<FileContents> cpp_sources(const OrderedJson& wisdom, const FileContents& images, const FileContents& sources) {
  return Writer(wisdom, images, sources).write();
}

}  // namespace fuseline::tuner
