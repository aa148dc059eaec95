// What the program has to say: a log that stays, and toasts that go after a while.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tuner/base/error.hpp"

namespace fuseline::app::gui {

enum class Severity { note, success, warning, error };
[[nodiscard]] std::string_view to_string(Severity severity);

struct Message {
  std::uint64_t id = 0;
  Severity severity = Severity::note;
  std::string text;    ///< What happened.
  std::string advice;  ///< What to do about it; may be empty.
  std::string time;    ///< "14:03:27", local.
  int times = 1;       ///< Of a toast: how often it was said while it stood.
};

class Messages {
 public:
  using Clock = std::chrono::steady_clock;

  /// Into the log, and shown as a toast.
  void add(Severity severity, std::string text, std::string advice = {});
  /// A failure with what a person can do about one of its kind.
  void add(const tuner::Error& error);
  /// As add(), but a toast only where the log does not say it already: what is so with every sweep.
  void add_once(Severity severity, const std::string& text);
  /// Into the log alone.
  void log(Severity severity, std::string text);

  [[nodiscard]] const std::vector<Message>& all() const { return all_; }
  void clear_log() { all_.clear(); }

  /// Toasts to be shown at `now`, oldest first, at most two: errors go before the others, and stay until they are
  /// dismissed.
  [[nodiscard]] std::vector<Message> toasts(Clock::time_point now);
  /// When the next toast goes by itself; `now` + an hour where none will.
  [[nodiscard]] Clock::time_point next_change(Clock::time_point now) const;
  void dismiss(std::uint64_t id);
  void dismiss_all() { toasts_.clear(); }

 private:
  struct Toast {
    Message message;
    Clock::time_point until;
  };
  Message make(Severity severity, std::string text, std::string advice);

  std::vector<Message> all_;
  std::vector<Toast> toasts_;
  std::uint64_t next_id_ = 1;
};

}  // namespace fuseline::app::gui
