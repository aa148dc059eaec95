#include "tuner/base/files.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

#include "tuner/base/text.hpp"

namespace fuseline::tuner {
namespace fs = std::filesystem;
namespace {

std::string system_reason(int code) { return std::generic_category().message(code); }

std::string shown(const fs::path& file) { return printable(file.string()); }

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }
  /// False where the system reports a late write error.
  bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

std::string too_large(std::size_t limit) { return "larger than the limit of " + std::to_string(limit) + " bytes"; }

Result<std::string> read_descriptor(int fd, const fs::path& file, std::size_t limit) {
  std::string content;
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return io_error(shown(file), "cannot be read: " + system_reason(errno));
    if (got == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(got));
    if (content.size() > limit) return io_error(shown(file), too_large(limit));
  }
}

bool is_gzip(std::string_view bytes) { return bytes.size() >= 2 && bytes[0] == '\x1f' && bytes[1] == '\x8b'; }

/// zlib's inflate over one or more gzip members.
class Gunzip {
 public:
  explicit Gunzip(std::string_view packed) {
    // zlib does not write through next_in.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    left_ = packed.size();
    ready_ = inflateInit2(&stream_, 15 + 16) == Z_OK;
  }
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;
  ~Gunzip() {
    if (ready_) inflateEnd(&stream_);
  }

  /// Empty where the bytes are damaged or cut short; sets `over` where more than `limit` bytes come out.
  bool unpack(std::string& content, std::size_t limit, bool& over) {
    if (!ready_) return false;
    std::array<char, 65536> buffer{};
    for (;;) {
      feed();
      stream_.next_out = reinterpret_cast<Bytef*>(buffer.data());
      stream_.avail_out = static_cast<uInt>(buffer.size());
      const int status = inflate(&stream_, Z_NO_FLUSH);
      content.append(buffer.data(), buffer.size() - stream_.avail_out);
      over = content.size() > limit;
      if (over) return false;
      if (status == Z_STREAM_END) {
        if (stream_.avail_in + left_ == 0) return true;
        if (inflateReset(&stream_) != Z_OK) return false;
      } else if (status != Z_OK) {
        return false;
      }
    }
  }

 private:
  void feed() {
    if (stream_.avail_in > 0) return;
    const std::size_t chunk = std::min<std::size_t>(left_, std::size_t{1} << 20);
    stream_.avail_in = static_cast<uInt>(chunk);
    left_ -= chunk;
  }

  z_stream stream_{};
  std::size_t left_ = 0;
  bool ready_ = false;
};

