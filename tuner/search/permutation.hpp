// A pseudo-random order of 0 .. size-1 that needs no list of them.
#pragma once

#include <array>
#include <cstdint>

namespace fuseline::tuner {

/// A bijection of [0, size) chosen by `seed`, in constant memory: a Feistel network over the next even power of two,
/// walked until the value is in range (Black & Rogaway 2002, "Ciphers with arbitrary finite domains"). Up to four steps
/// a value in the mean.
class Permutation {
 public:
  /// size >= 1.
  Permutation(std::uint64_t size, std::uint64_t seed);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// position < size().
  [[nodiscard]] std::uint64_t at(std::uint64_t position) const;

 private:
  [[nodiscard]] std::uint64_t encrypt(std::uint64_t value) const;

  std::uint64_t size_;
  unsigned half_bits_;
  std::array<std::uint64_t, 6> keys_{};
};

}  // namespace fuseline::tuner
