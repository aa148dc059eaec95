// How parameters go together: a heat map, parallel coordinates, a scatter plot, or what matters; each writes the
// table's filter or the selection.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/gui/models/brush.hpp"
#include "app/gui/panels/widgets.hpp"
#include "app/gui/platform/canvas.hpp"
#include "app/gui/plot/relations_drawing.hpp"

namespace fuseline::app::gui {
namespace {

constexpr float kAxisReach = 14;

std::vector<std::pair<std::string, std::string>> items_of(const std::vector<std::string>& names) {
  std::vector<std::pair<std::string, std::string>> items;
  items.reserve(names.size());
  for (const std::string& name : names) items.emplace_back(name, name);
  return items;
}

void kinds(Ui& ui) {
  bool first = true;
  for (const RelationKind kind : kRelationKinds) {
    const std::string title = title_of(kind);
    if (!std::exchange(first, false)) flow(ImGui::CalcTextSize(title.c_str()).x + ui.px(20));
    if (chip(ui, to_string(kind), title, ui.app.relations.kind() == kind, true))
      act(ui, "relations.kind", to_string(kind));
  }
}

void name_combo(Ui& ui, const char* id, const char* label, const std::string& shown,
                const std::vector<std::string>& names, const std::string& action) {
  const float width = ui.px(116);
  flow(width + ImGui::CalcTextSize(label).x + ui.px(8));
  ImGui::AlignTextToFramePadding();
  coloured(ui.palette.muted, label);
  ImGui::SameLine();
  std::string chosen = shown;
  if (combo(ui, id, shown, items_of(names), chosen, width)) act(ui, action, chosen);
}

void variant_combo(Ui& ui, const RelationsShown& shown) {
  if (shown.variants.size() < 2) return;
  std::vector<std::pair<std::string, std::string>> items;
  for (const std::string& name : shown.variants) items.emplace_back(name, "within " + name);
  if (shown.kind != RelationKind::importance) items.emplace_back(kEveryVariant, "over all variants");
  std::string chosen = shown.variant;
  const float width = ui.px(168);
  flow(width);
  if (combo(ui, "##variant", chosen == kEveryVariant ? "over all variants" : "within " + chosen, items, chosen, width))
    act(ui, "relations.variant", chosen);
}

void relation_tools(Ui& ui, const RelationsShown& shown) {
  kinds(ui);
  if (shown.kind == ui.app.relations.kind()) {
    if (shown.kind == RelationKind::heatmap || shown.kind == RelationKind::scatter) {
      name_combo(ui, "##x", "x", shown.x, shown.names, "relations.x");
      name_combo(ui, "##y", "y", shown.y, shown.names, "relations.y");
    }
    variant_combo(ui, shown);
  }
  const std::string left_out = ui.app.results.narrowed_text();
  if (left_out.empty()) return;
  flow(ImGui::CalcTextSize(left_out.c_str()).x + ui.px(90));
  ImGui::AlignTextToFramePadding();
  coloured(ui.palette.warning, left_out);
  ImGui::SameLine();
  clear_filter_button(ui);
}

std::string hint_of(const RelationsShown& shown) {
  const auto* importance = std::get_if<tuner::ImportanceModel>(&shown.model);
  switch (shown.kind) {
    case RelationKind::heatmap:
      return "The best time of each pair of values; the best's is framed. A click narrows the table to a pair, another "
             "one on it widens it again.";
    case RelationKind::parallel:
      return "A line a configuration, the fastest drawn last. Drag along an axis to narrow the table to a range, click "
             "the "
             "axis to widen it; a click on a line selects it.";
    case RelationKind::scatter:
      return "A click selects a configuration; Ctrl adds it.";
    case RelationKind::importance:
      return fmt::format(
          "Shares of the variance of log time by a random forest (fANOVA), which takes apart what parameters share; "
          "Why has each alone. The forest explains {:.1f} % of configurations that it has not seen. A click on two "
          "draws their heat map.",
          importance == nullptr ? 0.0 : 100 * importance->held_out_r2);
  }
  return "";
}

void click_cell(Ui& ui, const tuner::HeatmapModel& model, std::pair<std::size_t, std::size_t> cell) {
  const std::string terms = cell_terms(model, cell.first, cell.second, ui.state.variants_of(ui.app).size() > 1);
  if (filter_says(ui.app.results.filter(), terms))
    return act(ui, "results.widen", model.x.name + " " + model.y.name + " variant");
  act(ui, "results.narrow", terms);
}

void click_configuration(Ui& ui, std::optional<std::uint64_t> sequence) {
  if (sequence) {
    ImGui::GetIO().KeyCtrl ? ui.app.selection.toggle(*sequence) : ui.app.selection.only(*sequence);
  } else if (!ImGui::GetIO().KeyCtrl) {
    ui.app.selection.clear();
  }
}

/// While an axis is being dragged along: the range; at its end the filter.
void brush(Ui& ui, ImGuiCanvas& canvas) {
  RelationsInput& input = ui.relations;
  if (!input.brushing) return;
  const RelationsPicture& picture = input.picture;
  if (*input.brushing >= picture.parallel.x.size()) return input.brushing.reset();
  const tuner::Vec2 from = canvas.value(input.from), to = canvas.value(ImGui::GetIO().MousePos);
  const bool dragged = std::abs(from.y - to.y) > 4;
  const double top = std::clamp(std::min(from.y, to.y), picture.parallel.top, picture.parallel.bottom),
               bottom = std::clamp(std::max(from.y, to.y), picture.parallel.top, picture.parallel.bottom);
  const tuner::Rect range{picture.parallel.x[*input.brushing] - 7, top, 14, bottom - top};
  if (dragged) {
    canvas.fill_rect(range, tuner::with_alpha(ui.plot().target, 70));
    canvas.stroke_rect(range, {ui.plot().target, 1.4, false});
    const std::string terms = brush_terms(picture, *input.brushing, top, bottom);
    tooltip(ui, terms.empty() ? "nothing in it" : terms);
  }
  if (ImGui::IsMouseDown(ImGuiMouseButton_Left)) return;
  const std::size_t axis = *input.brushing;
  input.brushing.reset();
  if (!dragged) return act(ui, "results.widen", axis_column(picture, axis));
  if (const std::string terms = brush_terms(picture, axis, top, bottom); !terms.empty())
    act(ui, "results.narrow", terms);
}

void point(Ui& ui, const ImGuiCanvas& canvas, const RelationsShown& shown) {
  const RelationsPicture& picture = ui.relations.picture;
  const tuner::Vec2 at = canvas.value(ImGui::GetIO().MousePos);
  const auto hit = relations_hit(picture, at);
  const auto axis = parallel_axis_at(picture, at, static_cast<double>(kAxisReach));
  const auto cell = heat_cell_at(picture, at);
  if (axis && !ui.relations.brushing && ImGui::IsMouseClicked(ImGuiMouseButton_Left)) {
    ui.relations.brushing = *axis;
    ui.relations.from = ImGui::GetIO().MousePos;
    return;
  }
  if (ui.relations.brushing) return;
  const Row* row = hit ? ui.app.data.by_sequence(*hit) : nullptr;
  if (row != nullptr) ui.app.selection.hovered = *hit;
  if (row != nullptr && !ImGui::IsMouseDown(ImGuiMouseButton_Left)) {
    evaluation_tooltip(ui, *row);
  } else if (row == nullptr && !canvas.tooltip().empty()) {
    tooltip(ui, canvas.tooltip());
  }
  if (!ImGui::IsMouseReleased(ImGuiMouseButton_Left)) return;
  const auto* heatmap = std::get_if<tuner::HeatmapModel>(&shown.model);
  if (heatmap != nullptr && cell) return click_cell(ui, *heatmap, *cell);
  click_configuration(ui, hit);
}

/// For scripts that check: cells by the values of their parameters, axes by their names.
void remember(Ui& ui, const ImGuiCanvas& canvas, const RelationsShown& shown) {
  const RelationsPicture& picture = ui.relations.picture;
  const auto add = [&](const std::string& id, const tuner::Rect& box) {
    note_area(ui, id, canvas.pixel({box.x, box.y}),
              ImVec2(ui.px(static_cast<float>(box.width)), ui.px(static_cast<float>(box.height))));
  };
  if (const auto* heatmap = std::get_if<tuner::HeatmapModel>(&shown.model); heatmap && picture.heatmap.cell_width > 0) {
    for (std::size_t row = 0; row < heatmap->y.values.size(); ++row) {
      for (std::size_t column = 0; column < heatmap->x.values.size(); ++column)
        add("relations.cell." + heatmap->x.values[column] + "." + heatmap->y.values[row],
            picture.heatmap.cell(column, row));
    }
  }
  if (std::holds_alternative<tuner::ParallelModel>(shown.model)) {
    for (std::size_t axis = 0; axis < picture.parallel.x.size(); ++axis)
      add("relations.axis." + axis_column(picture, axis),
          {picture.parallel.x[axis] - 4, picture.parallel.top, 8, picture.parallel.bottom - picture.parallel.top});
  }
}

void relations_plot(Ui& ui, const std::shared_ptr<const RelationsShown>& shown) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImVec2 size = ImGui::GetContentRegionAvail();
  if (size.x < ui.px(160) || size.y < ui.px(80)) return;
  size.y -= 1;
  ImGui::InvisibleButton("plot", size);
  const bool hovered = ImGui::IsItemHovered();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.PushClipRect(at, ImVec2(at.x + size.x, at.y + size.y), true);
  ImGuiCanvas canvas(list, ui.fonts, at, size, hovered ? ImGui::GetIO().MousePos : ImVec2(-1e4F, -1e4F));
  const tuner::Vec2 logical = canvas.size();
  draw_relations(canvas, {shown, ui.app.data, ui.app.selection, ui.plot()}, {0, 0, logical.x, logical.y},
                 ui.relations.picture);
  note_item(ui, "relations.plot");
  remember(ui, canvas, *shown);
  if (hovered) point(ui, canvas, *shown);
  brush(ui, canvas);
  list.PopClipRect();
}

void importance_plot(Ui& ui, const tuner::ImportanceModel& model) {
  std::vector<tuner::PlacedImportance> placed;
  const PlotPlace place = scrolled_plot(ui, "relations.plot", tuner::importance_height(model),
                                        [&](tuner::Canvas& canvas, const tuner::Rect& area, const tuner::ValueRange&) {
                                          placed = tuner::draw_importance_panel(canvas, ui.plot(), model, area);
                                        });
  for (std::size_t i = 0; i < placed.size(); ++i) {
    if (!place.clicked(ui, static_cast<int>(i), placed[i].box) || placed[i].item->second.empty()) continue;
    act(ui, "relations.variant", model.variant);
    act(ui, "relations.kind", to_string(RelationKind::heatmap));
    act(ui, "relations.x", placed[i].item->first);
    act(ui, "relations.y", placed[i].item->second);
  }
  place.end();
  for (std::size_t i = 1; i < model.notes.size(); ++i) muted(ui, model.notes[i]);
}

}  // namespace

void draw_relations_panel(Ui& ui) {
  if (ui.app.data.rows().empty())
    return empty_state(ui, "No relations yet",
                       "A heat map of two parameters, parallel coordinates of all, one column against another, and "
                       "what explains the time.");
  const auto shown = ui.app.relations_shown();
  if (!shown) return muted(ui, "Working it out\u2026");
  relation_tools(ui, *shown);
  if (!shown->why_not.empty()) return empty_state(ui, "Nothing to show", shown->why_not);
  if (ImGui::GetContentRegionAvail().y > ui.px(260) || shown->kind == RelationKind::importance)
    muted(ui, hint_of(*shown));
  if (const auto* importance = std::get_if<tuner::ImportanceModel>(&shown->model))
    return importance_plot(ui, *importance);
  relations_plot(ui, shown);
}

}  // namespace fuseline::app::gui
