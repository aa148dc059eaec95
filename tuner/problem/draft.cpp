#include "tuner/problem/draft.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <set>
#include <string_view>
#include <system_error>

#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"
#include "tuner/problem/expression.hpp"
#include "tuner/problem/kernel_signature.hpp"
#include "tuner/problem/loading.hpp"

namespace fuseline::tuner {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSourceMark = "#error decide: ";

std::string decide(const std::string& what) { return kDecisionMark + what; }

bool is_floating(const KernelType& type) { return type == "T" || type == "f32" || type == "f16" || type == "bf16"; }

/// What a tensor of a problem can be made of.
bool is_element(const KernelType& type) { return is_floating(type) || type == "f64" || type == "i32" || type == "u8"; }

std::string cpp_type(const std::string& dtype) {
  if (dtype == "T") return "T";
  if (dtype == "f16") return "__half";
  if (dtype == "bf16") return "__nv_bfloat16";
  if (dtype == "f64") return "double";
  if (dtype == "i32") return "int";
  return dtype == "u8" ? "unsigned char" : "float";
}

bool names_a_block(const std::string& name) {
  std::string lower = name;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower.find("block") != std::string::npos || lower.find("thread") != std::string::npos || lower == "bdim";
}

/// Writes the two JSON files and the reference of one kernel.
class Drafter {
 public:
  Drafter(const DraftRequest& request, const KernelText& text, const KernelSignature& kernel)
      : request_(request), text_(text), kernel_(kernel) {}

  Draft draft() {
    for (const KernelParameter& parameter : kernel_.parameters) sort_in(parameter);
    add_roles();
    const bool taken = kernel_.name == "problem" || kernel_.name == "reference";
    const std::string variant = taken ? "kernel" : kernel_.name;
    OrderedJson manifest = manifest_of(variant);
    add_json("problem.json", problem());
    add_json(variant + ".json", manifest);
    add_source("reference.cu", reference());
    draft_.files.emplace_back(variant + ".cu", request_.source);
    tell_of_headers();
    return std::move(draft_);
  }

 private:
  void add_json(const std::string& file, const OrderedJson& json) {
    const auto marks = open_decisions(json, file);
    draft_.decisions.insert(draft_.decisions.end(), marks.begin(), marks.end());
    draft_.files.emplace_back(file, json_text(json));
  }
  void add_source(const std::string& file, const std::string& text) {
    draft_.decisions.push_back({file, "line 4", "what the kernel is compared with, in fp64"});
    draft_.files.emplace_back(file, text);
  }
  void guess(const std::string& what) { draft_.guesses.push_back(what); }

  void tell_of_headers() {
    constexpr std::string_view kInclude = "#include \"";
    for (const std::string& line : split(request_.source, '\n')) {
      const std::string_view text = trimmed(line);
      if (!text.starts_with(kInclude) || text.starts_with("#include \"common/")) continue;
      guess(fmt::format("{} is found where it is a *.cuh in this folder: copy it", printable(text.substr(9))));
    }
  }

  /// A name that nothing else in expressions and arguments has.
  std::string free_name(const std::string& wanted) {
    static const NameTable kReserved = reserved_expression_names();
    std::string name = wanted;
    while (kReserved.has(name) || names_.contains(name)) name += "_";
    names_.insert(name);
    return name;
  }

  /// One parameter of the kernel becomes a tensor, a dimension or a scalar, and an argument.
  void sort_in(const KernelParameter& parameter) {
    const std::string name = free_name(parameter.name);
    if (parameter.pointer) {
      tensors_.push_back({name, parameter});
      arguments_.push_back(name);
    } else if (parameter.type == "f32" || parameter.type == "f64") {
      scalars_[name] = decide(fmt::format("the value of {}, as sweeps have it by default", name));
      if (parameter.type == "f32") arguments_.push_back(name);
      if (parameter.type == "f64") arguments_.push_back({{"f64", name}});
    } else if (parameter.type.size() == 3 && parameter.type != "f16") {  // i32, u32, i64, u64
      dims_.push_back(name);
      arguments_.push_back({{parameter.type, name}});
    } else {
      arguments_.push_back(decide(fmt::format(
          "what is passed for \"{}\": only pointers, integers, float and double can be", printable(parameter.text))));
    }
  }

