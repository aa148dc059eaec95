#include "app/gui/panels/widgets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/gui/platform/canvas.hpp"
#include "app/gui/platform/imgui_compat.hpp"
#include "tuner/report/describe.hpp"

namespace fuseline::app::gui {

void font(ImFont* chosen) { compat::push_font(chosen, compat::font_size(*chosen)); }

void heading(Ui& ui, const char* text) {
  ImGui::Dummy(ImVec2(0, ui.px(2)));
  font(ui.fonts.small_bold);
  coloured(ui.palette.muted, text);
  ImGui::PopFont();
}

void coloured(ImU32 colour, std::string_view text) {
  ImGui::PushStyleColor(ImGuiCol_Text, colour);
  ImGui::TextUnformatted(text.data(), text.data() + text.size());
  ImGui::PopStyleColor();
}

void muted(Ui& ui, std::string_view text, float wrap_at) {
  font(ui.fonts.small);
  ImGui::PushTextWrapPos(wrap_at);
  coloured(ui.palette.muted, text);
  ImGui::PopTextWrapPos();
  ImGui::PopFont();
}

void strong(Ui& ui, std::string_view text) {
  font(ui.fonts.bold);
  ImGui::TextUnformatted(text.data(), text.data() + text.size());
  ImGui::PopFont();
}

namespace {

/// The tooltip goes below the item that is pointed at, or above it where there is no room: it must not cover its own
/// control. What is high, such as a list's entry, is left to ImGui, which puts it beside the pointer.
void beside_item(const Ui& ui, const std::string& text) {
  const ImVec2 from = ImGui::GetItemRectMin(), to = ImGui::GetItemRectMax(), display = ImGui::GetIO().DisplaySize;
  if (to.y - from.y > ui.px(60)) return;
  const ImVec2 padding = ImGui::GetStyle().WindowPadding;
  const ImVec2 words = ImGui::CalcTextSize(text.c_str(), nullptr, false, ui.px(360));
  const float width = words.x + 2 * padding.x, height = words.y + 2 * padding.y, gap = ui.px(5);
  const bool below = to.y + gap + height <= display.y || from.y - gap - height < 0;
  ImGui::SetNextWindowPos(ImVec2(std::max(0.F, std::min(ImGui::GetIO().MousePos.x, display.x - width)),
                                 below ? to.y + gap : from.y - gap - height));
}

}  // namespace

void hint(Ui& ui, const std::string& text) {
  if (text.empty() || !ImGui::IsItemHovered(ImGuiHoveredFlags_AllowWhenDisabled)) return;
  beside_item(ui, text);
  tooltip(ui, text);
}

void tooltip(Ui& ui, const std::string& text) {
  ImGui::BeginTooltip();
  ImGui::PushTextWrapPos(ui.px(360));
  ImGui::TextUnformatted(text.data(), text.data() + text.size());
  ImGui::PopTextWrapPos();
  note_window(ui, "tooltip");
  ImGui::EndTooltip();
}

void pair(Ui& ui, const char* label, const std::string& value, const std::string& tooltip, float label_width) {
  const float start = ImGui::GetCursorPosX();
  ImGui::BeginGroup();
  coloured(ui.palette.muted, label);
  ImGui::SameLine(0, 0);
  ImGui::SetCursorPosX(std::max(start + ui.px(label_width), ImGui::GetCursorPosX() + ui.px(8)));
  ImGui::PushTextWrapPos(0);
  ImGui::TextUnformatted(value.data(), value.data() + value.size());
  ImGui::PopTextWrapPos();
  ImGui::EndGroup();
  hint(ui, tooltip);
}

void flow(float width) {
  const float right = ImGui::GetCursorScreenPos().x + ImGui::GetContentRegionAvail().x;
  if (ImGui::GetItemRectMax().x + ImGui::GetStyle().ItemSpacing.x + width <= right) ImGui::SameLine();
}

float right_edge() { return ImGui::GetCursorPosX() + ImGui::GetContentRegionAvail().x; }

bool chip(Ui& ui, const std::string& id, const std::string& text, bool on, bool beside_buttons) {
  const Palette& palette = ui.palette;
  ImGui::PushID(id.c_str());
  ImGui::PushStyleVar(ImGuiStyleVar_FrameRounding, ui.px(10));
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding,
                      ImVec2(ui.px(9), beside_buttons ? ImGui::GetStyle().FramePadding.y : ui.px(2)));
  ImGui::PushStyleVar(ImGuiStyleVar_FrameBorderSize, ui.px(1));
  ImGui::PushStyleColor(ImGuiCol_Border, on ? palette.accent : palette.line);
  ImGui::PushStyleColor(ImGuiCol_Button, on ? palette.accent_soft : IM_COL32(0, 0, 0, 0));
  ImGui::PushStyleColor(ImGuiCol_Text, on ? palette.text : palette.muted);
  const bool clicked = ImGui::Button(text.c_str());
  ImGui::PopStyleColor(3);
  ImGui::PopStyleVar(3);
  ImGui::PopID();
  return clicked;
}

