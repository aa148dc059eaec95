// The table of every configuration.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "app/gui/panels/widgets.hpp"
#include "app/gui/platform/imgui_compat.hpp"
#include "tuner/report/describe.hpp"

namespace fuseline::app::gui {
namespace {

void columns_popup(Ui& ui) {
  if (!ImGui::BeginPopup("columns")) return;
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
  compat::begin_child("columns", ImVec2(ui.px(300), std::min(static_cast<float>(found.size()) * line, ui.px(360))),
                      false);
  for (const std::string& id : found) {
    const Column* column = results.column(id);
    if (column == nullptr) continue;
    bool shown = column->shown;
    ImGui::PushID(id.c_str());
    if (checkbox(ui, column->title.c_str(), shown)) results.show_column(id, shown);
    hint(ui, column->tooltip);
    ImGui::PopID();
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
  hint(ui, "Words that must occur, or a column and a value: block=256, time<0.6, outcome!=ok");
  ImGui::SameLine();
  if (ImGui::Button("Columns")) ImGui::OpenPopup("columns");
  columns_popup(ui);
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

void header(Ui& ui, const std::vector<Column>& columns) {
  ImGui::TableNextRow(ImGuiTableRowFlags_Headers);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!ImGui::TableSetColumnIndex(static_cast<int>(i))) continue;
    const bool sorted = ui.app.results.sort_column() == columns[i].id;
    ImGui::PushID(columns[i].id.c_str());
    ImGui::PushStyleColor(ImGuiCol_Text, sorted ? ui.palette.accent : ui.palette.muted);
    ImGui::TableHeader(
        (columns[i].title + (sorted ? ui.app.results.descending() ? " \u25BE" : " \u25B4" : "")).c_str());
    ImGui::PopStyleColor();
    if (ImGui::IsItemClicked(ImGuiMouseButton_Left)) act(ui, "results.sort", columns[i].id);
    hint(ui, columns[i].tooltip + "\n\nClick to sort");
    ImGui::PopID();
  }
}

void select(Ui& ui, std::size_t position) {
  const ImGuiIO& io = ImGui::GetIO();
  const auto& order = ui.app.results.order();
  const auto& rows = ui.app.data.rows();
  const std::uint64_t sequence = rows[order[position]].evaluation->sequence;
  if (io.KeyCtrl) return ui.app.selection.toggle(sequence);
  const auto anchor = ui.app.selection.primary();
  if (!io.KeyShift || !anchor) return ui.app.selection.only(sequence);
  const auto from = std::find_if(order.begin(), order.end(),
                                 [&](std::uint32_t row) { return rows[row].evaluation->sequence == *anchor; });
  if (from == order.end()) return ui.app.selection.only(sequence);
  const auto start = static_cast<std::size_t>(from - order.begin());
  std::vector<std::uint64_t> items;
  for (std::size_t i = std::min(start, position); i <= std::max(start, position); ++i)
    items.push_back(rows[order[i]].evaluation->sequence);
  // The anchor stays the primary, so that the range can be changed.
  if (start < position) std::reverse(items.begin(), items.end());
  ui.app.selection.set(std::move(items));
}

void cell(Ui& ui, const Row& row, const Column& column, bool best) {
  const std::string text = column_text(row, column.id);
  if (column.numeric) {
    const float room = ImGui::GetContentRegionAvail().x - ImGui::CalcTextSize(text.c_str()).x;
    if (room > 0) ImGui::SetCursorPosX(ImGui::GetCursorPosX() + room);
  }
  if (column.id == "outcome") return coloured(outcome_colour(ui, row.evaluation->measurement.outcome), text);
  if (best && (column.id == "time" || column.id == "of_copy")) return coloured(ui.palette.accent, text);
  ImGui::TextUnformatted(text.c_str());
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
      if (ImGui::Selectable("##row", ui.app.selection.has(sequence), ImGuiSelectableFlags_SpanAllColumns))
        select(ui, position);
      if (ImGui::IsItemHovered()) ui.app.selection.hovered = sequence;
      if (ImGui::IsItemClicked(ImGuiMouseButton_Right) && !ui.app.selection.has(sequence))
        ui.app.selection.only(sequence);
      if (ImGui::BeginPopupContextItem("row menu")) {
        for (const char* id : {"copy.text", "copy.json", "copy.command", "compare.selected"}) action_item(ui, id);
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

/// Up and down move the selection; the table follows.
bool keys(Ui& ui, std::size_t& position) {
  if (!ImGui::IsWindowFocused(ImGuiFocusedFlags_ChildWindows) || ImGui::GetIO().WantTextInput ||
      ui.app.results.order().empty())
    return false;
  const bool down = compat::key_pressed(ImGuiKey_DownArrow), up = compat::key_pressed(ImGuiKey_UpArrow);
  if (!down && !up) return false;
  const auto& order = ui.app.results.order();
  const auto primary = ui.app.selection.primary();
  const auto at = std::find_if(order.begin(), order.end(), [&](std::uint32_t row) {
    return primary == ui.app.data.rows()[row].evaluation->sequence;
  });
  position = at == order.end() ? 0 : static_cast<std::size_t>(at - order.begin());
  if (at != order.end() && down && position + 1 < order.size()) ++position;
  if (at != order.end() && up && position > 0) --position;
  ui.app.selection.only(ui.app.data.rows()[order[position]].evaluation->sequence);
  return true;
}

/// Scrolls to what was selected elsewhere.
bool selected_elsewhere(Ui& ui, std::size_t& position) {
  std::uint64_t& seen = ui.state.selection_seen;
  if (seen == ui.app.selection.revision()) return false;
  seen = ui.app.selection.revision();
  const auto primary = ui.app.selection.primary();
  const auto& order = ui.app.results.order();
  const auto at = std::find_if(order.begin(), order.end(), [&](std::uint32_t row) {
    return primary == ui.app.data.rows()[row].evaluation->sequence;
  });
  if (!primary || at == order.end()) return false;
  position = static_cast<std::size_t>(at - order.begin());
  return true;
}

void scroll_to(Ui& ui, std::size_t position) {
  const float height = ImGui::GetTextLineHeight() + 2 * ImGui::GetStyle().CellPadding.y;
  const float top = static_cast<float>(position) * height, room = ImGui::GetWindowHeight() - 2 * height - ui.px(12);
  if (top < ImGui::GetScrollY()) ImGui::SetScrollY(top);
  if (top > ImGui::GetScrollY() + room) ImGui::SetScrollY(top - room);
}

void table(Ui& ui) {
  std::vector<Column> columns;
  std::string id = "results";
  for (const Column& column : ui.app.results.columns()) {
    if (!column.shown || columns.size() >= 60) continue;
    columns.push_back(column);
    id += "." + column.id;
  }
  if (columns.empty()) return muted(ui, "Every column is hidden; the button above shows them again.");
  constexpr ImGuiTableFlags flags = ImGuiTableFlags_ScrollX | ImGuiTableFlags_ScrollY | ImGuiTableFlags_RowBg |
                                    ImGuiTableFlags_Resizable | ImGuiTableFlags_BordersInnerV |
                                    ImGuiTableFlags_SizingFixedFit;
  std::size_t target = 0;
  bool scroll = keys(ui, target);
  if (!ImGui::BeginTable(id.c_str(), static_cast<int>(columns.size()), flags)) return;
  ImGui::TableSetupScrollFreeze(1, 1);
  for (const Column& column : columns) {
    const float title = ImGui::CalcTextSize(column.title.c_str()).x + ui.px(16);
    ImGui::TableSetupColumn(column.title.c_str(), ImGuiTableColumnFlags_WidthFixed,
                            std::max(ui.px(column.width), title));
  }
  header(ui, columns);
  scroll = selected_elsewhere(ui, target) || scroll;
  if (scroll) scroll_to(ui, target);
  ImGuiListClipper clipper;
  clipper.Begin(static_cast<int>(ui.app.results.order().size()));
  while (clipper.Step()) {
    for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) line(ui, columns, static_cast<std::size_t>(i));
  }
  ImGui::EndTable();
}

}  // namespace

void draw_results(Ui& ui) {
  if (ui.app.data.rows().empty())
    return empty_state(
        ui, "No results yet",
        "Every configuration of a sweep appears here as it is measured: sorted, filtered, compared, copied.");
  result_tools(ui);
  const std::string unknown = ui.app.results.unknown_column();
  if (ui.app.results.order().empty() && !unknown.empty())
    return empty_state(ui, ("There is no column " + unknown).c_str(),
                       "Columns has the names; a word without = < > is looked for in every configuration.");
  if (ui.app.results.order().empty())
    return empty_state(ui, "Nothing has all that the filter asks for", "Clear the filter, or choose other outcomes.");
  table(ui);
}

}  // namespace fuseline::app::gui