  struct DraftTensor {
    std::string name;
    KernelParameter parameter;
    std::string role = {};
  };

  void add_roles() {
    for (DraftTensor& tensor : tensors_) tensor.role = tensor.parameter.constant ? "input" : "output";
    const auto all = [&](const char* role) {
      return std::all_of(tensors_.begin(), tensors_.end(), [&](const DraftTensor& each) { return each.role == role; });
    };
    if (tensors_.empty()) return;
    // A problem has both. What a kernel changes in place is neither.
    const bool no_output = all("input"), no_input = all("output");
    if (no_output) tensors_.back().role = decide("which tensors are outputs: every pointer is const");
    if (no_input) tensors_.front().role = decide("which tensors are inputs: no pointer is const");
    if (!no_output && !no_input) guess("pointers to const are inputs, the others outputs");
  }

  std::string elements_of(const DraftTensor& tensor) const {
    if (dims_.size() == 1) return dims_.front();
    return decide(fmt::format("how many elements {} has{}", tensor.name,
                              dims_.empty() ? "" : fmt::format(", of {}", fmt::join(dims_, ", "))));
  }

  OrderedJson tensors() {
    OrderedJson list = OrderedJson::array();
    for (const DraftTensor& tensor : tensors_) {
      const KernelType& type = tensor.parameter.type;
      OrderedJson one = {{"name", tensor.name}, {"role", tensor.role}};
      one["dtype"] =
          is_element(type)
              ? type
              : decide(fmt::format("T, f32, f16, bf16, f64, i32 or u8 for \"{}\"", printable(tensor.parameter.text)));
      if (dims_.size() == 1) one["shape"] = "[" + dims_.front() + "]";
      one["elements"] = elements_of(tensor);
      if (tensor.role == "input" && is_floating(type)) one["fill"] = {{"kind", "normal"}, {"mean", 0}, {"stddev", 1}};
      if (tensor.role == "input" && !is_floating(type))
        one["fill"] = {{"kind", decide("normal, uniform or constant, with its numbers")}};
      list.push_back(std::move(one));
    }
    if (list.empty()) list = decide("inputs and outputs: the kernel takes no pointer");
    if (dims_.size() == 1 && !tensors_.empty())
      guess(fmt::format("every tensor has {} elements; inputs are normal with mean 0 and deviation 1", dims_.front()));
    return list;
  }

  std::vector<std::string> dtypes() const {
    std::set<std::string> types;
    for (const DraftTensor& tensor : tensors_) types.insert(tensor.parameter.type);
    if (types.contains("T")) return {"f32", "f16", "bf16"};
    for (const DraftTensor& tensor : tensors_) {
      if (tensor.role != "input" && is_floating(tensor.parameter.type)) return {tensor.parameter.type};
    }
    return {"f32"};
  }

