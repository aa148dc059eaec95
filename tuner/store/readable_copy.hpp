// A database and its journal copied to where they can be written, since SQLite may have to write in order to read.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "tuner/base/error.hpp"

namespace fuseline::tuner {

/// Goes away with the object.
class ReadableCopy {
 public:
  /// Error (io): not enough room in the folder for temporary files, or the original cannot be read.
  [[nodiscard]] static Result<std::unique_ptr<ReadableCopy>> make(const std::string& path);
  ReadableCopy(const ReadableCopy&) = delete;
  ReadableCopy& operator=(const ReadableCopy&) = delete;
  ~ReadableCopy();

  [[nodiscard]] std::string file() const { return (folder_ / "copy.db").string(); }

 private:
  explicit ReadableCopy(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::filesystem::path folder_;
};

}  // namespace fuseline::tuner
