#include "tuner/worker/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>
#include <thread>
#include <utility>

#include "tuner/base/text.hpp"

extern char** environ;

namespace fuseline::tuner {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kTailBytes = 4096;
constexpr std::chrono::milliseconds kUntilKilled{2000};
constexpr std::size_t kReadBytes = std::size_t{1} << 20;

void close_fd(int& fd) {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

/// A pipe whose ends are above 2 and closed on exec, so that they never collide with the child's standard descriptors.
struct Pipe {
  int read = -1, write = -1;
  Pipe() = default;
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_fd(read);
    close_fd(write);
  }
  bool open() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    read = above_standard(ends[0]);
    write = above_standard(ends[1]);
    return read >= 0 && write >= 0;
  }

 private:
  static int above_standard(int fd) {
    if (fd > 2) return fd;
    const int moved = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    ::close(fd);
    return moved;
  }
};

void set_non_blocking(int fd) { (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

/// Own group; default signals and no blocked ones, whatever this program has set.
class SpawnAttributes {
 public:
  SpawnAttributes() {
    posix_spawnattr_init(&attributes_);
    sigset_t defaults, none;
    sigemptyset(&defaults);
    for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGQUIT}) sigaddset(&defaults, signal);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attributes_, &defaults);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  ~SpawnAttributes() { posix_spawnattr_destroy(&attributes_); }
  [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

/// As exec and posix_spawn take them; `argv` outlives them.
std::vector<char*> pointers_to(const std::vector<std::string>& argv) {
  std::vector<char*> pointers;
  pointers.reserve(argv.size() + 1);
  for (const auto& argument : argv) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

int spawn(const std::vector<std::string>& argv, const Pipe& in, const Pipe& out, const Pipe& err, pid_t& pid) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.read, 0);
  posix_spawn_file_actions_adddup2(&actions, out.write, 1);
  posix_spawn_file_actions_adddup2(&actions, err.write, 2);
  const std::vector<char*> pointers = pointers_to(argv);
  const SpawnAttributes attributes;
  const int status = posix_spawnp(&pid, pointers[0], &actions, attributes.get(), pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return status;
}

std::string describe(int status) {
  if (WIFEXITED(status)) return fmt::format("exited with status {}", WEXITSTATUS(status));
  if (WIFSIGNALED(status))
    return fmt::format("killed by signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)));
  return "ended";
}

ChildProcess::Read read_available(int fd) {
  ChildProcess::Read result;
  std::array<char, 65536> bytes{};
  while (fd >= 0 && result.bytes.size() < kReadBytes) {
    const ssize_t got = ::read(fd, bytes.data(), bytes.size());
    if (got > 0) {
      result.bytes.append(bytes.data(), static_cast<std::size_t>(got));
    } else if (got < 0 && errno == EINTR) {
      continue;
    } else {
      result.closed = got == 0 || errno != EAGAIN;
      break;
    }
  }
  if (fd < 0) result.closed = true;
  return result;
}

}  // namespace

void ignore_broken_pipes() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction current {};
    if (sigaction(SIGPIPE, nullptr, &current) != 0 || current.sa_handler != SIG_DFL) return;
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    (void)sigaction(SIGPIPE, &ignore, nullptr);
  });
}

Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& argv) {
  if (argv.empty() || argv[0].empty()) return worker_error("no program was named");
  ignore_broken_pipes();
  Pipe in, out, err;
  if (!in.open() || !out.open() || !err.open())
    return worker_error(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  pid_t pid = -1;
  if (const int status = spawn(argv, in, out, err, pid); status != 0) {
    return worker_error(fmt::format("cannot start '{}': {}", argv[0], std::strerror(status)));
  }
  ChildProcess child;
  child.pid_ = pid;
  child.input_ = std::exchange(in.write, -1);
  child.output_ = std::exchange(out.read, -1);
  child.error_ = std::exchange(err.read, -1);
  for (const int fd : {child.input_, child.output_, child.error_}) set_non_blocking(fd);
  return child;
}

Result<ChildProcess> ChildProcess::start_command(const std::string& command) {
  return start({"sh", "-c", "exec " + command});
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept { *this = std::move(other); }

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(input_, other.input_);
  std::swap(output_, other.output_);
  std::swap(error_, other.error_);
  std::swap(tail_, other.tail_);
  std::swap(exit_, other.exit_);
  std::swap(asked_to_end_, other.asked_to_end_);
  return *this;
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0 && !exit_) {
    kill();
    (void)wait_exit(std::chrono::milliseconds(0));
  }
  close_fd(input_);
  close_fd(output_);
  close_fd(error_);
}

