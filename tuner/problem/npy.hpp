// NumPy's .npy files: one array, behind a header that says what it is. Format 1.0, 2.0 and 3.0 as in
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, of which only arrays of numbers in C order
// are taken.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tuner/base/error.hpp"

namespace fuseline::tuner {

/// Element types that are read; all little-endian.
enum class NpyType { f2, f4, f8, i4, i8, u1 };
/// As the header has it: "<f4".
[[nodiscard]] std::string_view to_string(NpyType type);
[[nodiscard]] std::optional<NpyType> npy_type_from_string(std::string_view text);
[[nodiscard]] std::int64_t npy_type_bytes(NpyType type);
[[nodiscard]] bool is_integer(NpyType type);

struct NpyHeader {
  NpyType type = NpyType::f4;
  std::vector<std::int64_t> shape;  ///< Empty for a single number.
  std::int64_t elements = 0;        ///< At least one.
  std::int64_t data_offset = 0;     ///< Bytes before the first element.

  [[nodiscard]] std::int64_t bytes() const { return elements * npy_type_bytes(type); }  ///< Of the elements.
  [[nodiscard]] std::string shape_text() const;  ///< As Python writes it: "(3, 4)".
};

/// What a file may have before its elements, at most: no array of numbers needs more.
inline constexpr std::size_t kMaximumNpyHeader = std::size_t{1} << 16;

/// Reads the header at the beginning of a file of `file_bytes` bytes; `beginning` is all of it, or at least
/// kMaximumNpyHeader bytes. `shown` names the file in errors (bad_input): no such file, another version, a type that is
/// not read, Fortran's order, no elements, more or fewer bytes than the header says.
[[nodiscard]] Result<NpyHeader> parse_npy_header(std::string_view beginning, std::uint64_t file_bytes,
                                                 const std::string& shown);
/// The same of a file, of which no more than the header is read. Errors also: missing, no ordinary file.
[[nodiscard]] Result<NpyHeader> read_npy_header(const std::filesystem::path& file, const std::string& shown);

}  // namespace fuseline::tuner
