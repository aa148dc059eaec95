// Start, pause, stop; how far a sweep is, the best so far, and what is on show.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "app/gui/panels/widgets.hpp"
#include "tuner/report/describe.hpp"

namespace fuseline::app::gui {
namespace {

void begin_bar(const char* name, const Box& box, ImVec2 padding, ImGuiWindowFlags more = 0) {
  ImGui::SetNextWindowPos(ImVec2(box.x, box.y));
  ImGui::SetNextWindowSize(ImVec2(box.width, box.height));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, padding);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowMinSize, ImVec2(1, 1));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 0);
  ImGui::Begin(name, nullptr,
               ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                   ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBringToFrontOnFocus |
                   ImGuiWindowFlags_NoScrollWithMouse | more);
  ImGui::PopStyleVar(3);
}

/// Below the bar, whose words it must not cover.
void hint_below(Ui& ui, const std::string& text) {
  if (!ImGui::IsItemHovered()) return;
  const Box& bar = ui.drawn.boxes["run_bar"];
  ImGui::SetNextWindowPos(ImVec2(ImGui::GetItemRectMin().x, bar.y + bar.height));
  tooltip(ui, text);
}

void buttons(Ui& ui) {
  App& app = ui.app;
  const bool active = app.control.active();
  const ImVec2 size(0, ui.px(28));
  if (!active) {
    const bool possible = app.setup.request().has_value();
    // Before the first run the centre has the button that stands out.
    const bool first = app.data.empty() && app.control.snapshot() == nullptr;
    const char* label = "\u25B6  Start sweep";
    if (first ? plain_button(ui, label, possible, "", size) : primary_button(ui, label, possible, size))
      act(ui, "run.start");
    hint_below(ui, "Compile, verify and time what is set up at the left (Ctrl+Enter)");
    return;
  }
  if (ImGui::Button(app.control.paused() ? "\u25B6  Go on" : "\u275A\u275A  Pause", size)) act(ui, "run.pause");
  hint_below(ui, "F6");
  ImGui::SameLine();
  if (ImGui::Button("\u25A0  Stop", size)) act(ui, "run.stop");
  hint_below(ui, "What was measured is kept, and the sweep can be continued (Ctrl+.)");
}

/// A thin bar that is full when the sweep is done.
void bar_of(Ui& ui, double share, float width) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float height = ui.px(6), y = at.y + (ImGui::GetFrameHeight() - height) / 2;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled(ImVec2(at.x, y), ImVec2(at.x + width, y + height), ui.palette.raised, height / 2);
  const auto filled = static_cast<float>(std::clamp(share, 0.0, 1.0)) * width;
  if (filled > height)
    list.AddRectFilled(ImVec2(at.x, y), ImVec2(at.x + filled, y + height), ui.palette.accent, height / 2);
  ImGui::Dummy(ImVec2(width, ImGui::GetFrameHeight()));
}

/// Text on the line of buttons; what has no room before `right` is left out.
bool word(Ui& ui, ImU32 colour, const std::string& text, float right, bool bold = false) {
  if (text.empty()) return true;
  font(bold ? ui.fonts.bold : ui.fonts.regular);
  const float width = ImGui::CalcTextSize(text.c_str()).x;
  const bool fits = ImGui::GetItemRectMax().x + ui.px(14) + width < right;
  if (fits) {
    ImGui::SameLine(0, ui.px(14));
    ImGui::AlignTextToFramePadding();
    coloured(colour, text);
  }
  ImGui::PopFont();
  return fits;
}

/// As much of a name as there is room for.
void named(Ui& ui, const std::string& name, float right) {
  const float room = right - ImGui::GetItemRectMax().x - 2 * ui.px(14);
  if (room < ui.px(80)) return;
  const std::string shown = elided(name, room);
  if (word(ui, ui.palette.muted, shown, right) && shown != name) hint_below(ui, name);
}

