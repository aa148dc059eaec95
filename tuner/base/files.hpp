// The file system behind a few functions: whole-file reads (gzip too), atomic writes, where data and state live. POSIX
// is in files.cpp alone.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "tuner/base/error.hpp"

namespace fuseline::tuner {

/// Whole content of a file; gzip is unpacked. Errors: missing, a folder, unreadable, more than `limit` bytes once
/// unpacked.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& file,
                                            std::size_t limit = std::size_t{256} << 20);

/// The folder and those above it; no error where it is there, as the current one (the parent of a bare name) is. Error
/// (bad_input): the system's reason, with its name.
[[nodiscard]] Result<void> make_folder(const std::filesystem::path& folder);

/// Writes through a temporary file beside the target and renames it, so that a reader sees the old content or the new.
/// "-" writes to standard output. Errors name the file and the system's reason.
[[nodiscard]] Result<void> write_file(const std::filesystem::path& file, std::string_view content);

/// Fails (bad_input) where `file` could not be written later: used to refuse a sweep before it starts. Leaves no file
/// behind.
[[nodiscard]] Result<void> check_writable(const std::filesystem::path& file);

/// Folder that holds kernels/, presets/ and assets/schemas/: $FUSELINE_DATA, or <programs>/../share/fuseline, which in
/// a build tree is a link to the source tree. Empty where none is found.
[[nodiscard]] std::filesystem::path data_folder();

/// Folder of the running executable.
[[nodiscard]] std::filesystem::path executable_folder();

/// $XDG_DATA_HOME/fuseline (default ~/.local/share/fuseline); not created.
[[nodiscard]] std::filesystem::path user_data_folder();

/// $XDG_CACHE_HOME/fuseline (default ~/.cache/fuseline); not created.
[[nodiscard]] std::filesystem::path user_cache_folder();

/// Joins and resolves `relative` under `folder`, following links. Fails (bad_input) where the result leaves `folder`.
[[nodiscard]] Result<std::filesystem::path> path_within(const std::filesystem::path& folder,
                                                        const std::string& relative);

}  // namespace fuseline::tuner
