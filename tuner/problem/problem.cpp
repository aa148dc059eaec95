// Reads problem files.
#include "tuner/problem/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tuner/base/json.hpp"
#include "tuner/base/text.hpp"
#include "tuner/problem/decisions.hpp"
#include "tuner/problem/instance.hpp"
#include "tuner/problem/kernel_image.hpp"
#include "tuner/problem/loading.hpp"
#include "tuner/problem/tensor_files.hpp"

namespace fuseline::tuner {
namespace {

class ProblemReader {
 public:
  ProblemReader(const JsonView& root, std::filesystem::path file) : root_(root) {
    problem_.kernel_folder = file.parent_path();
    problem_.file = std::move(file);
  }

  Result<Problem> read() {
    FUSELINE_CHECK(read_texts());
    FUSELINE_CHECK(read_dims());
    FUSELINE_CHECK(read_scalars());
    FUSELINE_TRY(derived, read_derived(root_, known_, names_));
    problem_.derived = std::move(derived);
    FUSELINE_CHECK(read_requires());
    FUSELINE_CHECK(read_dtypes());
    FUSELINE_CHECK(read_tensors());
    FUSELINE_CHECK(read_flops());
    FUSELINE_CHECK(read_tolerance());
    FUSELINE_CHECK(read_shapes());
    FUSELINE_CHECK(read_reference());
    FUSELINE_CHECK(read_given());
    FUSELINE_CHECK(read_after());
    FUSELINE_CHECK(check_shapes());
    return std::move(problem_);
  }

 private:
  Result<void> read_texts() {
    FUSELINE_TRY(name_view, root_.at("name"));
    FUSELINE_TRY(name, name_view.string());
    if (!is_identifier(name)) return name_view.fail("a problem's name is an identifier");
    problem_.name = name;
    for (auto [member, text] : {std::pair{"title", &problem_.title},
                                {"formula", &problem_.formula},
                                {"description", &problem_.description},
                                {"source", &problem_.source}}) {
      FUSELINE_TRY(value, root_.string_or(member, ""));
      *text = printable(value);
    }
    if (problem_.title.empty()) problem_.title = problem_.name;
    return {};
  }

  Result<void> read_dims() {
    FUSELINE_TRY(list, root_.at("dims"));
    FUSELINE_TRY(count, list.array_size());
    for (std::size_t i = 0; i < count; ++i) {
      FUSELINE_TRY(item, list.at(i));
      FUSELINE_TRY(name_view, item.at("name"));
      DimensionSpec dim;
      FUSELINE_TRY(name, name_view.string());
      FUSELINE_CHECK(names_.add(name_view, name, "dimension"));
      FUSELINE_TRY(description, item.string_or("description", ""));
      FUSELINE_TRY(minimum, item.integer_or("min", dim.minimum));
      FUSELINE_TRY(maximum, item.integer_or("max", dim.maximum));
      if (minimum > maximum)
        return item.fail(fmt::format("the least value {} is more than the greatest {}", minimum, maximum));
      known_.push_back(name);
      problem_.dims.push_back({name, printable(description), minimum, maximum});
    }
    return {};
  }

  Result<void> read_scalars() {
    known_.insert(known_.end(), dtype_names().begin(), dtype_names().end());
    if (!root_.has("scalars")) return {};
    FUSELINE_TRY(scalars, root_.at("scalars"));
    for (const auto& [name, json] : scalars.json().items()) {
      FUSELINE_TRY(view, scalars.at(name));
      FUSELINE_TRY(value, view.number());
      FUSELINE_CHECK(names_.add(view, name, "scalar"));
      FUSELINE_CHECK(arguments_.add(view, name, "scalar"));
      known_.push_back(name);
      problem_.scalars.emplace_back(name, value);
    }
    return {};
  }

  Result<void> read_requires() {
    if (!root_.has("requires")) return {};
    FUSELINE_TRY(list, root_.at("requires"));
    FUSELINE_TRY(count, list.array_size());
    for (std::size_t i = 0; i < count; ++i) {
      FUSELINE_TRY(item, list.at(i));
      FUSELINE_CHECK(check_expression(item, known_));
      FUSELINE_TRY(text, read_expression(item));
      problem_.requires_.push_back(std::move(text));
    }
    return {};
  }

