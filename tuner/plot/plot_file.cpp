#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <functional>
#include <map>

#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"
#include "tuner/plot/hardware_plots.hpp"
#include "tuner/plot/plot_text.hpp"
#include "tuner/plot/plots.hpp"
#include "tuner/plot/relations_plots.hpp"
#include "tuner/plot/why_plots.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kWidth = 1120, kHeight = 680, kPngScale = 2;

std::string ending_of(const std::string& file) {
  std::string ending = std::filesystem::path(file).extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return ending;
}

Result<std::unique_ptr<FileCanvas>> canvas_for(const std::string& file, double height = kHeight) {
  const std::string ending = ending_of(file);
  if (ending == ".svg") return make_svg_canvas(kWidth, height);
  if (ending == ".png") return make_png_canvas(kWidth, height, kPngScale);
  return bad_input(file, "", "plots are written as .svg or .png; name the file accordingly");
}

/// What is drawn, and how high that is.
struct Picture {
  std::function<void(Canvas&)> draw;
  double height = kHeight;
};

/// As a file of that name has it.
Result<std::string> picture_text(const Picture& picture, const std::string& file) {
  FUSELINE_TRY(canvas, canvas_for(file, picture.height));
  picture.draw(*canvas);
  return canvas->finish();
}

Result<void> write_picture(const Picture& picture, const std::string& file) {
  FUSELINE_TRY(content, picture_text(picture, file));
  return write_file(file, content);
}

tl::unexpected<Error> nothing_worked() {
  return bad_input("no configuration of the run worked, so there is nothing to draw");
}

tl::unexpected<Error> nothing_passes() {
  return bad_input("nothing that worked passes the filter, so there is nothing to draw");
}

bool no_evaluation(const RooflineModel& model) {
  return std::none_of(model.marks.begin(), model.marks.end(), [](const RooflineMark& mark) { return mark.evaluated; });
}

std::vector<Roof> unit_roofs_of(const Run& run) {
  const auto ranked = run.ranked();
  return ranked.empty() ? std::vector<Roof>()
                        : unit_roofs(run.info, *ranked.front(), run.time_of(*ranked.front()).median);
}

Result<Picture> target_roofline_picture(const Run& run, const PlotOptions& options) {
  if (options.hierarchy)
    return bad_input("--hierarchy", "", "belongs to the roofline as measured, not as on the target");
  if (options.units) return bad_input("--units", "", "belongs to the roofline as measured, not as on the target");
  RooflineModel model = target_roofline_model(run, run.info.given, options.passing);
  if (options.passing && no_evaluation(model)) return nothing_passes();
  if (model.marks.empty())
    return bad_input(
        "there is no projection of this run on a target: it needs one that is not the device measured, "
        "bytes, operations and the rate of a copy");
  return Picture{
      [model = std::move(model), theme = options.theme](Canvas& canvas) { draw_roofline(canvas, model, theme); }};
}

/// With what there is to know of other runs in the chart.
void overlay(const std::vector<OverlaidRun>& runs, RooflineModel& model) {
  if (runs.empty()) return;
  model.overlaid = runs;
  model.notes.emplace_back(
      "Squares are other runs, a little to the right of their intensity so that none hides another.");
  for (const OverlaidRun& run : runs) {
    if (run.other_device)
      model.notes.push_back(overlaid_text(run) + ": the roofs and the share of the copy are not of that GPU.");
  }
}

Result<Picture> instruction_picture(const Run& run, const PlotOptions& options) {
  RooflineModel model = instruction_roofline_model(run, options.passing);
  if (run.ranked().empty()) return nothing_worked();
  if (model.marks.empty())
    return bad_input(options.passing ? "nothing that passes the filter has counters of warp instructions and DRAM bytes"
                                     : "no configuration has counters of warp instructions and DRAM bytes: sweep with "
                                       "--counters all, or best");
  return Picture{
      [model = std::move(model), theme = options.theme](Canvas& canvas) { draw_roofline(canvas, model, theme); }};
}

