#include "tuner/store/readable_copy.hpp"

#include <cstdlib>
#include <system_error>

namespace fuseline::tuner {
namespace fs = std::filesystem;

Result<std::unique_ptr<ReadableCopy>> ReadableCopy::make(const std::string& path) {
  std::error_code failed;
  const fs::path temporary = fs::temp_directory_path(failed);
  std::string pattern = (temporary / "fuseline-store-XXXXXX").string();
  if (failed || ::mkdtemp(pattern.data()) == nullptr) {
    return io_error(path, "cannot be read in its place, and no folder for a copy of it can be made in " +
                              temporary.string() + " (set TMPDIR to another)");
  }
  std::unique_ptr<ReadableCopy> copy(new ReadableCopy(pattern));
  // The journal holds what was committed last. Its index is made again.
  for (const std::string suffix : {"", "-wal"}) {
    const fs::path to = copy->file() + suffix;
    if (!suffix.empty() && !fs::exists(path + suffix, failed)) continue;
    if (!fs::copy_file(path + suffix, to, failed)) {
      return io_error(path, "cannot be read in its place, nor copied to " + temporary.string() + ": " +
                                failed.message() + " (set TMPDIR to another folder)");
    }
    fs::permissions(to, fs::perms::owner_read | fs::perms::owner_write, failed);
  }
  return copy;
}

ReadableCopy::~ReadableCopy() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

}  // namespace fuseline::tuner
