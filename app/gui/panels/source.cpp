// The kernel's source with everything that it includes: of the set-up before a run, of the selected configuration
// after.
#include <fmt/format.h>

#include <algorithm>

#include "app/gui/panels/code_view.hpp"
#include "app/gui/panels/lines.hpp"
#include "app/gui/panels/source_diff.hpp"
#include "app/gui/panels/widgets.hpp"
#include "app/gui/platform/imgui_compat.hpp"

namespace fuseline::app::gui {
namespace {

/// What a finished image holds.
void kernel_table(const SourceView& view) {
  const std::vector<std::string>& columns = kernel_columns();
  if (!ImGui::BeginTable("kernels", static_cast<int>(columns.size()), ImGuiTableFlags_RowBg)) return;
  for (const std::string& title : columns) ImGui::TableSetupColumn(title.c_str());
  ImGui::TableHeadersRow();
  for (const std::vector<std::string>& cells : view.kernels) {
    for (const std::string& cell : cells) {
      ImGui::TableNextColumn();
      ImGui::TextUnformatted(cell.c_str());
    }
  }
  ImGui::EndTable();
}

/// Whose source: the run's or that of a variant of the set-up.
void subject_combo(Ui& ui) {
  App& app = ui.app;
  std::vector<std::pair<std::string, std::string>> items;
  const bool settled = app.source.subject().settled;
  if (const Row* row = app.row_on_show())
    items.emplace_back("run", fmt::format("#{} {}", row->evaluation->sequence, row->evaluation->configuration.variant));
  for (const std::string& variant : app.source_variants())
    items.emplace_back("setup " + variant, variant + " as set up");
  const tuner::Variant* variant = app.source.subject().variant;
  std::string chosen = settled ? "run" : variant != nullptr ? "setup " + variant->name : "";
  if (combo(ui, "##subject", app.source.subject().title, items, chosen, ui.px(160))) {
    if (chosen == "run") return act(ui, "source.of", "run");
    act(ui, "source.variant", chosen.substr(6));
  }
  hint(ui, "Of the configuration selected, or the best; or of a variant as it is set up");
}

void file_combo(Ui& ui) {
  const SourceFile* file = ui.app.source.file();
  if (file == nullptr) return;
  std::vector<std::pair<std::string, std::string>> items;
  for (const SourceFile& each : ui.app.source.files()) items.emplace_back(each.name, each.name + "   " + each.role);
  std::string chosen = file->name;
  flow(ui.px(160));
  if (combo(ui, "##file", file->name, items, chosen, ui.px(160))) act(ui, "source.file", chosen);
  hint(ui, file->path.string() + "\n" + file->role);
}

float button_width(const char* label) { return ImGui::CalcTextSize(label).x + 2 * ImGui::GetStyle().FramePadding.x; }

void action_button(Ui& ui, const char* label, const char* action, const std::string& tooltip) {
  flow(button_width(label));
  const Action* found = ui.app.actions.find(action);
  if (plain_button(ui, label, found != nullptr && ui.app.actions.enabled(*found), tooltip)) act(ui, action);
}

void find_field(Ui& ui) {
  SourceModel& source = ui.app.source;
  flow(ui.px(232));
  std::string query = source.query();
  ImGui::SetNextItemWidth(ui.px(112));
  if (ImGui::InputTextWithHint("##find", "Find", &query)) source.look_for(query);
  if (ImGui::IsItemDeactivated() && compat::key_pressed(ImGuiKey_Enter)) {
    source.next_match(!ImGui::GetIO().KeyShift);
    ImGui::SetKeyboardFocusHere(-1);
  }
  hint(ui, "Small letters stand for capitals too. Enter or F3: the next, Shift+F3: the one before");
  if (source.query().empty()) return;
  ImGui::SameLine();
  ImGui::AlignTextToFramePadding();
  const std::size_t count = source.matches().size();
  coloured(count == 0 ? ui.palette.bad : ui.palette.muted,
           count == 0 ? "not found" : fmt::format("{} of {}", source.match() + 1, count));
  if (count == 0) return;
  ImGui::SameLine();
  if (ImGui::ArrowButton("previous", ImGuiDir_Up)) act(ui, "source.previous");
  ImGui::SameLine(0, ui.px(2));
  if (ImGui::ArrowButton("next", ImGuiDir_Down)) act(ui, "source.next");
}

/// Source, SASS, opcodes: where there are lines to show.
void view_chips(Ui& ui) {
  const std::pair<LinesView, std::pair<const char*, const char*>> kChips[] = {
      {LinesView::source, {"Source", "source"}},
      {LinesView::instructions, {"SASS", "instructions"}},
      {LinesView::opcodes, {"Opcodes", "opcodes"}}};
  // Together on one line.
  float width = 2 * ImGui::GetStyle().ItemSpacing.x;
  for (const auto& each : kChips) width += button_width(each.second.first) + ui.px(8);
  bool first = true;
  for (const auto& [view, names] : kChips) {
    first ? flow(width) : ImGui::SameLine();
    first = false;
    if (chip(ui, names.second, names.first, ui.app.lines_view == view, true)) act(ui, "source.view", names.second);
  }
}

void lines_tools(Ui& ui) {
  if (!ui.app.source.subject().settled) return;
  action_button(ui, ui.app.profiling_lines() ? "Profiling" : "Profile lines", "source.profile_lines",
                "Samples the warps of this configuration on the device: shares and stalls by line (F8)");
  if (!ui.app.lines.empty()) view_chips(ui);
}

void against_box(Ui& ui) {
  App& app = ui.app;
  if (!app.source_against && !app.can_compare_sources()) return;
  const std::string base = app.pins.baseline() != nullptr ? app.pins.baseline()->name() : "the best";
  bool on = app.source_against;
  flow(ImGui::CalcTextSize("Differences").x + ui.px(30));
  if (checkbox(ui, "Differences", on)) act(ui, "source.against");
  hint(ui, "Parameters and lines of source that differ from " + base +
               (app.can_compare_sources() ? "" : ": this is it, select another configuration"));
}

void toolbar(Ui& ui) {
  subject_combo(ui);
  file_combo(ui);
  if (ui.app.source.file() != nullptr) {
    action_button(ui, "Edit", "source.edit",
                  "Open it at this line in $VISUAL, $EDITOR or an editor that is there (Ctrl+Shift+E)");
    action_button(ui, "Copy", "source.copy", "The lines marked (click, Shift+click), or the whole file");
  }
  if (ui.app.source.subject().variant != nullptr) {
    const SourceOf of = ui.app.source.subject().settled ? SourceOf::run : SourceOf::setup;
    const auto [limits, name] = ui.app.compile_chip(of);
    action_button(ui, ui.app.compile.busy() ? "Compiling" : "Compile", "source.compile",
                  fmt::format("For {} ({}), without a GPU: registers, spills, messages (F7)", name, limits.sm()));
  }
  lines_tools(ui);
  against_box(ui);
  const bool on_source = ui.app.lines_view == LinesView::source && ui.app.source_differences() == nullptr;
  if (ui.app.source.code() && on_source) find_field(ui);
}

/// Messages in view: few enough to leave most of the panel to the source.
std::size_t messages_in_view(const Compiled& compiled, float height) {
  constexpr std::size_t kMost = 4;
  const auto fit = static_cast<std::size_t>(std::max(0.35F * height / ImGui::GetTextLineHeightWithSpacing() - 1, 1.F));
  return std::min({compiled.look.messages.size(), kMost, fit});
}

/// What the kernel on show was compiled to, below its source.
void compiled_strip(Ui& ui, std::size_t messages) {
  const auto& compiled = ui.app.compile.now();
  if (!compiled) return;
  ImGui::Separator();
  const std::string text = compiled_text(*compiled, ui.app.compile.before());
  const std::string line = elided(text + "   " + compiled->configuration.key(), ImGui::GetContentRegionAvail().x);
  coloured(compiled->good() ? ui.palette.good : ui.palette.bad, line);
  hint(ui, compiled->configuration.key());
  compiler_messages_view(ui, *compiled, messages);
}

float strip_height(Ui& ui, std::size_t messages) {
  if (!ui.app.compile.now()) return 1;
  return ImGui::GetTextLineHeightWithSpacing() * (static_cast<float>(messages) + 1) + ui.px(messages > 0 ? 18 : 10);
}

}  // namespace

void draw_source(Ui& ui) {
  const SourceModel& source = ui.app.source;
  if (source.subject().entry == nullptr)
    return empty_state(ui, "No source here",
                       "The problem is not among those found; a folder that is opened (Ctrl+O) adds its problems.");
  toolbar(ui);
  if (const SourceDiff* diff = ui.app.source_differences()) return draw_source_diff(ui, *diff);
  if (source.subject().variant == nullptr)
    return empty_state(ui, "No source here", "The problem as it is found now has no such variant.");
  if (ui.app.lines_view == LinesView::instructions && !ui.app.lines.empty()) return instructions_view(ui);
  if (ui.app.lines_view == LinesView::opcodes && !ui.app.lines.empty()) return opcodes_view(ui);
  if (source.code()) {
    const auto& compiled = ui.app.compile.now();
    const std::size_t messages = compiled ? messages_in_view(*compiled, ImGui::GetContentRegionAvail().y) : 0;
    const float hot = hot_lines_height(ui, ImGui::GetContentRegionAvail().y);
    code_view(ui, -strip_height(ui, messages) - hot);
    hot_lines(ui, hot);
    return compiled_strip(ui, messages);
  }
  const SourceView& view = source.view();
  view.missing.empty() ? kernel_table(view) : empty_state(ui, "No source here", view.missing);
}

}  // namespace fuseline::app::gui
