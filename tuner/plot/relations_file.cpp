// The plots of relations, as files have them.
#include <algorithm>
#include <array>

#include "tuner/base/text.hpp"
#include "tuner/plot/captions.hpp"
#include "tuner/plot/relations_plots.hpp"

namespace fuseline::tuner {
namespace {

template <class Model>
using DrawModel = void (*)(Canvas&, const Model&, Theme);

/// Titled, and bound to how it is drawn.
template <class Model>
RelationsPicture picture_of(Model model, const Run& run, const std::string& what, DrawModel<Model> draw, Theme theme,
                            double height = 0) {
  model.title = plot_title(run.info, what);
  model.subtitle = plot_subtitle(run);
  return {[model = std::move(model), draw, theme](Canvas& canvas) { draw(canvas, model, theme); }, height};
}

}  // namespace

bool is_relations_kind(const std::string& kind) {
  static constexpr std::array<std::string_view, 4> kinds = {"heatmap", "parallel", "scatter", "importance"};
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

Result<RelationsPicture> relations_picture(const Run& run, const std::string& kind, const PlotOptions& options) {
  const RunRelations source(run, options.passing);
  const RelationChoice choice{options.x, options.y, options.variant};
  if (kind == "heatmap") {
    FUSELINE_TRY(model, heatmap_model(source.relations(), choice));
    const std::string what = "best time by " + model.x.name + " and " + model.y.name;
    const double height = heatmap_figure_height(model);
    return picture_of(std::move(model), run, what, draw_heatmap, options.theme, height);
  }
  if (kind == "parallel") {
    FUSELINE_TRY(model, parallel_model(source.relations(), choice));
    return picture_of(std::move(model), run, "all parameters and time", draw_parallel, options.theme);
  }
  if (kind == "scatter") {
    FUSELINE_TRY(model, scatter_model(source.relations(), choice));
    const std::string what = model.y.name + " against " + model.x.name;
    return picture_of(std::move(model), run, what, draw_scatter, options.theme);
  }
  FUSELINE_TRY(model, importance_model(source.relations(), choice));
  if (!model.why_not.empty()) return bad_input(printable("importance cannot be told: " + model.why_not));
  const double height = importance_figure_height(model);
  const std::string what = "what explains time within " + model.variant;
  return picture_of(std::move(model), run, what, draw_importance, options.theme, height);
}

}  // namespace fuseline::tuner
