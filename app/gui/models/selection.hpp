// Which evaluations are selected: one answer for every panel.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <unordered_set>
#include <vector>

namespace fuseline::app::gui {

/// Sequence numbers of evaluations in the order in which they were selected.
class Selection {
 public:
  [[nodiscard]] const std::vector<std::uint64_t>& items() const { return items_; }
  [[nodiscard]] bool empty() const { return items_.empty(); }
  [[nodiscard]] bool has(std::uint64_t sequence) const { return members_.count(sequence) > 0; }
  /// The one selected last: what details are shown of.
  [[nodiscard]] std::optional<std::uint64_t> primary() const {
    return items_.empty() ? std::nullopt : std::optional(items_.back());
  }

  void only(std::uint64_t sequence) { set({sequence}); }
  void toggle(std::uint64_t sequence) {
    const auto found = std::find(items_.begin(), items_.end(), sequence);
    if (found != items_.end()) {
      items_.erase(found);
      members_.erase(sequence);
    } else {
      items_.push_back(sequence);
      members_.insert(sequence);
    }
    ++revision_;
  }
  void set(std::vector<std::uint64_t> items) {
    items_ = std::move(items);
    members_ = {items_.begin(), items_.end()};
    ++revision_;
  }
  void clear() { set({}); }
  [[nodiscard]] std::uint64_t revision() const { return revision_; }

  /// The evaluation under the pointer, in whichever panel: found anew in every frame.
  std::optional<std::uint64_t> hovered;
  /// That of the frame before, which every panel shows.
  std::optional<std::uint64_t> highlighted;

 private:
  std::vector<std::uint64_t> items_;
  std::unordered_set<std::uint64_t> members_;  ///< The same, for asking.
  std::uint64_t revision_ = 0;
};

}  // namespace fuseline::app::gui
