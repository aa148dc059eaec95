// Messages that come up at the lower right and go by themselves; errors stay until they are dismissed.
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

void draw_toast(Ui& ui, const Message& message, float& bottom) {
  const float width = ui.px(380), margin = ui.px(16);
  const ImVec2 display = ImGui::GetIO().DisplaySize;
  ImGui::SetNextWindowPos(ImVec2(display.x - margin, bottom), ImGuiCond_Always, ImVec2(1, 1));
  ImGui::SetNextWindowSizeConstraints(ImVec2(width, 0), ImVec2(width, display.y / 2));
  ImGui::PushStyleColor(ImGuiCol_WindowBg, ui.palette.raised);
  ImGui::PushStyleColor(ImGuiCol_Border, ui.palette.line);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, ui.px(1));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(ui.px(16), ui.px(10)));
  const std::string name = "##toast" + std::to_string(message.id);
  ImGui::Begin(name.c_str(), nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                   ImGuiWindowFlags_AlwaysAutoResize | ImGuiWindowFlags_NoFocusOnAppearing | ImGuiWindowFlags_NoNav);
  const ImVec2 at = ImGui::GetWindowPos(), size = ImGui::GetWindowSize();
  // In the padding, which is outside of what content is clipped to.
  ImGui::PushClipRect(at, ImVec2(at.x + size.x, at.y + size.y), false);
  ImGui::GetWindowDrawList()->AddRectFilled(at, ImVec2(at.x + ui.px(4), at.y + size.y), colour_of(ui, message.severity),
                                            ui.px(3));
  ImGui::PopClipRect();
  ImGui::PushTextWrapPos(width - ui.px(44));
  ImGui::TextUnformatted(message.text.c_str());
  if (!message.advice.empty()) muted(ui, message.advice, width - ui.px(44));
  ImGui::PopTextWrapPos();
  ImGui::SetCursorPos(ImVec2(width - ui.px(32), ui.px(6)));
  ImGui::PushStyleColor(ImGuiCol_Button, IM_COL32(0, 0, 0, 0));
  if (ImGui::Button("\u2715")) ui.app.messages.dismiss(message.id);
  ImGui::PopStyleColor();
  bottom -= size.y + ui.px(8);
  ImGui::End();
  ImGui::PopStyleVar(2);
  ImGui::PopStyleColor(2);
}

}  // namespace

void draw_toasts(Ui& ui) {
  float bottom = ImGui::GetIO().DisplaySize.y - ui.px(36);
  const auto toasts = ui.app.messages.toasts(Messages::Clock::now());
  for (auto toast = toasts.rbegin(); toast != toasts.rend(); ++toast) draw_toast(ui, *toast, bottom);
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
