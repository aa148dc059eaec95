#include "app/gui/panels/lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <initializer_list>

#include "app/gui/models/colours.hpp"
#include "app/gui/panels/widgets.hpp"
#include "app/gui/platform/imgui_compat.hpp"

namespace fuseline::app::gui {
namespace {

constexpr std::size_t kInView = 5;
constexpr std::size_t kWidestText = 64;  // Letters of an instruction before it is scrolled to.
constexpr ImGuiTableFlags kTable = ImGuiTableFlags_RowBg | ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_ScrollX |
                                   ImGuiTableFlags_ScrollY | ImGuiTableFlags_BordersInnerV | ImGuiTableFlags_Resizable;

float line_height() { return ImGui::GetTextLineHeightWithSpacing(); }

/// Behind the cell's text, as wide as its share of the column.
void heat(Ui& ui, double share) {
  if (!(share > 0)) return;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x * static_cast<float>(std::min(share, 1.0));
  ImGui::GetWindowDrawList()->AddRectFilled(at, ImVec2(at.x + width, at.y + ImGui::GetTextLineHeight()),
                                            faded(ui.palette.warning, kHeatWash), ui.px(2));
}

void right_text(const std::string& text) {
  const float room = ImGui::GetContentRegionAvail().x - ImGui::CalcTextSize(text.c_str()).x;
  if (room > 0) ImGui::SetCursorPosX(ImGui::GetCursorPosX() + room);
  ImGui::TextUnformatted(text.c_str());
}

void text_cell(const std::string& text) {
  ImGui::TableNextColumn();
  ImGui::TextUnformatted(text.c_str());
}
void number_cell(const std::string& text) {
  ImGui::TableNextColumn();
  right_text(text);
}

struct TableColumn {
  const char* title;
  float letters;
};
void columns(std::initializer_list<TableColumn> all) {
  const float letter = ImGui::CalcTextSize("0").x;
  for (const TableColumn& column : all)
    ImGui::TableSetupColumn(column.title, ImGuiTableColumnFlags_WidthFixed, letter * column.letters);
  ImGui::TableSetupScrollFreeze(0, 1);
  ImGui::TableHeadersRow();
}

/// Whether an instruction is of the lines that are marked.
bool marked(const App& app, const std::pair<std::string, int>& place) {
  const SourceFile* file = app.source.file();
  if (file == nullptr || app.source.line() == 0 || place.second <= 0 || file->name != place.first) return false;
  const auto [first, last] = std::minmax({app.source.line(), app.source.last_line()});
  const auto line = static_cast<std::size_t>(place.second);
  return line >= first && line <= last;
}

void instruction_row(Ui& ui, std::size_t i) {
  LinesModel& lines = ui.app.lines;
  const InstructionCells cells = lines.instruction(i);
  const auto place = lines.place_of(i);
  ImGui::TableNextRow();
  if (marked(ui.app, place)) ImGui::TableSetBgColor(ImGuiTableBgTarget_RowBg0, ui.palette.accent_soft);
  ImGui::TableNextColumn();
  ImGui::PushID(static_cast<int>(i));
  if (ImGui::Selectable(cells.offset.c_str(), false, ImGuiSelectableFlags_SpanAllColumns) && place.second > 0)
    act(ui, "source.go_to", fmt::format("{}:{}", place.first, place.second));
  if (const std::string told = ImGui::IsItemHovered() ? lines.instruction_tooltip(i) : ""; !told.empty())
    tooltip(ui, told);
  ImGui::PopID();
  ImGui::TableNextColumn();
  heat(ui, lines.instruction_share(i) / std::max(lines.highest_share(), 1e-9));
  right_text(cells.share);
  text_cell(cells.text);
  number_cell(cells.executed);
  text_cell(cells.place);
  text_cell(cells.waits);
}

void clipped(std::size_t count, const std::function<void(std::size_t)>& row) {
  ImGuiListClipper clipper;
  clipper.Begin(static_cast<int>(count));
  while (clipper.Step()) {
    for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) row(static_cast<std::size_t>(i));
  }
}

void heading_line(const std::string& text) {
  const std::string cut = elided(text, ImGui::GetContentRegionAvail().x);
  ImGui::TextUnformatted(cut.c_str());
}

}  // namespace

float hot_lines_height(Ui& ui, float height) {
  const LinesModel& lines = ui.app.lines;
  if (lines.empty() || lines.hottest().empty()) return 0;
  // Whole lines, and most of the panel is the source's.
  const auto fit = static_cast<std::size_t>(std::max(0.35F * height / line_height() - 1, 2.F));
  const auto rows = std::min({lines.hottest().size(), kInView, fit});
  return line_height() * static_cast<float>(rows + 1) + ui.px(14);
}