  Result<void> read_dtypes() {
    FUSELINE_TRY(list, root_.at("dtypes"));
    FUSELINE_TRY(count, list.array_size());
    for (std::size_t i = 0; i < count; ++i) {
      FUSELINE_TRY(item, list.at(i));
      FUSELINE_TRY(text, item.string());
      const std::optional<Dtype> dtype = dtype_from_string(text);
      if (!dtype) return item.fail(fmt::format("unknown dtype \"{}\"", printable(text)));
      if (std::find(problem_.dtypes.begin(), problem_.dtypes.end(), *dtype) != problem_.dtypes.end())
        return item.fail("the dtype is given twice");
      problem_.dtypes.push_back(*dtype);
    }
    return {};
  }

  Result<void> read_tensors() {
    FUSELINE_TRY(list, root_.at("tensors"));
    FUSELINE_TRY(count, list.array_size());
    for (std::size_t i = 0; i < count; ++i) {
      FUSELINE_TRY(item, list.at(i));
      FUSELINE_TRY(tensor, read_tensor(item));
      problem_.tensors.push_back(std::move(tensor));
    }
    for (const auto& [role, what] : {std::pair{TensorRole::input, "input"}, {TensorRole::output, "output"}}) {
      const bool found = std::any_of(problem_.tensors.begin(), problem_.tensors.end(),
                                     [role = role](const TensorSpec& t) { return t.role == role; });
      if (!found) return list.fail(fmt::format("no tensor is an {}", what));
    }
    return {};
  }

  Result<TensorSpec> read_tensor(const JsonView& view) {
    TensorSpec tensor;
    FUSELINE_TRY(name_view, view.at("name"));
    FUSELINE_TRY(name, name_view.string());
    FUSELINE_CHECK(arguments_.add(name_view, name, "tensor"));
    FUSELINE_TRY(role, view.at("role").and_then([](const JsonView& v) { return v.string(); }));
    FUSELINE_TRY(dtype_view, view.at("dtype"));
    FUSELINE_TRY(dtype, dtype_view.string());
    if (dtype != "T" && !dtype_from_string(dtype))
      return dtype_view.fail(fmt::format("unknown dtype \"{}\"", printable(dtype)));
    FUSELINE_TRY(elements_view, view.at("elements"));
    FUSELINE_CHECK(check_expression(elements_view, known_));
    FUSELINE_TRY(elements, read_expression(elements_view));
    FUSELINE_TRY(shape, view.string_or("shape", ""));
    tensor = {name, role == "output" ? TensorRole::output : TensorRole::input, dtype, elements, printable(shape), {},
              {}};
    if (view.has("used")) {
      FUSELINE_TRY(used_view, view.at("used"));
      FUSELINE_CHECK(check_expression(used_view, known_));
      FUSELINE_TRY(used, read_expression(used_view));
      tensor.used = used;
    }
    if (view.has("absolute_of_largest")) {
      FUSELINE_TRY(share_view, view.at("absolute_of_largest"));
      if (tensor.role != TensorRole::output) return share_view.fail("only an output is compared");
      FUSELINE_TRY(share, share_view.number());
      tensor.absolute_of_largest = share;
    }
    if (!view.has("fill")) return tensor;
    FUSELINE_TRY(fill_view, view.at("fill"));
    if (tensor.role == TensorRole::output) return fill_view.fail("an output is not filled");
    FUSELINE_TRY(fill, read_fill(fill_view));
    tensor.fill = fill;
    FUSELINE_TRY(file, read_fill_file(fill_view));
    tensor.file = std::move(file);
    return tensor;
  }

  /// Empty where the fill is no file.
  static Result<std::string> read_fill_file(const JsonView& view) {
    FUSELINE_TRY(kind, view.at("kind").and_then([](const JsonView& v) { return v.string(); }));
    if (kind != "file" && view.has("path")) return view.fail("a path goes with the kind \"file\"");
    if (kind != "file") return std::string();
    FUSELINE_TRY(path, view.at("path"));
    return read_tensor_file_name(path);
  }

  static Result<Fill> read_fill(const JsonView& view) {
    Fill fill;
    FUSELINE_TRY(kind, view.at("kind").and_then([](const JsonView& v) { return v.string(); }));
    if (kind == "uniform") fill.kind = Fill::Kind::uniform;
    if (kind == "constant") fill.kind = Fill::Kind::constant;
    for (auto [member, number] : {std::pair{"mean", &fill.mean},
                                  {"stddev", &fill.stddev},
                                  {"low", &fill.low},
                                  {"high", &fill.high},
                                  {"value", &fill.value}}) {
      FUSELINE_TRY(value, view.number_or(member, *number));
      *number = value;
    }
    if (fill.stddev < 0) return view.fail("the standard deviation is negative");
    if (fill.low > fill.high) return view.fail("low is more than high");
    return fill;
  }

