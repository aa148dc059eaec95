// The texts of an enumeration: one table, read both ways.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace fuseline::tuner {

template <class Enum>
struct EnumName {
  Enum value;
  std::string_view name;
};
template <class Enum, std::size_t N>
using EnumNames = std::array<EnumName<Enum>, N>;

/// "unknown" for a value that is not in the table.
template <class Enum, std::size_t N>
[[nodiscard]] constexpr std::string_view enum_name(const EnumNames<Enum, N>& names, Enum value) {
  for (const auto& entry : names) {
    if (entry.value == value) return entry.name;
  }
  return "unknown";
}

template <class Enum, std::size_t N>
[[nodiscard]] constexpr std::optional<Enum> enum_value(const EnumNames<Enum, N>& names, std::string_view text) {
  for (const auto& entry : names) {
    if (entry.name == text) return entry.value;
  }
  return std::nullopt;
}

}  // namespace fuseline::tuner
