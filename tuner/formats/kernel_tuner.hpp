// Kernel Tuner's cache files: https://kerneltuner.github.io (kernel_tuner/util.py, process_cache and store_cache).
#pragma once

#include <string>
#include <string_view>

#include "tuner/base/json.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {

/// Whether `text` begins like such a file: an object with "tune_params_keys" near its beginning.
[[nodiscard]] bool is_kernel_tuner_cache(std::string_view text);

/// A run with every configuration that the file lists, in its order. The variant is the kernel's name.
///  - The file is appended to while Kernel Tuner runs: one without its closing braces, or cut off within an entry, is
///    read up to the last whole entry, and the run's state is `interrupted`.
///  - time_ms.median is the file's "time" (what its tuning minimised: their mean), so that a replay agrees with the
///    file; the other figures are of "times". A configuration whose time is no finite number below 1e20 failed:
///    "CompilationFailedConfig" is compile_error, "RuntimeFailedConfig" launch_error, "InvalidConfig" skipped.
///  - cost_s is (compile_time + verification_time + framework_time + strategy_time + sum of times) / 1000.
///  - NaN and Infinity, which Python writes, are read as missing.
/// Errors (file, JSON path, reason): not JSON, no tune_params_keys, no entry, an entry without a parameter, a value
/// that is no number, boolean or string, a configuration twice.
[[nodiscard]] Result<Run> run_from_kernel_tuner(std::string_view text, const std::string& file);

/// The text of a cache file with every evaluation of a run; round-trips through run_from_kernel_tuner. Where the run
/// has several variants, "variant" is the first parameter; parameters that a variant does not have are "none". Errors:
/// no evaluation.
[[nodiscard]] Result<std::string> kernel_tuner_text(const Run& run);

}  // namespace fuseline::tuner