  Result<void> read_flops() {
    FUSELINE_TRY(view, root_.at("flops"));
    FUSELINE_CHECK(check_expression(view, known_));
    FUSELINE_TRY(text, read_expression(view));
    problem_.flops = std::move(text);
    return {};
  }

  Result<void> read_tolerance() {
    FUSELINE_TRY(view, root_.at("tolerance"));
    for (const Dtype dtype : problem_.dtypes) {
      FUSELINE_TRY(one, view.at(std::string(to_string(dtype))));
      Tolerance& tolerance = problem_.tolerance[dtype];
      FUSELINE_TRY(absolute, one.at("absolute").and_then([](const JsonView& v) { return v.number(); }));
      FUSELINE_TRY(relative, one.at("relative").and_then([](const JsonView& v) { return v.number(); }));
      tolerance = {absolute, relative};
    }
    return {};
  }

  Result<void> read_after() {
    if (!root_.has("after")) return {};
    FUSELINE_TRY(view, root_.at("after"));
    FUSELINE_TRY(text, view.string());
    problem_.after = predecessor_from_string(text);
    if (problem_.after != Predecessor::clean && problem_.after != Predecessor::producer)
      return view.fail("expected \"clean\" or \"producer\"");
    return {};
  }

  Result<void> read_shapes() {
    FUSELINE_TRY(list, root_.at("shapes"));
    FUSELINE_TRY(count, list.array_size());
    NameTable names;
    for (std::size_t i = 0; i < count; ++i) {
      FUSELINE_TRY(item, list.at(i));
      FUSELINE_TRY(name_view, item.at("name"));
      FUSELINE_TRY(name, name_view.string());
      FUSELINE_CHECK(names.add(name_view, name, "shape"));
      if (name == "custom") return name_view.fail("\"custom\" is what a shape with overridden dimensions is called");
      FUSELINE_TRY(description, item.string_or("description", ""));
      FUSELINE_TRY(dims_view, item.at("dims"));
      FUSELINE_TRY(dims, read_shape_dims(dims_view));
      problem_.shapes.push_back({name, printable(description), std::move(dims)});
    }
    return {};
  }

  Result<std::vector<Dimension>> read_shape_dims(const JsonView& view) {
    std::vector<std::string> known;
    std::vector<Dimension> dims;
    for (const DimensionSpec& spec : problem_.dims) {
      known.push_back(spec.name);
      FUSELINE_TRY(value_view, view.at(spec.name));
      FUSELINE_TRY(value, value_view.integer());
      if (value < spec.minimum || value > spec.maximum) {
        return value_view.fail(fmt::format("{} is not within {} and {}", value, spec.minimum, spec.maximum));
      }
      dims.push_back({spec.name, value});
    }
    for (const auto& [name, json] : view.json().items()) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      FUSELINE_TRY(unknown, view.at(name));
      return unknown.fail(fmt::format("unknown dimension \"{}\"{}", printable(name), known_names_hint(name, known)));
    }
    return dims;
  }

  Result<void> read_reference() {
    FUSELINE_TRY(view, root_.at("reference"));
    if (view.has("files")) return read_reference_files(view);
    FUSELINE_TRY(source_view, view.at("source"));
    FUSELINE_TRY(name, source_view.string());
    FUSELINE_TRY(source, read_source(source_view, problem_.kernel_folder, name, kMaximumTextBytes));
    FUSELINE_CHECK(check_source_decided(source, printable((problem_.kernel_folder / name).string())));
    problem_.reference_source = std::move(source);
    LaunchNames names{known_, {}, {}, {}};
    for (const TensorSpec& tensor : problem_.tensors) names.buffers.push_back(tensor.name);
    for (const auto& [scalar, value] : problem_.scalars) names.scalars.push_back(scalar);
    const std::vector<std::string>& device = device_names();
    names.expressions.insert(names.expressions.end(), device.begin(), device.end());
    for (const TensorSpec& tensor : problem_.tensors) {
      if (tensor.role == TensorRole::output) names.outputs.push_back(tensor.name);
    }
    FUSELINE_TRY(launches_view, view.at("launches"));
    FUSELINE_TRY(launches, read_launches(launches_view, names));
    problem_.reference_launches = std::move(launches);
    return {};
  }

