#include "tuner/base/scratch_folder.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <system_error>

namespace fuseline::tuner {

namespace fs = std::filesystem;

Result<ScratchFolder> ScratchFolder::make(const std::string& what) {
  std::error_code failed;
  const fs::path temporary = fs::temp_directory_path(failed);
  std::string pattern = (temporary / fmt::format("fuseline-{}-XXXXXX", what)).string();
  if (failed || ::mkdtemp(pattern.data()) == nullptr)
    return io_error(temporary.string(), "no folder can be made there (set TMPDIR to another)");
  return ScratchFolder(pattern);
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

}  // namespace fuseline::tuner
