// A child process with pipes on its stdin and stdout: started, polled, killed. POSIX is in process.cpp alone.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tuner/base/error.hpp"

namespace fuseline::tuner {

/// Owns one child in its own process group; the destructor kills the group and reaps the child. Its stderr is inherited,
/// or appended to a bounded tail that stderr_tail() returns.
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

  [[nodiscard]] int input_fd() const;   ///< We write to its stdin.
  [[nodiscard]] int output_fd() const;  ///< We read its stdout; non-blocking.
  [[nodiscard]] int error_fd() const;   ///< We read its stderr; non-blocking.
  /// Writes all of `bytes`, waiting at most `timeout`. Error: the child is gone or does not read.
  [[nodiscard]] Result<void> write(std::string_view bytes, std::chrono::milliseconds timeout);
  void close_input();
  void kill();  ///< SIGKILL to the group; idempotent.
  /// Exit description ("exited with status 3", "killed by signal 11 (Segmentation fault)") once it has ended.
  [[nodiscard]] std::optional<std::string> poll_exit();
  /// Waits for the end, then kills after `timeout`.
  std::string wait_exit(std::chrono::milliseconds timeout);
  [[nodiscard]] std::int64_t pid() const;

 private:
  ChildProcess() = default;
  std::int64_t pid_ = -1;
  int input_ = -1, output_ = -1, error_ = -1;
  std::optional<std::string> exit_;
};

}  // namespace fuseline::tuner
