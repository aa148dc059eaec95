#include "app/gui/models/messages.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <ctime>

namespace fuseline::app::gui {
namespace {

constexpr std::size_t kKept = 2000, kToasts = 2;
constexpr std::chrono::seconds kNoteStays{6}, kWarningStays{12};

std::string local_time() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  char text[16];
  const std::size_t length = std::strftime(text, sizeof text, "%H:%M:%S", &parts);
  return {text, length};
}

/// What to do about a file, by what the system said of it.
std::string advice_for_file(const std::string& reason) {
  struct Known {
    const char *said, *advice;
  };
  static constexpr std::array kKnown = {
      Known{"cannot be written: no such file", "Its folder is not there: export to another path (Ctrl+E)."},
      Known{"no such file", "Check the path: in the dialog (Ctrl+O) Tab completes it."},
      Known{"permission", "Check whose it is, or choose another folder."},
      Known{"read-only", "Choose a folder that can be written."},
      Known{"no space", "Free some space, or choose another disk."},
      Known{"quota", "Free some space, or choose another disk."},
      Known{"too large", "Take a part of it."},
      Known{"locked", "Another program has it: try again when that has ended."}};
  std::string lower = reason;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const Known& known : kKnown) {
    if (lower.find(known.said) != std::string::npos) return known.advice;
  }
  return {};
}

std::string advice_for(const tuner::Error& error) {
  switch (error.kind) {
    case tuner::ErrorKind::bad_input:
      return {};
    case tuner::ErrorKind::io:
      return advice_for_file(error.message());
    case tuner::ErrorKind::worker:
      return "Check the worker's command and that the machine has a GPU and a driver; or choose a recording as the "
             "device.";
    case tuner::ErrorKind::interrupted:
      return "Everything measured was kept; the sweep can be resumed.";
  }
  return {};
}

}  // namespace

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::note:
      return "note";
    case Severity::success:
      return "success";
    case Severity::warning:
      return "warning";
    case Severity::error:
      return "error";
  }
  return "";
}

Message Messages::make(Severity severity, std::string text, std::string advice) {
  Message message{next_id_++, severity, std::move(text), std::move(advice), local_time()};
  if (all_.size() >= kKept) all_.erase(all_.begin());
  all_.push_back(message);
  return message;
}

void Messages::add(Severity severity, std::string text, std::string advice) {
  const auto now = Clock::now();
  const auto same = std::find_if(toasts_.begin(), toasts_.end(),
                                 [&](const Toast& toast) { return toast.message.text == text && toast.until > now; });
  const int times = same == toasts_.end() ? 1 : same->message.times + 1;
  if (same != toasts_.end()) toasts_.erase(same);
  Message message = make(severity, std::move(text), std::move(advice));
  message.times = times;
  const Clock::time_point until = severity == Severity::error
                                      ? Clock::time_point::max()
                                      : now + (severity == Severity::warning ? kWarningStays : kNoteStays);
  toasts_.push_back({std::move(message), until});
  constexpr std::size_t kWaiting = 50;
  if (toasts_.size() > kWaiting) toasts_.erase(toasts_.begin());
}

void Messages::add_once(Severity severity, const std::string& text) {
  const bool said = std::any_of(all_.begin(), all_.end(), [&](const Message& message) { return message.text == text; });
  said ? log(severity, text) : add(severity, text);
}

void Messages::add(const tuner::Error& error) { add(Severity::error, error.message(), advice_for(error)); }

void Messages::log(Severity severity, std::string text) { make(severity, std::move(text), {}); }

std::vector<Message> Messages::toasts(Clock::time_point now) {
  std::erase_if(toasts_, [&](const Toast& toast) { return toast.until <= now; });
  // The newest; errors before what goes by itself.
  std::vector<const Toast*> chosen;
  for (const bool errors : {true, false}) {
    for (auto toast = toasts_.rbegin(); toast != toasts_.rend() && chosen.size() < kToasts; ++toast) {
      if ((toast->message.severity == Severity::error) == errors) chosen.push_back(&*toast);
    }
  }
  std::sort(chosen.begin(), chosen.end(), [](const Toast* a, const Toast* b) { return a->message.id < b->message.id; });
  std::vector<Message> shown;
  shown.reserve(chosen.size());
  for (const Toast* toast : chosen) shown.push_back(toast->message);
  return shown;
}

Messages::Clock::time_point Messages::next_change(Clock::time_point now) const {
  Clock::time_point next = now + std::chrono::hours(1);
  for (const Toast& toast : toasts_) next = std::min(next, toast.until);
  return next;
}

void Messages::dismiss(std::uint64_t id) {
  toasts_.erase(
      std::remove_if(toasts_.begin(), toasts_.end(), [&](const Toast& toast) { return toast.message.id == id; }),
      toasts_.end());
}

}  // namespace fuseline::app::gui
