// Reads variants' manifests.
#include "tuner/problem/variant.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tuner/base/json.hpp"
#include "tuner/base/text.hpp"
#include "tuner/problem/compile_options.hpp"
#include "tuner/problem/decisions.hpp"
#include "tuner/problem/image_check.hpp"
#include "tuner/problem/instance.hpp"
#include "tuner/problem/loading.hpp"
#include "tuner/problem/source_files.hpp"

namespace fuseline::tuner {
namespace {

class VariantReader {
 public:
  VariantReader(const JsonView& root, const std::filesystem::path& file, const Problem& problem)
      : root_(root), problem_(problem) {
    variant_.file = file;
  }

  Result<Variant> read() {
    take_names_of_problem();
    FUSELINE_CHECK(read_texts());
    FUSELINE_CHECK(read_parameters());
    FUSELINE_CHECK(read_sources(root_, variant_));
    FUSELINE_TRY(derived, read_derived(root_, known_, names_));
    variant_.derived = std::move(derived);
    FUSELINE_CHECK(read_constraints());
    FUSELINE_CHECK(read_workspace());
    FUSELINE_CHECK(read_all_launches());
    FUSELINE_CHECK(read_bytes_in_flight());
    FUSELINE_TRY(capability, root_.number_or("minimum_compute_capability", 0));
    variant_.minimum_compute_capability = capability;
    FUSELINE_CHECK(read_compile_options());
    return std::move(variant_);
  }

 private:
  /// The problem was checked, so none of these can clash.
  void take_names_of_problem() {
    known_.insert(known_.end(), dtype_names().begin(), dtype_names().end());
    known_.insert(known_.end(), device_names().begin(), device_names().end());
    const auto add = [&](const std::string& name, const std::string& what) {
      static_cast<void>(names_.add(root_, name, what + " of the problem"));
      known_.push_back(name);
    };
    for (const DimensionSpec& dim : problem_.dims) add(dim.name, "dimension");
    for (const NamedExpression& derived : problem_.derived) add(derived.name, "derived dimension");
    for (const auto& [name, value] : problem_.scalars) {
      add(name, "scalar");
      static_cast<void>(arguments_.add(root_, name, "scalar of the problem"));
      scalars_.push_back(name);
    }
    for (const TensorSpec& tensor : problem_.tensors) {
      static_cast<void>(arguments_.add(root_, tensor.name, "tensor of the problem"));
      buffers_.push_back(tensor.name);
      if (tensor.role == TensorRole::output) outputs_.push_back(tensor.name);
    }
  }

  Result<void> read_texts() {
    FUSELINE_TRY(name_view, root_.at("name"));
    FUSELINE_TRY(name, name_view.string());
    if (!is_identifier(name)) return name_view.fail("a variant's name is an identifier");
    FUSELINE_TRY(description, root_.string_or("description", ""));
    variant_.name = name;
    variant_.description = printable(description);
    return {};
  }

  Result<void> read_parameters() {
    FUSELINE_TRY(list, root_.at("parameters"));
    FUSELINE_TRY(count, list.array_size());
    for (std::size_t i = 0; i < count; ++i) {
      FUSELINE_TRY(item, list.at(i));
      FUSELINE_TRY(name_view, item.at("name"));
      FUSELINE_TRY(name, name_view.string());
      FUSELINE_CHECK(names_.add(name_view, name, "parameter"));
      FUSELINE_TRY(description, item.string_or("description", ""));
      FUSELINE_TRY(values_view, item.at("values"));
      FUSELINE_TRY(values, read_values(values_view));
      ParameterSpec parameter{name, printable(description), values, values};
      FUSELINE_CHECK(read_full_values(item, parameter));
      known_.push_back(name);
      for (const Value& value : parameter.full_values) {
        if (value.is_string()) known_.push_back(name + "." + value.to_string());
      }
      variant_.parameters.push_back(std::move(parameter));
    }
    return {};
  }

