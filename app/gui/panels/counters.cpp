// Why the selected configuration is not faster: what bounds it, what to try, gauges, memory chart, occupancy curves and
// every counter.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "app/gui/panels/widgets.hpp"
#include "app/gui/platform/canvas.hpp"
#include "tuner/report/describe.hpp"

namespace fuseline::app::gui {
namespace {

/// Broken at spaces alone, and never between a number and its unit: ImGui's own wrapping breaks at the point of 69.6.
std::string by_words(const std::string& text, float width) {
  static constexpr std::string_view kUnits[] = {"%", "k", "M", "G", "GB", "MB", "kB", "GB/s", "TB/s", "ms", "warps"};
  std::vector<std::string> words;
  for (std::string& word : tuner::split(text, ' ')) {
    const std::string_view bare = std::string_view(word).substr(0, word.find_first_of(",;:"));
    const bool unit = std::find(std::begin(kUnits), std::end(kUnits), bare) != std::end(kUnits);
    if (unit && !words.empty()) {
      words.back() += " " + word;
    } else {
      words.push_back(std::move(word));
    }
  }
  std::string lines, line;
  for (const std::string& word : words) {
    const std::string longer = line.empty() ? word : fmt::format("{} {}", line, word);
    if (!line.empty() && ImGui::CalcTextSize(longer.c_str()).x > width) {
      lines += line + "\n";
      line = word;
    } else {
      line = longer;
    }
  }
  return lines + line;
}

void reading(Ui& ui, const std::string& text) {
  const float width = ImGui::GetContentRegionAvail().x;
  font(ui.fonts.small);
  coloured(ui.palette.muted, by_words(text, width));
  ImGui::PopFont();
  ImGui::Dummy(ImVec2(0, ui.px(2)));
}

ImU32 level_colour(const Ui& ui, tuner::BoundLevel level) {
  return level == tuner::BoundLevel::limits ? ui.palette.bad
         : level == tuner::BoundLevel::high ? ui.palette.warning
                                            : ui.palette.muted;
}

void wrapped_strong(Ui& ui, const std::string& text) {
  ImGui::PushTextWrapPos(0);
  strong(ui, text);
  ImGui::PopTextWrapPos();
}

void what_bounds_it(Ui& ui, const CountersView& view) {
  const auto& bounds = view.explanation.analysis.bounds;
  heading(ui, "WHAT BOUNDS IT");
  wrapped_strong(ui, view.headline.text);
  reading(ui, view.headline.reading);
  if (view.explanation.of_floor > 0)
    reading(ui, fmt::format("{}; a copy of the compulsory bytes takes {}, {} of it",
                            tuner::time_text(view.explanation.time_ms), tuner::time_text(view.explanation.floor_ms),
                            tuner::percent_text(view.explanation.of_floor)));
  for (std::size_t i = 1; i < bounds.size() && i < 4; ++i) {
    const tuner::Bound& bound = bounds[i];
    ImGui::TextUnformatted(fmt::format("{}  {:.0f} %", tuner::bound_name(bound), 100 * bound.share).c_str());
    hint(ui, bound.text);
    ImGui::SameLine();
    coloured(level_colour(ui, bound.level), tuner::to_string(bound.level));
    hint(ui,
         "limits: 80 % and more of what it sustains; high: 60 % and more; low: less. L2 and DRAM limit only where they "
         "are asked for more than a copy asks and are as busy as it makes them.");
  }
}

void what_to_try(Ui& ui, const CountersView& view, bool tried) {
  const char* title = tried ? "ALREADY TRIED" : "WHAT TO TRY";
  for (std::size_t i = 0; i < view.explanation.advice.size(); ++i) {
    const tuner::Advice& advice = view.explanation.advice[i];
    if (advice.tried != tried) continue;
    if (title != nullptr) heading(ui, std::exchange(title, nullptr));
    wrapped_strong(ui, tried ? advice.text : fmt::format("{}. {}", i + 1, advice.text));
    if (advice.measured) {
      ImGui::PushID(static_cast<int>(i));
      if (plain_button(ui, fmt::format("Select #{}", *advice.measured).c_str(), true,
                       "The configuration that was measured with it"))
        ui.app.selection.only(*advice.measured);
      ImGui::PopID();
    }
    for (const std::string& each : tuner::split(advice.reading, ';')) reading(ui, std::string(tuner::trimmed(each)));
  }
}

void bar(Ui& ui, const Gauge& gauge) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x, height = ui.px(8);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled(at, ImVec2(at.x + width, at.y + height), ui.palette.raised, height / 2);
  if (gauge.share)
    list.AddRectFilled(at, ImVec2(at.x + std::max(height, width * static_cast<float>(*gauge.share)), at.y + height),
                       ui.palette.accent, height / 2);
  if (gauge.external_share) {
    const float x = at.x + width * static_cast<float>(*gauge.external_share);
    list.AddRectFilled(ImVec2(x - ui.px(1), at.y - ui.px(3)), ImVec2(x + ui.px(1), at.y + height + ui.px(3)),
                       packed(ui.plot().target));
  }
  ImGui::Dummy(ImVec2(width, height + ui.px(2)));
  hint(ui, gauge.line.explanation);
}

/// On a line of its own: values are many, and this is for who asked for it.
void difference(Ui& ui, const CounterLine& line) {
  if (line.difference.empty()) return;
  font(ui.fonts.small);
  const std::string text = line.difference == "same" ? "as the baseline" : line.difference + " to the baseline";
  ImGui::SetCursorPosX(right_edge() - ImGui::CalcTextSize(text.c_str()).x);
  coloured(line.difference == "same" ? ui.palette.faint : ui.palette.muted, text);
  ImGui::PopFont();
}

void gauge_line(Ui& ui, const Gauge& gauge) {
  if (gauge.reading) ui.drawn.gauges[gauge.line.metric] = *gauge.reading;
  ImGui::TextUnformatted(gauge.line.label.c_str());
  hint(ui, gauge.line.explanation);
  ImGui::SameLine(right_edge() - ImGui::CalcTextSize(gauge.line.value.c_str()).x);
  coloured(gauge.reading ? ui.palette.text : ui.palette.faint, gauge.line.value);
  difference(ui, gauge.line);
  if (gauge.share || gauge.external_share) bar(ui, gauge);
  if (!gauge.external.empty()) muted(ui, "given kernel: " + gauge.external);
  ImGui::Dummy(ImVec2(0, ui.px(3)));
}

void gauges(Ui& ui, const CountersView& view) {
  heading(ui, "GAUGES");
  if (!view.baseline.empty()) muted(ui, "The baseline is " + view.baseline + ".");
  for (const Gauge& gauge : view.gauges) gauge_line(ui, gauge);
  if (view.external.empty()) return;
  coloured(packed(ui.plot().target), "\u25AE");
  ImGui::SameLine(0, ui.px(4));
  muted(ui, view.external);
}

bool section(const char* title, bool open) {
  return ImGui::CollapsingHeader(title, open ? ImGuiTreeNodeFlags_DefaultOpen : ImGuiTreeNodeFlags_None);
}

void memory(Ui& ui, const tuner::MemoryModel& model) {
  if (model.boxes.empty() || !section("Memory chart", true)) return;
  scrolled_plot(ui, "memory.plot", tuner::memory_height(model, plot_width(ui)),
                [&](tuner::Canvas& canvas, const tuner::Rect& area, const tuner::ValueRange&) {
                  tuner::draw_memory_panel(canvas, ui.plot(), model, area);
                })
      .end();
  for (const std::string& note : model.notes) reading(ui, note);
}

void occupancy(Ui& ui, const tuner::OccupancyModel& model) {
  if (model.panels.empty() || !section("Occupancy what-if", true)) return;
  for (const tuner::OccupancyCurve& curve : model.panels.front().curves) {
    coloured(packed(curve.target ? ui.plot().target : ui.plot().series.front()),
             curve.target ? "dashed: " + curve.name : "solid: " + curve.name);
    ImGui::SameLine(0, ui.px(14));
  }
  ImGui::NewLine();
  scrolled_plot(ui, "occupancy.plot", tuner::occupancy_height(model, plot_width(ui)),
                [&](tuner::Canvas& canvas, const tuner::Rect& area, const tuner::ValueRange&) {
                  tuner::draw_occupancy_panel(canvas, ui.plot(), model, area);
                })
      .end();
  for (const std::string& note : model.notes) reading(ui, note);
}

/// Everything that was read, with a sentence for each.
void all_counters(Ui& ui, const std::vector<CounterSection>& sections) {
  for (const CounterSection& each : sections) {
    const std::string title = fmt::format("Counters: {} ({})", each.title, each.lines.size());
    if (!section(title.c_str(), false)) continue;
    for (const CounterLine& line : each.lines) {
      ImGui::TextUnformatted(line.label.c_str());
      hint(ui, line.explanation);
      const float room = ImGui::CalcTextSize(line.value.c_str()).x;
      // A name too long for its line leaves the value the next one.
      if (ImGui::GetItemRectMax().x + ui.px(10) + room <=
          ImGui::GetCursorScreenPos().x + ImGui::GetContentRegionAvail().x)
        ImGui::SameLine();
      ImGui::SetCursorPosX(right_edge() - room);
      coloured(ui.palette.text, line.value);
      hint(ui, line.explanation);
      difference(ui, line);
    }
  }
}

void no_counters(Ui& ui) {
  const App& app = ui.app;
  muted(ui, app.data.replayed() ? "The recording has no counters for it."
            : app.data.info().request.counters == tuner::CounterMode::none
                ? "Counters were not asked for: Search > Hardware counters."
                : "Not read for this configuration.");
}

}  // namespace

