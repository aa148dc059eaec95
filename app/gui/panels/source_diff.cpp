// What differs between two configurations: parameters above, then the lines of their sources.
#include "app/gui/panels/source_diff.hpp"

#include <fmt/format.h>

#include <string>

#include "app/gui/models/colours.hpp"
#include "app/gui/panels/widgets.hpp"
#include "app/gui/platform/imgui_compat.hpp"

namespace fuseline::app::gui {
namespace {

void parameters(Ui& ui, const SourceDiff& diff) {
  if (diff.parameters.empty()) return muted(ui, "Their parameters are the same.");
  for (const ParameterChange& change : diff.parameters)
    pair(ui, change.name.c_str(), change.before + " \u2192 " + change.after, "", 160);
}

std::string number(std::size_t line) { return line == 0 ? "" : std::to_string(line); }

void line(Ui& ui, const DiffLine& each) {
  if (each.before == 0 && each.after == 0) return coloured(ui.palette.faint, "\u2026");
  const bool removed = each.kind == DiffLine::Kind::removed, added = each.kind == DiffLine::Kind::added;
  const ImU32 colour = removed ? ui.palette.bad : added ? ui.palette.good : ui.palette.muted;
  if (removed || added) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::GetWindowDrawList()->AddRectFilled(
        at, ImVec2(ImGui::GetWindowPos().x + ImGui::GetWindowWidth(), at.y + ImGui::GetTextLineHeight()),
        faded(colour, kChangedWash));
  }
  coloured(ui.palette.faint, fmt::format("{:>5} {:>5}", number(each.before), number(each.after)));
  ImGui::SameLine();
  std::string text(removed ? "- " : added ? "+ " : "  ");
  for (const char c : each.text) text += c == '\t' ? std::string("    ") : std::string(1, c);
  coloured(removed || added ? ui.palette.text : colour, text);
}

}  // namespace

void draw_source_diff(Ui& ui, const SourceDiff& diff) {
  note_area(ui, "source.diff", ImGui::GetCursorScreenPos(), ImGui::GetContentRegionAvail());
  coloured(ui.palette.muted, fmt::format("{} \u2192 {}", diff.before, diff.after));
  parameters(ui, diff);
  if (!diff.missing.empty()) return muted(ui, diff.missing);
  muted(ui,
        fmt::format("Sources as they are found now: {} differ, {} are the same.", diff.files.size(), diff.same_files));
  compat::begin_child("diff", ImVec2(0, 0), false, ImGuiWindowFlags_HorizontalScrollbar);
  for (const FileDiff& file : diff.files) {
    strong(ui, file.name);
    ImGui::SameLine();
    coloured(ui.palette.good, fmt::format("+{}", file.added));
    ImGui::SameLine();
    coloured(ui.palette.bad, fmt::format("-{}", file.removed));
    font(ui.fonts.mono);
    ImGuiListClipper clipper;
    clipper.Begin(static_cast<int>(file.lines.size()));
    while (clipper.Step()) {
      for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) line(ui, file.lines[static_cast<std::size_t>(i)]);
    }
    ImGui::PopFont();
    ImGui::Dummy(ImVec2(0, ui.px(8)));
  }
  ImGui::EndChild();
}

}  // namespace fuseline::app::gui
