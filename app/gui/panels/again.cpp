// What was measured again, beside what it took before.
#include <fmt/format.h>

#include "app/gui/panels/widgets.hpp"
#include "app/gui/platform/imgui_compat.hpp"
#include "tuner/report/table.hpp"

namespace fuseline::app::gui {
namespace {

std::string registers_of(const tuner::Measurement& measurement) {
  return measurement.facts ? std::to_string(measurement.facts->registers) : "-";
}
std::string time_of(const tuner::Measurement& measurement) { return tuner::format_ms(measurement.time_ms.median); }

ImU32 verdict_colour(const Palette& palette, AgainVerdict verdict) {
  switch (verdict) {
    case AgainVerdict::faster:
      return palette.good;
    case AgainVerdict::slower:
      return palette.warning;
    case AgainVerdict::failed:
      return palette.bad;
    case AgainVerdict::waiting:
    case AgainVerdict::cannot_tell:
      return palette.muted;
  }
  return palette.text;
}

void cell(const std::string& text) {
  ImGui::TableNextColumn();
  ImGui::TextUnformatted(text.c_str());
}

void entry_row(Ui& ui, const AgainEntry& entry) {
  const AgainVerdict verdict = again_verdict(entry);
  const AgainRatio ratio = again_ratio(entry);
  const bool timed = ratio.ratio > 0;
  cell(fmt::format("#{}", entry.sequence));
  cell(time_of(entry.before));
  cell(timed ? time_of(*entry.after) : "-");
  cell(timed ? fmt::format("{:.3f}", ratio.ratio) : "-");
  cell(timed ? fmt::format("{:.3f} to {:.3f}", ratio.interval.low, ratio.interval.high) : "-");
  ImGui::TableNextColumn();
  coloured(verdict_colour(ui.palette, verdict), std::string(to_string(verdict)));
  if (verdict == AgainVerdict::failed) hint(ui, again_text(entry));
  cell(registers_of(entry.before) + " -> " + (entry.after ? registers_of(*entry.after) : "-"));
  ImGui::TableNextColumn();
  const std::string key = entry.configuration.key();
  const std::string shown = elided(key, ui.px(260));
  ImGui::TextUnformatted(shown.c_str());
  hint(ui, key);
}

void failures(Ui& ui) {
  ImGui::PushTextWrapPos(0);
  for (const AgainEntry& entry : ui.app.again.entries()) {
    if (again_verdict(entry) == AgainVerdict::failed)
      coloured(ui.palette.bad, fmt::format("#{} {}", entry.sequence, again_text(entry)));
  }
  ImGui::PopTextWrapPos();
}

}  // namespace

void draw_again(Ui& ui) {
  App& app = ui.app;
  const Action* action = app.actions.find("run.again");
  const std::string label = app.again.active()      ? "Measuring again"
                            : app.selection.empty() ? "Measure the best three again"
                                                    : "Measure the selected again";
  if (plain_button(ui, label.c_str(), action != nullptr && app.actions.enabled(*action),
                   "On the device that is set up, with the files as they are now (Ctrl+Shift+R)"))
    act(ui, "run.again");
  constexpr const char* kOnSave = "whenever a file is saved";
  flow(ImGui::GetFrameHeight() + ImGui::GetStyle().ItemInnerSpacing.x + ImGui::CalcTextSize(kOnSave).x);
  bool on = app.again_on_save;
  if (checkbox(ui, kOnSave, on)) act(ui, "run.again_on_save");
  hint(ui, "Of a problem in a folder of your own: it is compiled and measured again with every save");
  const auto& entries = app.again.entries();
  if (entries.empty())
    return empty_state(ui, "Nothing was measured again",
                       "Edit the kernel, and see what the same configurations take before and after.");
  if (ImGui::BeginTable("again", 8, ImGuiTableFlags_RowBg | ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_ScrollX,
                        ImVec2(0, ImGui::GetTextLineHeightWithSpacing() * (static_cast<float>(entries.size()) + 2)))) {
    for (const char* title :
         {"#", "before, ms", "after, ms", "after / before", "95 %", "verdict", "registers", "configuration"})
      ImGui::TableSetupColumn(title);
    ImGui::TableHeadersRow();
    for (const AgainEntry& entry : entries) entry_row(ui, entry);
    ImGui::EndTable();
  }
  muted(ui,
        "Medians of two sweeps that were measured apart: a few percent say little. Times before are of the search.");
  failures(ui);
}

}  // namespace fuseline::app::gui
