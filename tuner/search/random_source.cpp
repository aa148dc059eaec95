#include "tuner/search/random_source.hpp"

#include <bit>
#include <cmath>

namespace fuseline::tuner {

std::uint64_t mix64(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31);
}

RandomSource::RandomSource(std::uint64_t seed) {
  for (auto& word : state_) word = mix64(seed++);
}

std::uint64_t RandomSource::bits() {
  const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t RandomSource::below(std::uint64_t bound) {
  // Rejects the few values that would favour small results.
  const std::uint64_t reject = (0 - bound) % bound;
  std::uint64_t value = bits();
  while (value < reject) value = bits();
  return value % bound;
}

double RandomSource::uniform() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }

double RandomSource::normal() {
  while (true) {
    const double x = 2 * uniform() - 1, y = 2 * uniform() - 1;
    const double square = x * x + y * y;
    if (square > 0 && square < 1) return x * std::sqrt(-2 * std::log(square) / square);
  }
}

}  // namespace fuseline::tuner