bool primary_button(Ui& ui, const char* label, bool enabled, ImVec2 size) {
  ImGui::PushStyleColor(ImGuiCol_Button, ui.palette.accent);
  ImGui::PushStyleColor(ImGuiCol_ButtonHovered, ui.palette.primary_hovered);
  ImGui::PushStyleColor(ImGuiCol_ButtonActive, ui.palette.primary_active);
  ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.accent_text);
  font(ui.fonts.bold);
  if (!enabled) ImGui::BeginDisabled();
  const bool clicked = ImGui::Button(label, size);
  if (!enabled) ImGui::EndDisabled();
  ImGui::PopFont();
  ImGui::PopStyleColor(4);
  return clicked;
}

bool plain_button(Ui& ui, const char* label, bool enabled, const std::string& tooltip, ImVec2 size) {
  if (!enabled) ImGui::BeginDisabled();
  const bool clicked = ImGui::Button(label, size);
  if (!enabled) ImGui::EndDisabled();
  hint(ui, tooltip);
  return clicked;
}

namespace {

/// Lines of `text` no wider than `width` in the current font.
std::vector<std::string> wrapped(const std::string& text, float width) {
  std::vector<std::string> lines;
  for (const char *at = text.c_str(), *end = at + text.size(); at < end;) {
    const char* stop = std::max(compat::line_break(at, end, width), at + 1);
    lines.emplace_back(at, stop);
    at = stop;
    while (at < end && *at == ' ') ++at;
  }
  return lines;
}

void centred(const std::string& text, ImU32 colour, float left, float room) {
  ImGui::SetCursorPosX(left + std::max(0.F, (room - ImGui::CalcTextSize(text.c_str()).x) / 2));
  coloured(colour, text);
}

}  // namespace

void empty_state(Ui& ui, const char* title, const std::string& text) {
  const ImVec2 room = ImGui::GetContentRegionAvail();
  const float left = ImGui::GetCursorPosX();
  font(ui.fonts.small);
  const auto lines = wrapped(text, std::min(room.x - ui.px(8), ui.px(400)));
  ImGui::PopFont();
  ImGui::SetCursorPosY(ImGui::GetCursorPosY() +
                       std::max(ui.px(8), (room.y - ui.px(26) - static_cast<float>(lines.size()) * ui.px(16)) * 0.42F));
  font(ui.fonts.bold);
  centred(title, ui.palette.text, left, room.x);
  ImGui::PopFont();
  font(ui.fonts.small);
  for (const std::string& line : lines) centred(line, ui.palette.muted, left, room.x);
  ImGui::PopFont();
}

void act(Ui& ui, const std::string& id, const std::string& argument) {
  if (const auto result = ui.app.actions.run(id, argument); !result) ui.app.messages.add(result.error());
}

