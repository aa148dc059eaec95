// The kernel's source with the parameters of the selected configuration, and what the compiler said.
#include <fmt/format.h>

#include <algorithm>

#include "app/gui/models/source_view.hpp"
#include "app/gui/panels/widgets.hpp"
#include "app/gui/platform/imgui_compat.hpp"

namespace fuseline::app::gui {
namespace {

const Row* shown_row(const App& app) {
  if (const auto primary = app.selection.primary()) return app.data.by_sequence(*primary);
  return app.data.best_row();
}

/// Text that can be long: only the lines in view are laid out.
void long_text(Ui& ui, const char* id, const std::string& text, bool numbered = false) {
  compat::begin_child(id, ImVec2(0, 0), false, ImGuiWindowFlags_HorizontalScrollbar);
  font(ui.fonts.mono);
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(ui.px(12), ui.px(1)));
  std::vector<std::pair<const char*, const char*>> lines;
  for (const char *at = text.data(), *end = at + text.size(); at < end;) {
    const char* stop = std::find(at, end, '\n');
    lines.emplace_back(at, stop);
    at = stop + 1;
  }
  ImGuiListClipper clipper;
  clipper.Begin(static_cast<int>(lines.size()));
  while (clipper.Step()) {
    for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) {
      const auto& [begin, stop] = lines[static_cast<std::size_t>(i)];
      if (numbered) {
        coloured(ui.palette.faint, fmt::format("{:>{}}", i + 1, std::to_string(lines.size()).size()));
        ImGui::SameLine();
      }
      ImGui::TextUnformatted(begin, stop);
    }
  }
  ImGui::PopStyleVar();
  ImGui::PopFont();
  ImGui::EndChild();
}

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

const tuner::Variant* variant_of(const App& app, const Row* row) {
  const auto entry = app.shown_entry();
  if (!entry || row == nullptr) return nullptr;
  return tuner::find_variant(entry->variants, row->evaluation->configuration.variant).value_or(nullptr);
}

}  // namespace

void draw_source(Ui& ui) {
  const Row* row = shown_row(ui.app);
  const tuner::Variant* variant = variant_of(ui.app, row);
  if (row == nullptr)
    return empty_state(ui, "No configuration",
                       "The source of the selected configuration, or of the best, with its parameters.");
  if (variant == nullptr)
    return empty_state(ui, "No source here",
                       "The run's problem or variant is not among those found; --preset-path adds folders.");
  const SourceView view = source_view(*variant, row->evaluation->configuration, ui.app.data.info());
  if (view.text) {
    if (ImGui::Button("Copy source")) {
      if (const auto copied = ui.app.copy(*view.text, "text"); !copied) ui.app.messages.add(copied.error());
    }
    ImGui::SameLine();
  }
  ImGui::AlignTextToFramePadding();
  strong(ui, view.name);
  ImGui::SameLine();
  const std::string folder = variant->file.parent_path().string();
  coloured(ui.palette.muted, elided(folder, ImGui::GetContentRegionAvail().x, Elide::start));
  hint(ui, folder);
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(ui.px(10), ui.px(2)));
  bool first = true;
  for (const tuner::NamedValue& value : row->evaluation->configuration.values) {
    const std::string text = value.name + "=" + value.value.to_string();
    if (!first) flow(ImGui::CalcTextSize(text.c_str()).x);
    first = false;
    coloured(ui.palette.accent, text);
  }
  ImGui::PopStyleVar();
  if (view.text) return long_text(ui, "source", *view.text, true);
  view.missing.empty() ? kernel_table(view) : empty_state(ui, "No source here", view.missing.c_str());
}

void draw_compiler(Ui& ui) {
  const Row* row = shown_row(ui.app);
  if (row == nullptr)
    return empty_state(ui, "No configuration", "What the compiler said of the selected configuration, or of the best.");
  const tuner::Measurement& measurement = row->evaluation->measurement;
  std::string text;
  for (const std::string& option : measurement.compile_options) text += option + "\n";
  if (!text.empty()) text += "\n";
  text += measurement.compiler_log.empty() ? "(the compiler said nothing, or its output was not recorded)\n"
                                           : measurement.compiler_log;
  ImGui::PushTextWrapPos(0);
  strong(ui, row->evaluation->configuration.key());
  ImGui::PopTextWrapPos();
  long_text(ui, "log", text);
}

}  // namespace fuseline::app::gui
