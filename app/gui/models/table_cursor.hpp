// The keyboard's place in the table, and what moving it selects: one cursor, whether by keys or by mouse.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "app/gui/models/run_data.hpp"
#include "app/gui/models/selection.hpp"

namespace fuseline::app::gui {

class TableCursor {
 public:
  enum class Move { up, down, page_up, page_down, first, last };
  /// What becomes of the selection: the place alone; everything from the anchor to the place; or nothing, until
  /// toggle() takes the place in or out.
  enum class Select { only, extend, none };

  /// The rows as the table shows them: positions of `data.rows()`.
  struct Table {
    const std::vector<std::uint32_t>& order;
    const RunData& data;
  };

  /// Follows what was selected elsewhere.
  void follow(const Selection& selection);
  /// By keys: `page` rows at once for page_up and page_down. From nowhere, the first row is the next.
  void move(const Table& table, Selection& selection, Move move, std::size_t page, Select select);
  /// By the mouse, to a place of the order.
  void go(const Table& table, Selection& selection, std::size_t position, Select select);
  /// Takes the place into the selection, or out of it; it is the anchor then.
  void toggle(Selection& selection);

  /// The evaluation that it is at.
  [[nodiscard]] std::optional<std::uint64_t> at() const { return at_; }
  /// Its place in the order; empty where the table does not show it.
  [[nodiscard]] static std::optional<std::size_t> position_of(const Table& table,
                                                              std::optional<std::uint64_t> sequence);

 private:
  std::optional<std::uint64_t> at_, anchor_;
  std::uint64_t seen_ = 0;  ///< The selection's revision.
};

}  // namespace fuseline::app::gui
