// Every kind of file that holds a run.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "tuner/formats/t4.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {

/// Most bytes of such a file, unpacked: recordings by others run to hundreds of thousands of configurations with their
/// samples.
inline constexpr std::size_t kLargestRunFile = std::size_t{2} << 30;

/// Reads a recording in T4 (ours or another tool's), a cache file of Kernel Tuner, finished or not, or a result of
/// ours; plain or gzip. The kinds are told apart by what is in the file. Commands that start workers are left out of
/// the request, since they are those of whoever made the file. Errors (bad_input; file, JSON path, reason): missing,
/// unreadable, larger than kLargestRunFile, none of these kinds, and those of run_from_t4, run_from_kernel_tuner and
/// run_from_result.
[[nodiscard]] Result<Run> read_run(const std::filesystem::path& file);

/// The same of the unpacked content of a file; `passed` as run_from_t4 has it.
[[nodiscard]] Result<Run> run_from_text(std::string_view text, const std::string& file, const TextPassed& passed = {});

}  // namespace fuseline::tuner