  OrderedJson problem() {
    OrderedJson dims = OrderedJson::array(), normal = OrderedJson::object(), small = OrderedJson::object();
    const std::int64_t size = dims_.size() < 2 ? std::int64_t{1} << 24 : dims_.size() == 2 ? 4096 : 256;
    for (const std::string& dim : dims_) {
      dims.push_back({{"name", dim}, {"description", ""}, {"min", 1}, {"max", std::int64_t{1} << 30}});
      normal[dim] = size;
      small[dim] = dims_.size() < 2 ? 1003 : 67;
    }
    if (dims_.empty()) {
      dims = decide("the sizes that tensors and grid depend on, such as [{\"name\": \"n\"}]");
      normal = decide("a value for each dimension");
      small = normal;
    } else {
      guess(fmt::format("by default {} {} {}: large enough to pass the caches?", fmt::join(dims_, ", "),
                        dims_.size() == 1 ? "is" : "are", size));
    }
    OrderedJson tolerance = OrderedJson::object();
    for (const std::string& dtype : dtypes()) {
      const double allowed = dtype == "f32" ? 1e-5 : dtype == "f16" ? 1e-3 : 8e-3;  // As the built-in problems have it.
      tolerance[dtype] = {{"absolute", allowed}, {"relative", allowed}};
    }
    guess("the tolerance is that of the built-in problems, and flops are 0: nothing is said of compute bounds");
    OrderedJson json = {{"schema", "fuseline/problem/1"},
                        {"name", request_.name},
                        {"title", request_.name},
                        {"description", ""},
                        {"source", printable(fs::path(request_.file).filename().string())},
                        {"dims", std::move(dims)}};
    json["shapes"] = {{{"name", "default"}, {"description", ""}, {"dims", std::move(normal)}},
                      {{"name", "small"}, {"description", "for tests"}, {"dims", std::move(small)}}};
    json["dtypes"] = dtypes();
    if (!scalars_.empty()) json["scalars"] = scalars_;
    json["tensors"] = tensors();
    json["flops"] = 0;
    json["tolerance"] = std::move(tolerance);
    OrderedJson args = OrderedJson::array();
    for (const DraftTensor& tensor : tensors_) args.push_back(tensor.name);
    const std::string grid = dims_.size() == 1 ? fmt::format("cdiv({}, 256)", dims_.front())
                                               : decide("blocks of 256 threads that the reference takes");
    json["reference"] = {{"source", "reference.cu"},
                         {"launches", OrderedJson::array({{{"kernel", "reference"},
                                                           {"grid", OrderedJson::array({grid})},
                                                           {"block", OrderedJson::array({256})},
                                                           {"args", std::move(args)}}})}};
    return json;
  }

  void add_parameter(const std::string& name, const std::string& description, OrderedJson values) {
    parameters_.push_back({{"name", name}, {"description", description}, {"values", std::move(values)}});
  }
  void add_block_parameter(const std::string& name) {
    OrderedJson values = OrderedJson::array();
    for (const std::int64_t value : {64, 128, 256, 512}) {
      if (value <= kernel_.most_threads.value_or(value)) values.push_back(value);
    }
    if (values.empty()) values.push_back(*kernel_.most_threads);
    guess(fmt::format("{} is the number of threads a block, and {} are worth a try", name, values.dump()));
    add_parameter(name, "threads a block", std::move(values));
  }

  /// Template parameters and PARAM_ macros are swept; the first that names a block is the block.
  void add_own_parameters() {
    std::vector<std::pair<std::string, bool>> found;  // Name, whether it is boolean.
    for (const TemplateParameter& each : kernel_.templates) {
      if (!each.is_type && !each.name.empty()) found.emplace_back(each.name, each.is_boolean);
    }
    for (const std::string& macro : text_.macros) found.emplace_back(macro, false);
    for (const auto& [name, boolean] : found) {
      if (!names_.insert(name).second) continue;
      if (boolean) {
        add_parameter(name, "", OrderedJson::array({false, true}));
      } else if (block_.empty() && names_a_block(name)) {
        block_ = name;
        add_block_parameter(name);
      } else {
        add_parameter(name, "", OrderedJson::array({decide("the values of " + name + " to sweep")}));
      }
    }
  }

  OrderedJson block() {
    add_own_parameters();
    if (block_.empty() && text_.block_axes > 0) {
      block_ = free_name("block");
      add_block_parameter(block_);
    }
    OrderedJson extents = OrderedJson::array();
    if (!block_.empty()) extents.push_back(block_);
    if (block_.empty() && kernel_.most_threads) {
      extents.push_back(*kernel_.most_threads);
      guess(fmt::format("a block has {} threads, as its launch bounds say", *kernel_.most_threads));
    }
    if (extents.empty()) extents.push_back(decide("threads a block"));
    for (int axis = 1; axis < text_.block_axes; ++axis)
      extents.push_back(decide(fmt::format("threads along axis {} of a block", axis == 1 ? "y" : "z")));
    return extents;
  }

