#include "tuner/store/claims.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace fuseline::tuner {
namespace {

/// Locks of the open file, not of the process: two stores in one program keep out of each other's way too, and closing
/// one leaves the other's.
bool set_lock(int file, std::int64_t byte, short type) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = byte;
  lock.l_len = 1;
  return fcntl(file, F_OFD_SETLK, &lock) == 0;
}

}  // namespace

Claims::~Claims() {
  if (file_ >= 0) ::close(file_);
}

Result<void> Claims::take(std::int64_t run) {
  if (path_ == ":memory:") return {};
  const std::string name = path_ + "-sweeps";
  if (file_ < 0) file_ = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file_ < 0) return io_error(name, fmt::format("cannot be opened or created: {}", std::strerror(errno)));
  if (set_lock(file_, run, F_WRLCK)) return {};
  if (errno == EAGAIN || errno == EACCES)
    return bad_input(path_, "", fmt::format("another program is at work on run {}: wait for it, or stop it", run));
  return {};  // A file system without locks: the store still refuses a second outcome of a configuration.
}

void Claims::give_back(std::int64_t run) {
  if (file_ >= 0) (void)set_lock(file_, run, F_UNLCK);
}

}  // namespace fuseline::tuner
