// The table of every configuration.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "app/gui/panels/widgets.hpp"
#include "app/gui/platform/imgui_compat.hpp"
#include "tuner/report/describe.hpp"

namespace fuseline::app::gui {
namespace {

void columns_popup(Ui& ui, float height) {
  if (!noted(ui, ImGui::BeginPopup("columns"), "popup.columns")) return;
  ResultsModel& results = ui.app.results;
  std::string& query = ui.state.columns_query;
  if (ImGui::IsWindowAppearing()) query.clear(), ImGui::SetKeyboardFocusHere();
  ImGui::SetNextItemWidth(ui.px(300));
  ImGui::InputTextWithHint("##find", "Find a column", &query);
  const std::vector<std::string> found = results.find_columns(query);
  const auto switch_all = [&](bool shown) {
    for (const std::string& id : found) results.show_column(id, shown);
  };
  if (ImGui::Button("All")) switch_all(true);
  ImGui::SameLine();
  if (ImGui::Button("None")) switch_all(false);
  hint(ui, "Of those below");
  ImGui::SameLine();
  if (ImGui::Button("The usual ones")) results.usual_columns();
  const float line = ImGui::GetFrameHeightWithSpacing();
  compat::begin_child(
      "columns", ImVec2(ui.px(300), std::min({static_cast<float>(found.size()) * line, ui.px(360), height - 4 * line})),
      false);
  for (const char* group : {"Result", "On the target", "Parameters", "Resources", "Counters"}) {
    bool first = true;
    for (const std::string& id : found) {
      const Column* column = results.column(id);
      if (column == nullptr || column_group(id) != group) continue;
      if (std::exchange(first, false)) heading(ui, group);
      bool shown = column->shown;
      ImGui::PushID(id.c_str());
      if (checkbox(ui, column->title.c_str(), shown)) results.show_column(id, shown);
      hint(ui, column->tooltip);
      ImGui::PopID();
    }
  }
  if (found.empty()) muted(ui, "No column has that in its name.");
  ImGui::EndChild();
  ImGui::EndPopup();
}

std::map<tuner::Outcome, std::size_t> outcomes_of(const RunData& data) {
  std::map<tuner::Outcome, std::size_t> counts;
  for (const Row& row : data.rows()) ++counts[row.evaluation->measurement.outcome];
  return counts;
}

void outcome_chips(Ui& ui) {
  // Counted again only when rows arrive: a hundred thousand of them are too many for every frame.
  const auto& counts = ui.state.outcomes;
  if (ui.state.outcomes_counted != ui.app.data.revision()) ui.state.outcomes = outcomes_of(ui.app.data);
  ui.state.outcomes_counted = ui.app.data.revision();
  if (counts.size() < 2) return;
  for (const auto& [outcome, count] : counts) {
    auto chosen = ui.app.results.outcomes();
    const std::string name(tuner::to_string(outcome));
    const std::string text = fmt::format("{} {}", name, tuner::grouped(static_cast<double>(count)));
    flow(ImGui::CalcTextSize(text.c_str()).x + ui.px(20));
    if (!chip(ui, name, text, chosen.count(outcome) > 0, true)) continue;
    if (chosen.erase(outcome) == 0) chosen.insert(outcome);
    ui.app.results.set_outcomes(std::move(chosen));
  }
}

void result_tools(Ui& ui) {
  std::string filter = ui.app.results.filter();
  const char* placeholder = "Filter: block=256 time<0.6 vector";
  const float room = std::min(ui.px(240), ImGui::GetContentRegionAvail().x * 0.4F);
  if (ImGui::CalcTextSize(placeholder).x + ui.px(16) > room) placeholder = "Filter";
  ImGui::SetNextItemWidth(room);
  if (std::exchange(ui.app.dialogs.find, false)) ImGui::SetKeyboardFocusHere();
  char text[256];
  const std::size_t length = filter.copy(text, sizeof text - 1);
  text[length] = 0;
  if (ImGui::InputTextWithHint("##filter", placeholder, text, sizeof text)) ui.app.results.set_filter(text);
  note_item(ui, "field.filter");
  hint(ui, "Words that must occur, or a column and a value: block=256, time<0.6, outcome!=ok");
  ImGui::SameLine();
  if (ImGui::Button("Columns")) ImGui::OpenPopup("columns");
  note_item(ui, "button.columns");
  const float popup_room = popup_beside_item(ui);
  columns_popup(ui, popup_room);
  outcome_chips(ui);
  const std::size_t shown = ui.app.results.order().size(), all = ui.app.data.rows().size();
  const std::string count =
      (shown == all ? tuner::grouped(static_cast<double>(all))
                    : fmt::format("{} of {}", tuner::grouped(static_cast<double>(shown)),
                                  tuner::grouped(static_cast<double>(all)))) +
      (ui.app.selection.empty() ? "" : fmt::format(", {} selected", ui.app.selection.items().size()));
  flow(ImGui::CalcTextSize(count.c_str()).x);
  ImGui::AlignTextToFramePadding();
  coloured(ui.palette.muted, count);
  const tuner::RunInfo& info = ui.app.data.info();
  if (info.state == tuner::RunState::running || !info.finals.empty()) return;
  const char* no_finals = "no finals";
  flow(ImGui::CalcTextSize(no_finals).x);
  ImGui::AlignTextToFramePadding();
  coloured(ui.palette.muted, no_finals);
  hint(ui, tuner::finals_text(info));
}

/// Scale 1: as wide as its title at least, unless the user made it narrower.
float drawn_width(const Ui& ui, const Column& column) {
  const auto& widths = ui.app.results.widths();
  const float title = ImGui::CalcTextSize(column.title.c_str()).x / ui.scale + 16;
  return widths.count(column.id) > 0 ? column.width : std::max(column.width, title);
}

/// A column is dragged to another's place.
void move_header(Ui& ui, const Column& column) {
  if (ImGui::BeginDragDropSource()) {
    ImGui::SetDragDropPayload("column", column.id.c_str(), column.id.size());
    ImGui::TextUnformatted(column.title.c_str());
    ImGui::EndDragDropSource();
  }
  if (!ImGui::BeginDragDropTarget()) return;
  if (const ImGuiPayload* dropped = ImGui::AcceptDragDropPayload("column")) {
    const std::string id(static_cast<const char*>(dropped->Data), static_cast<std::size_t>(dropped->DataSize));
    act(ui, "results.move_column", id + "=" + column.id);
  }
  ImGui::EndDragDropTarget();
}

void header_menu(Ui& ui, const std::vector<Column>& columns, std::size_t at) {
  if (!noted(ui, ImGui::BeginPopupContextItem("column menu"), "popup.column")) return;
  const std::string& id = columns[at].id;
  heading(ui, columns[at].title.c_str());
  const bool sorted = ui.app.results.sort_column() == id;
  if (ImGui::MenuItem(sorted ? "Sort the other way round" : "Sort")) act(ui, "results.sort", id);
  if (ImGui::MenuItem("Move to the left", nullptr, false, at > 0))
    act(ui, "results.move_column", id + "=" + columns[at - 1].id);
  if (ImGui::MenuItem("Move to the right", nullptr, false, at + 1 < columns.size()))
    act(ui, "results.move_column", columns[at + 1].id + "=" + id);
  if (ImGui::MenuItem("Hide")) act(ui, "results.column", id);
  ImGui::EndPopup();
}

void header(Ui& ui, const std::vector<Column>& columns) {
  ImGui::TableNextRow(ImGuiTableRowFlags_Headers);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!ImGui::TableSetColumnIndex(static_cast<int>(i))) continue;
    const bool sorted = ui.app.results.sort_column() == columns[i].id;
    ImGui::PushID(columns[i].id.c_str());
    ImGui::PushStyleColor(ImGuiCol_Text, sorted ? ui.palette.accent : ui.palette.muted);
    const float width = ImGui::GetContentRegionAvail().x / ui.scale;
    ImGui::TableHeader(
        (columns[i].title + (sorted ? ui.app.results.descending() ? " \u25BE" : " \u25B4" : "")).c_str());
    ImGui::PopStyleColor();
    note_item(ui, "column." + columns[i].id);
    const ImVec2 dragged = ImGui::GetMouseDragDelta(ImGuiMouseButton_Left, 0);
    if (ImGui::IsItemDeactivated() && ImGui::IsItemHovered() && std::hypot(dragged.x, dragged.y) < ui.px(4))
      act(ui, "results.sort", columns[i].id);
    move_header(ui, columns[i]);
    header_menu(ui, columns, i);
    hint(ui, columns[i].tooltip + "\n\nClick to sort, drag to move; the right button has more");
    // Dragging the edge is ImGui's; what comes of it is kept.
    if (ImGui::IsMouseDown(ImGuiMouseButton_Left) && std::abs(width - drawn_width(ui, columns[i])) > 1)
      ui.app.results.set_width(columns[i].id, width);
    ImGui::PopID();
  }
}

