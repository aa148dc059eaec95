// Two configurations side by side, differences highlighted.
#include <fmt/format.h>

#include "app/gui/panels/widgets.hpp"

namespace fuseline::app::gui {
namespace {

const char* title_of(ComparisonLine::Group group) {
  switch (group) {
    case ComparisonLine::Group::parameters: return "PARAMETERS";
    case ComparisonLine::Group::result: return "RESULT";
    case ComparisonLine::Group::resources: return "RESOURCES";
    case ComparisonLine::Group::counters: return "COUNTERS";
  }
  return "";
}

void value(Ui& ui, const std::string& text, bool differs, bool better) {
  const ImU32 colour = better ? ui.palette.good : differs ? ui.palette.text : ui.palette.faint;
  font(ui.fonts.small);
  ImGui::PushTextWrapPos(0);
  coloured(colour, text);
  ImGui::PopTextWrapPos();
  ImGui::PopFont();
}

}  // namespace

void draw_compare(Ui& ui) {
  const auto rows = ui.app.selected_rows();
  if (rows.size() < 2 && !(rows.size() == 1 && ui.app.data.best_row() != nullptr && ui.app.data.best_row() != rows.front())) {
    return empty_state(ui, "Select two configurations", "Ctrl+click adds one in the table or the roofline. With one selected, it is compared with the best.");
  }
  const Row& a = rows.size() < 2 ? *ui.app.data.best_row() : *rows[rows.size() - 2];
  const Row& b = *rows.back();
  constexpr ImGuiTableFlags flags = ImGuiTableFlags_SizingStretchProp | ImGuiTableFlags_BordersInnerV;
  if (!ImGui::BeginTable("compare", 3, flags)) return;
  ImGui::TableSetupColumn("what", ImGuiTableColumnFlags_WidthStretch, 1.5F);
  ImGui::TableSetupColumn("a", ImGuiTableColumnFlags_WidthStretch, 1);
  ImGui::TableSetupColumn("b", ImGuiTableColumnFlags_WidthStretch, 1);
  ImGui::TableNextRow();
  ImGui::TableSetColumnIndex(1);
  strong(ui, fmt::format("#{}", a.evaluation->sequence));
  ImGui::TableSetColumnIndex(2);
  strong(ui, fmt::format("#{}", b.evaluation->sequence));
  std::optional<ComparisonLine::Group> group;
  for (const ComparisonLine& line : compare_rows(a, b)) {
    if (group != line.group) {
      group = line.group;
      ImGui::TableNextRow();
      ImGui::TableSetColumnIndex(0);
      heading(ui, title_of(line.group));
    }
    ImGui::TableNextRow();
    if (line.differs) ImGui::TableSetBgColor(ImGuiTableBgTarget_RowBg0, faded(ui.palette.accent, 0.12F));
    ImGui::TableSetColumnIndex(0);
    muted(ui, line.label);
    ImGui::TableSetColumnIndex(1);
    value(ui, line.a, line.differs, line.better < 0);
    ImGui::TableSetColumnIndex(2);
    value(ui, line.b, line.differs, line.better > 0);
  }
  ImGui::EndTable();
}

}  // namespace fuseline::app::gui
