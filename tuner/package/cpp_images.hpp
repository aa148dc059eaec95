// Images as the elements of an array in C++.
#pragma once

#include <optional>
#include <string>

namespace fuseline::tuner {

/// The file that holds an image of wisdom.json in a package for C++.
[[nodiscard]] std::string cpp_image_file(const std::string& image);

/// Elements of an array of std::uint64_t, little-endian, the last filled with zeros. A comment above says how many
/// bytes there are.
[[nodiscard]] std::string cpp_image_text(const std::string& bytes);
/// What cpp_image_text() was given. Empty where the text is none of its.
[[nodiscard]] std::optional<std::string> cpp_image_bytes(const std::string& text);

}  // namespace fuseline::tuner
