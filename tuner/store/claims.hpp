// Which runs of a store this process is at work on, seen by other processes.
#pragma once

#include <cstdint>
#include <string>

#include "tuner/base/error.hpp"

namespace fuseline::tuner {

/// Locks in a file beside the database, one byte a run. The system gives them back when the process ends, whatever ends
/// it. The file stays empty.
class Claims {
 public:
  /// `path` of the database; for ":memory:" every claim succeeds.
  explicit Claims(std::string path) : path_(std::move(path)) {}
  Claims(const Claims&) = delete;
  Claims& operator=(const Claims&) = delete;
  ~Claims();

  /// Error (bad_input): another store, of this process or another, has it; (io): the file cannot be made.
  [[nodiscard]] Result<void> take(std::int64_t run);
  void give_back(std::int64_t run);

 private:
  std::string path_;
  int file_ = -1;
};

}  // namespace fuseline::tuner
