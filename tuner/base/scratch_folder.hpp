// A folder for files that nobody needs afterwards.
#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "tuner/base/error.hpp"

namespace fuseline::tuner {

/// Made below the system's temporary folder ($TMPDIR), for this user alone; goes away with the object.
class ScratchFolder {
 public:
  /// `what`: a word in its name. Error (io): none can be made there.
  [[nodiscard]] static Result<ScratchFolder> make(const std::string& what);
  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchFolder& operator=(ScratchFolder&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace fuseline::tuner
