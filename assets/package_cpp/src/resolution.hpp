// A configuration worked out for a shape and a device: launches, arguments, workspaces, values of macros. The rules are
// the tuner's own; a configuration that cannot serve says why.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "number.hpp"

namespace fuseline_package {
namespace detail {

/// What a device holds. Doubles, as expressions use them.
struct Limits {
  double compute_capability = 0;  ///< Such as 8.9.
  double sm_count = 0;
  double max_threads_per_block = 0;
  double max_threads_per_sm = 0;
  double max_blocks_per_sm = 0;
  double shared_bytes_per_block = 0;  ///< With opt-in.
  double shared_bytes_per_sm = 0;
  double registers_per_sm = 0;
  double l2_bytes = 0;
};

/// What a configuration is worked out for.
struct Case {
  const Limits& device;
  const std::int64_t* dims;
  const double* scalars;
  const double* parameters;
  double dtype_bytes;
  double dtype;  ///< Its place among f32, f16 and bf16, as expressions have it.
};

enum class Kind { buffer, i32, u32, i64, u64, f32, f64 };

/// One argument of a launch: the position of a buffer (tensors, then workspaces), or the bytes of a number.
struct Argument {
  Kind kind = Kind::buffer;
  std::uint64_t bits = 0;
};

struct Launch {
  std::int64_t grid[3] = {1, 1, 1};
  std::int64_t block[3] = {1, 1, 1};
  std::int64_t shared_bytes = 0;
  bool cooperative = false;
  std::vector<Argument> arguments;
};

struct Scratch {
  std::size_t bytes = 0;
  bool zeroed = false;  ///< Before every call.
};

/// Every step returns whether the next one may follow. `text` is the manifest's expression, for the reason.
class Resolution {
 public:
  explicit Resolution(const Limits& device) : device_(device) {}

  bool needs_capability(double least);
  bool value(Number& result, Number value, const char* text);
  /// A value that is whole within 1e-9, at least `least` and at most 2^53.
  bool whole(Number& result, double least, Number value, const char* text);
  bool meets(Number condition, const char* text, const char* reason);

  void launch(bool cooperative);
  bool grid(int axis, Number blocks, const char* text);
  bool block(int axis, Number threads, const char* text);
  bool shared(Number bytes, const char* text);
  bool buffer(std::size_t position);
  bool integer(Kind kind, Number value, const char* text);
  /// An integer as it is written, which need not be exact as a double.
  bool literal(Kind kind, std::int64_t value);
  bool real(Kind kind, Number value, const char* text);
  /// Whether the device takes the launches so far.
  bool within_limits();

  bool scratch(Number elements, double element_bytes, bool zeroed, const char* text);
  void macro(Number value) { macros.push_back(value.value()); }
  /// Nothing is missing.
  void done() { complete_ = true; }

  [[nodiscard]] bool fits() const { return complete_; }
  /// Why it does not serve.
  [[nodiscard]] const std::string& reason() const { return reason_; }

  std::vector<Launch> launches;
  std::vector<Scratch> workspaces;
  std::vector<double> macros;

 private:
  bool fail(const std::string& reason);
  /// Takes the error that evaluating left.
  bool evaluated(const char* text);
  bool extent(std::int64_t& result, Number value, const char* text);

  const Limits& device_;
  bool complete_ = false;
  std::string reason_;
};

}  // namespace detail
}  // namespace fuseline_package