/// What is known before the times are believed.
void warnings_word(Ui& ui, float right) {
  const auto& warnings = ui.app.data.warnings();
  if (warnings.empty()) return;
  if (word(ui, ui.palette.warning, warnings.size() == 1 ? "1 warning" : fmt::format("{} warnings", warnings.size()),
           right))
    hint(ui, fmt::format("{}", fmt::join(warnings, "\n\n")));
}

/// How far the best is from the baseline.
void baseline_word(Ui& ui, float right) {
  const Row* best = ui.app.data.best_row();
  const auto ratio = best == nullptr ? std::nullopt : ui.app.data.against_baseline(*best);
  if (!ratio) return;
  if (word(ui, ui.palette.muted, against_text(ratio->ratio, ratio->paired) + " to baseline", right))
    hint_below(
        ui, fmt::format("The best's time against that of {}: {}", ui.app.data.baseline()->name, against_text(*ratio)));
}

/// A run that no sweep of this program made.
void run_on_show(Ui& ui, float right) {
  App& app = ui.app;
  const tuner::RunInfo& info = app.data.info();
  const std::string title = (info.id > 0 ? fmt::format("Run {}: ", info.id) : "File: ") + run_title(info);
  font(ui.fonts.bold);
  ImGui::SameLine(0, ui.px(14));
  ImGui::AlignTextToFramePadding();
  const float room = right - ImGui::GetCursorScreenPos().x, width = ImGui::CalcTextSize(title.c_str()).x;
  const std::string shown = elided(title, std::max(ui.px(60), room - ui.px(14)));
  ImGui::TextUnformatted(shown.c_str());
  ImGui::PopFont();
  if (width > room) hint(ui, title);
  word(ui, ui.palette.muted, app.data.replayed() ? "replayed" : "measured", right);
  if (const Row* best = app.data.best_row()) {
    word(ui, ui.palette.text, "best " + tuner::time_text(best->time_ms), right, true);
    if (best->of_copy > 0) word(ui, ui.palette.accent, tuner::percent_text(best->of_copy) + " of copy", right, true);
    baseline_word(ui, right);
  }
  warnings_word(ui, right);
}

void progress(Ui& ui, float right) {
  App& app = ui.app;
  if (!app.watching() && !app.data.empty()) return run_on_show(ui, right);
  if (app.control.starting()) {
    word(ui, ui.palette.muted, "Starting: waiting for the device\u2026", right);
    return;
  }
  if (!app.control.snapshot()) {
    word(ui, ui.palette.muted, "No sweep yet. Set one up at the left, or open a run from the history.", right);
    return;
  }
  const tuner::Snapshot& snapshot = *app.control.snapshot();
  const ProgressText text = progress_text(snapshot);
  const ImU32 colour = snapshot.state == tuner::SessionState::failed     ? ui.palette.bad
                       : snapshot.state == tuner::SessionState::finished ? ui.palette.good
                                                                         : ui.palette.text;
  word(ui, colour, text.state, right, true);
  ImGui::SameLine(0, ui.px(14));
  bar_of(ui, text.share, right > ui.px(1000) ? ui.px(140) : ui.px(56));
  word(ui, ui.palette.text, text.done, right);
  if (snapshot.best) {
    const tuner::Figures best = tuner::figures_of(snapshot.info, *snapshot.best);
    word(ui, ui.palette.text, "best " + tuner::time_text(best.time_ms), right, true);
    if (best.of_copy > 0) word(ui, ui.palette.accent, tuner::percent_text(best.of_copy) + " of copy", right, true);
    if (app.watching()) baseline_word(ui, right);
    warnings_word(ui, right);
  }
  if (!text.failures.empty() && word(ui, ui.palette.bad, text.failures, right))
    hint_below(ui, "Left out of the best and of every comparison; the table has the reason of each.");
  const bool ended = tuner::ended(snapshot.state);
  if (ended) named(ui, run_title(snapshot.info), right);
  word(ui, ui.palette.muted, text.left, right);
  if (!ended) word(ui, ui.palette.muted, snapshot.activity, right);
}

}  // namespace

