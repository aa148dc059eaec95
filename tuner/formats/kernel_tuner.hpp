// Kernel Tuner's cache files: https://kerneltuner.github.io (kernel_tuner/util.py, process_cache and store_cache).
#pragma once

#include <string>
#include <string_view>

#include "tuner/base/json.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {

/// Whether `text` is such a file: an object with "tune_params_keys" or "cache" in whatever order, behind a byte-order
/// mark or not.
[[nodiscard]] bool is_kernel_tuner_cache(std::string_view text);

/// A run with every configuration that the file lists, in its order. The variant is the kernel's name.
///  - The file is appended to while Kernel Tuner runs: one without its closing braces, or cut off within an entry, is
///    read up to the last whole entry, and the run's state is `interrupted`.
///  - Times, costs, repeats, odd entries and parameters that are lists or null: as ForeignRun says. The time is "time",
///    which Kernel Tuner's search minimised, or what the objective calls it.
///  - A configuration failed where its entry has "__error__" or the name of a failure in any member, as in Kernel
///  Tuner's
///    own read_cache: "CompilationFailedConfig" is compile_error, "InvalidConfig" skipped, others launch_error; and
///    where its time is no number between 0 and 1e20.
///  - Ranked by the objective that the head names: see objective_of.
///  - Whatever else was measured is kept: numbers as counters, the rest in `recorded`; and the values in tune_params.
///  - NaN and Infinity, which Python writes, are read as missing.
/// Errors (file, JSON path, reason): not JSON, no tune_params_keys, no entry, none that can be used, an objective that
/// cannot be ranked.
[[nodiscard]] Result<Run> run_from_kernel_tuner(std::string_view text, const std::string& file);

/// The text of a cache file with every evaluation of a run; round-trips through run_from_kernel_tuner. Where the run
/// has several variants, "variant" is the first parameter; parameters that a variant does not have are "none". What
/// failed has the nearest of Kernel Tuner's names for failures, and in members of ours what it was. Errors: no
/// evaluation.
[[nodiscard]] Result<std::string> kernel_tuner_text(const Run& run);

}  // namespace fuseline::tuner
