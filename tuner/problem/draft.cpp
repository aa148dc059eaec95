#include "tuner/problem/draft.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <system_error>

#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"
#include "tuner/problem/draft_manifest.hpp"
#include "tuner/problem/draft_model.hpp"
#include "tuner/problem/draft_parts.hpp"
#include "tuner/problem/kernel_signature.hpp"
#include "tuner/problem/loading.hpp"

namespace fuseline::tuner {
namespace {

namespace fs = std::filesystem;

/// What a tensor of a problem can be made of.
bool is_element(const KernelType& type) {
  return is_floating_element(type) || type == "f64" || type == "i32" || type == "u8";
}

std::string cpp_type(const std::string& dtype) {
  if (dtype == "T") return "T";
  if (dtype == "f16") return "__half";
  if (dtype == "bf16") return "__nv_bfloat16";
  if (dtype == "f64") return "double";
  if (dtype == "i32") return "int";
  return dtype == "u8" ? "unsigned char" : "float";
}

/// Writes problem.json and the reference of one kernel, where no model gives them.
class Drafter {
 public:
  Drafter(const DraftRequest& request, DraftParts& parts) : request_(request), parts_(parts) {
    dims_ = parts.dim_names();
  }

  std::string reference() const {
    std::vector<std::string> parameters;
    std::set<std::string> headers;
    for (const DraftTensor& tensor : parts_.tensors) {
      const std::string type = cpp_type(tensor.parameter.type);
      if (tensor.role == "input") {
        if (type == "__half") headers.insert("#include <cuda_fp16.h>\n");
        if (type == "__nv_bfloat16") headers.insert("#include <cuda_bf16.h>\n");
      }
      parameters.push_back(tensor.role == "input" ? "const " + type + "* " + tensor.name : "double* " + tensor.name);
    }
    std::string macros;
    for (const std::string& dim : dims_) macros += (macros.empty() ? "" : ", ") + ("DIM_" + dim);
    for (const auto& scalar : parts_.scalars.items())
      macros += (macros.empty() ? "" : ", ") + ("SCALAR_" + scalar.key());
    return fmt::format(
        "#include \"common/dtype.cuh\"\n"
        "using namespace fuseline;\n\n"
        "{}write {} here, plainly and in fp64, then take this line away\n{}\n"
        "// Outputs are double. {}\n"
        "extern \"C\" __global__ void reference({}) {{\n"
        "  const long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;\n"
        "  static_cast<void>(i);\n"
        "}}\n",
        kSourceDecisionMark, request_.name, fmt::join(headers, ""),
        macros.empty() ? "to_float() makes a float of a T." : "Sizes and scalars are macros: " + macros + ".",
        fmt::join(parameters, ", "));
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
      parts_.guesses.push_back(fmt::format("by default {} {} {}: large enough to pass the caches?",
                                           fmt::join(dims_, ", "), dims_.size() == 1 ? "is" : "are", size));
    }
    OrderedJson tolerance = OrderedJson::object();
    for (const std::string& dtype : dtypes()) {
      const double usual = dtype == "f32" ? 1e-5 : dtype == "f16" ? 1e-3 : 8e-3;  // As the built-in problems have it.
      const auto& chosen = request_.choices.tolerance;
      const auto said = chosen.find(dtype_from_string(dtype).value_or(Dtype::f32));
      const Tolerance allowed = said == chosen.end() ? Tolerance{usual, usual} : said->second;
      tolerance[dtype] = {{"absolute", allowed.absolute}, {"relative", allowed.relative}};
    }
    parts_.guesses.push_back(
        "the tolerance is that of the built-in problems, and flops are 0: nothing is said of compute bounds");
    OrderedJson json = {{"schema", "fuseline/problem/1"},
                        {"name", request_.name},
                        {"title", request_.name},
                        {"description", ""},
                        {"source", printable(fs::path(request_.file).filename().string())},
                        {"dims", std::move(dims)}};
    json["shapes"] = {{{"name", "default"}, {"description", ""}, {"dims", std::move(normal)}},
                      {{"name", "small"}, {"description", "for tests"}, {"dims", std::move(small)}}};
    json["dtypes"] = dtypes();
    if (!parts_.scalars.empty()) json["scalars"] = parts_.scalars;
    json["tensors"] = tensors();
    json["flops"] = 0;
    json["tolerance"] = std::move(tolerance);
    OrderedJson args = OrderedJson::array();
    for (const DraftTensor& tensor : parts_.tensors) args.push_back(tensor.name);
    const std::string grid = dims_.size() == 1 ? fmt::format("cdiv({}, 256)", dims_.front())
                                               : decide("blocks of 256 threads that the reference takes");
    json["reference"] = {{"source", "reference.cu"},
                         {"launches", OrderedJson::array({{{"kernel", "reference"},
                                                           {"grid", OrderedJson::array({grid})},
                                                           {"block", OrderedJson::array({256})},
                                                           {"args", std::move(args)}}})}};
    return json;
  }

 private:
  std::string elements_of(const DraftTensor& tensor) const {
    if (dims_.size() == 1) return dims_.front();
    return decide(fmt::format("how many elements {} has{}", tensor.name,
                              dims_.empty() ? "" : fmt::format(", of {}", fmt::join(dims_, ", "))));
  }

