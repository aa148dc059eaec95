// The mark that a worker's output begins with, so that a login shell's greeting before it is no riddle.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "tuner/base/error.hpp"

namespace fuseline::tuner {

/// Its second line comes through only where nothing on the way changes bytes: a terminal turns line ends round, a
/// scheduler may put a label before every line, a text filter drops what is no UTF-8.
inline constexpr std::string_view kStreamMark = "fuseline-worker stream\n\xff\r\nready\n";
inline constexpr std::size_t kLongestGreeting = std::size_t{64} << 10;  ///< Bytes that may come before the mark.

/// A worker's output up to the mark.
class StreamOpening {
 public:
  /// Takes what came next; returns what of it lies behind the mark. Errors: too much came before it; the mark was
  /// changed on its way; a worker from before there was a mark, with what it says of that.
  [[nodiscard]] Result<std::string> take(std::string_view bytes);
  [[nodiscard]] bool marked() const { return marked_; }
  /// What came before the mark, as written: escape before showing.
  [[nodiscard]] const std::string& greeting() const { return greeting_; }

 private:
  std::string greeting_;
  bool marked_ = false;
};

}  // namespace fuseline::tuner