Result<std::size_t> ChildProcess::write_some(std::string_view bytes) {
  if (input_ < 0) return worker_error("its input was closed");
  while (true) {
    const ssize_t written = ::write(input_, bytes.data(), bytes.size());
    if (written >= 0) return static_cast<std::size_t>(written);
    if (errno == EAGAIN) return std::size_t{0};
    if (errno != EINTR) return worker_error(errno == EPIPE ? "it no longer reads its input" : std::strerror(errno));
  }
}

Result<void> ChildProcess::write(std::string_view bytes, std::chrono::milliseconds timeout) {
  const auto deadline = Clock::now() + timeout;
  while (!bytes.empty()) {
    FUSELINE_TRY(written, write_some(bytes));
    bytes.remove_prefix(written);
    if (written > 0) continue;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return worker_error("it does not read its input");
    pollfd item{input_, POLLOUT, 0};
    (void)poll(&item, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 1000)));
  }
  return {};
}

void ChildProcess::close_input() { close_fd(input_); }

ChildProcess::Read ChildProcess::read_output() { return read_available(output_); }

void ChildProcess::read_errors() {
  auto read = read_available(error_);
  tail_ += read.bytes;
  if (tail_.size() > kTailBytes) tail_.erase(0, tail_.size() - kTailBytes);
  if (read.closed) close_fd(error_);
}

void ChildProcess::kill() {
  if (pid_ <= 0 || exit_) return;
  if (std::exchange(asked_to_end_, false)) {
    (void)::kill(static_cast<pid_t>(-pid_), SIGTERM);
    (void)wait_exit(kUntilKilled);  // Kills what has not ended by then.
  } else {
    (void)::kill(static_cast<pid_t>(-pid_), SIGKILL);
  }
}

std::optional<std::string> ChildProcess::poll_exit() {
  if (exit_ || pid_ <= 0) return exit_;
  siginfo_t info{};
  if (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0) return exit_ = "ended";
  if (info.si_pid == 0) return std::nullopt;
  // Before the leader is reaped its group number cannot be taken by another process: what it left behind is ended now.
  (void)::kill(static_cast<pid_t>(-pid_), SIGKILL);
  int status = 0;
  while (waitpid(static_cast<pid_t>(pid_), &status, 0) < 0 && errno == EINTR) {
  }
  return exit_ = describe(status);
}

std::string ChildProcess::wait_exit(std::chrono::milliseconds timeout) {
  if (pid_ <= 0) return "never started";
  const auto deadline = Clock::now() + timeout;
  auto pause = std::chrono::microseconds(200);
  while (true) {
    if (const auto exit = poll_exit()) return *exit;
    if (Clock::now() >= deadline) kill();
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::microseconds(10'000));
  }
}

std::vector<bool> wait_for_children(const std::vector<ChildInterest>& children, std::chrono::milliseconds timeout) {
  std::vector<pollfd> items;
  items.reserve(3 * children.size());
  for (const auto& interest : children) {
    items.push_back({interest.child->output_fd(), POLLIN, 0});
    items.push_back({interest.child->error_fd(), POLLIN, 0});
    items.push_back({interest.write ? interest.child->input_fd() : -1, POLLOUT, 0});
  }
  (void)poll(items.data(), items.size(), static_cast<int>(std::clamp<std::int64_t>(timeout.count(), 0, 60'000)));
  std::vector<bool> ready;
  ready.reserve(children.size());
  for (auto item = items.begin(); item != items.end(); item += 3)
    ready.push_back(std::any_of(item, item + 3, [](const pollfd& each) { return each.revents != 0; }));
  return ready;
}

Error become(const std::vector<std::string>& argv) {
  // Ignored signals stay ignored through exec.
  for (const int signal : {SIGPIPE, SIGXFSZ}) (void)std::signal(signal, SIG_DFL);
  ::execvp(argv.front().c_str(), pointers_to(argv).data());
  return Error{
      ErrorKind::io, {}, {}, fmt::format("{}: cannot be executed: {}", printable(argv.front()), strerror(errno))};
}

}  // namespace fuseline::tuner