TableCursor::Table table_of(const Ui& ui) { return {ui.app.results.order(), ui.app.data}; }

/// A row was clicked.
void select(Ui& ui, std::size_t position) {
  const ImGuiIO& io = ImGui::GetIO();
  TableCursor& cursor = ui.state.table.cursor;
  using Select = TableCursor::Select;
  cursor.go(table_of(ui), ui.app.selection, position,
            io.KeyCtrl    ? Select::none
            : io.KeyShift ? Select::extend
                          : Select::only);
  if (io.KeyCtrl) cursor.toggle(ui.app.selection);
}

/// Faster or slower where that is no matter of the measurement: paired, and by more than sessions differ by.
ImU32 baseline_colour(const Ui& ui, const Row& row) {
  constexpr float kTold = 0.005F, kToldApart = 0.02F;
  const float least = row.baseline_paired ? kTold : kToldApart, by = row.against_baseline - 1;
  return by < -least ? ui.palette.good : by > least ? ui.palette.text : ui.palette.muted;
}

void cell(Ui& ui, const Row& row, const Column& column, bool best) {
  const std::string whole = column_text(row, column.id);
  const float width = ImGui::GetContentRegionAvail().x;
  const std::string text = elided(whole, width + 1);
  if (column.numeric) {
    const float room = width - ImGui::CalcTextSize(text.c_str()).x;
    if (room > 0) ImGui::SetCursorPosX(ImGui::GetCursorPosX() + room);
  }
  const bool marked = best && (column.id == "time" || column.id == "of_copy");
  coloured(column.id == "outcome"                 ? outcome_colour(ui, row.evaluation->measurement.outcome)
           : marked                               ? ui.palette.accent
           : column.id == kAgainstBaseline        ? baseline_colour(ui, row)
           : column_group(column.id) == kOnTarget ? packed(ui.plot().target)
                                                  : ui.palette.text,
           text);
  if (text != whole) hint(ui, whole);
}

