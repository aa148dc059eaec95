#include "tuner/worker/framing.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "tuner/worker/process.hpp"

namespace fuseline::tuner {
namespace {

std::size_t length_of(const char* prefix) {
  std::uint32_t length = 0;
  for (std::size_t i = 0; i < kFramePrefix; ++i)
    length |= std::uint32_t{static_cast<unsigned char>(prefix[i])} << (8 * i);
  return length;
}

tl::unexpected<Error> too_long(std::size_t length, std::size_t maximum) {
  return worker_error(fmt::format("a message of {} bytes was announced, more than the {} allowed", length, maximum));
}

void wait_for(int fd, short events) {
  pollfd item{fd, events, 0};
  (void)poll(&item, 1, -1);
}

/// Fills `bytes`; the number read is smaller only at the end of input.
Result<std::size_t> read_fully(int fd, char* bytes, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::read(fd, bytes + done, size - done);
    if (got > 0) {
      done += static_cast<std::size_t>(got);
    } else if (got == 0) {
      break;
    } else if (errno == EAGAIN) {
      wait_for(fd, POLLIN);
    } else if (errno != EINTR) {
      return worker_error(fmt::format("cannot read: {}", std::strerror(errno)));
    }
  }
  return done;
}

}  // namespace

std::string frame(std::string_view payload) {
  std::string bytes;
  bytes.reserve(kFramePrefix + payload.size());
  for (std::size_t i = 0; i < kFramePrefix; ++i) bytes.push_back(static_cast<char>((payload.size() >> (8 * i)) & 0xff));
  bytes.append(payload);
  return bytes;
}

Result<std::optional<std::string>> FrameReader::next() {
  const std::size_t available = buffer_.size() - offset_;
  const std::size_t length = available < kFramePrefix ? 0 : length_of(buffer_.data() + offset_);
  if (length > maximum_bytes_) return too_long(length, maximum_bytes_);
  if (available < kFramePrefix + length) {
    // What was handed out is dropped here, once a partial frame, so that the cost stays linear in the bytes received.
    buffer_.erase(0, offset_);
    offset_ = 0;
    return std::optional<std::string>{};
  }
  std::string payload = buffer_.substr(offset_ + kFramePrefix, length);
  offset_ += kFramePrefix + length;
  if (offset_ == buffer_.size()) {
    buffer_.clear();
    offset_ = 0;
  }
  return std::optional(std::move(payload));
}

Result<std::optional<std::string>> read_frame(int fd, std::size_t maximum_bytes) {
  std::array<char, kFramePrefix> prefix{};
  FUSELINE_TRY(got, read_fully(fd, prefix.data(), kFramePrefix));
  if (got == 0) return std::optional<std::string>{};
  if (got < kFramePrefix) return worker_error("the stream ended within a message");
  const std::size_t length = length_of(prefix.data());
  if (length > maximum_bytes) return too_long(length, maximum_bytes);
  // Grown as bytes arrive: an announced length alone must not take memory.
  constexpr std::size_t kChunk = std::size_t{1} << 20;
  std::string payload;
  while (payload.size() < length) {
    const std::size_t before = payload.size();
    const std::size_t wanted = std::min(kChunk, length - before);
    payload.resize(before + wanted);
    FUSELINE_TRY(read, read_fully(fd, payload.data() + before, wanted));
    if (read < wanted) return worker_error("the stream ended within a message");
  }
  return std::optional(std::move(payload));
}

Result<void> write_frame(int fd, std::string_view payload) { return write_bytes(fd, frame(payload)); }

Result<void> write_bytes(int fd, std::string_view bytes) {
  ignore_broken_pipes();
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t written = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (written >= 0) {
      done += static_cast<std::size_t>(written);
    } else if (errno == EAGAIN) {
      wait_for(fd, POLLOUT);
    } else if (errno != EINTR) {
      return worker_error(fmt::format("cannot write: {}", std::strerror(errno)));
    }
  }
  return {};
}

}  // namespace fuseline::tuner
