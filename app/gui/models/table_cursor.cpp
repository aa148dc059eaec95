#include "app/gui/models/table_cursor.hpp"

#include <algorithm>

namespace fuseline::app::gui {
namespace {

std::uint64_t sequence_at(const TableCursor::Table& table, std::size_t position) {
  return table.data.rows()[table.order[position]].evaluation->sequence;
}

std::size_t moved(std::size_t from, std::size_t count, TableCursor::Move move, std::size_t page) {
  const std::size_t last = count - 1;
  switch (move) {
    case TableCursor::Move::up:
      return from - std::min<std::size_t>(from, 1);
    case TableCursor::Move::down:
      return std::min(from + 1, last);
    case TableCursor::Move::page_up:
      return from - std::min(from, page);
    case TableCursor::Move::page_down:
      return std::min(from + page, last);
    case TableCursor::Move::first:
      return 0;
    case TableCursor::Move::last:
      return last;
  }
  return from;
}

/// Everything between two places; the one at `to` is the last, whose details are shown.
std::vector<std::uint64_t> between(const TableCursor::Table& table, std::size_t from, std::size_t to) {
  std::vector<std::uint64_t> items;
  for (std::size_t i = std::min(from, to); i <= std::max(from, to); ++i) items.push_back(sequence_at(table, i));
  if (to < from) std::reverse(items.begin(), items.end());
  return items;
}

}  // namespace

std::optional<std::size_t> TableCursor::position_of(const Table& table, std::optional<std::uint64_t> sequence) {
  const Row* row = sequence ? table.data.by_sequence(*sequence) : nullptr;
  if (row == nullptr) return std::nullopt;
  const auto wanted = static_cast<std::uint32_t>(row - table.data.rows().data());
  const auto found = std::find(table.order.begin(), table.order.end(), wanted);
  if (found == table.order.end()) return std::nullopt;
  return static_cast<std::size_t>(found - table.order.begin());
}

void TableCursor::follow(const Selection& selection) {
  if (seen_ == selection.revision()) return;
  seen_ = selection.revision();
  at_ = anchor_ = selection.primary();
}

void TableCursor::go(const Table& table, Selection& selection, std::size_t position, Select select) {
  if (position >= table.order.size()) return;
  at_ = sequence_at(table, position);
  const auto anchor = select == Select::extend ? position_of(table, anchor_) : std::nullopt;
  if (select == Select::none) return;
  if (anchor) {
    selection.set(between(table, *anchor, position));
  } else {
    anchor_ = at_;
    selection.only(*at_);
  }
  seen_ = selection.revision();
}

void TableCursor::move(const Table& table, Selection& selection, Move move, std::size_t page, Select select) {
  if (table.order.empty()) return;
  const auto from = position_of(table, at_);
  const bool to_an_end = move == Move::first || move == Move::last;
  const std::size_t to = from || to_an_end ? moved(from.value_or(0), table.order.size(), move, page) : 0;
  go(table, selection, to, select);
}

void TableCursor::toggle(Selection& selection) {
  if (!at_) return;
  selection.toggle(*at_);
  anchor_ = at_;
  seen_ = selection.revision();
}

}  // namespace fuseline::app::gui
