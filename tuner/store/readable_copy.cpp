#include "tuner/store/readable_copy.hpp"

#include <filesystem>
#include <system_error>

namespace fuseline::tuner {
namespace fs = std::filesystem;

Result<std::unique_ptr<ReadableCopy>> ReadableCopy::make(const std::string& path) {
  auto folder = ScratchFolder::make("store");
  if (!folder) return io_error(path, "cannot be read in its place, nor copied: " + folder.error().message());
  std::unique_ptr<ReadableCopy> copy(new ReadableCopy(std::move(*folder)));
  std::error_code failed;
  // The journal holds what was committed last. Its index is made again.
  for (const std::string suffix : {"", "-wal"}) {
    const fs::path to = copy->file() + suffix;
    if (!suffix.empty() && !fs::exists(path + suffix, failed)) continue;
    if (!fs::copy_file(path + suffix, to, failed)) {
      return io_error(path, "cannot be read in its place, nor copied to " + copy->folder_.path().string() + ": " +
                                failed.message() + " (set TMPDIR to another folder)");
    }
    fs::permissions(to, fs::perms::owner_read | fs::perms::owner_write, failed);
  }
  return copy;
}

}  // namespace fuseline::tuner
