// Characters of names and numbers, in expressions and in C++ alike; a locale changes nothing.
#pragma once

namespace fuseline::tuner {

[[nodiscard]] constexpr bool starts_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
[[nodiscard]] constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace fuseline::tuner
