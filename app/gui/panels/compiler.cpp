// What the kernel on show compiles to now, beside what it was before; and what the compiler said in the run.
#include <fmt/format.h>

#include "app/gui/panels/code_view.hpp"
#include "app/gui/panels/widgets.hpp"

namespace fuseline::app::gui {
namespace {

void chip_combo(Ui& ui) {
  App& app = ui.app;
  const SourceOf of = app.source.subject().settled ? SourceOf::run : SourceOf::setup;
  const auto [limits, name] = app.compile_chip(of);
  std::string chosen = app.compile_for_target ? "target" : "device";
  const std::vector<std::pair<std::string, std::string>> items = {{"device", "for the device"},
                                                                  {"target", "for the target"}};
  const std::string shown =
      limits.compute_major > 0 ? fmt::format("for {} ({})", name, limits.sm()) : "for no GPU known";
  ImGui::SameLine();
  if (combo(ui, "##chip", shown, items, chosen, ui.px(260))) act(ui, "source.compile_for", chosen);
  hint(ui, "The device of the run or of the set-up, or the target. None of them needs to be here");
}

void side_by_side(Ui& ui) {
  const CompileModel& model = ui.app.compile;
  const bool beside = model.before().has_value();
  if (!ImGui::BeginTable("compiled", beside ? 3 : 2, ImGuiTableFlags_SizingFixedFit)) return;
  ImGui::TableSetupColumn("");
  if (beside) ImGui::TableSetupColumn(model.before_is().c_str());
  ImGui::TableSetupColumn("now");
  ImGui::TableHeadersRow();
  for (const CompiledLine& line : compiled_lines(model.before(), model.now()->figures)) {
    ImGui::TableNextColumn();
    coloured(ui.palette.muted, line.what);
    if (beside) {
      ImGui::TableNextColumn();
      ImGui::TextUnformatted(line.before.c_str());
    }
    ImGui::TableNextColumn();
    coloured(line.change < 0 ? ui.palette.good : line.change > 0 ? ui.palette.warning : ui.palette.text, line.now);
  }
  ImGui::EndTable();
}

void compiled_now(Ui& ui) {
  const auto& compiled = ui.app.compile.now();
  const Action* action = ui.app.actions.find("source.compile");
  const bool possible = action != nullptr && ui.app.actions.enabled(*action) && !ui.app.compile.busy();
  if (plain_button(ui, ui.app.compile.busy() ? "Compiling" : "Compile", possible,
                   "What the Source panel shows, without a GPU (F7)"))
    act(ui, "source.compile");
  chip_combo(ui);
  if (!compiled)
    return muted(ui, "Registers, spills, shared memory, occupancy and messages of the kernel in the Source panel.");
  muted(ui, fmt::format("{}, {}: {}", compiled->problem, compiled->configuration.key(), compiled->chip_name));
  if (compiled->good()) {
    side_by_side(ui);
    if (!compiled->look.entry.reason.empty()) coloured(ui.palette.warning, compiled->look.entry.reason);
  } else {
    ImGui::PushTextWrapPos(0);
    coloured(ui.palette.bad, "Does not compile: " + compiled->look.entry.reason);
    ImGui::PopTextWrapPos();
  }
  compiler_messages_view(ui, *compiled, 8);
}

/// What was kept of the evaluation.
std::string kept_log(const tuner::Measurement& measurement) {
  std::string text;
  for (const std::string& option : measurement.compile_options) text += option + "\n";
  if (!text.empty()) text += "\n";
  return text + (measurement.compiler_log.empty() ? "(the compiler said nothing, or its output was not recorded)\n"
                                                  : measurement.compiler_log);
}

}  // namespace

void draw_compiler(Ui& ui) {
  compiled_now(ui);
  const Row* row = ui.app.row_on_show();
  if (row == nullptr) return;
  heading(ui, "IN THE RUN");
  ImGui::PushTextWrapPos(0);
  strong(ui, fmt::format("#{}  {}", row->evaluation->sequence, row->evaluation->configuration.key()));
  ImGui::PopTextWrapPos();
  long_text(ui, "log", kept_log(row->evaluation->measurement));
}

}  // namespace fuseline::app::gui
