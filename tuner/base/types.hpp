// The enumerations and the value type that every part of Fuseline shares.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tuner/base/shared_text.hpp"

namespace fuseline::tuner {

/// Element types of tensors. A problem is swept in f32, f16 or bf16; the others serve scratch and references.
enum class Dtype { f32, f16, bf16, f64, i32, i64, u64, u8 };
[[nodiscard]] std::string_view to_string(Dtype dtype);
[[nodiscard]] std::optional<Dtype> dtype_from_string(std::string_view text);
[[nodiscard]] std::int64_t dtype_bytes(Dtype dtype);

/// What became of a configuration. Failures are data: each keeps its reason in the measurement.
enum class Outcome {
  ok,             ///< Verified and timed.
  compile_error,  ///< NVRTC refused the source.
  launch_error,   ///< Loading or launching failed, or the kernel faulted.
  incorrect,      ///< Ran, but an output is wrong, unwritten, or a guard band was overwritten.
  timeout,        ///< A deadline (compile, verify, run) passed.
  crashed,        ///< The worker died while it had this configuration on the device.
  skipped,        ///< Not run: needs what the device does not have.
};
[[nodiscard]] std::string_view to_string(Outcome outcome);
[[nodiscard]] std::optional<Outcome> outcome_from_string(std::string_view text);

/// What every timed launch follows: the L2 cache that it finds depends on it.
enum class Predecessor {
  unsettled,  ///< Whatever ran before. Results of before there was a choice.
  clean,      ///< The configuration itself, then a read of more than L2 holds: L2 is full, clean, and of no use.
  producer,   ///< The same, then a kernel that has just written the inputs, as the layer before does in a model.
  itself,     ///< The configuration itself, on the same buffers.
};
[[nodiscard]] std::string_view to_string(Predecessor predecessor);
[[nodiscard]] std::optional<Predecessor> predecessor_from_string(std::string_view text);

/// One value of a parameter. Strings are identifiers ([A-Za-z_][A-Za-z0-9_]*) in our manifests and free text in foreign
/// recordings.
class Value {
 public:
  using Storage = std::variant<bool, std::int64_t, double, SharedText>;

  Value() : storage_(std::int64_t{0}) {}
  Value(bool v) : storage_(v) {}                            // NOLINT(google-explicit-constructor)
  Value(std::int64_t v) : storage_(v) {}                    // NOLINT(google-explicit-constructor)
  Value(int v) : storage_(std::int64_t{v}) {}               // NOLINT(google-explicit-constructor)
  Value(double v) : storage_(v) {}                          // NOLINT(google-explicit-constructor)
  Value(const std::string& v) : storage_(SharedText(v)) {}  // NOLINT(google-explicit-constructor)
  Value(const char* v) : storage_(SharedText(v)) {}         // NOLINT(google-explicit-constructor)

  [[nodiscard]] const Storage& storage() const { return storage_; }
  [[nodiscard]] bool is_string() const { return std::holds_alternative<SharedText>(storage_); }
  /// The number that expressions see; strings have none (they are seen by their position among the parameter's values).
  [[nodiscard]] std::optional<double> number() const;
  /// As written on the command line and in tables: true, 128, 0.5, erf.
  [[nodiscard]] std::string to_string() const;

  [[nodiscard]] nlohmann::json to_json() const;
  /// Empty unless `json` is a boolean, number or string.
  [[nodiscard]] static std::optional<Value> from_json(const nlohmann::json& json);

  friend bool operator==(const Value&, const Value&) = default;
  friend auto operator<=>(const Value&,
                          const Value&) = default;  // NOLINT(modernize-use-nullptr): the 0 of what the compiler writes

 private:
  Storage storage_;
};

/// A parameter or dimension with its value; lists of these keep the order of the manifest. 24 bytes: runs have a
/// million.
struct NamedValue {
  SharedText name;
  Value value;
  friend bool operator==(const NamedValue&, const NamedValue&) = default;
};

/// Most parameters of a configuration that a file or message may have: code that looks one up walks all of them.
inline constexpr std::size_t kMaximumParameters = 256;

/// A variant with a value for every parameter: what is compiled, verified and timed.
struct Configuration {
  std::string variant;
  std::vector<NamedValue> values;  ///< In the order of the manifest's parameters.

  /// "variant a=1 b=erf": unique within a problem, readable, stable across runs.
  [[nodiscard]] std::string key() const;
  [[nodiscard]] nlohmann::json values_json() const;  ///< {"a": 1, "b": "erf"}
  /// Null where it has no such parameter.
  [[nodiscard]] const NamedValue* find(const std::string& parameter) const;
  friend bool operator==(const Configuration&, const Configuration&) = default;
};

/// A named integer dimension of a problem.
struct Dimension {
  std::string name;
  std::int64_t value = 0;
  friend bool operator==(const Dimension&, const Dimension&) = default;
};

/// Real numbers of a problem that dimensions do not change, such as an epsilon, by name and in its order.
using Scalars = std::vector<std::pair<std::string, double>>;

/// Grid and block extents (x, y, z) and dynamic shared memory of one kernel launch.
struct Launch {
  std::int64_t grid[3] = {1, 1, 1};
  std::int64_t block[3] = {1, 1, 1};
  std::int64_t shared_bytes = 0;
  friend bool operator==(const Launch&, const Launch&) = default;
};

}  // namespace fuseline::tuner