  static Result<std::vector<Value>> read_values(const JsonView& view) {
    FUSELINE_TRY(count, view.array_size());
    std::vector<Value> values;
    for (std::size_t i = 0; i < count; ++i) {
      FUSELINE_TRY(item, view.at(i));
      const std::optional<Value> value = Value::from_json(nlohmann::json(item.json()));
      if (!value) return item.fail("a value is a number, a boolean or an identifier");
      if (value->is_string() && !is_identifier(value->to_string())) return item.fail("a string value is an identifier");
      const bool numbers = value->number().has_value();
      const auto clashes = [&](const Value& other) {
        return numbers ? other.number() == value->number() : other == *value;
      };
      if (std::any_of(values.begin(), values.end(), clashes))
        return item.fail(fmt::format("the value {} is given twice", value->to_string()));
      if (!values.empty() && kind(values.front()) != kind(*value))
        return item.fail("the values are not all numbers, all booleans or all strings");
      values.push_back(*value);
    }
    if (values.empty()) return view.fail("no value is given");
    return values;
  }

  static int kind(const Value& value) {
    return value.is_string() ? 2 : std::holds_alternative<bool>(value.storage()) ? 1 : 0;
  }

  static Result<void> read_full_values(const JsonView& view, ParameterSpec& parameter) {
    if (!view.has("full")) return {};
    FUSELINE_TRY(full_view, view.at("full"));
    FUSELINE_TRY(full, read_values(full_view));
    for (const Value& value : parameter.values) {
      if (std::find(full.begin(), full.end(), value) == full.end()) {
        return full_view.fail(fmt::format("the full values leave out {}, which \"values\" has", value.to_string()));
      }
    }
    parameter.full_values = std::move(full);
    return {};
  }

  Result<void> read_constraints() {
    if (!root_.has("constraints")) return {};
    FUSELINE_TRY(list, root_.at("constraints"));
    FUSELINE_TRY(count, list.array_size());
    for (std::size_t i = 0; i < count; ++i) {
      FUSELINE_TRY(item, list.at(i));
      FUSELINE_TRY(require_view, item.at("require"));
      FUSELINE_CHECK(check_expression(require_view, known_));
      FUSELINE_TRY(text, read_expression(require_view));
      FUSELINE_TRY(reason, item.at("reason").and_then([](const JsonView& v) { return v.string(); }));
      variant_.constraints.push_back({text, printable(reason)});
    }
    return {};
  }

  Result<void> read_workspace() {
    if (!root_.has("workspace")) return {};
    FUSELINE_TRY(list, root_.at("workspace"));
    FUSELINE_TRY(count, list.array_size());
    for (std::size_t i = 0; i < count; ++i) {
      FUSELINE_TRY(item, list.at(i));
      FUSELINE_TRY(name_view, item.at("name"));
      FUSELINE_TRY(name, name_view.string());
      FUSELINE_CHECK(arguments_.add(name_view, name, "workspace"));
      FUSELINE_TRY(dtype_view, item.at("dtype"));
      FUSELINE_TRY(dtype, dtype_view.string());
      if (dtype != "T" && !dtype_from_string(dtype))
        return dtype_view.fail(fmt::format("unknown dtype \"{}\"", printable(dtype)));
      FUSELINE_TRY(elements_view, item.at("elements"));
      FUSELINE_CHECK(check_expression(elements_view, known_));
      FUSELINE_TRY(elements, read_expression(elements_view));
      FUSELINE_TRY(zero_text, item.string_or("zero", "never"));
      const auto zero = workspace_zero_from_string(zero_text);
      if (!zero) return item.fail(fmt::format("\"zero\" is untimed or timed, not \"{}\"", printable(zero_text)));
      variant_.workspace.push_back({name, dtype, elements, *zero});
      buffers_.push_back(name);
    }
    return {};
  }