void action_item(Ui& ui, const char* id, const char* title) {
  const Action* action = ui.app.actions.find(id);
  if (action == nullptr) return;
  const bool checked = action->checked && action->checked();
  if (ImGui::MenuItem(title != nullptr ? title : action->title.c_str(),
                      action->shortcut.empty() ? nullptr : ("    " + action->shortcut).c_str(), checked,
                      ui.app.actions.enabled(*action)))
    act(ui, id);
}

bool checkbox(Ui& ui, const char* label, bool& on) {
  // An outline, without which an empty box is hardly to be seen on a panel.
  ImGui::PushStyleVar(ImGuiStyleVar_FrameBorderSize, ui.px(1));
  ImGui::PushStyleColor(ImGuiCol_Border, ui.palette.faint);
  const bool changed = ImGui::Checkbox(label, &on);
  ImGui::PopStyleColor();
  ImGui::PopStyleVar();
  return changed;
}

float popup_beside_item(const Ui& ui) {
  const ImVec2 from = ImGui::GetItemRectMin(), to = ImGui::GetItemRectMax();
  const float under = ImGui::GetIO().DisplaySize.y - to.y, gap = ui.px(4);
  const bool below = under > from.y;
  ImGui::SetNextWindowPos(ImVec2(from.x, below ? to.y + gap : from.y - gap), ImGuiCond_Appearing,
                          ImVec2(0, below ? 0.F : 1.F));
  return std::max(under, from.y) - 2 * gap;
}

bool round_choice(Ui& ui, const char* label, bool on) {
  ImGui::PushStyleVar(ImGuiStyleVar_FrameBorderSize, ui.px(1));
  ImGui::PushStyleColor(ImGuiCol_Border, ui.palette.faint);
  const bool chosen = ImGui::RadioButton(label, on);
  ImGui::PopStyleColor();
  ImGui::PopStyleVar();
  return chosen;
}

void clear_filter_button(Ui& ui) {
  if (!plain_button(ui, "Clear filter", true, "Show every configuration in the table and all plots")) return;
  act(ui, "results.filter");
  ui.app.results.set_outcomes({});
}

void nothing_passes(Ui& ui, const std::string& text) {
  empty_state(ui, "Nothing passes the filter", text);
  const float width = ImGui::CalcTextSize("Clear filter").x + 2 * ImGui::GetStyle().FramePadding.x;
  ImGui::SetCursorPosX(ImGui::GetCursorPosX() + std::max(0.F, (ImGui::GetContentRegionAvail().x - width) / 2));
  clear_filter_button(ui);
}

std::string elided(const std::string& text, float width, Elide where) {
  const auto wide = [&](const std::string& part) {
    return ImGui::CalcTextSize(part.data(), part.data() + part.size()).x > width;
  };
  if (!wide(text)) return text;
  const auto inside_character = [&](std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
  };
  const auto begins = [&](std::size_t kept) {
    while (kept > 0 && inside_character(kept)) --kept;
    return text.substr(0, kept);
  };
  const auto ends = [&](std::size_t kept) {
    std::size_t cut = text.size() - kept;
    while (inside_character(cut)) ++cut;
    return text.substr(cut);
  };
  const auto shortened = [&](std::size_t kept) {
    if (where == Elide::end) return begins(kept) + "\u2026";
    if (where == Elide::start) return "\u2026" + ends(kept);
    return begins(kept - kept / 2) + "\u2026" + ends(kept / 2);
  };
  std::size_t fits = 0, too_long = text.size();
  while (fits + 1 < too_long) {
    const std::size_t middle = (fits + too_long) / 2;
    (wide(shortened(middle)) ? too_long : fits) = middle;
  }
  return shortened(fits);
}

