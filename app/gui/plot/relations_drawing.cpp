#include "app/gui/plot/relations_drawing.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "app/gui/models/brush.hpp"
#include "tuner/plot/style.hpp"

namespace fuseline::app::gui {
namespace {

using tuner::Canvas;
using tuner::Rect;
using tuner::Vec2;

constexpr std::size_t kLinesSelected = 48, kHalos = 2000;  ///< Drawn of a selection; more could not be told apart.

template <class Model>
const Model* model_of(const RelationsPicture& picture) {
  return picture.shown ? std::get_if<Model>(&picture.shown->model) : nullptr;
}

bool same_area(const Rect& a, const Rect& b) {
  return a.x == b.x && a.y == b.y && a.width == b.width && a.height == b.height;
}

void record(Canvas& canvas, const RelationsDrawing& drawing, const Rect& area, RelationsPicture& picture) {
  picture.shown = drawing.shown;
  picture.style = &drawing.style;
  picture.area = area;
  picture.drawing.begin(canvas);
  if (const auto* heatmap = model_of<tuner::HeatmapModel>(picture))
    picture.heatmap = tuner::draw_heatmap_panel(picture.drawing, drawing.style, *heatmap, area);
  if (const auto* parallel = model_of<tuner::ParallelModel>(picture))
    picture.parallel = tuner::draw_parallel_panel(picture.drawing, drawing.style, *parallel, area);
  if (const auto* scatter = model_of<tuner::ScatterModel>(picture))
    picture.scatter = tuner::draw_scatter_panel(picture.drawing, drawing.style, *scatter, area);
  picture.drawing.end();
}

/// Sequences that stand out, the one under the pointer last.
std::vector<std::uint64_t> outstanding(const Selection& selection, std::size_t most) {
  const auto& items = selection.items();
  std::vector<std::uint64_t> sequences(items.end() - static_cast<std::ptrdiff_t>(std::min(items.size(), most)),
                                       items.end());
  if (selection.highlighted) sequences.push_back(*selection.highlighted);
  return sequences;
}

void outline_cells(Canvas& canvas, const RelationsDrawing& drawing, const RelationsPicture& picture,
                   const tuner::HeatmapModel& model) {
  if (!(picture.heatmap.cell_width > 0)) return;
  std::set<std::pair<std::uint32_t, std::uint32_t>> cells;
  for (const std::uint64_t sequence : outstanding(drawing.selection, kHalos)) {
    const Row* row = drawing.data.by_sequence(sequence);
    if (row == nullptr) continue;
    const tuner::Configuration& configuration = row->evaluation->configuration;
    if (model.variant != tuner::kAllVariants && configuration.variant != model.variant) continue;
    const std::uint32_t column = model.x.level_of(configuration), line = model.y.level_of(configuration);
    if (column != tuner::kNoLevel && line != tuner::kNoLevel) cells.emplace(column, line);
  }
  for (const auto& [column, line] : cells) {
    const Rect box = picture.heatmap.cell(column, line);
    canvas.stroke_rect({box.x + 4, box.y + 4, box.width - 8, box.height - 8}, {drawing.style.panel, 4, false});
    canvas.stroke_rect({box.x + 4, box.y + 4, box.width - 8, box.height - 8}, {drawing.style.text, 2, false});
  }
}

void raise_lines(Canvas& canvas, const RelationsDrawing& drawing, RelationsPicture& picture,
                 const tuner::ParallelModel& model) {
  if (picture.selection != drawing.selection.revision()) {
    picture.selection = drawing.selection.revision();
    picture.selected_lines.clear();
    const auto& items = drawing.selection.items();
    for (std::size_t i = items.size() - std::min(items.size(), kLinesSelected); i < items.size(); ++i) {
      if (const auto line = model.line_of(items[i])) picture.selected_lines.push_back(*line);
    }
  }
  for (const std::uint32_t line : picture.selected_lines) {
    tuner::draw_parallel_line(canvas, model, picture.parallel, line, {drawing.style.panel, 4.4, false});
    tuner::draw_parallel_line(canvas, model, picture.parallel, line, {drawing.style.text, 2.0, false});
  }
  const auto pointed = drawing.selection.highlighted ? model.line_of(*drawing.selection.highlighted) : std::nullopt;
  if (pointed) tuner::draw_parallel_line(canvas, model, picture.parallel, *pointed, {drawing.style.text, 3.2, false});
  // Lines would strike their labels through.
  if (pointed || !picture.selected_lines.empty())
    tuner::draw_parallel_axes(canvas, drawing.style, model, picture.parallel);
}

void ring_marks(Canvas& canvas, const RelationsDrawing& drawing, const RelationsPicture& picture,
                const tuner::ScatterModel& model) {
  for (const std::uint64_t sequence : outstanding(drawing.selection, kHalos)) {
    const auto mark =
        std::lower_bound(model.marks.begin(), model.marks.end(), sequence,
                         [](const tuner::ScatterMark& each, std::uint64_t wanted) { return each.sequence < wanted; });
    if (mark == model.marks.end() || mark->sequence != sequence) continue;
    canvas.stroke_circle(picture.scatter.at(*mark), 8, {drawing.style.panel, 4, false});
    canvas.stroke_circle(picture.scatter.at(*mark), 8, {drawing.style.text, 2, false});
  }
}

}  // namespace

void draw_relations(Canvas& canvas, const RelationsDrawing& drawing, const Rect& area, RelationsPicture& picture) {
  const double text_width = canvas.text_width("0123456789", 12);  // Fonts differ by scale.
  if (picture.shown != drawing.shown || picture.style != &drawing.style || !same_area(picture.area, area) ||
      picture.text_width != text_width) {
    picture.text_width = text_width;
    picture.selection = ~std::uint64_t{0};
    record(canvas, drawing, area, picture);
  }
  picture.drawing.replay(canvas);
  if (const auto* heatmap = model_of<tuner::HeatmapModel>(picture)) outline_cells(canvas, drawing, picture, *heatmap);
  if (const auto* parallel = model_of<tuner::ParallelModel>(picture)) raise_lines(canvas, drawing, picture, *parallel);
  if (const auto* scatter = model_of<tuner::ScatterModel>(picture)) ring_marks(canvas, drawing, picture, *scatter);
}

std::optional<std::uint64_t> relations_hit(const RelationsPicture& picture, Vec2 at) {
  if (const auto* parallel = model_of<tuner::ParallelModel>(picture)) {
    const auto line = tuner::parallel_hit(*parallel, picture.parallel, at, 4);
    return line ? std::optional(parallel->lines[*line].sequence) : std::nullopt;
  }
  if (const auto* scatter = model_of<tuner::ScatterModel>(picture)) {
    const auto mark = tuner::scatter_hit(*scatter, picture.scatter, at, 9);
    return mark ? std::optional(scatter->marks[*mark].sequence) : std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::pair<std::size_t, std::size_t>> heat_cell_at(const RelationsPicture& picture, Vec2 at) {
  const auto* model = model_of<tuner::HeatmapModel>(picture);
  const tuner::HeatmapPlaces& places = picture.heatmap;
  if (model == nullptr || !(places.cell_width > 0)) return std::nullopt;
  const double column = std::floor((at.x - places.grid.x) / places.cell_width),
               row = std::floor((places.grid.y + places.grid.height - at.y) / places.cell_height);
  if (column < 0 || row < 0 || column >= static_cast<double>(model->x.values.size()) ||
      row >= static_cast<double>(model->y.values.size()))
    return std::nullopt;
  return std::pair(static_cast<std::size_t>(column), static_cast<std::size_t>(row));
}

std::optional<std::size_t> parallel_axis_at(const RelationsPicture& picture, Vec2 at, double reach) {
  if (model_of<tuner::ParallelModel>(picture) == nullptr) return std::nullopt;
  const tuner::ParallelPlaces& places = picture.parallel;
  for (std::size_t axis = 0; axis < places.x.size(); ++axis) {
    if (std::abs(places.x[axis] - at.x) <= reach && at.y >= places.top - reach && at.y <= places.bottom + reach)
      return axis;
  }
  return std::nullopt;
}

std::string brush_terms(const RelationsPicture& picture, std::size_t axis, double from, double to) {
  const auto* model = model_of<tuner::ParallelModel>(picture);
  if (model == nullptr || axis > model->axes.size()) return {};
  const tuner::ParallelPlaces& places = picture.parallel;
  const double top = std::clamp(from, places.top, places.bottom), bottom = std::clamp(to, places.top, places.bottom);
  if (axis == model->axes.size()) return range_terms("time", places.time.value(top), places.time.value(bottom));
  return level_terms(model->axes[axis], places.levels_between(model->axes[axis], top, bottom));
}

std::string axis_column(const RelationsPicture& picture, std::size_t axis) {
  const auto* model = model_of<tuner::ParallelModel>(picture);
  if (model == nullptr) return {};
  return axis < model->axes.size() ? model->axes[axis].name : "time";
}

}  // namespace fuseline::app::gui