  /// As the manifest names it: a plain name is one in the image, which C++ mangles.
  std::string kernel_name() const {
    if (kernel_.templates.empty())
      return kernel_.extern_c ? kernel_.name : (kernel_.scope.empty() ? "::" : kernel_.scope) + kernel_.name;
    std::vector<std::string> arguments;
    bool first_type = true;
    for (const TemplateParameter& each : kernel_.templates) {
      if (each.name.empty() || (each.is_type && !first_type))
        return decide(fmt::format("an instance of {}, such as {}<{{T}}>", kernel_.name, kernel_.name));
      arguments.push_back(each.is_type ? "{T}" : "{" + each.name + "}");
      if (each.is_type) first_type = false;
    }
    return fmt::format("{}{}<{}>", kernel_.scope, kernel_.name, fmt::join(arguments, ", "));
  }

  OrderedJson manifest_of(const std::string& variant) {
    OrderedJson extents = block();
    const std::string each =
        block_.empty() ? "" : fmt::format(", such as cdiv({}, {})", dims_.empty() ? "n" : dims_.front(), block_);
    OrderedJson launch = {{"kernel", kernel_name()},
                          {"grid", OrderedJson::array({decide("how many blocks are launched" + each)})},
                          {"block", std::move(extents)}};
    if (text_.dynamic_shared) launch["shared_bytes"] = decide("bytes of dynamic shared memory a block");
    launch["args"] = arguments_;
    return {{"schema", "fuseline/variant/1"},
            {"name", variant},
            {"description", ""},
            {"source", variant + ".cu"},
            {"parameters", parameters_},
            {"launches", OrderedJson::array({std::move(launch)})}};
  }

  std::string reference() const {
    std::vector<std::string> parameters;
    std::set<std::string> headers;
    for (const DraftTensor& tensor : tensors_) {
      const std::string type = cpp_type(tensor.parameter.type);
      if (tensor.role == "input") {
        if (type == "__half") headers.insert("#include <cuda_fp16.h>\n");
        if (type == "__nv_bfloat16") headers.insert("#include <cuda_bf16.h>\n");
      }
      parameters.push_back(tensor.role == "input" ? "const " + type + "* " + tensor.name : "double* " + tensor.name);
    }
    std::string macros;
    for (const std::string& dim : dims_) macros += (macros.empty() ? "" : ", ") + ("DIM_" + dim);
    for (const auto& scalar : scalars_.items()) macros += (macros.empty() ? "" : ", ") + ("SCALAR_" + scalar.key());
    return fmt::format(
        "#include \"common/dtype.cuh\"\n"
        "using namespace fuseline;\n\n"
        "{}write {} here, plainly and in fp64, then take this line away\n{}\n"
        "// Outputs are double. {}\n"
        "extern \"C\" __global__ void reference({}) {{\n"
        "  const long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;\n"
        "  static_cast<void>(i);\n"
        "}}\n",
        kSourceMark, request_.name, fmt::join(headers, ""),
        macros.empty() ? "to_float() makes a float of a T." : "Sizes and scalars are macros: " + macros + ".",
        fmt::join(parameters, ", "));
  }

