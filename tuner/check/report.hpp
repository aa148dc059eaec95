// What a check of problems found, for text and JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tuner/base/error.hpp"
#include "tuner/base/types.hpp"

namespace fuseline::tuner {

/// What a finding is about.
enum class FindingKind {
  load,        ///< A file cannot be read, or says what none may say.
  expression,  ///< An expression fails, or gives what cannot be used.
  space,       ///< Nothing is left of a space.
  value,       ///< A parameter's value that is never let through.
  macro,       ///< PARAM_ names that are not used, or not declared.
  arguments,   ///< A launch does not give what its kernel takes.
  kernel,      ///< An image does not have what a launch asks for.
  compile,     ///< NVRTC refuses a source.
  run,         ///< What a run on the CPU showed.
};
[[nodiscard]] std::string_view to_string(FindingKind kind);

/// One thing that is wrong. `path` is a JSON pointer; of a source there is a line instead, or neither.
struct Finding {
  FindingKind kind = FindingKind::load;
  std::string file;
  int line = 0;
  std::string path;
  std::string reason;
  friend bool operator==(const Finding&, const Finding&) = default;
};
/// "FILE: /json/pointer: reason" or "FILE:LINE: reason".
[[nodiscard]] std::string to_string(const Finding& finding);
[[nodiscard]] Finding load_finding(const Error& error);

/// A staged space in one shape and dtype, on a device of one compute capability.
struct SpaceCount {
  int capability = 0;  ///< Such as 89.
  Dtype dtype = Dtype::f32;
  std::string shape;
  std::uint64_t configurations = 0;
  double combinations = 0;     ///< Of the parameters' values.
  double over_the_device = 0;  ///< Combinations that meet the constraints, and that the device cannot launch.
};

/// Over all spaces that were looked at.
struct ConstraintEffect {
  std::string text, reason;
  double met_by = 0;   ///< Combinations that all constraints before it let through.
  double removed = 0;  ///< Of these.
};

/// Images of one variant over all spaces; of a reference over all dtypes and shapes.
struct CompileSummary {
  std::size_t distinct = 0;  ///< Sources and options that differ.
  std::size_t compiled = 0;  ///< Of these, asked of the compiler.
  std::size_t failed = 0;
  int fewest_registers = 0, most_registers = 0;  ///< A thread, of the kernel that takes most; 0: not known.
  std::size_t spilling = 0;                      ///< Images with a kernel that spills.
  std::int64_t most_spill_bytes = 0;             ///< Stored and loaded, of all kernels of an image.
  std::string spills_most;                       ///< The configuration.
};

/// Runs of one variant on the CPU, over all its dtypes and shapes.
struct HostSummary {
  std::size_t chosen = 0;  ///< Configurations.
  std::size_t run = 0;     ///< Of these, to their end.
  std::size_t wrong = 0;   ///< Of these.
};

struct VariantCheck {
  std::string name;
  std::vector<SpaceCount> spaces;
  std::vector<ConstraintEffect> constraints;
  CompileSummary images;
  HostSummary host;
  std::vector<std::string> remarks;  ///< What is worth knowing and not wrong.
};

struct ProblemCheck {
  std::string name;
  std::vector<VariantCheck> variants;
  CompileSummary reference;
  std::vector<std::string> remarks = {};  ///< As of a variant.
};

/// A device that spaces were looked at for.
struct CheckedDevice {
  int capability = 0;
  std::string title;
};

struct CheckReport {
  std::vector<CheckedDevice> devices;
  std::vector<ProblemCheck> problems;
  std::vector<Finding> findings;
  std::vector<std::string> warnings;
  bool compiles = true;  ///< Sources were to be compiled.
  /// Why nothing, or not all, was compiled, though it was asked for; else empty.
  std::string not_compiled;
  bool runs = false;  ///< Kernels were to be run on the CPU.
  /// What was not run, though it was asked for, with the reason.
  std::vector<std::string> not_run = {};

  /// Nothing was found, and everything that was asked for was looked at.
  [[nodiscard]] bool clean() const { return findings.empty() && not_compiled.empty() && not_run.empty(); }
};

}  // namespace fuseline::tuner