void draw_run_bar(Ui& ui) {
  const Box box = ui.drawn.boxes["run_bar"];
  begin_bar("Sweep###run_bar", box, ImVec2(ui.px(12), ui.px(9)));
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, ImVec2(ui.px(14), ui.px(6)));
  buttons(ui);
  // At the right: how the sweep stands that is not on show, and what leads away from the run that is.
  struct Way {
    const char* action;
    std::string text, tooltip;
  };
  std::vector<Way> ways;
  const auto& snapshot = ui.app.control.snapshot();
  if (!ui.app.watching() && ui.app.actions.enabled(*ui.app.actions.find("setup.use_run")))
    ways.push_back({"setup.use_run", "Use its set-up", "Problem, space and search as they were for the run on show"});
  if (snapshot && !ui.app.watching()) {
    const ProgressText text = progress_text(*snapshot);
    ways.push_back({"run.watch",
                    tuner::ended(snapshot->state) ? "Back to the sweep" : "Sweep: " + text.state + ", " + text.done,
                    "Shows the sweep of this window, " + run_title(snapshot->info) + " (Ctrl+Shift+W)"});
  }
  if (const std::size_t waiting = ui.app.queue.waiting().size(); waiting > 0)
    ways.push_back({"queue.show", fmt::format("{} queued{}", waiting, ui.app.queue.held() ? ", held" : ""),
                    "Sweeps that wait for this one; here they are moved and taken out"});
  float taken = 0;
  for (const Way& way : ways) taken += ImGui::CalcTextSize(way.text.c_str()).x + ui.px(36);
  const float right = box.width - ui.px(12) - taken;
  progress(ui, right);
  float at = right + ui.px(6);
  for (const Way& way : ways) {
    ImGui::SameLine(at);
    if (ImGui::Button(way.text.c_str())) act(ui, way.action);
    hint(ui, way.tooltip);
    at += ImGui::CalcTextSize(way.text.c_str()).x + ui.px(36);
  }
  ImGui::PopStyleVar();
  ImGui::End();
}

void draw_status_bar(Ui& ui) {
  const Box box = ui.drawn.boxes["status"];
  begin_bar("##status", box, ImVec2(ui.px(12), ui.px(4)), ImGuiWindowFlags_NoNav);
  font(ui.fonts.small);
  const App& app = ui.app;
  const tuner::RunInfo& info = app.data.info();
  if (app.data.empty()) {
    coloured(ui.palette.muted, app.devices.searching()      ? "Looking for GPUs\u2026"
                               : app.devices.gpus().empty() ? "No GPU here: sweeps replay recordings"
                                                            : app.devices.gpus().front().name);
  } else {
    coloured(app.data.replayed() ? ui.palette.warning : ui.palette.good,
             app.data.replayed() ? "\u25CB REPLAYED" : "\u25CF MEASURED");
    ImGui::SameLine(0, ui.px(10));
    const bool live = app.watching() && app.control.active();
    const RunData::ClockLine clocks = app.data.clocks(live);
    const float taken = clocks.text.empty() ? 0 : ImGui::CalcTextSize(clocks.text.c_str()).x + ui.px(20);
    const bool fits = taken > 0 && taken < box.width * 0.45F;
    const std::string run = info.id > 0 ? fmt::format("run {}  \u00B7  ", info.id) : "";
    const std::string whole = run + tuner::origin_text(info);
    const std::string text = elided(whole, box.width - ImGui::GetCursorPosX() - ui.px(12) - (fits ? taken : 0));
    coloured(ui.palette.muted, text);
    if (text != whole) hint(ui, whole);
    if (fits) {
      ImGui::SameLine(box.width - taken);
      coloured(clocks.held_back ? ui.palette.warning : ui.palette.muted, clocks.text);
      hint(ui, live ? "At the newest outcome" : "While the run was timed");
    }
  }
  ImGui::PopFont();
  ImGui::End();
}

}  // namespace fuseline::app::gui
