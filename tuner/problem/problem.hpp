// A fused operation as data: dimensions, tensors, scalars, reference, tolerance; read from a problem file.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tuner/base/error.hpp"
#include "tuner/base/types.hpp"
#include "tuner/problem/expression.hpp"
#include "tuner/problem/kernel_source.hpp"
#include "tuner/problem/npy.hpp"

namespace fuseline::tuner {

enum class TensorRole { input, output };

/// How an input is filled that no file gives: the same numbers for the same seed and element index on every device.
struct Fill {
  enum class Kind { normal, uniform, constant } kind = Kind::normal;
  double mean = 0.0, stddev = 1.0;  ///< normal
  double low = 0.0, high = 1.0;     ///< uniform
  double value = 0.0;               ///< constant
};

struct TensorSpec {
  std::string name;
  TensorRole role = TensorRole::input;
  std::string dtype;       ///< "T" (the sweep's dtype) or a Dtype name.
  std::string elements;    ///< Expression over dimensions and derived dimensions.
  std::string shape_text;  ///< Such as "[N, C, D, H, W]", shown to people.
  Fill fill;
  std::string used = {};  ///< Expression: how many of the elements have to be moved; empty: all.
  /// Name of the .npy file of its values, of an output that of the reference's; see tensor_files(). Empty: none.
  std::string file = {};
  /// Of an output: the share of its largest |ref| that every element may be off besides; Tolerance::with_share_of().
  double absolute_of_largest = 0;
};

struct NamedExpression {
  std::string name;
  std::string text;
};

struct ShapePreset {
  std::string name;
  std::string description;
  std::vector<Dimension> dims;
};

/// |got - ref| <= absolute + relative * |ref|, ref in fp64 on the rounded inputs. NaN matches only NaN, an infinity
/// only itself.
struct Tolerance {
  double absolute = 0.0;
  double relative = 0.0;

  /// What holds for an output whose largest finite |ref| is `largest`, where `share` of it is allowed of every element.
  /// For sums over many terms: where those cancel, what is left has the terms' error, not its own (N. Higham, Accuracy
  /// and Stability of Numerical Algorithms, 4.2).
  [[nodiscard]] Tolerance with_share_of(double share, double largest) const {
    return {absolute + share * largest, relative};
  }
};

struct DimensionSpec {
  std::string name;
  std::string description;
  std::int64_t minimum = 1;
  std::int64_t maximum = std::int64_t{1} << 40;
};

/// One argument of a launch.
struct ArgumentSpec {
  ArgumentKind kind = ArgumentKind::buffer;
  std::string text;  ///< Name of a tensor or workspace; expression of a number.
  friend bool operator==(const ArgumentSpec&, const ArgumentSpec&) = default;
};

/// One kernel launch of a variant or reference: grid, block and shared_bytes are expressions.
struct LaunchSpec {
  /// A name in the image; for CUDA text also a name expression. Variants may write {parameter}, and {T} for the C++
  /// type of the sweep's dtype.
  std::string kernel;
  std::vector<std::string> grid;   ///< 1 to 3 expressions.
  std::vector<std::string> block;  ///< 1 to 3 expressions.
  std::string shared_bytes = "0";  ///< Dynamic shared memory.
  std::vector<ArgumentSpec> args;  ///< A scalar that is given by its name alone is an f32.
  bool cooperative = false;
};

/// Readings of a kernel given from outside on a named GPU, shown beside ours (never as ours).
struct GivenReading {
  std::string kernel;
  std::string device;
  std::string dtype;
  std::map<std::string, double> counters;
};

struct Problem {
  std::string name;
  std::string title;
  std::string formula;
  std::string description;
  std::string source;
  std::vector<DimensionSpec> dims;
  std::vector<NamedExpression> derived;  ///< In order: each may use those before it.
  std::vector<std::string> requires_;    ///< Boolean expressions over dimensions that a shape must meet.
  std::vector<ShapePreset> shapes;       ///< The first is the default.
  std::vector<Dtype> dtypes;             ///< The first is the default.
  Scalars scalars;                       ///< With their defaults.
  std::vector<TensorSpec> tensors;
  std::string flops;  ///< Expression: operations of the definition, an exp, erf, division or square root counting one.
  std::map<Dtype, Tolerance> tolerance;
  std::filesystem::path file;                  ///< The problem file.
  std::filesystem::path kernel_folder;         ///< Where reference.cu and the variants are.
  std::string reference_source;                ///< Text of reference.cu; outputs are double.
  std::vector<LaunchSpec> reference_launches;  ///< Empty where files are the reference.
  std::vector<GivenReading> given;
  std::optional<Predecessor> after;  ///< What its launches are timed behind unless the user says; clean or producer.

  /// Every output has its file, and no kernel works the reference out.
  [[nodiscard]] bool reference_from_files() const { return reference_launches.empty(); }
};

/// A tensor with its size worked out.
struct Tensor {
  std::string name;
  TensorRole role = TensorRole::input;
  Dtype dtype = Dtype::f32;
  std::int64_t elements = 0;
  Fill fill = {};
  /// Its values, of an output those of the reference, are sent as elements of this type. Of a job alone.
  std::optional<NpyType> stored = {};
  double absolute_of_largest = 0;  ///< TensorSpec's.
  [[nodiscard]] std::int64_t bytes() const { return elements * dtype_bytes(dtype); }
};

/// A problem with a shape and a dtype: everything about it is a number.
struct ProblemInstance {
  const Problem* problem = nullptr;
  std::string shape;  ///< Preset name; "custom" where a dimension was overridden.
  std::vector<Dimension> dims;
  std::vector<Dimension> derived;
  Scalars scalars;  ///< Every one with its value in force.
  Dtype dtype = Dtype::f32;
  std::vector<Tensor> tensors;
  std::int64_t compulsory_bytes = 0;               ///< Every input read once and every output written once.
  std::int64_t input_bytes = 0, output_bytes = 0;  ///< Their parts: of the elements that are used.
  double flops = 0;
  Tolerance tolerance;
  Scope scope;  ///< dims, derived, scalars, dtype_names(): what expressions of variants may use.

  /// Operations per compulsory byte.
  [[nodiscard]] double intensity() const {
    return compulsory_bytes > 0 ? flops / static_cast<double>(compulsory_bytes) : 0.0;
  }
};

/// Reads and validates one problem file (schema "problem"). Expressions are checked against every shape preset.
/// Its kernels are in the same folder.
[[nodiscard]] Result<Problem> load_problem(const std::filesystem::path& file);

/// Chooses a shape (empty: the default), overrides dimensions and scalars, works everything out.
/// Errors: unknown shape, dimension or scalar (with close names), one given twice, value out of range or not finite,
/// unmet requirement, dtype not offered.
[[nodiscard]] Result<ProblemInstance> instantiate(const Problem& problem, const std::string& shape,
                                                  const std::vector<Dimension>& overrides, Dtype dtype,
                                                  const Scalars& scalars = {});

/// A scalar as people write it: "eps=1e-6". Errors: no name, no number, a number that no double holds.
[[nodiscard]] Result<std::pair<std::string, double>> scalar_from_text(const std::string& text);
/// "scale=2 eps=1e-06": safe to show, and each is read back as the same number.
[[nodiscard]] std::string scalars_text(const Scalars& scalars);
/// Those of `values` that differ from the problem's defaults.
[[nodiscard]] Scalars changed_scalars(const Problem& problem, const Scalars& values);

}  // namespace fuseline::tuner
