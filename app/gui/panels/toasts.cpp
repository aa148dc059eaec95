// Messages that come up at the foot of the middle and go by themselves; errors stay until they are dismissed.
#include <fmt/format.h>

#include <algorithm>

#include "app/gui/panels/widgets.hpp"

namespace fuseline::app::gui {
namespace {

ImU32 colour_of(const Ui& ui, Severity severity) {
  switch (severity) {
    case Severity::note:
      return ui.palette.accent;
    case Severity::success:
      return ui.palette.good;
    case Severity::warning:
      return ui.palette.warning;
    case Severity::error:
      return ui.palette.bad;
  }
  return ui.palette.accent;
}

/// Two lines at most: the whole is in the tooltip and in the log.
void draw_toast(Ui& ui, const Message& message, const ImVec2& at, float width, float& bottom) {
  ImGui::SetNextWindowPos(ImVec2(at.x, bottom), ImGuiCond_Always, ImVec2(0.5F, 1));
  ImGui::SetNextWindowSizeConstraints(ImVec2(width, 0), ImVec2(width, ImGui::GetIO().DisplaySize.y / 3));
  ImGui::PushStyleColor(ImGuiCol_WindowBg, ui.palette.raised);
  ImGui::PushStyleColor(ImGuiCol_Border, ui.palette.line);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, ui.px(1));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(ui.px(14), ui.px(6)));
  const std::string name = "##toast" + std::to_string(message.id);
  ImGui::Begin(name.c_str(), nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                   ImGuiWindowFlags_AlwaysAutoResize | ImGuiWindowFlags_NoFocusOnAppearing | ImGuiWindowFlags_NoNav);
  const ImVec2 corner = ImGui::GetWindowPos(), size = ImGui::GetWindowSize();
  // In the padding, which is outside of what content is clipped to.
  ImGui::PushClipRect(corner, ImVec2(corner.x + size.x, corner.y + size.y), false);
  ImGui::GetWindowDrawList()->AddRectFilled(corner, ImVec2(corner.x + ui.px(4), corner.y + size.y),
                                            colour_of(ui, message.severity), ui.px(3));
  ImGui::PopClipRect();
  const float room = std::max(ui.px(60), width - ui.px(52));
  const std::string whole =
      message.times > 1 ? fmt::format("{}  ({} times)", message.text, message.times) : message.text;
  const std::string text = elided(whole, 1.85F * room, Elide::middle);
  ImGui::PushTextWrapPos(ui.px(14) + room);
  ImGui::TextUnformatted(text.c_str());
  ImGui::PopTextWrapPos();
  font(ui.fonts.small);
  const std::string advice = elided(message.advice, room);
  ImGui::PopFont();
  if (!advice.empty()) muted(ui, advice, -1);
  if ((text != whole || advice != message.advice) && ImGui::IsWindowHovered())
    tooltip(ui, whole + (message.advice.empty() ? "" : "\n\n" + message.advice));
  ImGui::SetCursorPos(ImVec2(width - ui.px(30), ui.px(3)));
  ImGui::PushStyleColor(ImGuiCol_Button, IM_COL32(0, 0, 0, 0));
  ImGui::PushStyleVar(ImGuiStyleVar_FrameBorderSize, 0);
  if (ImGui::Button("\u2715")) ui.app.messages.dismiss(message.id);
  ImGui::PopStyleVar();
  ImGui::PopStyleColor();
  note_area(ui, "toast." + std::to_string(message.id), corner, size);
  bottom -= size.y + ui.px(6);
  ImGui::End();
  ImGui::PopStyleVar(2);
  ImGui::PopStyleColor(2);
}

}  // namespace

void draw_toasts(Ui& ui) {
  const auto toasts = ui.app.messages.toasts(Messages::Clock::now());
  if (toasts.empty()) return;
  // Over the foot of the middle column: the answers are at its right, the set-up at its left.
  const ImVec2 display = ImGui::GetIO().DisplaySize;
  const auto middle = ui.drawn.boxes.find(ui.app.layout.active(Area::centre_bottom));
  const Box column = middle == ui.drawn.boxes.end() ? Box{0, 0, display.x, display.y} : middle->second;
  const float width = std::min({ui.px(560), column.width - ui.px(16), display.x - ui.px(16)});
  float bottom = display.y - ui.px(34);
  const ImVec2 at(column.x + column.width / 2, bottom);
  for (auto toast = toasts.rbegin(); toast != toasts.rend(); ++toast) draw_toast(ui, *toast, at, width, bottom);
}

void draw_log(Ui& ui) {
  if (ui.app.messages.all().empty())
    return empty_state(ui, "Nothing to report", "Messages of sweeps, files and devices are kept here.");
  ImGui::PushTextWrapPos(0);
  for (auto message = ui.app.messages.all().rbegin(); message != ui.app.messages.all().rend(); ++message) {
    coloured(ui.palette.faint, message->time);
    ImGui::SameLine();
    coloured(colour_of(ui, message->severity), "\u25CF");
    ImGui::SameLine();
    ImGui::TextUnformatted(message->text.c_str());
    if (!message->advice.empty()) muted(ui, message->advice);
  }
  ImGui::PopTextWrapPos();
}

}  // namespace fuseline::app::gui
