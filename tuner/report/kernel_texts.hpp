// The source that a configuration's kernel was made from, line by line, where what is at hand is still the same.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "tuner/problem/catalog.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {

struct KernelTexts {
  /// By name as the compiler says it: the kernel's own source, and every header that it includes.
  std::map<std::string, std::string> files;
  std::string missing;  ///< Why there are none, a sentence without its full stop; empty where they are there.

  /// Without blanks at either end; empty where it is not there. Lines count from 1.
  [[nodiscard]] std::string line(const std::string& file, int number) const;
};
/// Texts of the files as they are now, held against Measurement::source_sha256. Where they are others than those that
/// were measured there are none, as their lines would be others too. `catalog` may be null.
[[nodiscard]] KernelTexts kernel_texts(const RunInfo& info, const Evaluation& evaluation, const Catalog* catalog);

}  // namespace fuseline::tuner
