// A database and its journal copied to where they can be written, since SQLite may have to write in order to read.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "tuner/base/error.hpp"
#include "tuner/base/scratch_folder.hpp"

namespace fuseline::tuner {

/// Goes away with the object.
class ReadableCopy {
 public:
  /// Error (io): not enough room in the folder for temporary files, or the original cannot be read.
  [[nodiscard]] static Result<std::unique_ptr<ReadableCopy>> make(const std::string& path);

  [[nodiscard]] std::string file() const { return (folder_.path() / "copy.db").string(); }

 private:
  explicit ReadableCopy(ScratchFolder folder) : folder_(std::move(folder)) {}
  ScratchFolder folder_;
};

}  // namespace fuseline::tuner
