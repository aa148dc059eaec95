#include "app/gui/models/sweep_queue.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace fuseline::app::gui {

using tuner::Result;

std::string request_title(const tuner::SweepRequest& request) {
  std::string text = fmt::format("{} {}", request.problem, request.dtype);
  if (!request.shape.empty()) text += " " + request.shape;
  for (const auto& [name, size] : request.dims) text += fmt::format(" {}={}", name, size);
  if (!request.variants.empty()) text += fmt::format(", {}", fmt::join(request.variants, " "));
  if (!request.workers.empty()) return text + " on " + request.workers.front();
  const std::string replay = "replay:";
  return text + (request.device.starts_with(replay)
                     ? ", replayed from the recording " + request.device.substr(replay.size())
                     : " on " + request.device);
}

void SweepQueue::add(const tuner::SweepRequest& request) {
  waiting_.push_back({next_id_++, request, request_title(request)});
}

Result<std::size_t> SweepQueue::place_of(std::uint64_t id) const {
  const auto found =
      std::find_if(waiting_.begin(), waiting_.end(), [id](const QueuedSweep& each) { return each.id == id; });
  if (found == waiting_.end()) return tuner::bad_input(fmt::format("no sweep {} waits in the queue", id));
  return static_cast<std::size_t>(found - waiting_.begin());
}

Result<void> SweepQueue::remove(std::uint64_t id) {
  FUSELINE_TRY(place, place_of(id));
  waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(place));
  if (waiting_.empty()) held_ = false;
  return {};
}

Result<void> SweepQueue::move(std::uint64_t id, int by) {
  FUSELINE_TRY(place, place_of(id));
  const auto last = static_cast<std::ptrdiff_t>(waiting_.size()) - 1;
  const auto to = std::clamp<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(place) + by, 0, last);
  QueuedSweep moved = std::move(waiting_[place]);
  waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(place));
  waiting_.insert(waiting_.begin() + to, std::move(moved));
  return {};
}

std::optional<QueuedSweep> SweepQueue::next() {
  if (held_ || waiting_.empty()) return std::nullopt;
  QueuedSweep first = std::move(waiting_.front());
  waiting_.erase(waiting_.begin());
  return first;
}

}  // namespace fuseline::app::gui