Result<Picture> roofline_picture(const Run& run, const PlotOptions& options) {
  if (options.view == RooflineView::target) return target_roofline_picture(run, options);
  if (options.view == RooflineView::instructions) return instruction_picture(run, options);
  RooflineModel model = roofline_model(run, {.hierarchy = false, .units = options.units, .passing = options.passing});
  if (!says_bytes_and_operations(run.info))
    return bad_input(
        "the run says nothing of bytes and operations, which a roofline needs; a convergence plot can be drawn");
  if (model.marks.empty()) return nothing_worked();
  if (options.passing && no_evaluation(model)) return nothing_passes();
  if (options.units && unit_roofs_of(run).empty())
    return bad_input("--units", "", "the best has no counters of its units: sweep with --counters best");
  if (options.hierarchy) {
    const std::size_t without = model.marks.size();
    model = roofline_model(run, {.hierarchy = true, .units = options.units, .passing = options.passing});
    if (model.marks.size() == without)
      return bad_input("--hierarchy", "",
                       "the best has no counters of operations and bytes: sweep with --counters best");
  }
  overlay(options.overlaid, model);
  return Picture{
      [model = std::move(model), theme = options.theme](Canvas& canvas) { draw_roofline(canvas, model, theme); }};
}

Result<Picture> convergence_picture(const Run& run, const PlotOptions& options) {
  ConvergenceModel model = convergence_model(run, options.against);
  if (model.samples.empty()) return nothing_worked();
  if (options.against == Against::seconds && !(model.seconds > 0))
    return bad_input("the run does not tell when its evaluations ended; draw it against evaluations");
  return Picture{
      [model = std::move(model), theme = options.theme](Canvas& canvas) { draw_convergence(canvas, model, theme); }};
}

Result<Picture> effects_picture(const Run& run, const PlotOptions& options) {
  EffectsModel model = effects_model(run, options.passing);
  if (!(model.best_ms > 0)) return nothing_worked();
  if (options.passing && options.passing->empty()) return nothing_passes();
  if (model.parameters.empty())
    return bad_input(options.passing
                         ? "what passes the filter has the same parameters, so there are no effects to draw"
                         : "all configurations of the run have the same parameters, so there are no effects to draw");
  const double height = effects_figure_height(model, kWidth);
  return Picture{
      [model = std::move(model), theme = options.theme](Canvas& canvas) { draw_effects(canvas, model, theme); },
      height};
}

Result<Picture> samples_picture(const Run& run, const PlotOptions& options) {
  SamplesModel model = samples_model(run, options.selected);
  if (model.sets.empty()) return bad_input("no configuration that was to be drawn was timed, so there are no samples");
  const double height = samples_figure_height(model);
  return Picture{
      [model = std::move(model), theme = options.theme](Canvas& canvas) { draw_samples(canvas, model, theme); },
      height};
}

Result<Picture> rounds_picture(const Run& run, const PlotOptions& options) {
  RoundsModel model = rounds_model(run, options.selected);
  if (model.series.empty()) {
    return bad_input(run.info.finals.empty()
                         ? "the run has no finals, so there are no rounds to draw"
                         : "nothing that was to be drawn was in the finals, so there are no rounds");
  }
  const double height = rounds_figure_height(model);
  return Picture{
      [model = std::move(model), theme = options.theme](Canvas& canvas) { draw_rounds(canvas, model, theme); }, height};
}

Result<Picture> memory_picture(const Run& run, const PlotOptions& options) {
  FUSELINE_TRY(evaluation, plotted_evaluation(run, options.selected));
  MemoryModel model = memory_model(run.info, *evaluation);
  if (model.boxes.empty())
    return bad_input(fmt::format("configuration {} has no counters of bytes: sweep with --counters all, or best",
                                 evaluation->sequence));
  const double height = memory_figure_height(model, kWidth);
  return Picture{
      [model = std::move(model), theme = options.theme](Canvas& canvas) { draw_memory(canvas, model, theme); }, height};
}

Result<Picture> occupancy_picture(const Run& run, const PlotOptions& options) {
  FUSELINE_TRY(evaluation, plotted_evaluation(run, options.selected));
  OccupancyModel model = occupancy_model(run.info, *evaluation);
  if (model.panels.empty())
    return bad_input(fmt::format(
        "occupancy needs the limits of the device or the target, and registers and launch of configuration {}: the run "
        "does not have them",
        evaluation->sequence));
  const double height = occupancy_figure_height(model, kWidth);
  return Picture{
      [model = std::move(model), theme = options.theme](Canvas& canvas) { draw_occupancy(canvas, model, theme); },
      height};
}

Result<Picture> trend_picture(const Run& run, const PlotOptions& options) {
  TrendModel model = trend_model(run.info, options.trend);
  if (model.runs.empty())
    return bad_input(
        "a trend is of runs of the store: there is none of this problem, shape, element type and device that found a "
        "best");
  return Picture{
      [model = std::move(model), theme = options.theme](Canvas& canvas) { draw_trend(canvas, model, theme); }};
}