  const DraftRequest& request_;
  const KernelText& text_;
  const KernelSignature& kernel_;
  Draft draft_;
  std::set<std::string> names_;
  std::vector<DraftTensor> tensors_;
  std::vector<std::string> dims_;
  OrderedJson scalars_ = OrderedJson::object();
  OrderedJson arguments_ = OrderedJson::array();
  OrderedJson parameters_ = OrderedJson::array();
  std::string block_;  ///< The parameter that is the number of threads.
};

Result<const KernelSignature*> chosen(const KernelText& text, const DraftRequest& request) {
  std::vector<std::string> names;
  for (const KernelSignature& kernel : text.kernels) {
    if (kernel.name == request.kernel) return &kernel;
    names.push_back(kernel.name);
  }
  const std::string file = printable(request.file);
  if (names.empty()) return bad_input(file, "", "holds no __global__ function");
  if (!request.kernel.empty())
    return bad_input(
        file, "",
        fmt::format("has no kernel \"{}\"{}", printable(request.kernel), known_names_hint(request.kernel, names)));
  if (names.size() > 1)
    return bad_input(file, "",
                     fmt::format("has several kernels: name one of {} with --kernel", fmt::join(names, ", ")));
  return &text.kernels.front();
}

void find_marks(const OrderedJson& json, const std::string& file, const std::string& path,
                std::vector<OpenDecision>& found) {
  if (json.is_string() && json.get_ref<const std::string&>().starts_with(kDecisionMark))
    found.push_back({file, path, printable(json.get<std::string>().substr(std::string_view(kDecisionMark).size()))});
  if (json.is_object()) {
    for (const auto& item : json.items()) find_marks(item.value(), file, path + json_step(item.key()), found);
  }
  if (json.is_array()) {
    for (std::size_t i = 0; i < json.size(); ++i) find_marks(json[i], file, fmt::format("{}/{}", path, i), found);
  }
}

}  // namespace

std::vector<OpenDecision> open_decisions(const OrderedJson& json, const std::string& file) {
  std::vector<OpenDecision> found;
  find_marks(json, file, "", found);
  return found;
}

Result<void> check_decided(const OrderedJson& json, const std::string& file) {
  const std::vector<OpenDecision> open = open_decisions(json, file);
  if (open.empty()) return {};
  std::string others;
  for (std::size_t i = 1; i < open.size() && i < 8; ++i) others += (others.empty() ? "" : ", ") + open[i].path;
  return bad_input(file, open.front().path,
                   fmt::format("is to be decided: {}{}", open.front().what,
                               others.empty() ? "" : fmt::format("; to be decided too: {}", others)));
}

Result<void> check_source_decided(const std::string& source, const std::string& file) {
  int number = 0;
  for (const std::string& line : split(source, '\n')) {
    ++number;
    if (!line.starts_with(kSourceMark)) continue;
    return bad_input(file, "",
                     fmt::format("line {} is to be decided: {}", number,
                                 printable(line.substr(std::string_view(kSourceMark).size()))));
  }
  return {};
}

Result<Draft> draft_problem(const DraftRequest& request) {
  if (!is_identifier(request.name) || request.name.size() > 64)
    return bad_input(fmt::format("a problem's name is an identifier, and \"{}\" is none", printable(request.name)));
  FUSELINE_TRY(text, read_kernel_text(request.source, printable(request.file)));
  FUSELINE_TRY(kernel, chosen(text, request));
  return Drafter(request, text, *kernel).draft();
}

Result<void> write_draft(const Draft& draft, const fs::path& folder) {
  const std::string shown = printable(folder.string());
  std::error_code failed;
  if (fs::exists(fs::symlink_status(folder, failed))) return bad_input(shown, "", "is there already");
  fs::create_directories(folder, failed);
  if (failed) return io_error(shown, failed.message());
  for (const auto& [name, content] : draft.files) FUSELINE_CHECK(write_file(folder / name, content));
  return {};
}

std::string draft_text(const Draft& draft, const std::string& problem, const fs::path& folder) {
  const std::string shown = printable(folder.string());
  std::string text = fmt::format("{}:", shown);
  for (const auto& [name, content] : draft.files) text += " " + name;
  text += "\n\nTo be decided, by editing the files (each place holds \"decide: ...\"):\n";
  for (const OpenDecision& open : draft.decisions)
    text += fmt::format("  {} {}: {}\n", open.file, open.path, open.what);
  text += "\nGuessed, to be looked at:\n";
  for (const std::string& guess : draft.guesses) text += "  " + guess + "\n";
  return text + fmt::format("\nThen: fuseline problems {} --preset-path {}\n", problem, shown);
}

}  // namespace fuseline::tuner
