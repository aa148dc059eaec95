// A plot of relations as the window shows it: drawn anew only where it changed, with what is selected over it; on any
// canvas.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/gui/models/relations_model.hpp"
#include "app/gui/models/selection.hpp"
#include "app/gui/plot/recorded_drawing.hpp"

namespace fuseline::app::gui {

/// Kept from frame to frame; for the pointer and for checks too.
struct RelationsPicture {
  RecordedDrawing drawing;
  tuner::HeatmapPlaces heatmap;
  tuner::ParallelPlaces parallel;
  tuner::ScatterPlaces scatter;

  std::shared_ptr<const RelationsShown> shown;  ///< What was recorded, and how.
  const tuner::Style* style = nullptr;
  tuner::Rect area;
  double text_width = 0;
  std::uint64_t selection = ~std::uint64_t{0};
  std::vector<std::uint32_t> selected_lines;  ///< Of parallel coordinates.
};

/// Everything outlives the call.
struct RelationsDrawing {
  std::shared_ptr<const RelationsShown> shown;
  const RunData& data;
  const Selection& selection;
  const tuner::Style& style;
};

/// Of a heat map, parallel coordinates or a scatter plot.
void draw_relations(tuner::Canvas& canvas, const RelationsDrawing& drawing, const tuner::Rect& area,
                    RelationsPicture& picture);

/// The configuration under the pointer: a mark, or the line on top.
[[nodiscard]] std::optional<std::uint64_t> relations_hit(const RelationsPicture& picture, tuner::Vec2 at);
/// Column and row of a heat map's cell.
[[nodiscard]] std::optional<std::pair<std::size_t, std::size_t>> heat_cell_at(const RelationsPicture& picture,
                                                                              tuner::Vec2 at);
/// The axis of parallel coordinates within `reach` of `at`; that of time is the last.
[[nodiscard]] std::optional<std::size_t> parallel_axis_at(const RelationsPicture& picture, tuner::Vec2 at,
                                                          double reach);
/// What a range of an axis, between two pixels, says in a filter; empty where nothing lies in it.
[[nodiscard]] std::string brush_terms(const RelationsPicture& picture, std::size_t axis, double from, double to);
/// The column that an axis is of, as a filter names it.
[[nodiscard]] std::string axis_column(const RelationsPicture& picture, std::size_t axis);

}  // namespace fuseline::app::gui