/// Options that belong to another kind.
Result<void> options_fit(const std::string& kind, const PlotOptions& options) {
  if (options.hierarchy && kind != "roofline") return bad_input("--hierarchy", "", "belongs to a roofline");
  if (options.units && kind != "roofline") return bad_input("--units", "", "belongs to a roofline");
  if (!options.overlaid.empty() && (kind != "roofline" || options.view != RooflineView::measured))
    return bad_input("--with", "", "belongs to a roofline as measured");
  if (options.view != RooflineView::measured && kind != "roofline")
    return bad_input("--view", "", "belongs to a roofline");
  for (const auto& [option, value] : {std::pair("--x", options.x), std::pair("--y", options.y)}) {
    if (!value.empty() && kind != "heatmap" && kind != "scatter")
      return bad_input(option, "", "belongs to a heatmap or a scatter plot");
  }
  if (!options.variant.empty() && !is_relations_kind(kind))
    return bad_input("--variant", "", "belongs to a heatmap, parallel, scatter or importance plot");
  if (!options.selected.empty() && kind != "samples" && kind != "rounds" && kind != "memory" && kind != "occupancy")
    return bad_input("--configuration", "", "belongs to samples, rounds, memory and occupancy");
  // A selection of the window is several too, and there the one selected last is meant.
  if (options.one_alone && options.selected.size() > 1 && (kind == "memory" || kind == "occupancy"))
    return bad_input(
        "--configuration", "",
        fmt::format("{} is drawn of one configuration, and {} were given: name one", kind, options.selected.size()));
  return {};
}

}  // namespace

Result<void> check_plot_file(const std::string& file) {
  FUSELINE_CHECK(canvas_for(file));
  return check_writable(file);
}

std::string plot_kind_for(const Run& run) { return says_bytes_and_operations(run.info) ? "roofline" : "convergence"; }

const std::vector<std::string>& plot_kinds() {
  static const std::vector<std::string> kinds = {"roofline", "instructions", "convergence", "effects", "samples",
                                                 "rounds",   "memory",       "occupancy",   "heatmap", "parallel",
                                                 "scatter",  "importance",   "trend"};
  return kinds;
}

namespace {

Result<Picture> picture_of(const Run& run, const std::string& kind, const PlotOptions& options) {
  FUSELINE_CHECK(options_fit(kind, options));
  if (is_relations_kind(kind)) {
    FUSELINE_TRY(picture, relations_picture(run, kind, options));
    return Picture{picture.draw, picture.height > 0 ? picture.height : kHeight};
  }
  if (!run.info.objective.is_time() && (kind == "convergence" || kind == "effects"))
    return bad_input(printable(
        fmt::format("the run is ranked {}: {} is drawn of times alone", objective_text(run.info.objective), kind)));
  const std::map<std::string, Result<Picture> (*)(const Run&, const PlotOptions&)> pictures = {
      {"roofline", roofline_picture},       {"convergence", convergence_picture},
      {"effects", effects_picture},         {"samples", samples_picture},
      {"rounds", rounds_picture},           {"memory", memory_picture},
      {"occupancy", occupancy_picture},     {"trend", trend_picture},
      {"instructions", instruction_picture}};
  const auto found = pictures.find(kind);
  if (found == pictures.end())
    return bad_input("--kind", "",
                     fmt::format("unknown kind of plot \"{}\"; there are {}", kind, fmt::join(plot_kinds(), ", ")));
  return found->second(run, options);
}

}  // namespace

Result<std::string> plot_text(const Run& run, const std::string& kind, const std::string& ending,
                              const PlotOptions& options) {
  FUSELINE_TRY(picture, picture_of(run, kind, options));
  return picture_text(picture, "plot" + ending);
}

Result<void> plot_to_file(const Run& run, const std::string& kind, const std::string& file,
                          const PlotOptions& options) {
  FUSELINE_CHECK(canvas_for(file));
  FUSELINE_TRY(picture, picture_of(run, kind, options));
  return write_picture(picture, file);
}

Result<void> comparison_to_file(const ComparisonModel& model, const std::string& file, Theme theme) {
  FUSELINE_CHECK(canvas_for(file));
  if (model.lines.empty()) return bad_input("there are no configurations to compare");
  return write_picture(
      {[&](Canvas& canvas) { draw_comparison(canvas, model, theme); }, comparison_figure_height(model, kWidth)}, file);
}

}  // namespace fuseline::tuner
