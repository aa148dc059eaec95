#include "app/cli/compile_progress.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <iostream>

namespace fuseline::app {

void CompileProgress::show(std::size_t done, std::size_t total) {
  const auto now = std::chrono::steady_clock::now();
  const auto pause = terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(5000);
  if (quiet_ || now - last_ < pause) return;
  last_ = now;
  if (terminal_) {
    std::cerr << fmt::format("\r{} {} of {}\x1b[K", verb_, done, total) << std::flush;
    line_shown_ = true;
  } else {
    spdlog::info("{} {} of {}", verb_, done, total);
  }
}

void CompileProgress::clear() {
  if (line_shown_) std::cerr << "\r\x1b[K" << std::flush;
  line_shown_ = false;
}

}  // namespace fuseline::app
