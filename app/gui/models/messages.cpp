#include "app/gui/models/messages.hpp"

#include <algorithm>
#include <ctime>

namespace fuseline::app::gui {
namespace {

constexpr std::size_t kKept = 2000, kToasts = 4;
constexpr std::chrono::seconds kNoteStays{6}, kWarningStays{12};

std::string local_time() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  char text[16];
  const std::size_t length = std::strftime(text, sizeof text, "%H:%M:%S", &parts);
  return {text, length};
}

std::string advice_for(const tuner::Error& error) {
  switch (error.kind) {
    case tuner::ErrorKind::bad_input:
      return {};
    case tuner::ErrorKind::io:
      return "Check that the file exists, can be written, and that the disk is not full.";
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
  Message message = make(severity, std::move(text), std::move(advice));
  const Clock::time_point now = Clock::now();
  const auto same = [&](const Toast& toast) { return toast.message.text == message.text; };
  toasts_.erase(std::remove_if(toasts_.begin(), toasts_.end(), same), toasts_.end());
  const Clock::time_point until = severity == Severity::error
                                      ? Clock::time_point::max()
                                      : now + (severity == Severity::warning ? kWarningStays : kNoteStays);
  toasts_.push_back({std::move(message), until});
  if (toasts_.size() > kToasts) toasts_.erase(toasts_.begin());
}

void Messages::add(const tuner::Error& error) { add(Severity::error, error.message(), advice_for(error)); }

void Messages::log(Severity severity, std::string text) { make(severity, std::move(text), {}); }

std::vector<Message> Messages::toasts(Clock::time_point now) {
  toasts_.erase(std::remove_if(toasts_.begin(), toasts_.end(), [&](const Toast& toast) { return toast.until <= now; }),
                toasts_.end());
  std::vector<Message> shown;
  for (const Toast& toast : toasts_) shown.push_back(toast.message);
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
