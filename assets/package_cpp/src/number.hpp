// Numbers of the manifests' expressions: doubles whose operators never give what is not finite. An error sticks to the
// thread until it is taken, so that expressions read here as they do in a manifest.
#pragma once

#include <cmath>
#include <cstdint>
#include <initializer_list>

namespace fuseline_package {
namespace detail {

constexpr double kLargestWhole = 9007199254740992.0;  // 2^53: above it doubles skip integers.

/// The first error since it was last taken; null where there was none.
inline const char*& number_error() {
  thread_local const char* error = nullptr;
  return error;
}

inline const char* take_number_error() {
  const char* const error = number_error();
  number_error() = nullptr;
  return error;
}

class Number {
 public:
  Number() = default;
  Number(double value) : value_(value) {}            // NOLINT(google-explicit-constructor): expressions mix them.
  Number(bool value) : value_(value ? 1.0 : 0.0) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] double value() const { return value_; }
  explicit operator bool() const { return value_ != 0; }

  /// Notes an error; the value that stands for it is not used.
  static Number failed(const char* reason) {
    if (number_error() == nullptr) number_error() = reason;
    return 0.0;
  }
  static Number finite(double value) {
    return std::isfinite(value) ? Number(value) : failed("gives a number that is not finite");
  }

 private:
  double value_ = 0;
};

inline Number operator-(Number a) { return -a.value(); }
inline Number operator+(Number a, Number b) { return Number::finite(a.value() + b.value()); }
inline Number operator-(Number a, Number b) { return Number::finite(a.value() - b.value()); }
inline Number operator*(Number a, Number b) { return Number::finite(a.value() * b.value()); }
inline Number operator/(Number a, Number b) {
  return b.value() == 0 ? Number::failed("divides by zero") : Number::finite(a.value() / b.value());
}
inline bool operator==(Number a, Number b) { return a.value() == b.value(); }
inline bool operator!=(Number a, Number b) { return a.value() != b.value(); }
inline bool operator<(Number a, Number b) { return a.value() < b.value(); }
inline bool operator<=(Number a, Number b) { return a.value() <= b.value(); }
inline bool operator>(Number a, Number b) { return a.value() > b.value(); }
inline bool operator>=(Number a, Number b) { return a.value() >= b.value(); }

inline Number power(Number a, Number b) {
  if (a.value() == 0 && b.value() < 0) return Number::failed("divides by zero");
  return Number::finite(std::pow(a.value(), b.value()));
}

/// Takes the divisor's sign, so that mod(-1, 4) is 3.
inline Number mod(Number a, Number b) {
  if (b.value() == 0) return Number::failed("divides by zero");
  const double rest = std::fmod(a.value(), b.value());
  return rest != 0 && (rest < 0) != (b.value() < 0) ? rest + b.value() : rest;
}
// a - mod(a, b) is a multiple of b, so the quotient of integers up to 2^53 is exact where a / b would round up.
inline Number idiv(Number a, Number b) {
  const Number rest = mod(a, b);
  return b.value() == 0 ? Number() : Number::finite(std::floor((a.value() - rest.value()) / b.value() + 0.5));
}
inline Number cdiv(Number a, Number b) { return idiv(a, b) + Number(mod(a, b).value() != 0); }

inline Number min(std::initializer_list<Number> values) {
  Number least = *values.begin();
  for (const Number each : values) least = std::fmin(least.value(), each.value());
  return least;
}
inline Number max(std::initializer_list<Number> values) {
  Number most = *values.begin();
  for (const Number each : values) most = std::fmax(most.value(), each.value());
  return most;
}

inline Number pow2ceil(Number a) {
  if (a.value() > kLargestWhole) return Number::failed("takes pow2ceil of more than 2^53");
  double power_of_two = 1;
  while (power_of_two < a.value()) power_of_two *= 2;
  return power_of_two;
}
inline Number is_pow2(Number a) {
  int exponent = 0;
  return a.value() >= 1 && std::frexp(a.value(), &exponent) == 0.5;
}
inline Number log2(Number a) {
  return a.value() > 0 ? Number(std::log2(a.value())) : Number::failed("takes log2 of what is not positive");
}
inline Number sqrt(Number a) {
  return a.value() < 0 ? Number::failed("takes sqrt of a negative number") : Number(std::sqrt(a.value()));
}
inline Number abs(Number a) { return std::fabs(a.value()); }
inline Number floor(Number a) { return std::floor(a.value()); }
inline Number ceil(Number a) { return std::ceil(a.value()); }
inline Number gcd(Number a, Number b) {
  for (const double each : {a.value(), b.value()}) {
    if (!(each >= 0) || each > kLargestWhole || each != std::floor(each))
      return Number::failed("takes gcd or lcm of what is not a natural number");
  }
  double larger = a.value();
  double smaller = b.value();
  while (smaller != 0) {
    const double rest = std::fmod(larger, smaller);
    larger = smaller;
    smaller = rest;
  }
  return larger;
}
inline Number lcm(Number a, Number b) {
  const Number both = gcd(a, b);
  return both.value() == 0 ? Number() : Number::finite(a.value() / both.value() * b.value());
}

}  // namespace detail
}  // namespace fuseline_package
