// Variants and values as toggles, with the number of configurations that remain.
#include <fmt/format.h>

#include "app/gui/panels/widgets.hpp"
#include "tuner/report/describe.hpp"

namespace fuseline::app::gui {
namespace {

void count_line(Ui& ui) {
  const SpaceModel& space = ui.app.setup.space;
  const SpaceCount count = space.count();
  font(ui.fonts.title);
  coloured(count.error.empty() ? ui.palette.text : ui.palette.bad,
           count.count ? tuner::grouped(static_cast<double>(*count.count)) : "\u2026");
  ImGui::PopFont();
  const bool replay = ui.app.devices.replays(ui.app.setup.how.device, !ui.app.setup.how.workers.empty());
  const char* what = replay ? "recorded configurations" : "configurations";
  const float line = ImGui::GetCursorPosY();
  flow(ImGui::CalcTextSize(what).x);
  if (ImGui::GetCursorPosY() < line) ImGui::SetCursorPosY(ImGui::GetCursorPosY() + ui.px(7));
  coloured(ui.palette.muted, what);
  hint(ui,
       replay ? "What of the recording the toggles leave" : "Valid configurations on this device, after constraints");
  if (!count.error.empty()) {
    ImGui::PushTextWrapPos(0);
    coloured(ui.palette.bad, count.error);
    ImGui::PopTextWrapPos();
    hint(ui, count.detail);
  }
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, ImVec2(ui.px(4), ui.px(2)));
  bool full = space.full();
  if (checkbox(ui, "full space", full)) act(ui, "space.full");
  hint(ui, "All values that the manifests name, instead of the staged ones");
  if (space.narrowed()) {
    if (ImGui::SmallButton("All variants and values")) act(ui, "space.reset");
  }
  ImGui::PopStyleVar();
}

void variants(Ui& ui) {
  heading(ui, "VARIANTS");
  const auto toggles = ui.app.setup.space.variants();
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, ImVec2(ui.px(4), ui.px(2)));
  for (const VariantToggle& variant : toggles) {
    bool on = variant.on && variant.unavailable.empty();
    if (!variant.unavailable.empty()) ImGui::BeginDisabled();
    if (checkbox(ui, variant.name.c_str(), on))
      (void)(ImGui::GetIO().KeyCtrl ? ui.app.setup.space.only_variant(variant.name)
                                    : ui.app.setup.space.set_variant(variant.name, on));
    if (!variant.unavailable.empty()) ImGui::EndDisabled();
    hint(ui, variant.description +
                 (variant.unavailable.empty() ? "\n\nCtrl+click: only this one" : "\n\n" + variant.unavailable));
  }
  ImGui::PopStyleVar();
}

void parameter(Ui& ui, const ParameterToggle& toggle) {
  ImGui::PushID(toggle.name.c_str());
  ImGui::TextUnformatted(toggle.name.c_str());
  std::string of;
  for (const std::string& variant : toggle.variants) of += (of.empty() ? "" : ", ") + variant;
  hint(ui, toggle.description + "\n\nOf " + of);
  bool first = true;
  for (const ValueToggle& value : toggle.values) {
    const float width = ImGui::CalcTextSize(value.text.c_str()).x + ui.px(18);
    if (!first) flow(width);
    first = false;
    if (chip(ui, value.text, value.text, value.on)) {
      if (ImGui::GetIO().KeyCtrl) {
        (void)ui.app.setup.space.only_value(toggle.name, value.text);
      } else {
        (void)ui.app.setup.space.set_value(toggle.name, value.text, !value.on);
      }
    }
    hint(ui, "Click: on or off. Ctrl+click: only this value. Right click: all values.");
    if (ImGui::IsItemClicked(ImGuiMouseButton_Right)) ui.app.setup.space.all_values(toggle.name);
  }
  ImGui::PopID();
}

void constraints(Ui& ui) {
  const auto& all = ui.app.setup.space.constraints();
  if (all.empty() || !ImGui::CollapsingHeader(fmt::format("Constraints ({})", all.size()).c_str())) return;
  for (const ReadableConstraint& constraint : all) {
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(constraint.reason.c_str());
    ImGui::PopTextWrapPos();
    font(ui.fonts.mono);
    ImGui::PushTextWrapPos(0);
    coloured(ui.palette.muted, constraint.text);
    ImGui::PopTextWrapPos();
    ImGui::PopFont();
    muted(ui, constraint.variant);
    ImGui::Dummy(ImVec2(0, ui.px(3)));
  }
}

}  // namespace

void draw_space(Ui& ui) {
  // Another problem begins at the top.
  const auto& entry = ui.app.setup.choice.entry();
  if (const std::string name = entry ? entry->problem.name : ""; name != ui.state.space_of) {
    ui.state.space_of = name;
    ImGui::SetScrollY(0);
  }
  count_line(ui);
  variants(ui);
  heading(ui, "PARAMETERS");
  const auto toggles = ui.app.setup.space.parameters();
  for (const ParameterToggle& toggle : toggles) {
    if (toggle.in_use) parameter(ui, toggle);
  }
  ImGui::Dummy(ImVec2(0, ui.px(4)));
  constraints(ui);
}

}  // namespace fuseline::app::gui