Result<void> write_all(int fd, std::string_view content, const fs::path& file) {
  while (!content.empty()) {
    const ssize_t put = ::write(fd, content.data(), content.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return io_error(shown(file), "cannot be written: " + system_reason(errno));
    content.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

fs::path parent_of(const fs::path& file) { return file.has_parent_path() ? file.parent_path() : fs::path("."); }

/// Where a write ends up: the file behind a link, so that the link stays one.
fs::path behind_links(const fs::path& file) {
  std::error_code ignored;
  if (!fs::is_symlink(file, ignored)) return file;
  fs::path resolved = fs::weakly_canonical(file, ignored);
  return ignored ? file : resolved;
}

/// Permissions of the file that is replaced, or those a new file gets.
mode_t mode_for(const fs::path& target) {
  struct stat status {};
  if (::stat(target.c_str(), &status) == 0) return status.st_mode & 07777;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

struct Temporary {
  int fd = -1;
  std::string path;
};

Temporary open_temporary(const fs::path& target) {
  Temporary temporary;
  temporary.path = (parent_of(target) / ("." + target.filename().string().substr(0, 200) + ".XXXXXX")).string();
  temporary.fd = ::mkostemp(temporary.path.data(), O_CLOEXEC);
  return temporary;
}

Result<void> replace_file(const fs::path& target, std::string_view content) {
  Temporary temporary = open_temporary(target);
  if (temporary.fd < 0) return io_error(shown(target), "cannot be written: " + system_reason(errno));
  Descriptor descriptor(temporary.fd);
  Result<void> written = write_all(descriptor.get(), content, target);
  if (written && (::fchmod(descriptor.get(), mode_for(target)) != 0 || ::fsync(descriptor.get()) != 0 ||
                  !descriptor.close() || ::rename(temporary.path.c_str(), target.c_str()) != 0)) {
    written = io_error(shown(target), "cannot be written: " + system_reason(errno));
  }
  if (!written) {
    ::unlink(temporary.path.c_str());
    return written;
  }
  // The rename itself is durable once the folder is; a file system that cannot sync folders is no failure.
  const Descriptor folder(::open(parent_of(target).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() >= 0) ::fsync(folder.get());
  return {};
}

bool is_special(const fs::path& file) {
  std::error_code ignored;
  const fs::file_status status = fs::status(file, ignored);
  return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

/// Devices and pipes (/dev/stdout, /dev/null) are written in place.
Result<void> write_special(const fs::path& file, std::string_view content) {
  const Descriptor descriptor(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  if (descriptor.get() < 0) return io_error(shown(file), "cannot be written: " + system_reason(errno));
  return write_all(descriptor.get(), content, file);
}

fs::path home_folder() {
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/') return home;
  if (const passwd* entry = ::getpwuid(::getuid()); entry != nullptr && entry->pw_dir != nullptr) return entry->pw_dir;
  return "/";
}

/// The XDG base directory specification ignores relative paths.
fs::path xdg_folder(const char* variable, const char* fallback) {
  const char* value = std::getenv(variable);
  const fs::path base = value != nullptr && *value == '/' ? fs::path(value) : home_folder() / fallback;
  return base / "fuseline";
}

/// Both canonical.
bool lies_under(const fs::path& path, const fs::path& folder) {
  const auto [end, ignored] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return end == folder.end();
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

}  // namespace

Result<std::string> read_file(const fs::path& file, std::size_t limit) {
  const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (descriptor.get() < 0)
    return io_error(shown(file), errno == ENOENT ? "no such file" : "cannot be opened: " + system_reason(errno));
  struct stat status {};
  if (::fstat(descriptor.get(), &status) == 0 && S_ISDIR(status.st_mode))
    return io_error(shown(file), "is a folder, not a file");
  FUSELINE_TRY(raw, read_descriptor(descriptor.get(), file, limit));
  if (!is_gzip(raw)) return raw;
  std::string content;
  bool over = false;
  if (!Gunzip(raw).unpack(content, limit, over)) {
    return io_error(shown(file), over ? "unpacks to something " + too_large(limit) : "is damaged or cut short (gzip)");
  }
  return content;
}

Result<void> make_folder(const std::filesystem::path& folder) {
  if (folder.empty()) return {};
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (code) return bad_input(printable(folder.string()), "", "the folder cannot be made: " + code.message());
  return {};
}

Result<void> write_file(const fs::path& file, std::string_view content) {
  if (file == "-") return write_all(STDOUT_FILENO, content, "standard output");
  if (file.empty()) return bad_input("an output file needs a name");
  if (is_folder(file)) return io_error(shown(file), "is a folder, not a file");
  if (is_special(file)) return write_special(file, content);
  return replace_file(behind_links(file), content);
}

Result<void> check_writable(const fs::path& file) {
  if (file == "-") return {};
  if (file.empty()) return bad_input("an output file needs a name");
  const auto refuse = [&](const std::string& why) -> Result<void> { return bad_input(shown(file), "", why); };
  if (is_folder(file)) return refuse("is a folder, not a file");
  std::error_code ignored;
  const bool exists = fs::exists(file, ignored);
  if (exists && ::access(file.c_str(), W_OK) != 0) return refuse("cannot be written: " + system_reason(errno));
  if (is_special(file)) return {};
  const fs::path target = behind_links(file);
  if (!is_folder(parent_of(target))) return refuse("cannot be written: there is no folder " + shown(parent_of(target)));
  const Temporary temporary = open_temporary(target);
  if (temporary.fd < 0) return refuse("cannot be written: " + system_reason(errno));
  const Descriptor descriptor(temporary.fd);
  ::unlink(temporary.path.c_str());
  return {};
}

fs::path executable_folder() {
  std::error_code failed;
  const fs::path program = fs::read_symlink("/proc/self/exe", failed);
  return failed ? fs::path() : program.parent_path();
}

fs::path data_folder() {
  if (const char* chosen = std::getenv("FUSELINE_DATA"); chosen != nullptr && *chosen != '\0') return chosen;
  const fs::path programs = executable_folder();
  fs::path installed = (programs / ".." / "share" / "fuseline").lexically_normal();
  std::error_code failed;
  // In a build tree it is a link to the source tree, which is then what messages name.
  if (fs::is_symlink(installed, failed)) installed = fs::canonical(installed, failed);
  return is_folder(installed) ? installed : fs::path();
}

fs::path user_data_folder() { return xdg_folder("XDG_DATA_HOME", ".local/share"); }

fs::path user_cache_folder() { return xdg_folder("XDG_CACHE_HOME", ".cache"); }

Result<fs::path> path_within(const fs::path& folder, const std::string& relative) {
  const std::string name = printable(relative);
  if (relative.empty()) return bad_input("a file name is empty");
  if (relative.find('\0') != std::string::npos)
    return bad_input("the file name \"" + name + "\" holds a NUL character");
  std::error_code failed;
  const fs::path root = fs::canonical(folder, failed);
  if (failed) return bad_input(shown(folder), "", "cannot be opened: " + failed.message());
  if (fs::path(relative).is_absolute())
    return bad_input("\"" + name + "\" is an absolute path; only files inside " + shown(root) + " may be named");
  fs::path resolved = fs::weakly_canonical(root / relative, failed);
  if (failed) return bad_input("\"" + name + "\" cannot be resolved: " + failed.message());
  if (!lies_under(resolved, root)) return bad_input("\"" + name + "\" lies outside its folder " + shown(root));
  return resolved;
}

}  // namespace fuseline::tuner