void draw_counters(Ui& ui) {
  App& app = ui.app;
  if (app.counted_row() == nullptr)
    return empty_state(ui, "No counters yet",
                       "What bounds the selected configuration, what to try, and its hardware counters.");
  const auto shown = app.counters();
  const Row* row = shown == nullptr ? nullptr : app.data.by_sequence(shown->sequence);
  if (row == nullptr) return muted(ui, "Working it out\u2026");
  const CountersView& view = *shown;
  const bool selected = app.selection.primary() == view.sequence;
  wrapped_strong(ui, fmt::format("#{}  {}{}", view.sequence, row->evaluation->configuration.variant,
                                 app.data.best() == view.sequence ? "  \u2605 best"
                                 : selected                       ? ", selected"
                                 : row == app.data.newest()       ? ", the newest"
                                                                  : ""));
  if (row->evaluation->measurement.counters.empty()) no_counters(ui);
  what_bounds_it(ui, view);
  what_to_try(ui, view, false);
  what_to_try(ui, view, true);
  if (const auto& fusion = view.explanation.analysis.fusion) {
    heading(ui, "FUSION");
    coloured(fusion->pass ? ui.palette.good : ui.palette.bad, fusion->pass ? "complete" : "broken");
    reading(ui, fusion->text.substr(fusion->text.find(": ") + 2));
  }
  gauges(ui, view);
  memory(ui, view.memory);
  occupancy(ui, view.occupancy);
  all_counters(ui, view.sections);
}

}  // namespace fuseline::app::gui