/// Round the row that the keyboard is at.
void cursor_frame(Ui& ui, ImVec2 at) {
  const ImVec2 window = ImGui::GetWindowPos();
  const float pad = ImGui::GetStyle().CellPadding.y;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.PushClipRect(window, ImVec2(window.x + ImGui::GetWindowWidth(), window.y + ImGui::GetWindowHeight()), false);
  compat::add_rect(list, ImVec2(window.x + 1, at.y - pad),
                   ImVec2(window.x + ImGui::GetWindowWidth() - ImGui::GetStyle().ScrollbarSize - 1,
                          at.y + ImGui::GetTextLineHeight() + pad),
                   ui.palette.accent, 0, ui.px(1));
  list.PopClipRect();
}

void line(Ui& ui, const std::vector<Column>& columns, std::size_t position) {
  const Row& row = ui.app.data.rows()[ui.app.results.order()[position]];
  const std::uint64_t sequence = row.evaluation->sequence;
  const bool best = ui.app.data.best() == sequence;
  ImGui::PushID(static_cast<int>(position));
  ImGui::TableNextRow();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const bool visible = ImGui::TableSetColumnIndex(static_cast<int>(i));
    if (i == 0) {
      const ImVec2 at = ImGui::GetCursorScreenPos();
      if (ui.state.table.has_keyboard && ui.state.table.cursor.at() == sequence) cursor_frame(ui, at);
      if (ImGui::Selectable("##row", ui.app.selection.has(sequence), ImGuiSelectableFlags_SpanAllColumns))
        select(ui, position);
      if (ImGui::IsItemHovered()) ui.app.selection.hovered = sequence;
      if (ImGui::IsItemClicked(ImGuiMouseButton_Right) && !ui.app.selection.has(sequence))
        ui.app.selection.only(sequence);
      if (noted(ui, ImGui::BeginPopupContextItem("row menu"), "popup.row")) {
        const bool pinned = ui.app.pins.has(ui.app.data.info(), sequence);
        for (const char* id : {"copy.text", "copy.json", "copy.command", "compare.selected"}) action_item(ui, id);
        ImGui::Separator();
        action_item(ui, "pin.configuration", pinned ? "Unpin" : "Pin");
        action_item(ui, "pin.baseline", "Make it the baseline");
        ImGui::EndPopup();
      }
      ImGui::SameLine(0, 0);
      const std::string mark = best ? "\u2605 " : row.tied ? "\u25CE " : "";
      if (!mark.empty()) {
        coloured(ui.palette.accent, mark);
        hint(ui, best ? "The best" : "Cannot be told apart from the best");
        ImGui::SameLine(0, 0);
      }
    }
    if (visible) cell(ui, row, columns[i], best);
  }
  ImGui::PopID();
}

