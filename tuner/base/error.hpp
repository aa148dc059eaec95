// Expected failures are values: every fallible function of the tuner returns Result<T>.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace fuseline::tuner {

/// What a caller can do about a failure; the command line maps it to an exit code.
enum class ErrorKind {
  bad_input,    ///< The user named or wrote something wrong (exit 2).
  io,           ///< A file, pipe or database could not be read or written (exit 2).
  worker,       ///< The measuring process could not be started or was given up (exit 4).
  interrupted,  ///< The user asked to stop (exit 130).
};

/// One failure: where (file, JSON path) and why. `file` and `path` may be empty.
struct Error {
  ErrorKind kind = ErrorKind::bad_input;
  std::string file;    ///< File, command-line option or database concerned.
  std::string path;    ///< JSON path within it, such as "/parameters/2/values".
  std::string reason;  ///< A clause a person understands; control characters already escaped.

  /// "file: path: reason", leaving out what is empty.
  [[nodiscard]] std::string message() const;
};

template <class T>
using Result = tl::expected<T, Error>;

/// A bad_input failure that concerns no file.
[[nodiscard]] inline tl::unexpected<Error> bad_input(std::string reason) {
  return tl::unexpected(Error{ErrorKind::bad_input, {}, {}, std::move(reason)});
}
[[nodiscard]] inline tl::unexpected<Error> bad_input(std::string file, std::string path, std::string reason) {
  return tl::unexpected(Error{ErrorKind::bad_input, std::move(file), std::move(path), std::move(reason)});
}
[[nodiscard]] inline tl::unexpected<Error> io_error(std::string file, std::string reason) {
  return tl::unexpected(Error{ErrorKind::io, std::move(file), {}, std::move(reason)});
}
/// A failure of the measuring process, or of what it needs.
[[nodiscard]] inline tl::unexpected<Error> worker_error(std::string reason) {
  return tl::unexpected(Error{ErrorKind::worker, {}, {}, std::move(reason)});
}

}  // namespace fuseline::tuner

/// Evaluates `expression` (a Result), returns its error from the calling function, or binds its value to `name`.
#define FUSELINE_TRY(name, expression)                                           \
  auto name##_result_ = (expression);                                            \
  if (!name##_result_) return tl::unexpected(std::move(name##_result_).error()); \
  auto name = std::move(*name##_result_)  // NOLINT(bugprone-macro-parentheses): a declared name

/// The same for a Result<void>.
#define FUSELINE_CHECK(expression)                                                                 \
  do {                                                                                             \
    auto fuseline_check_result_ = (expression);                                                    \
    if (!fuseline_check_result_) return tl::unexpected(std::move(fuseline_check_result_).error()); \
  } while (false)