  /// {"files": {"out": "out.npy"}}: every output by its name.
  Result<void> read_reference_files(const JsonView& reference) {
    if (reference.has("source") || reference.has("launches"))
      return reference.fail("the reference is a source with launches or files, not both");
    FUSELINE_TRY(files, reference.at("files"));
    for (TensorSpec& tensor : problem_.tensors) {
      if (tensor.role != TensorRole::output) continue;
      if (!files.has(tensor.name)) return files.fail(fmt::format("names no file of the output \"{}\"", tensor.name));
      FUSELINE_TRY(view, files.at(tensor.name));
      FUSELINE_TRY(name, read_tensor_file_name(view));
      tensor.file = std::move(name);
    }
    for (const auto& [name, json] : files.json().items()) {
      const bool known =
          std::any_of(problem_.tensors.begin(), problem_.tensors.end(), [&name = name](const TensorSpec& tensor) {
            return tensor.name == name && tensor.role == TensorRole::output;
          });
      if (!known) return files.fail(fmt::format("\"{}\" is no output", printable(name)));
    }
    for (const TensorSpec& tensor : problem_.tensors) {
      const bool generated = tensor.file.empty() && tensor.fill.kind != Fill::Kind::constant;
      if (tensor.role != TensorRole::input || !generated) continue;
      return files.fail(
          fmt::format("the input \"{}\" is filled with generated numbers, to which a reference from a file does not "
                      "belong: give it "
                      "a fill of kind \"file\" or \"constant\", or a reference source",
                      tensor.name));
    }
    return {};
  }

  Result<void> read_given() {
    if (!root_.has("given")) return {};
    FUSELINE_TRY(list, root_.at("given"));
    FUSELINE_TRY(count, list.array_size());
    for (std::size_t i = 0; i < count; ++i) {
      FUSELINE_TRY(item, list.at(i));
      GivenReading reading;
      for (auto [member, text] :
           {std::pair{"kernel", &reading.kernel}, {"device", &reading.device}, {"dtype", &reading.dtype}}) {
        FUSELINE_TRY(value, item.at(member).and_then([](const JsonView& v) { return v.string(); }));
        *text = printable(value);
      }
      FUSELINE_TRY(counters, item.at("counters"));
      for (const auto& [name, json] : counters.json().items()) {
        FUSELINE_TRY(value, counters.at(name).and_then([](const JsonView& v) { return v.number(); }));
        reading.counters[printable(name)] = value;
      }
      problem_.given.push_back(std::move(reading));
    }
    return {};
  }

  /// Characters of all expressions that instantiate() reads.
  std::size_t expression_length() const {
    std::size_t length = problem_.flops.size();
    for (const NamedExpression& derived : problem_.derived) length += derived.text.size();
    for (const std::string& requirement : problem_.requires_) length += requirement.size();
    for (const TensorSpec& tensor : problem_.tensors) length += tensor.elements.size() + tensor.used.size();
    return length;
  }

  /// Everything must work out for every shape and dtype that the file offers.
  Result<void> check_shapes() {
    constexpr std::size_t kMaximumRead = std::size_t{1} << 20;  // Reading takes about a microsecond a character.
    FUSELINE_TRY(list, root_.at("shapes"));
    const std::size_t read = expression_length() * problem_.shapes.size() * problem_.dtypes.size();
    if (read > kMaximumRead) {
      return list.fail(fmt::format(
          "the expressions are too long for {} shapes in {} dtypes: {} characters to work out, more than {}",
          problem_.shapes.size(), problem_.dtypes.size(), read, kMaximumRead));
    }
    for (std::size_t i = 0; i < problem_.shapes.size(); ++i) {
      FUSELINE_TRY(view, list.at(i));
      for (const Dtype dtype : problem_.dtypes) {
        FUSELINE_CHECK(check_shape(problem_.shapes[i], dtype, view));
      }
    }
    return {};
  }

  Result<void> check_shape(const ShapePreset& shape, Dtype dtype, const JsonView& view) {
    const Result<ProblemInstance> instance = instantiate(problem_, shape.name, {}, dtype);
    if (instance) return {};
    const Error& error = instance.error();
    if (error.path.empty()) return view.fail(error.reason);
    return bad_input(view.file(), error.path, fmt::format("{} (shape \"{}\")", error.reason, shape.name));
  }

  JsonView root_;
  Problem problem_;
  NameTable names_ = reserved_expression_names();
  NameTable arguments_;
  std::vector<std::string> known_;  ///< Names that the problem's expressions may use.
};

}  // namespace

Result<Problem> load_problem(const std::filesystem::path& file) {
  FUSELINE_TRY(json, read_json_file(file, {std::size_t{4} << 20, 16}));
  const std::string shown = printable(file.string());
  FUSELINE_CHECK(check_decided(json, shown));
  FUSELINE_CHECK(validate_schema(json, "problem", shown));
  return ProblemReader(JsonView(json, shown), file).read();
}

}  // namespace fuseline::tuner