std::optional<TableCursor::Move> pressed_move() {
  using Move = TableCursor::Move;
  static constexpr std::array<std::pair<compat::Key, Move>, 6> kMoves = {
      std::pair(ImGuiKey_UpArrow, Move::up),     std::pair(ImGuiKey_DownArrow, Move::down),
      std::pair(ImGuiKey_PageUp, Move::page_up), std::pair(ImGuiKey_PageDown, Move::page_down),
      std::pair(ImGuiKey_Home, Move::first),     std::pair(ImGuiKey_End, Move::last)};
  for (const auto& [key, move] : kMoves) {
    if (compat::key_pressed(key)) return move;
  }
  return std::nullopt;
}

/// Who has the keyboard: while the table has it no window of ImGui's has, so that there is one cursor.
void take_or_leave_keyboard(Ui& ui, bool asked) {
  TableState& table = ui.state.table;
  const bool here = ImGui::IsWindowFocused(ImGuiFocusedFlags_RootAndChildWindows);
  // A popup that is open would close with its window's focus.
  const bool busy = ImGui::IsAnyItemActive() || ImGui::GetIO().WantTextInput || ImGui::IsAnyMouseDown() ||
                    ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopup);
  // Ctrl+Tab came here; or the rows were clicked.
  const bool came = here && !table.was_here && !busy;
  table.was_here = here || table.has_keyboard;
  if (asked || came || (table.rows_focused && !busy)) {
    table.has_keyboard = true;
    ImGui::SetWindowFocus(nullptr);
  } else if (ImGui::IsWindowFocused(ImGuiFocusedFlags_AnyWindow)) {
    table.has_keyboard = false;
  }
}

/// One cursor: arrows move it and select, with Shift from where it was, with Ctrl nothing until the space bar.
bool keys(Ui& ui, std::size_t page) {
  if (!ui.state.table.has_keyboard || ImGui::GetIO().WantTextInput || ui.app.results.order().empty()) return false;
  const ImGuiIO& io = ImGui::GetIO();
  TableCursor& cursor = ui.state.table.cursor;
  using Select = TableCursor::Select;
  if (const auto move = pressed_move()) {
    cursor.move(table_of(ui), ui.app.selection, *move, page,
                io.KeyShift  ? Select::extend
                : io.KeyCtrl ? Select::none
                             : Select::only);
    return true;
  }
  if (compat::key_pressed(ImGuiKey_Space)) cursor.toggle(ui.app.selection);
  if (compat::key_pressed(ImGuiKey_Enter) && !io.KeyCtrl)
    ui.app.layout.activate(ui.app.selection.items().size() >= 2 ? "compare" : "details");
  if (compat::key_pressed(ImGuiKey_Tab) && !io.KeyCtrl) ui.app.dialogs.find = true;
  return false;
}

