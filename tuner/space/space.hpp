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

/// A condition that configurations must meet: valid where `text` is not zero.
struct SpaceConstraint {
  std::string text;
  std::string reason;     ///< A clause for people.
  std::string path = {};  ///< JSON path for errors; empty: "/constraints/<position>/require".
};

/// What a constrained space is built from. `constraint` texts see parameters, derived values and constants. A string
/// value is seen as the constant "parameter.value" where there is one, else as its position among the parameter's
/// values.
struct SubSpaceSpec {
  std::string variant;
  std::vector<Parameter> parameters;                         ///< At most 64.
  std::vector<std::pair<std::string, std::string>> derived;  ///< name, expression; each may use those before it.
  std::vector<SpaceConstraint> constraints;
  std::vector<std::pair<std::string, double>> constants;  ///< problem and device numbers
  std::string file;                                       ///< For errors.
};

/// Bounds on what building one space may take: a manifest is data and may ask for anything.
struct SpaceLimits {
  std::uint64_t configurations = std::uint64_t{1} << 40;  ///< Valid ones.
  std::uint64_t edges = std::uint64_t{1} << 25;           ///< Of the trees that are kept; 16 bytes each.
  /// Partial configurations looked at, and for each expression evaluated one more and one more for every 32 characters:
  /// seconds.
  std::uint64_t work = std::uint64_t{1} << 27;
  /// Bytes, about, of partial results kept to be found again while a space is built. Past it they are worked out anew:
  /// slower, not wrong.
  std::uint64_t remembered_bytes = std::uint64_t{1} << 28;
};

/// Builds the space. Parameters that share a constraint (directly or through derived values) form a group; a group is
/// enumerated depth first in the parameters' order, dropping a branch as soon as a constraint over the parameters
/// chosen so far fails, and branches that no later constraint can tell apart are enumerated once and shared. A
/// sub-space is the product of its groups, so counting and indexing cost what the groups cost and not their product.
/// (After the chain of trees of Rasch et al., "ATF", ACM TACO 2021.)
///
/// Order of indices: sub-spaces as given; within one, the last group (by first parameter) varies fastest, and a group
/// is in lexicographic order of its parameters' positions. A sub-space that constraints leave empty is left out.
/// Errors: an expression that does not parse or divides by zero (with file, path and the values at hand), no
/// configuration left at all (naming the constraint that removed most), more than `limits` allow.
[[nodiscard]] Result<std::shared_ptr<const Space>> build_space(const std::vector<SubSpaceSpec>& specs,
                                                               const SpaceLimits& limits = {});

/// By constraint: how many configurations are left by it and those before it. Nothing where that is more than `limits`
/// allow to count, or where an expression fails.
[[nodiscard]] std::vector<std::optional<std::uint64_t>> sizes_after_constraints(const SubSpaceSpec& spec,
                                                                                const SpaceLimits& limits = {});

/// A space that is a list, as a recording has it. Within a variant, indices follow the order of parameters and values
/// (numbers ascending, strings as they first appear), not the order of the list. Duplicates, and configurations of one
/// variant with different parameters, are errors.
[[nodiscard]] Result<std::shared_ptr<const Space>> list_space(const std::vector<Configuration>& configurations);

/// How many configurations a sub-space has; 0 where constraints leave none. Errors: as of build_space().
[[nodiscard]] Result<std::uint64_t> count_configurations(const SubSpaceSpec& spec, const SpaceLimits& limits = {});

}  // namespace fuseline::tuner
