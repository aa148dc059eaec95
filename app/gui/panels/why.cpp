// What each value of each parameter does to time: best and median, a bar each.
#include <fmt/format.h>

#include <algorithm>

#include "app/gui/panels/widgets.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/table.hpp"

namespace fuseline::app::gui {
namespace {

/// Shares of the widest bar for times from the best to twice the best; what is slower fills it.
float length_of(double ms, double best) { return static_cast<float>(std::clamp((ms / best - 0.9) / 1.1, 0.02, 1.0)); }

void value_line(Ui& ui, const ValueEffect& value, double best, float label_width) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float height = ui.px(19), room = ImGui::GetContentRegionAvail().x, number = ui.px(64);
  const float bars = std::max(ui.px(20), room - label_width - number - ui.px(8));
  ImGui::PushID(value.value.c_str());
  const bool clicked = ImGui::InvisibleButton("value", ImVec2(room, height));
  const bool hovered = ImGui::IsItemHovered();
  ImGui::PopID();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (hovered) list.AddRectFilled(at, ImVec2(at.x + room, at.y + height), faded(ui.palette.accent, 0.12F), ui.px(3));
  const float text_y = at.y + (height - ImGui::GetTextLineHeight()) / 2;
  list.PushClipRect(at, ImVec2(at.x + label_width - ui.px(4), at.y + height), true);
  list.AddText(ImVec2(at.x, text_y), value.of_best ? ui.palette.accent : ui.palette.text, value.value.c_str());
  list.PopClipRect();
  const float x = at.x + label_width;
  if (value.ok > 0) {
    const float middle = at.y + height / 2;
    list.AddRectFilled(ImVec2(x, middle - ui.px(5)), ImVec2(x + bars * length_of(value.median_ms, best), middle + ui.px(5)), faded(ui.palette.muted, 0.28F), ui.px(2));
    list.AddRectFilled(ImVec2(x, middle - ui.px(3)), ImVec2(x + bars * length_of(value.best_ms, best), middle + ui.px(3)), value.of_best ? ui.palette.accent : ui.palette.muted, ui.px(2));
  }
  const std::string text = value.ok > 0 ? tuner::format_ms(value.best_ms) : "none";
  list.AddText(ImVec2(at.x + room - ImGui::CalcTextSize(text.c_str()).x, text_y), value.ok > 0 ? ui.palette.muted : ui.palette.bad, text.c_str());
  if (clicked && value.ok > 0) ui.app.selection.only(value.best_sequence);
  hint(ui, value.ok > 0 ? fmt::format("{} of {} worked; best {}, median {}.\nClick selects the best with this value.", value.ok, value.evaluated, tuner::time_text(value.best_ms), tuner::time_text(value.median_ms))
                        : fmt::format("None of {} worked", value.evaluated));
}

void effect(Ui& ui, const ParameterEffect& parameter, double best) {
  float label = ui.px(40);
  // A parameter may have a value for every configuration: the first ones say how wide they are.
  for (std::size_t i = 0; i < std::min<std::size_t>(parameter.values.size(), 64); ++i) label = std::max(label, ImGui::CalcTextSize(parameter.values[i].value.c_str()).x + ui.px(10));
  label = std::min(label, ImGui::GetContentRegionAvail().x * 0.45F);
  ImGui::Dummy(ImVec2(0, ui.px(2)));
  strong(ui, parameter.name);
  ImGui::SameLine();
  coloured(ui.palette.muted, fmt::format("up to +{:.0f} %", 100 * parameter.influence));
  hint(ui, "How much slower the best configuration with the worst value of this parameter is");
  ImGuiListClipper clipper;
  clipper.Begin(static_cast<int>(parameter.values.size()), ui.px(19) + ImGui::GetStyle().ItemSpacing.y);
  while (clipper.Step()) {
    for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) value_line(ui, parameter.values[static_cast<std::size_t>(i)], best, label);
  }
}

}  // namespace

void draw_why(Ui& ui) {
  if (ui.app.data.rows().empty()) return empty_state(ui, "No effects yet", "For every value of every parameter: the best and the median time of the configurations that have it.");
  const auto effects = ui.app.effects();
  if (!effects) return muted(ui, "Working it out\u2026");
  if (effects->empty()) return empty_state(ui, "Nothing varied", "All configurations of this run have the same parameters.");
  const Row* best_row = ui.app.data.best_row();
  if (best_row == nullptr || !(best_row->time_ms > 0)) return empty_state(ui, "Nothing worked", "No configuration of this run was timed.");
  muted(ui, "Thin bar: best (ms, at the right). Wide bar: median. Coloured: the best's value.");
  for (const ParameterEffect& parameter : *effects) effect(ui, parameter, best_row->time_ms);
}

}  // namespace fuseline::app::gui
