// A child process with pipes on its stdin, stdout and stderr: started, polled, killed. POSIX is in process.cpp alone.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tuner/base/error.hpp"

namespace fuseline::tuner {

/// A write to a pipe whose reader is gone returns an error instead of ending this program. Process-wide, done once; a
/// handler that the program has set is left alone. Children get the default back.
void ignore_broken_pipes();

/// Owns one child in its own process group; the destructor kills the group and reaps the child. What it writes to
/// stderr is collected by read_errors() in a bounded tail. Not thread-safe.
class ChildProcess {
 public:
  /// Starts `argv` (argv[0] looked up in PATH). Error: cannot be executed.
  [[nodiscard]] static Result<ChildProcess> start(const std::vector<std::string>& argv);
  /// Starts `command` through the shell (`sh -c "exec ..."`), as a user's --worker prefix needs.
  [[nodiscard]] static Result<ChildProcess> start_command(const std::string& command);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  [[nodiscard]] int input_fd() const { return input_; }    ///< We write to its stdin; non-blocking.
  [[nodiscard]] int output_fd() const { return output_; }  ///< We read its stdout; non-blocking.
  [[nodiscard]] int error_fd() const { return error_; }    ///< We read its stderr; non-blocking.
  /// Writes all of `bytes`, waiting at most `timeout`. Error: the child is gone or does not read.
  [[nodiscard]] Result<void> write(std::string_view bytes, std::chrono::milliseconds timeout);
  /// Writes what the pipe takes now and returns how much that was (0: full). Error: the child is gone.
  [[nodiscard]] Result<std::size_t> write_some(std::string_view bytes);
  void close_input();

  struct Read {
    std::string bytes;    ///< At most 1 MiB at a time; empty where nothing is waiting.
    bool closed = false;  ///< The child has closed the pipe and everything was read.
  };
  [[nodiscard]] Read read_output();
  void read_errors();  ///< Appends what is waiting on stderr to the tail.
  [[nodiscard]] const std::string& stderr_tail() const {
    return tail_;
  }  ///< The last 4 KiB, as written: escape before showing.

  void kill();  ///< SIGKILL to the group; idempotent. Where it is asked to end, SIGTERM and up to two seconds first.
  void ask_to_end(bool asked) { asked_to_end_ = asked; }
  /// Exit description ("exited with status 3", "killed by signal 11 (Segmentation fault)") once it has ended.
  [[nodiscard]] std::optional<std::string> poll_exit();
  /// Waits for the end, then kills after `timeout`.
  std::string wait_exit(std::chrono::milliseconds timeout);
  [[nodiscard]] std::int64_t pid() const { return pid_; }

 private:
  ChildProcess() = default;
  std::int64_t pid_ = -1;
  int input_ = -1, output_ = -1, error_ = -1;
  std::string tail_;
  std::optional<std::string> exit_;
  bool asked_to_end_ = false;
};

/// A child to wait for; `write`: also until its stdin takes bytes.
struct ChildInterest {
  const ChildProcess* child = nullptr;
  bool write = false;
};
/// Returns when a child has written, closed its pipes or (where asked) can be written to, or after `timeout`; of which
/// children that is so, in their order.
std::vector<bool> wait_for_children(const std::vector<ChildInterest>& children, std::chrono::milliseconds timeout);

/// Makes this process `argv` (argv[0] looked up in PATH), with its terminal, output and signals as a shell would give
/// them. Comes back only with the error that it cannot be executed.
[[nodiscard]] Error become(const std::vector<std::string>& argv);

}  // namespace fuseline::tuner
