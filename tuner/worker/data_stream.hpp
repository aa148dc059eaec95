// The files of a job as messages, piece by piece.
#pragma once

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <optional>
#include <vector>

#include "tuner/base/digest.hpp"
#include "tuner/problem/tensor_files.hpp"
#include "tuner/worker/protocol.hpp"

namespace fuseline::tuner {

class DataStream {
 public:
  /// Most bytes of one message: what waits on either side stays small.
  static constexpr std::size_t kPiece = std::size_t{1} << 18;

  explicit DataStream(std::vector<TensorFile> files) : files_(std::move(files)) {}

  /// The next piece, of at most kPiece bytes; nothing after the last one. Errors: a file that cannot be read any more,
  /// or whose content is not what its digest says, found before its last piece is handed out.
  [[nodiscard]] Result<std::optional<DataRequest>> next();
  /// True from the last piece on, so that whoever sends it knows that there is none to come.
  [[nodiscard]] bool ended() const { return at_ == files_.size(); }

 private:
  [[nodiscard]] Result<void> open();
  [[nodiscard]] Result<void> read(std::string& bytes);
  [[nodiscard]] tl::unexpected<Error> changed() const;

  std::vector<TensorFile> files_;
  std::size_t at_ = 0;       ///< File that is read.
  std::int64_t offset_ = 0;  ///< Bytes of its elements that were handed out.
  std::ifstream stream_;
  std::optional<Sha256> digest_;  ///< Of what was read of it.
};

}  // namespace fuseline::tuner
