// The set of valid configurations of a sweep, indexed from 0, with the structure that search needs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tuner/base/error.hpp"
#include "tuner/base/types.hpp"

namespace fuseline::tuner {

/// A parameter of a sub-space: its values in order. `ordered` is false for strings (categories).
struct Parameter {
  std::string name;
  std::vector<Value> values;
  bool ordered = true;
};

/// The parameters of one variant (or of a foreign recording).
struct SubSpace {
  std::string variant;
  std::vector<Parameter> parameters;
  std::uint64_t first_index = 0;  ///< Configurations of this sub-space are first_index .. first_index + size - 1.
  std::uint64_t size = 0;         ///< Valid configurations.
  double raw_size = 0;            ///< Product of the numbers of values, before constraints.
};

/// A configuration as positions of values; may be invalid until Space::index_of says otherwise.
struct Point {
  std::uint32_t subspace = 0;
  std::vector<std::uint16_t> choices;  ///< One position a parameter.
  friend bool operator==(const Point&, const Point&) = default;
};

/// Valid configurations 0 .. size()-1. Immutable and safe to read from many threads.
class Space {
 public:
  virtual ~Space() = default;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  [[nodiscard]] virtual const std::vector<SubSpace>& subspaces() const = 0;
  /// index < size().
  [[nodiscard]] virtual Point point(std::uint64_t index) const = 0;
  /// Empty where `point` violates a constraint or is not in the list.
  [[nodiscard]] virtual std::optional<std::uint64_t> index_of(const Point& point) const = 0;

  [[nodiscard]] Configuration configuration(std::uint64_t index) const;
  [[nodiscard]] Configuration configuration(const Point& point) const;
  /// Empty where the variant, a parameter or a value is unknown, or the configuration is invalid.
  [[nodiscard]] std::optional<std::uint64_t> index_of(const Configuration& configuration) const;
};

/// What a constrained space is built from. `constraint` texts see parameters, derived values and constants.
struct SubSpaceSpec {
  std::string variant;
  std::vector<Parameter> parameters;
  std::vector<std::pair<std::string, std::string>> derived;      ///< name, expression
  std::vector<std::pair<std::string, std::string>> constraints;  ///< expression, reason
  std::vector<std::pair<std::string, double>> constants;         ///< problem and device numbers
  std::string file;                                              ///< For errors.
};

/// Builds the space by depth-first enumeration that drops a branch as soon as a constraint over the parameters chosen so far fails.
/// Errors: an expression that does not parse or divides by zero (with file and path), no configuration left (naming the constraint
/// that removed most), more than 2^40 configurations.
[[nodiscard]] Result<std::shared_ptr<const Space>> build_space(const std::vector<SubSpaceSpec>& specs);

/// A space that is a list, as a recording has it. Duplicates are an error.
[[nodiscard]] Result<std::shared_ptr<const Space>> list_space(const std::vector<Configuration>& configurations);

}  // namespace fuseline::tuner