  Result<void> read_compile_options() {
    if (!root_.has("compile_options")) return {};
    FUSELINE_TRY(list, root_.at("compile_options"));
    FUSELINE_TRY(count, list.array_size());
    if (count > 0 && variant_.form != KernelForm::cuda)
      return list.fail(fmt::format("a {} is not compiled", to_string(variant_.form)));
    for (std::size_t i = 0; i < count; ++i) {
      FUSELINE_TRY(item, list.at(i));
      FUSELINE_TRY(option, item.string());
      if (!is_allowed_compile_option(option)) {
        return item.fail(fmt::format("the compiler option \"{}\" is not allowed; allowed: {}", printable(option),
                                     fmt::join(allowed_compile_options(), " ")));
      }
      variant_.compile_options.push_back(std::move(option));
    }
    return {};
  }

  Result<void> read_all_launches() {
    FUSELINE_TRY(view, root_.at("launches"));
    FUSELINE_TRY(launches, read_launches(view, {known_, buffers_, scalars_, outputs_, variant_.form,
                                                placeholders(variant_, true)}));
    variant_.launches = std::move(launches);
    for (std::size_t i = 0; i < variant_.launches.size(); ++i) {
      FUSELINE_TRY(item, view.at(i));
      FUSELINE_TRY(shown, item.boolean_or("shown", false));
      if (!shown) continue;
      FUSELINE_TRY(shown_view, item.at("shown"));
      if (variant_.shown_launch) return shown_view.fail("another launch is shown already");
      variant_.shown_launch = i;
    }
    return check_against_image();
  }

  Result<void> read_bytes_in_flight() {
    if (!root_.has("bytes_in_flight")) return {};
    FUSELINE_TRY(view, root_.at("bytes_in_flight"));
    FUSELINE_CHECK(check_expression(view, known_));
    FUSELINE_TRY(text, read_expression(view));
    variant_.bytes_in_flight = std::move(text);
    return {};
  }

  /// As far as the manifest alone says which image and which kernel are meant.
  Result<void> check_against_image() {
    const auto image = variant_.images.find(variant_.source_name);
    if (image == variant_.images.end()) return {};
    for (std::size_t i = 0; i < variant_.launches.size(); ++i) {
      const LaunchSpec& launch = variant_.launches[i];
      if (launch.kernel.find('{') != std::string::npos) continue;
      std::vector<ArgumentKind> kinds;
      for (const ArgumentSpec& argument : launch.args) kinds.push_back(argument.kind);
      FUSELINE_TRY(entry, check_kernel(*image->second, launch.kernel, kinds, {root_.file(), i}));
      static_cast<void>(entry);
    }
    return {};
  }

  JsonView root_;
  const Problem& problem_;
  Variant variant_;
  NameTable names_ = reserved_expression_names();
  NameTable arguments_;
  std::vector<std::string> buffers_, scalars_, outputs_;  ///< What launches may take.
  std::vector<std::string> known_;                        ///< Names that the variant's expressions may use.
};

}  // namespace

Result<Variant> load_variant(const std::filesystem::path& file, const Problem& problem) {
  FUSELINE_TRY(json, read_json_file(file, {std::size_t{4} << 20, 16}));
  const std::string shown = printable(file.string());
  FUSELINE_CHECK(check_decided(json, shown));
  FUSELINE_CHECK(validate_schema(json, "variant", shown));
  return VariantReader(JsonView(json, shown), file, problem).read();
}

Result<const Variant*> find_variant(const std::vector<Variant>& variants, const std::string& name) {
  const auto found =
      std::find_if(variants.begin(), variants.end(), [&](const Variant& each) { return each.name == name; });
  if (found != variants.end()) return &*found;
  std::vector<std::string> names;
  names.reserve(variants.size());
  for (const Variant& each : variants) names.push_back(each.name);
  return bad_input(fmt::format("there is no variant '{}' here; there are {}", printable(name), fmt::join(names, ", ")));
}

}  // namespace fuseline::tuner
