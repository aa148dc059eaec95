// Length-prefixed frames over file descriptors, and incremental reassembly.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "tuner/base/error.hpp"

namespace fuseline::tuner {

/// Bytes before the payload.
inline constexpr std::size_t kFramePrefix = 4;
/// The frame of `payload`: 4-byte little-endian length, then the bytes.
[[nodiscard]] std::string frame(std::string_view payload);

/// Collects bytes and hands out whole payloads. Memory stays bounded by the frame being read.
class FrameReader {
 public:
  explicit FrameReader(std::size_t maximum_bytes) : maximum_bytes_(maximum_bytes) {}
  void append(std::string_view bytes) { buffer_.append(bytes); }
  /// The next payload; empty where more bytes are needed. Error: a length over the maximum (the stream is lost).
  [[nodiscard]] Result<std::optional<std::string>> next();
  /// True where a partial frame is pending.
  [[nodiscard]] bool pending() const { return offset_ < buffer_.size(); }

 private:
  std::size_t maximum_bytes_;
  std::string buffer_;
  std::size_t offset_ = 0;
};

/// Blocking read of one frame from `fd`; empty at a clean end of input. Errors: end within a frame, too long, read
/// error.
[[nodiscard]] Result<std::optional<std::string>> read_frame(int fd, std::size_t maximum_bytes);
/// Blocking write of bytes as they are. Error: the other side is gone.
[[nodiscard]] Result<void> write_bytes(int fd, std::string_view bytes);
/// Blocking write of one frame. Error: the other side is gone.
[[nodiscard]] Result<void> write_frame(int fd, std::string_view payload);

}  // namespace fuseline::tuner