  OrderedJson tensors() {
    OrderedJson list = OrderedJson::array();
    for (const DraftTensor& tensor : parts_.tensors) {
      const KernelType& type = tensor.parameter.type;
      OrderedJson one = {{"name", tensor.name}, {"role", tensor.role}};
      one["dtype"] =
          is_element(type)
              ? type
              : decide(fmt::format("T, f32, f16, bf16, f64, i32 or u8 for \"{}\"", printable(tensor.parameter.text)));
      if (dims_.size() == 1) one["shape"] = "[" + dims_.front() + "]";
      one["elements"] = elements_of(tensor);
      if (tensor.role == "input" && is_floating_element(type))
        one["fill"] = {{"kind", "normal"}, {"mean", 0}, {"stddev", 1}};
      if (tensor.role == "input" && !is_floating_element(type))
        one["fill"] = {{"kind", decide("normal, uniform or constant, with its numbers")}};
      list.push_back(std::move(one));
    }
    if (list.empty()) list = decide("inputs and outputs: the kernel takes no pointer");
    if (dims_.size() == 1 && !parts_.tensors.empty())
      parts_.guesses.push_back(
          fmt::format("every tensor has {} elements; inputs are normal with mean 0 and deviation 1", dims_.front()));
    return list;
  }

  std::vector<std::string> dtypes() const {
    std::set<std::string> types;
    for (const DraftTensor& tensor : parts_.tensors) types.insert(tensor.parameter.type);
    if (types.contains("T")) return {"f32", "f16", "bf16"};
    for (const DraftTensor& tensor : parts_.tensors) {
      if (tensor.role != "input" && is_floating_element(tensor.parameter.type)) return {tensor.parameter.type};
    }
    return {"f32"};
  }

  const DraftRequest& request_;
  DraftParts& parts_;
  std::vector<std::string> dims_;
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

Result<std::optional<KernelMatch>> matched(const KernelSignature& kernel, const KernelText& text,
                                           const DraftRequest& request) {
  if (request.model == nullptr) return std::optional<KernelMatch>();
  FUSELINE_TRY(match, match_kernel(kernel, text, *request.model, request.choices.arguments));
  return std::optional(std::move(match));
}

void add_json(Draft& draft, const std::string& file, const OrderedJson& json) {
  const auto marks = open_decisions(json, file);
  draft.decisions.insert(draft.decisions.end(), marks.begin(), marks.end());
  draft.files.emplace_back(file, json_text(json));
}

void tell_of_headers(DraftParts& parts, const DraftRequest& request) {
  constexpr std::string_view kInclude = "#include \"";
  for (const std::string& line : split(request.source, '\n')) {
    const std::string_view text = trimmed(line);
    if (!text.starts_with(kInclude) || text.starts_with("#include \"common/")) continue;
    parts.guesses.push_back(
        fmt::format("{} is found where it is a *.cuh in this folder: copy it", printable(text.substr(9))));
  }
}

}  // namespace

Result<Draft> draft_problem(const DraftRequest& request) {
  if (!is_identifier(request.name) || request.name.size() > 64)
    return bad_input(fmt::format("a problem's name is an identifier, and \"{}\" is none", printable(request.name)));
  FUSELINE_TRY(text, read_kernel_text(request.source, printable(request.file)));
  FUSELINE_TRY(kernel, chosen(text, request));
  FUSELINE_TRY(match, matched(*kernel, text, request));
  DraftParts parts = draft_parts(*kernel, text, match ? &*match : nullptr);
  Draft draft;
  if (match) FUSELINE_CHECK(add_model_parts(parts, *match, request, draft));
  const bool taken = kernel->name == "problem" || kernel->name == "reference";
  const std::string variant = !request.variant.empty() ? request.variant : taken ? "kernel" : kernel->name;
  FUSELINE_TRY(manifest, draft_manifest(parts, *kernel, text, request, variant));
  Drafter drafter(request, parts);
  add_json(draft, "problem.json", match ? model_problem(parts, request, draft) : drafter.problem());
  add_json(draft, variant + ".json", manifest);
  if (!match) {
    draft.decisions.push_back({"reference.cu", "line 4", "what the kernel is compared with, in fp64"});
    draft.files.emplace_back("reference.cu", drafter.reference());
  }
  draft.files.emplace_back(variant + ".cu", request.source);
  tell_of_headers(parts, request);
  draft.guesses.insert(draft.guesses.end(), parts.guesses.begin(), parts.guesses.end());
  return draft;
}

Result<void> write_draft(const Draft& draft, const fs::path& folder) {
  const std::string shown = printable(folder.string());
  std::error_code failed;
  if (fs::exists(fs::symlink_status(folder, failed))) return bad_input(shown, "", "is there already");
  FUSELINE_CHECK(make_folder(folder));
  for (const auto& [name, content] : draft.files) FUSELINE_CHECK(write_file(folder / name, content));
  return {};
}

std::string draft_text(const Draft& draft, const std::string& problem, const fs::path& folder) {
  const std::string shown = printable(folder.string());
  std::string text = fmt::format("{}:", shown);
  for (const auto& [name, content] : draft.files) text += " " + name;
  if (!draft.arrays.empty()) text += fmt::format(" and data of {} tensors", draft.arrays.size());
  text += "\n";
  if (!draft.decisions.empty()) {
    text += "\nTo be decided, by editing the files (each place holds \"decide: ...\"):\n";
    for (const OpenDecision& open : draft.decisions)
      text += fmt::format("  {} {}: {}\n", open.file, open.path, open.what);
  }
  text += "\nGuessed, to be looked at:\n";
  for (const std::string& guess : draft.guesses) text += "  " + guess + "\n";
  if (!draft.decisions.empty())
    return text + fmt::format("\nThen: fuseline problems {} --preset-path {}\n", problem, shown);
  return text + fmt::format("\nNext: fuseline check {0}\n      fuseline sweep {1} --preset-path {0}\n",
                            shell_quoted(folder.string()), problem);
}

}  // namespace fuseline::tuner