void hot_lines(Ui& ui, float height) {
  const LinesModel& lines = ui.app.lines;
  if (height <= 0) return;
  ImGui::Separator();
  const bool beside = lines.subject().missing.empty();
  const std::string title =
      beside ? "Hot lines: " + lines.samples() : "The source is not what was profiled: " + lines.subject().missing;
  coloured(beside ? ui.palette.muted : ui.palette.warning, elided(title, ImGui::GetContentRegionAvail().x));
  hint(ui, title + "\nInstruction mix: " + lines.mix());
  compat::begin_child("hot lines", ImVec2(0, height - line_height() - ui.px(14)), false);
  const float letter = ImGui::CalcTextSize("0").x;
  for (std::size_t i = 0; i < lines.hottest().size(); ++i) {
    const tuner::LineProfile& line = lines.hottest()[i];
    ImGui::PushID(static_cast<int>(i));
    const HotLineCells cells = hot_line_cells(line);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    if (ImGui::Selectable("##line") && line.line > 0)
      act(ui, "source.go_to", fmt::format("{}:{}", line.file, line.line));
    if (i == 0) note_item(ui, "source.hot_line");
    if (ImGui::IsItemHovered()) tooltip(ui, line_tooltip(line));
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const float share_width = letter * 7;
    const float full = share_width * static_cast<float>(line.share / std::max(lines.highest_share(), 1e-9));
    list.AddRectFilled(at, ImVec2(at.x + std::min(full, share_width), at.y + ImGui::GetTextLineHeight()),
                       faded(ui.palette.warning, kHeatWash), ui.px(2));
    list.AddText(ImVec2(at.x + share_width - ImGui::CalcTextSize(cells.share.c_str()).x, at.y), ui.palette.text,
                 cells.share.c_str());
    const std::string rest =
        elided(cells.place + "   " + cells.waits, ImGui::GetWindowContentRegionMax().x - share_width - ui.px(20));
    list.AddText(ImVec2(at.x + share_width + ui.px(12), at.y), ui.palette.text, rest.c_str());
    ImGui::PopID();
  }
  ImGui::EndChild();
}

void instructions_view(Ui& ui) {
  LinesModel& lines = ui.app.lines;
  coloured(ui.palette.muted, elided(lines.samples(), ImGui::GetContentRegionAvail().x));
  hint(ui, lines.samples() + "\nInstruction mix: " + lines.mix());
  font(ui.fonts.mono);
  if (ImGui::BeginTable("instructions", 6, kTable, ImGui::GetContentRegionAvail())) {
    const auto text = static_cast<float>(std::clamp<std::size_t>(lines.longest_text() + 1, 16, kWidestText));
    columns({{"offset", 7}, {"samples", 8}, {"instruction", text}, {"executed", 11}, {"line", 28}, {"waits for", 40}});
    if (const auto row = lines.take_scroll()) {
      const float row_height = ImGui::GetTextLineHeight() + 2 * ImGui::GetStyle().CellPadding.y;
      ImGui::SetScrollY(std::max(0.F, (static_cast<float>(*row) - 4) * row_height));
    }
    clipped(lines.instructions(), [&](std::size_t i) { instruction_row(ui, i); });
    ImGui::EndTable();
  }
  ImGui::PopFont();
}

void opcodes_view(Ui& ui) {
  const LinesModel& lines = ui.app.lines;
  heading_line(lines.mix());
  hint(ui, lines.mix());
  const std::string what =
      lines.compared() ? fmt::format("{}: {} beside {}", lines.counts_of(), lines.subject().title, lines.other().title)
                       : lines.counts_of() + "; select a second configuration with lines (Ctrl+click) to compare";
  coloured(ui.palette.muted, elided(what, ImGui::GetContentRegionAvail().x));
  hint(ui, what);
  font(ui.fonts.mono);
  const bool compared = lines.compared();
  if (ImGui::BeginTable(compared ? "opcodes compared" : "opcodes", compared ? 4 : 2, kTable,
                        ImGui::GetContentRegionAvail())) {
    if (compared) {
      columns({{"opcode", 28}, {"here", 12}, {"there", 12}, {"difference", 13}});
    } else {
      columns({{"opcode", 28}, {"count", 12}});
    }
    clipped(lines.opcodes(), [&](std::size_t i) {
      const OpcodeCells cells = lines.opcode(i);
      ImGui::TableNextRow();
      text_cell(cells.opcode);
      number_cell(cells.here);
      if (!compared) return;
      number_cell(cells.there);
      number_cell(cells.difference);
    });
    ImGui::EndTable();
  }
  ImGui::PopFont();
}

}  // namespace fuseline::app::gui
