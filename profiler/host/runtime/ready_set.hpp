// Which of the threads that can go on does: the order is what makes a missing barrier show.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <random>
#include <string_view>

namespace fuseline::host_cuda {

/// round_robin: each in turn. ascending, descending: always the first, the last that can go on, as far as it can, so
/// that warps drift apart as much as barriers let them. random: any.
enum class Order { round_robin, ascending, descending, random };
inline constexpr std::array kOrders{Order::round_robin, Order::ascending, Order::descending, Order::random};

[[nodiscard]] constexpr std::string_view to_string(Order order) {
  switch (order) {
    case Order::round_robin:
      return "round robin";
    case Order::ascending:
      return "ascending";
    case Order::descending:
      return "descending";
    case Order::random:
      break;
  }
  return "random";
}

/// A set of numbers below 1024 that hands out its members in an order.
class ReadySet {
 public:
  ReadySet(Order order, std::uint64_t seed) : order_(order), random_(seed) {}

  [[nodiscard]] bool empty() const { return count_ == 0; }

  /// `member` is not in the set.
  void insert(unsigned member) {
    words_[member / 64] |= std::uint64_t{1} << (member % 64);
    ++count_;
  }

  /// Takes the next member out; the set is not empty.
  [[nodiscard]] unsigned take() {
    const unsigned member = next();
    words_[member / 64] &= ~(std::uint64_t{1} << (member % 64));
    --count_;
    last_ = member;
    return member;
  }

 private:
  static constexpr unsigned kWords = 16;
  static constexpr unsigned kLimit = 64 * kWords;

  [[nodiscard]] unsigned next() {
    switch (order_) {
      case Order::round_robin:
        return first_from((last_ + 1) % kLimit);
      case Order::ascending:
        return first_from(0);
      case Order::descending:
        return last();
      case Order::random:
        break;
    }
    return first_from(static_cast<unsigned>(random_() % kLimit));
  }

  /// The first member at or above `start`, else the first of all.
  [[nodiscard]] unsigned first_from(unsigned start) const {
    unsigned word = start / 64;
    std::uint64_t bits = words_[word] & (~std::uint64_t{0} << (start % 64));
    while (bits == 0) {
      word = (word + 1) % kWords;
      bits = words_[word];
    }
    return word * 64 + static_cast<unsigned>(std::countr_zero(bits));
  }

  [[nodiscard]] unsigned last() const {
    unsigned word = kWords - 1;
    while (words_[word] == 0) --word;
    return word * 64 + 63 - static_cast<unsigned>(std::countl_zero(words_[word]));
  }

  Order order_;
  std::mt19937_64 random_;
  std::array<std::uint64_t, kWords> words_{};
  unsigned count_ = 0;
  unsigned last_ = kLimit - 1;
};

}  // namespace fuseline::host_cuda
