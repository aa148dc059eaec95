// Preloaded into a program: the file system refuses what some network mounts do. $FUSELINE_REFUSES says what: "locks"
// (ENOLCK), or "shared memory" (no mapping of SQLite's -shm file).
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

bool refuses(const char* what) {
  const char* said = std::getenv("FUSELINE_REFUSES");
  return said != nullptr && std::strcmp(said, what) == 0;
}

bool is_shared_memory_of_sqlite(int descriptor) {
  char link[64], path[4096];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const auto length = ::readlink(link, path, sizeof path);
  return length > 4 && std::memcmp(path + length - 4, "-shm", 4) == 0;
}

int control(int descriptor, int command, void* argument) {
  if (refuses("locks") && (command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK)) {
    errno = ENOLCK;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_fcntl, descriptor, command, argument));
}

void* map(void* address, std::size_t bytes, int protection, int flags, int descriptor, std::int64_t offset) {
  if (descriptor >= 0 && refuses("shared memory") && is_shared_memory_of_sqlite(descriptor)) {
    errno = ENODEV;
    return MAP_FAILED;
  }
  const auto place = ::syscall(SYS_mmap, address, bytes, protection, flags, descriptor, offset);
  return reinterpret_cast<void*>(place);  // NOLINT(performance-no-int-to-ptr): so the kernel tells it
}

}  // namespace

// The 64-bit names are those that libraries built for large files call.
extern "C" {
int fcntl(int descriptor, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  return control(descriptor, command, argument);
}

int fcntl64(int descriptor, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  return control(descriptor, command, argument);
}

void* mmap(void* address, std::size_t bytes, int protection, int flags, int descriptor, off_t offset) noexcept {
  return map(address, bytes, protection, flags, descriptor, offset);
}

void* mmap64(void* address, std::size_t bytes, int protection, int flags, int descriptor, off64_t offset) noexcept {
  return map(address, bytes, protection, flags, descriptor, offset);
}
}
