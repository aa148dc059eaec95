// Finds the entries of a Kernel Tuner cache file without building it in memory, and where an unfinished one ends.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tuner/base/error.hpp"

namespace fuseline::tuner {

/// A cache file taken apart; views into the text that was scanned.
struct ScannedCache {
  std::string header;                     ///< The whole file with an empty "cache": JSON of a few KiB.
  std::vector<std::string_view> entries;  ///< Each the JSON object of one configuration.
  bool finished = true;                   ///< False where the file ends before its closing braces.
};

/// Errors: no member "cache" at the top, or the text ends before it.
[[nodiscard]] Result<ScannedCache> scan_kernel_tuner_cache(std::string_view text, const std::string& file);

/// `json` with the tokens NaN, Infinity and -Infinity outside of strings replaced by null.
[[nodiscard]] std::string without_python_numbers(std::string_view json);

}  // namespace fuseline::tuner
