#include "tuner/package/cpp_images.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>

namespace fuseline::tuner {
namespace {

constexpr std::size_t kWord = 8;        // Bytes.
constexpr std::size_t kWordsALine = 5;  // Lines stay under 120 columns.
constexpr std::string_view kBytesHead = "// Bytes: ";

std::optional<std::uint64_t> number(std::string_view text, int base) {
  std::uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (code != std::errc() || end == text.data()) return std::nullopt;
  return value;
}

}  // namespace

std::string cpp_image_file(const std::string& image) { return image + ".inc"; }

std::string cpp_image_text(const std::string& bytes) {
  std::string text = fmt::format("{}{}\n", kBytesHead, bytes.size());
  for (std::size_t at = 0; at < bytes.size(); at += kWord) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < kWord && at + i < bytes.size(); ++i)
      word |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
    const bool last = at + kWord >= bytes.size() || at / kWord % kWordsALine == kWordsALine - 1;
    fmt::format_to(std::back_inserter(text), "{:#018x},{}", word, last ? "\n" : " ");
  }
  return text;
}

std::optional<std::string> cpp_image_bytes(const std::string& text) {
  if (!text.starts_with(kBytesHead)) return std::nullopt;
  const auto size = number(std::string_view(text).substr(kBytesHead.size()), 10);
  if (!size || *size > text.size()) return std::nullopt;
  std::string bytes;
  for (std::size_t at = text.find("0x"); at != std::string::npos; at = text.find("0x", at + 2)) {
    const auto word = number(std::string_view(text).substr(at + 2), 16);
    if (!word) return std::nullopt;
    for (std::size_t i = 0; i < kWord; ++i) bytes += static_cast<char>((*word >> (8 * i)) & 0xff);
  }
  if (bytes.size() < *size || bytes.size() >= *size + kWord) return std::nullopt;
  bytes.resize(*size);
  return bytes;
}

}  // namespace fuseline::tuner
