// A folder whose files are known by their checksums: read whole or not at all, written so that a reader sees damage.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "tuner/base/error.hpp"

namespace fuseline::tuner {

/// Content by path within the folder, with slashes.
using FileContents = std::map<std::string, std::string>;

/// Name of the file that lists the checksums of all others, as `sha256sum -c` reads it.
inline constexpr const char* kChecksums = "SHA256SUMS";

/// Every file that the folder's list names. Empty where the folder is missing or empty. Errors: it has files and no
/// list, one is missing or was changed.
[[nodiscard]] Result<FileContents> read_package(const std::filesystem::path& folder);

/// Writes what differs, removes what was listed and is no longer there, and writes the list last. Files that were
/// never listed are left alone.
[[nodiscard]] Result<void> write_package(const std::filesystem::path& folder, const FileContents& files,
                                         const FileContents& before);

}  // namespace fuseline::tuner
