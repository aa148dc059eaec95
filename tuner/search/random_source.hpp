// Random numbers that are the same with every compiler and library: strategies are deterministic by seed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace fuseline::tuner {

/// One step of splitmix64 (Steele, Lea & Flood 2014): a good 64-bit mixing function.
[[nodiscard]] std::uint64_t mix64(std::uint64_t value);

/// xoshiro256++ (Blackman & Vigna 2019). Not for cryptography.
class RandomSource {
 public:
  explicit RandomSource(std::uint64_t seed);

  [[nodiscard]] std::uint64_t bits();
  /// Uniform in [0, bound), bound >= 1, without modulo bias (by rejection).
  [[nodiscard]] std::uint64_t below(std::uint64_t bound);
  /// Uniform in [0, 1), 53 bits.
  [[nodiscard]] double uniform();
  /// True with this probability.
  [[nodiscard]] bool chance(double probability) { return uniform() < probability; }
  /// Standard normal variate (polar method, Marsaglia & Bray 1964).
  [[nodiscard]] double normal();

  /// Fisher-Yates.
  template <class T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[static_cast<std::size_t>(below(i))]);
  }

 private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace fuseline::tuner