bool combo(Ui& ui, const char* id, const std::string& shown,
           const std::vector<std::pair<std::string, std::string>>& items, std::string& chosen, float width) {
  bool changed = false;
  const float whole = width > 0 ? width : ImGui::GetContentRegionAvail().x + width;
  const std::string preview = elided(shown, whole - ImGui::GetFrameHeight() - 2 * ImGui::GetStyle().FramePadding.x);
  ImGui::SetNextItemWidth(width);
  const bool open = noted(ui, ImGui::BeginCombo(id, preview.c_str(), ImGuiComboFlags_HeightLarge), "popup.list");
  if (!open && preview != shown) hint(ui, shown);
  if (!open) return false;
  for (const auto& [key, text] : items) {
    ImGui::PushID(key.c_str());
    if (ImGui::Selectable(text.c_str(), key == chosen)) {
      chosen = key;
      changed = true;
    }
    if (key == chosen) ImGui::SetItemDefaultFocus();
    ImGui::PopID();
  }
  ImGui::EndCombo();
  return changed;
}

double plot_width(const Ui& ui) { return static_cast<double>(ImGui::GetContentRegionAvail().x / ui.scale); }

PlotPlace scrolled_plot(Ui& ui, const char* id, double height,
                        const std::function<void(tuner::Canvas&, const tuner::Rect&, const tuner::ValueRange&)>& draw) {
  const ImVec2 at = ImGui::GetCursorScreenPos(),
               size(ImGui::GetContentRegionAvail().x, static_cast<float>(height) * ui.scale);
  const ImVec2 window = ImGui::GetWindowPos();
  const bool pointed = ImGui::IsWindowHovered();
  ImGuiCanvas canvas(*ImGui::GetWindowDrawList(), ui.fonts, at, size,
                     pointed ? ImGui::GetIO().MousePos : ImVec2(-1e4F, -1e4F));
  const tuner::ValueRange visible{canvas.value(window).y,
                                  canvas.value(ImVec2(window.x, window.y + ImGui::GetWindowHeight())).y};
  draw(canvas, {0, 0, plot_width(ui), height}, visible);
  note_area(ui, id, at, size);
  ImGui::Dummy(size);
  const ImVec2 after = ImGui::GetCursorScreenPos();
  if (pointed && !canvas.tooltip().empty()) tooltip(ui, canvas.tooltip());
  return {at, after};
}

bool PlotPlace::clicked(Ui& ui, int id, const tuner::Rect& box) const {
  const ImVec2 from(origin_.x + static_cast<float>(box.x) * ui.scale, origin_.y + static_cast<float>(box.y) * ui.scale);
  const ImVec2 size(std::max(1.F, static_cast<float>(box.width) * ui.scale),
                    std::max(1.F, static_cast<float>(box.height) * ui.scale));
  ImGui::SetCursorScreenPos(from);
  ImGui::PushID(id);
  const bool pressed = ImGui::InvisibleButton("part", size);
  ImGui::PopID();
  if (ImGui::IsItemHovered() || ImGui::IsItemFocused())
    ImGui::GetWindowDrawList()->AddRectFilled(from, ImVec2(from.x + size.x, from.y + size.y),
                                              faded(ui.palette.accent, 0.12F), ui.px(3));
  return pressed;
}

void PlotPlace::end() const {
  ImGui::SetCursorScreenPos(after_);
  ImGui::Dummy(ImVec2(0, 0));
}

bool edit_line(Ui& ui, const char* id, const char* placeholder, std::string& text, float width) {
  // `text` is the caller's of this frame alone.
  auto& drafts = ui.state.drafts;
  const ImGuiID key = ImGui::GetID(id);
  std::string& draft = drafts.try_emplace(key, text).first->second;
  ImGui::SetNextItemWidth(width);
  const bool entered = ImGui::InputTextWithHint(id, placeholder, &draft, ImGuiInputTextFlags_EnterReturnsTrue);
  note_item(ui, std::string("field.") + (id + 2));
  const bool done = entered || ImGui::IsItemDeactivatedAfterEdit();
  if (done) text = draft;
  if (done || !ImGui::IsItemActive()) drafts.erase(key);
  return done;
}

bool noted(Ui& ui, bool open, const std::string& name) {
  if (open) note_window(ui, name);
  return open;
}

void note_area(Ui& ui, const std::string& name, ImVec2 corner, ImVec2 size) {
  ui.drawn.boxes[name] = {corner.x, corner.y, size.x, size.y};
}

