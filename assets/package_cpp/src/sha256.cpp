#include "sha256.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

namespace fuseline_package {
namespace detail {
namespace {

using State = std::array<std::uint32_t, 8>;
constexpr std::size_t kBlock = 64;

std::uint32_t rotated(std::uint32_t word, int by) { return (word >> by) | (word << (32 - by)); }

/// The first 32 bits of the fractional part.
std::uint32_t fraction(long double value) {
  return static_cast<std::uint32_t>((value - std::floor(value)) * 4294967296.0L);
}

struct Constants {
  State start{};                          ///< Of the square roots of the first 8 primes.
  std::array<std::uint32_t, 64> words{};  ///< Of the cube roots of the first 64.

  Constants() {
    unsigned prime = 2;
    for (std::size_t i = 0; i < words.size(); ++prime) {
      bool divisible = false;
      for (unsigned by = 2; by * by <= prime; ++by) divisible = divisible || prime % by == 0;
      if (divisible) continue;
      words[i] = fraction(std::cbrt(static_cast<long double>(prime)));
      if (i < start.size()) start[i] = fraction(std::sqrt(static_cast<long double>(prime)));
      ++i;
    }
  }
};

void add_block(State& state, const unsigned char* block, const Constants& constants) {
  std::array<std::uint32_t, 64> w{};
  for (std::size_t i = 0; i < 16; ++i) {
    for (std::size_t k = 0; k < 4; ++k) w[i] = (w[i] << 8) | block[4 * i + k];
  }
  for (std::size_t i = 16; i < w.size(); ++i) {
    const std::uint32_t a = w[i - 15];
    const std::uint32_t b = w[i - 2];
    w[i] = w[i - 16] + w[i - 7] + (rotated(a, 7) ^ rotated(a, 18) ^ (a >> 3)) +
           (rotated(b, 17) ^ rotated(b, 19) ^ (b >> 10));
  }
  State s = state;
  for (std::size_t i = 0; i < w.size(); ++i) {
    const std::uint32_t choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
    const std::uint32_t majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
    const std::uint32_t first =
        s[7] + (rotated(s[4], 6) ^ rotated(s[4], 11) ^ rotated(s[4], 25)) + choice + constants.words[i] + w[i];
    const std::uint32_t second = (rotated(s[0], 2) ^ rotated(s[0], 13) ^ rotated(s[0], 22)) + majority;
    s = {first + second, s[0], s[1], s[2], s[3] + first, s[4], s[5], s[6]};
  }
  for (std::size_t i = 0; i < s.size(); ++i) state[i] += s[i];
}

}  // namespace

std::string sha256_hex(const void* data, std::size_t bytes) {
  static const Constants constants;
  State state = constants.start;
  const auto* from = static_cast<const unsigned char*>(data);
  const std::size_t whole = bytes / kBlock * kBlock;
  for (std::size_t at = 0; at < whole; at += kBlock) add_block(state, from + at, constants);
  // What is left, a one bit, zeros, and the length in bits.
  std::vector<unsigned char> rest(from + whole, from + bytes);
  rest.push_back(0x80);
  while (rest.size() % kBlock != kBlock - 8) rest.push_back(0);
  for (int shift = 56; shift >= 0; shift -= 8)
    rest.push_back(static_cast<unsigned char>((static_cast<std::uint64_t>(bytes) * 8) >> shift));
  for (std::size_t at = 0; at < rest.size(); at += kBlock) add_block(state, rest.data() + at, constants);
  std::string text;
  for (const std::uint32_t word : state) {
    for (int shift = 28; shift >= 0; shift -= 4) text += "0123456789abcdef"[(word >> shift) & 15];
  }
  return text;
}

}  // namespace detail
}  // namespace fuseline_package
