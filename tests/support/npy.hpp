// .npy files as NumPy writes them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fuseline {

/// A header of format `major`.0 around a dictionary, padded so that what follows is aligned to 64 bytes.
inline std::string npy_header(std::string dictionary, int major = 1) {
  const std::size_t before = major == 1 ? 10 : 12;
  dictionary.append((64 - (before + dictionary.size() + 1) % 64) % 64, ' ');
  dictionary += '\n';
  std::string header = "\x93NUMPY";
  header += static_cast<char>(major);
  header += '\0';
  for (std::size_t i = 0; i < before - 8; ++i)
    header += static_cast<char>(static_cast<std::uint64_t>(dictionary.size()) >> (8 * i) & 0xffU);
  return header + dictionary;
}

inline std::string npy_dictionary(std::string_view type, std::string_view shape, bool fortran = false) {
  return "{'descr': '" + std::string(type) + "', 'fortran_order': " + (fortran ? "True" : "False") +
         ", 'shape': " + std::string(shape) + ", }";
}

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

/// A file of these elements: "<f4", "(3, 4)".
template <class T>
std::string npy_file(std::string_view type, std::string_view shape, const std::vector<T>& values) {
  return npy_header(npy_dictionary(type, shape)) + bytes_of(values);
}

}  // namespace fuseline
