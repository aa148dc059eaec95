#include "tuner/session/publisher.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::size_t kMessages = 200;
constexpr std::chrono::milliseconds kPeriod{33};

}  // namespace

void Publisher::publish() {
  auto snapshot = std::make_shared<const Snapshot>(draft);
  {
    const std::scoped_lock lock(mutex_);
    latest_.swap(snapshot);
  }
  published_ = std::chrono::steady_clock::now();
  changed_ = false;
  if (on_publish_) on_publish_();
}

void Publisher::publish_first() { latest_ = std::make_shared<const Snapshot>(draft); }

void Publisher::publish_if_due() {
  if (changed_ && std::chrono::steady_clock::now() - published_ >= kPeriod) publish();
}

void Publisher::set_state(SessionState state, std::string activity) {
  draft.state = state;
  draft.activity = std::move(activity);
  publish();
}

void Publisher::message(std::string text, std::string advice) {
  auto& messages = draft.messages;
  messages.push_back({std::move(text), std::move(advice)});
  if (messages.size() > kMessages) messages.erase(messages.begin());
  changed_ = true;
}

}  // namespace fuseline::tuner