void scroll_to(Ui& ui, std::size_t position) {
  const float height = ImGui::GetTextLineHeight() + 2 * ImGui::GetStyle().CellPadding.y;
  const float top = static_cast<float>(position) * height, room = ImGui::GetWindowHeight() - 2 * height - ui.px(12);
  if (top < ImGui::GetScrollY()) ImGui::SetScrollY(top);
  if (top > ImGui::GetScrollY() + room) ImGui::SetScrollY(top - room);
}

void table(Ui& ui, bool asked) {
  std::vector<Column> columns;
  // What is remembered of a table goes by its name: widths are ours, in the order and at the scale of now.
  std::string id = fmt::format("results {}", ui.scale);
  for (const Column& column : ui.app.results.columns()) {
    if (!column.shown || columns.size() >= 60) continue;
    columns.push_back(column);
    id += "." + column.id;
  }
  if (columns.empty()) return muted(ui, "Every column is hidden; the button above shows them again.");
  constexpr ImGuiTableFlags flags = ImGuiTableFlags_ScrollX | ImGuiTableFlags_ScrollY | ImGuiTableFlags_RowBg |
                                    ImGuiTableFlags_Resizable | ImGuiTableFlags_BordersInnerV |
                                    ImGuiTableFlags_SizingFixedFit;
  TableCursor& cursor = ui.state.table.cursor;
  take_or_leave_keyboard(ui, asked);
  const float row = ImGui::GetTextLineHeight() + 2 * ImGui::GetStyle().CellPadding.y;
  const bool moved = keys(ui, static_cast<std::size_t>(std::max(1.F, ImGui::GetContentRegionAvail().y / row - 3)));
  if (!ImGui::BeginTable(id.c_str(), static_cast<int>(columns.size()), flags)) return;
  ImGui::TableSetupScrollFreeze(1, 1);
  for (const Column& column : columns)
    ImGui::TableSetupColumn(column.title.c_str(), ImGuiTableColumnFlags_WidthFixed, ui.px(drawn_width(ui, column)));
  header(ui, columns);
  ui.state.table.rows_focused = ImGui::IsWindowFocused();
  cursor.follow(ui.app.selection);
  // Also to what was selected elsewhere.
  const std::uint64_t selected = ui.app.selection.revision();
  if (std::exchange(ui.state.table.selection_seen, selected) != selected || moved) {
    if (const auto position = TableCursor::position_of(table_of(ui), cursor.at())) scroll_to(ui, *position);
  }
  ImGuiListClipper clipper;
  clipper.Begin(static_cast<int>(ui.app.results.order().size()));
  while (clipper.Step()) {
    for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) line(ui, columns, static_cast<std::size_t>(i));
  }
  ImGui::EndTable();
}

}  // namespace

void draw_results(Ui& ui) {
  const bool asked = std::exchange(ui.state.entered, {}) == "results" && !ui.app.dialogs.find;
  // The filter is to have the keyboard, not the rows.
  if (ui.app.dialogs.find) ui.state.table.was_here = true, ui.state.table.has_keyboard = false;
  if (ui.app.data.rows().empty())
    return empty_state(
        ui, "No results yet",
        "Every configuration of a sweep appears here as it is measured: sorted, filtered, compared, copied.");
  result_tools(ui);
  const std::string unknown = ui.app.results.unknown_column();
  if (ui.app.results.order().empty() && !unknown.empty())
    return empty_state(ui, ("There is no column " + unknown).c_str(),
                       "Columns has the names; a word without = < > is looked for in every configuration.");
  if (ui.app.results.order().empty()) {
    return nothing_passes(
        ui, fmt::format("None of {} configurations has all that it asks for.", ui.app.data.rows().size()));
  }
  table(ui, asked);
}

}  // namespace fuseline::app::gui
