#include "tuner/problem/compile_options.hpp"

#include <algorithm>
#include <string_view>

namespace fuseline::tuner {
namespace {

bool is_register_count(std::string_view text) {
  const bool digits = !text.empty() && text.size() <= 3 &&
                      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits) return false;
  int count = 0;
  for (const char c : text) count = count * 10 + (c - '0');
  return count >= 16 && count <= 255;
}

}  // namespace

const std::vector<std::string>& allowed_compile_options() {
  static const std::vector<std::string> options = {
      "--use_fast_math",
      "-use_fast_math",
      "--fmad=true",
      "--fmad=false",
      "--ftz=true",
      "--ftz=false",
      "--prec-div=true",
      "--prec-div=false",
      "--prec-sqrt=true",
      "--prec-sqrt=false",
      "--extra-device-vectorization",
      "--restrict",
      "--dopt=on",
      "--maxrregcount=N",
  };
  return options;
}

bool is_allowed_compile_option(const std::string& option) {
  constexpr std::string_view kRegisters = "--maxrregcount=";
  if (option.starts_with(kRegisters)) return is_register_count(std::string_view(option).substr(kRegisters.size()));
  const auto& allowed = allowed_compile_options();
  return std::find(allowed.begin(), allowed.end(), option) != allowed.end();
}

}  // namespace fuseline::tuner
