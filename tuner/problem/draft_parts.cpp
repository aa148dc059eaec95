#include "tuner/problem/draft_parts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tuner/base/text.hpp"
#include "tuner/problem/decisions.hpp"
#include "tuner/problem/loading.hpp"

namespace fuseline::tuner {
namespace {

class Sorter {
 public:
  explicit Sorter(const KernelMatch* match) : match_(match) {}

  DraftParts sort(const KernelSignature& kernel, const KernelText& text) {
    for (const std::string& name : text.dims) add_macro_dim(name);
    for (const std::string& name : text.scalars) add_macro_scalar(name);
    for (const KernelParameter& each : kernel.parameters) add(each);
    add_roles();
    return std::move(parts_);
  }

 private:
  template <class T>
  static std::optional<T> found(const std::map<std::string, T>& values, const std::string& name) {
    const auto at = values.find(name);
    return at == values.end() ? std::nullopt : std::optional(at->second);
  }
  [[nodiscard]] std::optional<std::int64_t> integer(const std::string& name) const {
    return match_ == nullptr ? std::nullopt : found(match_->integers, name);
  }
  [[nodiscard]] OrderedJson real(const std::string& name) const {
    const auto value = match_ == nullptr ? std::nullopt : found(match_->reals, name);
    if (value) return *value;
    return decide(fmt::format("the value of {}, as sweeps have it by default", name));
  }

  /// A macro is called as the source has it, whatever else is.
  void add_macro_dim(const std::string& name) {
    parts_.names.insert(name);
    parts_.dims.push_back({name, integer(name)});
  }
  void add_macro_scalar(const std::string& name) {
    parts_.names.insert(name);
    parts_.scalars[name] = real(name);
  }

  void add(const KernelParameter& parameter) {
    if (parameter.pointer) return add_tensor(parameter);
    if (parameter.type == "f32" || parameter.type == "f64") return add_scalar(parameter);
    if (parameter.type.size() == 3 && parameter.type != "f16") return add_integer(parameter);  // i32, u32, i64, u64
    static_cast<void>(parts_.free_name(parameter.name));
    parts_.arguments.push_back(decide(fmt::format(
        "what is passed for \"{}\": only pointers, integers, float and double can be", printable(parameter.text))));
  }
  void add_tensor(const KernelParameter& parameter) {
    const std::string name = parts_.free_name(parameter.name);
    DraftTensor tensor{name, parameter};
    if (match_ != nullptr) tensor.matched = found(match_->tensors, parameter.name);
    parts_.tensors.push_back(std::move(tensor));
    parts_.arguments.push_back(name);
  }
  void add_scalar(const KernelParameter& parameter) {
    const std::string name = parts_.free_name(parameter.name);
    parts_.scalars[name] = real(parameter.name);
    if (parameter.type == "f32") parts_.arguments.push_back(name);
    if (parameter.type == "f64") parts_.arguments.push_back({{"f64", name}});
  }
  void add_integer(const KernelParameter& parameter) {
    const std::optional<std::int64_t> value = integer(parameter.name);
    if (value && *value < 1) return parts_.arguments.push_back({{parameter.type, *value}});  // No size.
    const std::string name = parts_.free_name(parameter.name);
    parts_.dims.push_back({name, value});
    parts_.arguments.push_back({{parameter.type, name}});
  }

  void add_roles() {
    std::vector<DraftTensor>& tensors = parts_.tensors;
    for (DraftTensor& tensor : tensors) {
      const bool reads = tensor.matched ? !tensor.matched->output : tensor.parameter.constant;
      tensor.role = reads ? "input" : "output";
    }
    if (match_ != nullptr || tensors.empty()) return;
    const auto all = [&](const char* role) {
      return std::all_of(tensors.begin(), tensors.end(), [&](const DraftTensor& each) { return each.role == role; });
    };
    // A problem has both. What a kernel changes in place is neither.
    const bool no_output = all("input"), no_input = all("output");
    if (no_output) tensors.back().role = decide("which tensors are outputs: every pointer is const");
    if (no_input) tensors.front().role = decide("which tensors are inputs: no pointer is const");
    if (!no_output && !no_input) parts_.guesses.emplace_back("pointers to const are inputs, the others outputs");
  }

  const KernelMatch* match_;
  DraftParts parts_;
};

}  // namespace

bool is_floating_element(const KernelType& type) {
  return type == "T" || type == "f32" || type == "f16" || type == "bf16";
}

std::string DraftParts::free_name(const std::string& wanted) {
  static const NameTable kReserved = reserved_expression_names();
  std::string name = wanted;
  while (kReserved.has(name) || names.contains(name)) name += "_";
  names.insert(name);
  return name;
}

std::vector<std::string> DraftParts::dim_names() const {
  std::vector<std::string> all;
  for (const DraftDim& dim : dims) all.push_back(dim.name);
  return all;
}

std::string DraftParts::sized(std::int64_t value) const {
  const auto divided = [](std::int64_t whole, const DraftDim& dim) {
    const std::int64_t by = dim.value.value_or(0);
    return by > 0 && whole % by == 0 ? whole / by : 0;
  };
  for (const DraftDim& dim : dims) {
    if (dim.value == value) return dim.name;
  }
  for (std::size_t i = 0; i < dims.size(); ++i) {
    const std::int64_t rest = divided(value, dims[i]);
    for (std::size_t k = i + 1; rest > 0 && k < dims.size(); ++k) {
      if (dims[k].value == rest) return fmt::format("{} * {}", dims[i].name, dims[k].name);
      const std::int64_t last = divided(rest, dims[k]);
      for (std::size_t l = k + 1; last > 0 && l < dims.size(); ++l) {
        if (dims[l].value == last) return fmt::format("{} * {} * {}", dims[i].name, dims[k].name, dims[l].name);
      }
    }
  }
  return fmt::format("{}", value);
}

DraftParts draft_parts(const KernelSignature& kernel, const KernelText& text, const KernelMatch* match) {
  return Sorter(match).sort(kernel, text);
}

}  // namespace fuseline::tuner