void note_item(Ui& ui, const std::string& name) {
  note_area(ui, name, ImGui::GetItemRectMin(), ImGui::GetItemRectSize());
  ui.drawn.items.insert(name);
}

void note_window(Ui& ui, const std::string& name) {
  note_area(ui, name, ImGui::GetWindowPos(), ImGui::GetWindowSize());
}

ImU32 outcome_colour(const Ui& ui, tuner::Outcome outcome) {
  if (outcome == tuner::Outcome::ok) return ui.palette.good;
  return outcome == tuner::Outcome::skipped ? ui.palette.muted : ui.palette.bad;
}

void evaluation_tooltip(Ui& ui, const Row& row, const std::string& place) {
  const tuner::Evaluation& evaluation = *row.evaluation;
  // One that has no room on any side of the pointer is cut off by ImGui.
  const ImVec2 size = ui.state.tooltip, mouse = ImGui::GetIO().MousePos, display = ImGui::GetIO().DisplaySize;
  const auto within = [](float at, float room) { return std::max(0.F, std::min(at, room)); };
  ImGui::SetNextWindowPos(
      ImVec2(within(mouse.x + ui.px(14), display.x - size.x), within(mouse.y + ui.px(10), display.y - size.y)));
  ImGui::BeginTooltip();
  strong(ui, fmt::format("#{}  {}", evaluation.sequence, evaluation.configuration.variant));
  if (row.ok()) {
    std::string line = tuner::time_text(row.time_ms) + "   " + tuner::bandwidth_text(row.gbps);
    if (row.of_copy > 0) line += "   " + tuner::percent_text(row.of_copy) + " of copy";
    ImGui::TextUnformatted(line.c_str());
    if (!place.empty()) ImGui::TextUnformatted(place.c_str());
  } else {
    coloured(ui.palette.bad, std::string(tuner::to_string(evaluation.measurement.outcome)));
    ImGui::PushTextWrapPos(ui.px(420));
    ImGui::TextUnformatted(evaluation.measurement.reason.c_str());
    ImGui::PopTextWrapPos();
  }
  const bool best = ui.app.data.best() == evaluation.sequence;
  const std::string how =
      std::string(ui.app.data.replayed() ? "replayed" : "measured") + (best           ? ", the best"
                                                                       : row.tied     ? ", tied with the best"
                                                                       : row.finalist ? ", re-timed in the finals"
                                                                       : row.ok()     ? ", timed in the sweep"
                                                                                      : "");
  muted(ui, how);
  if (const std::string line =
          row.ok() ? tuner::projection_line(ui.app.data.info(), evaluation, row.time_ms) : std::string();
      !line.empty())
    coloured(packed(ui.plot().target), line);
  ImGui::Separator();
  const Row* against = ui.app.data.best_row();
  const auto& values = evaluation.configuration.values;
  const auto differs = [&](const tuner::NamedValue& value) {
    const tuner::NamedValue* other =
        best || against == nullptr ? nullptr : against->evaluation->configuration.find(value.name);
    return other == nullptr || other->value.to_string() != value.value.to_string();
  };
  const auto shown = std::count_if(values.begin(), values.end(), differs);
  for (const tuner::NamedValue& value : values) {
    if (differs(value)) pair(ui, value.name.str().c_str(), value.value.to_string());
  }
  if (const auto rest = static_cast<std::ptrdiff_t>(values.size()) - shown; rest > 0)
    muted(ui, fmt::format("{} parameters as in the best", rest));
  if (evaluation.measurement.facts) {
    ImGui::Separator();
    pair(ui, "registers", std::to_string(evaluation.measurement.facts->registers));
    pair(ui, "occupancy", evaluation.measurement.facts->occupancy_text());
  }
  ui.state.tooltip = ImGui::GetWindowSize();
  note_window(ui, "tooltip");
  ImGui::EndTooltip();
}

}  // namespace fuseline::app::gui
