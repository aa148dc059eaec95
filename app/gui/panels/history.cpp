// Runs of the store.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "app/gui/panels/widgets.hpp"
#include "app/gui/platform/imgui_compat.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/table.hpp"

namespace fuseline::app::gui {
namespace {

const char* state_word(tuner::RunState run) {
  switch (run) {
    case tuner::RunState::running:
      return "running";
    case tuner::RunState::finished:
      return "finished";
    case tuner::RunState::interrupted:
      return "stopped";
    case tuner::RunState::failed:
      return "failed";
  }
  return "";
}

/// Another run of the store is on show.
bool others_on_show(const Ui& ui, const tuner::RunSummary& run) {
  const std::int64_t shown = ui.app.data.info().id;
  return shown > 0 && shown != run.id;
}

void run_menu(Ui& ui, const tuner::RunSummary& run) {
  if (!noted(ui, ImGui::BeginPopupContextItem("run menu"), "popup.run")) return;
  const std::string id = std::to_string(run.id);
  if (ImGui::MenuItem("Open")) act(ui, "history.open", id);
  if (ImGui::MenuItem("Title, tags, note\u2026")) act(ui, "history.note_dialog", id);
  const bool marked = ui.app.history.marked().count(run.id) > 0;
  if (ImGui::MenuItem("Mark to compare", nullptr, marked)) ui.app.history.mark(run.id, !marked);
  if (ImGui::MenuItem("Pin", nullptr, ui.app.pins.has_run(run.id))) act(ui, "pin.run", id);
  if (others_on_show(ui, run) && ImGui::MenuItem("Compare with the run on show")) act(ui, "history.compare_shown", id);
  ImGui::Separator();
  if (ImGui::MenuItem("Delete\u2026")) act(ui, "history.remove_dialog", id);
  ImGui::EndPopup();
}

float entry_height(const Ui& ui) { return ImGui::GetTextLineHeight() * 3 + ui.px(14); }

void search_line(Ui& ui) {
  HistoryModel& history = ui.app.history;
  using Order = HistoryModel::Order;
  const std::vector<std::pair<std::string, std::string>> orders = {
      {"newest", "newest first"}, {"problem", "by problem"}, {"best", "by best time"}};
  const float width = ui.px(118);
  const float room = std::max(ui.px(60), ImGui::GetContentRegionAvail().x - width - ui.px(8));
  ImGui::SetNextItemWidth(room);
  const float inside = room - 2 * ImGui::GetStyle().FramePadding.x;
  const char* example = "Find: softmax f16 tag:paper";
  if (ImGui::CalcTextSize(example).x > inside) example = "Find: softmax";
  if (ImGui::CalcTextSize(example).x > inside) example = "Find";
  ImGui::InputTextWithHint("##find", example, &history.query);
  hint(ui, "Words of a run's title, problem, type, shape, date or note; tag:paper finds a tag");
  note_item(ui, "field.find");
  ImGui::SameLine();
  std::string chosen = orders[static_cast<std::size_t>(history.order)].first;
  if (!combo(ui, "##order", orders[static_cast<std::size_t>(history.order)].second, orders, chosen, width)) return;
  history.order = chosen == "best" ? Order::best : chosen == "problem" ? Order::problem : Order::newest;
}

/// A click finds the runs that have the tag.
void tags_line(Ui& ui, const tuner::RunSummary& run) {
  bool first = true;
  for (const std::string& tag : run.tags) {
    if (!std::exchange(first, false)) flow(ImGui::CalcTextSize(tag.c_str()).x + ui.px(20));
    if (chip(ui, tag, tag, false)) act(ui, "history.find", "tag:" + tag);
  }
}

/// The best of the runs like the one on show, by date.
void trend(Ui& ui) {
  App& app = ui.app;
  const auto like = app.history.like(app.data.info().id);
  if (!like || like->size() < 2) return;
  if (!ImGui::CollapsingHeader(fmt::format("Trend of {} runs like the one on show###trend", like->size()).c_str()))
    return;
  const tuner::TrendModel model = tuner::trend_model(app.data.info(), *like);
  constexpr double kHeight = 220;
  scrolled_plot(ui, "trend.plot", kHeight,
                [&](tuner::Canvas& canvas, const tuner::Rect& area, const tuner::ValueRange&) {
                  tuner::draw_trend_panel(canvas, ui.plot(), model, {area.x, area.y, area.width, kHeight});
                })
      .end();
  for (const std::string& note : model.notes) muted(ui, note);
  if (ImGui::SmallButton("Save\u2026")) act(ui, "export.trend");
}

/// What can be done with a run in one click, over the right end of its title while the pointer is on it. Returns the
/// room that it takes, 0 where it is not there. A deletion comes back, so that it needs no question.
float quick_buttons(Ui& ui, const tuner::RunSummary& run, ImVec2 corner, float width) {
  struct Quick {
    const char *label, *action, *tooltip;
  };
  std::vector<Quick> all = {{"Note", "history.note_dialog", "Note, title, tags (F2 names the run on show)"},
                            {"Delete", "history.remove", "It can be brought back for 7 days (Ctrl+Shift+Z)"}};
  if (others_on_show(ui, run))
    all.insert(all.begin() + 1, {"Compare", "history.compare_shown", "Its best with that of the run on show"});
  const float gap = ui.px(4), padding = 2 * ImGui::GetStyle().FramePadding.x;
  float taken = 0;
  for (const Quick& each : all) taken += ImGui::CalcTextSize(each.label).x + padding + gap;
  const std::string id = std::to_string(run.id);
  ImVec2 at(corner.x + width - taken, corner.y + ui.px(3));
  for (const Quick& each : all) {
    ImGui::SetCursorScreenPos(at);
    if (ImGui::SmallButton(each.label)) act(ui, each.action, id);
    note_item(ui, fmt::format("run.{}.{}", id, each.label));
    at.x += ImGui::GetItemRectSize().x + gap;
    hint(ui, each.tooltip);
  }
  return taken;
}

void run_entry(Ui& ui, const tuner::RunSummary& run) {
  const bool shown = ui.app.data.info().id == run.id && !ui.app.data.empty();
  const float height = entry_height(ui);
  ImGui::PushID(static_cast<int>(run.id));
  const ImVec2 at = ImGui::GetCursorPos();
  if (ImGui::Selectable("##run", shown, compat::kAllowOverlap, ImVec2(0, height)))
    act(ui, "history.open", std::to_string(run.id));
  run_menu(ui, run);
  hint(ui, "Click opens it; the right button has more");
  const ImVec2 corner = ImGui::GetItemRectMin(), size = ImGui::GetItemRectSize();
  const bool pointed = ImGui::IsWindowHovered(ImGuiHoveredFlags_AllowWhenBlockedByActiveItem) &&
                       ImGui::IsMouseHoveringRect(corner, ImVec2(corner.x + size.x, corner.y + size.y));
  note_area(ui, fmt::format("run.{}", run.id), corner, size);
  const ImVec2 after = ImGui::GetCursorPos();
  const float buttons = pointed ? quick_buttons(ui, run, corner, size.x) : 0;
  ImGui::SetCursorPos(ImVec2(at.x + ui.px(4), at.y + ui.px(4)));
  const float room = ImGui::GetContentRegionAvail().x - ui.px(4);
  ImGui::BeginGroup();
  font(ui.fonts.bold);
  const std::string called = !run.title.empty() ? run.title : run.problem.empty() ? "(foreign run)" : run.problem;
  const std::string title = elided(fmt::format("{}{}{}  {}", ui.app.history.marked().count(run.id) > 0 ? "\u2713 " : "",
                                               ui.app.pins.has_run(run.id) ? "\u25A0 " : "", run.id, called),
                                   room - buttons);
  ImGui::TextUnformatted(title.c_str());
  ImGui::PopFont();
  font(ui.fonts.small);
  coloured(ui.palette.muted,
           elided(fmt::format("{}{}, {} \u00B7 {} \u00B7 {}", run.title.empty() ? "" : run.problem + " ",
                              tuner::to_string(run.dtype), run.shape,
                              run.backend == tuner::Backend::replay ? "replayed" : tuner::short_device_name(run.device),
                              state_word(run.state)),
                  room));
  std::string line = fmt::format("{} evaluated{}", tuner::grouped(static_cast<double>(run.evaluations)),
                                 run.best_ms ? " \u00B7 best " + tuner::time_text(*run.best_ms) : "");
  // The date always: of the rest as much as there is room for.
  const std::string started = started_text(run), day = started.substr(0, 10);
  const std::string best = run.best_ms ? " \u00B7 best " + tuner::time_text(*run.best_ms) : "";
  for (const std::string& dated :
       {fmt::format("{} \u00B7 {}", started, line), fmt::format("{} \u00B7 {}", day, line), day + best}) {
    line = dated;
    if (ImGui::CalcTextSize(dated.c_str()).x <= room) break;
  }
  coloured(ui.palette.muted, elided(line, room));
  ImGui::PopFont();
  ImGui::EndGroup();
  // By an item: newer versions of Dear ImGui end the program where a cursor that was set is the last thing in a region.
  ImGui::SetCursorPos(ImVec2(after.x, after.y - ImGui::GetStyle().ItemSpacing.y));
  ImGui::Dummy(ImVec2(0, 0));
  tags_line(ui, run);
  if (!run.note.empty()) muted(ui, run.note);
  ImGui::PopID();
}

void comparison(Ui& ui) {
  const auto& found = ui.app.history.comparison();
  if (!found) return;
  heading(ui, "COMPARISON");
  note_item(ui, "history.comparison");
  const auto& [before, after] = ui.app.history.compared();
  muted(ui, fmt::format("The best of {} against that of {}.", after, before));
  const auto [only_before, only_after] = differences(found->configuration_a, found->configuration_b);
  pair(ui, "before", tuner::time_text(found->a_ms) + "  " + only_before, found->configuration_a, 60);
  pair(ui, "after", tuner::time_text(found->b_ms) + "  " + only_after, found->configuration_b, 60);
  if (only_before.empty() && only_after.empty()) muted(ui, "The same configuration in both.");
  const double percent = 100 * found->change;
  coloured(found->regression ? ui.palette.bad
           : percent < 0     ? ui.palette.good
                             : ui.palette.text,
           fmt::format("time {:+.1f} %{}", percent, found->regression ? ": slower" : ""));
  for (const std::string& warning : found->warnings) muted(ui, warning);
  if (ImGui::SmallButton("Close")) ui.app.history.drop_comparison();
  ImGui::Separator();
}

}  // namespace

void draw_history(Ui& ui) {
  if (ui.app.history.runs().empty() && ui.app.history.removed().empty())
    return empty_state(ui, "No runs yet", "Every sweep is kept here, those of the command line too.");
  const auto& marked = ui.app.history.marked();
  if (marked.size() == 2) {
    if (ImGui::Button("Compare the two marked"))
      act(ui, "history.compare", fmt::format("{},{}", *marked.begin(), *marked.rbegin()));
  } else if (!marked.empty()) {
    muted(ui, fmt::format("{} marked; two are compared.", marked.size()));
  }
  comparison(ui);
  trend(ui);
  if (!ui.app.history.removed().empty()) {
    if (ImGui::SmallButton("Undo the last deletion")) act(ui, "history.undo");
    hint(ui, fmt::format("Brings run {} back (Ctrl+Shift+Z)", ui.app.history.removed().front().id));
  }
  search_line(ui);
  // Copies: what is clicked may change the list.
  std::vector<tuner::RunSummary> found;
  for (const tuner::RunSummary* run : ui.app.history.found()) found.push_back(*run);
  if (found.empty()) muted(ui, "No run has all of these words.");
  for (const tuner::RunSummary& run : found) {
    if (ImGui::IsRectVisible(ImVec2(1, entry_height(ui) + ui.px(60)))) {
      run_entry(ui, run);
    } else {
      ImGui::Dummy(ImVec2(1, entry_height(ui)));
      // A note is as high as its lines are, which is known once it has been drawn.
      if (!run.tags.empty()) ImGui::Dummy(ImVec2(1, ImGui::GetTextLineHeight()));
      if (!run.note.empty()) ImGui::Dummy(ImVec2(1, ImGui::GetTextLineHeight()));
    }
  }
}

}  // namespace fuseline::app::gui
