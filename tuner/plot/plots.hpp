// The plots of a run, drawn on any canvas: roofline and convergence here, those that explain it in why_plots.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tuner/plot/canvas.hpp"
#include "tuner/run/run.hpp"
#include "tuner/store/store.hpp"

namespace fuseline::tuner {

struct Style;

enum class Theme { light, dark };

/// How a point came about; each has its own mark. Given: a reading of a kernel from outside.
enum class Provenance { measured, replayed, projected, given };
[[nodiscard]] std::string_view to_string(Provenance provenance);

/// Bandwidth of a roof that is a plateau alone: higher than any intensity in view can show.
inline constexpr double kNoSlope = 1e15;

/// One roof: a bandwidth slope and a compute plateau.
struct Roof {
  std::string label;          ///< "H200 copy 4.2 TB/s (measured)"
  std::string compute_label;  ///< Of the plateau: "H200 FP32 60.1 TFLOP/s (measured)"; empty where another roof has the
                              ///< same one.
  double bandwidth_gbps = 0;
  double compute_gflops = 0;  ///< 0: not known, the slope goes on.
  bool measured = false;      ///< Drawn solid; data-sheet and target roofs are dashed.
  bool target = false;
  std::size_t target_number = 0;  ///< 0: the run's target; from 1: those drawn beside it, each in a colour of its own.
};
struct RooflineMark {
  double intensity = 0, gflops = 0;
  /// Share of the copy bandwidth, 1 being the copy itself; 0 where it is not known or has no meaning.
  double of_copy = 0;
  /// The same at the ends of a projection's interval; 0 where there is none.
  double of_copy_low = 0, of_copy_high = 0;
  std::string label;    ///< Tooltip.
  std::string series;   ///< Coloured by it (the variant).
  std::string callout;  ///< Written beside the mark: of the best and of a projection.
  bool best = false, tied = false;
  Provenance provenance = Provenance::measured;
  bool evaluated = true;          ///< One of the run's evaluations; else it belongs to the frame, and to no series.
  std::size_t target_number = 0;  ///< Of a projection: Roof::target_number.
};

/// Another run in the same chart.
struct OverlaidRun {
  std::string name;           ///< "run 7"
  std::string differs;        ///< What is not as in the run on show: "f16, on NVIDIA A100"; empty: nothing.
  bool other_device = false;  ///< Measured on another GPU: the roofs are not its own.
  Provenance provenance = Provenance::measured;
  double intensity = 0;        ///< Operations a compulsory byte; 0 where it says nothing of them: nothing is drawn.
  std::vector<double> gflops;  ///< Of its configurations.
  double best_gflops = 0;
  std::string best;  ///< "#120, 0.5188 ms"
};
/// `gflops` of what worked; `best` of the same run. `shown`: the run whose chart it is.
[[nodiscard]] OverlaidRun overlaid_run(const RunInfo& info, const Evaluation& best, std::vector<double> gflops,
                                       const std::string& name, const RunInfo& shown);
/// Of a run that is loaded. Error: nothing in it worked, or it says nothing of bytes and operations.
[[nodiscard]] Result<OverlaidRun> overlaid_run(const Run& run, const std::string& name, const RunInfo& shown);
/// "run 7 (replayed), f16, on NVIDIA A100, another GPU": for a legend.
[[nodiscard]] std::string overlaid_text(const OverlaidRun& run);

/// As the configurations were measured, or as they may be expected on the target; or with warp instructions in place of
/// operations and 32-byte transactions in place of bytes.
enum class RooflineView { measured, target, instructions };

struct RooflineModel {
  RooflineView view = RooflineView::measured;
  std::string title, subtitle;
  std::vector<Roof> roofs;
  std::vector<RooflineMark> marks;  ///< The best last, so that it is drawn on top; then projections.
  double copy_gbps = 0;             ///< What `of_copy` refers to; 0 where not known.
  std::string copy_name = "copy";   ///< Of whom.
  std::vector<std::string> notes;   ///< Printed below: what was measured, replayed, projected.
  std::vector<OverlaidRun> overlaid = {};
};
/// What a roofline shows beside roofs, marks and the projection of the best.
struct RooflineParts {
  /// Also the best by its hardware counters: executed operations over the bytes that DRAM, L2 and L1 moved. Nothing
  /// where they were not read.
  bool hierarchy = false;
  /// Also where issue slots, special functions and shared memory would end what the best does: its performance over how
  /// busy each of them was. Nothing of a unit that was not read, or is hardly used.
  bool units = false;
  /// Sequences whose marks are drawn, as a filter of the window lets them pass; all where empty.
  std::optional<std::vector<std::uint64_t>> passing = {};
};
/// Roofs of the device (copy, L2 and FP32 measured, DRAM from the data sheet) and of the target (data sheet), every ok
/// evaluation at the compulsory intensity, and the target's projection of the best. No marks where bytes or operations
/// are not known.
[[nodiscard]] RooflineModel roofline_model(const Run& run, const RooflineParts& parts = {});
/// The same as on the run's target: its roofs, every configuration's projection with its interval, the one that comes
/// first there and what cannot be told apart from it. Nothing of it was measured, and each part says so. No marks where
/// the run has no target, or nothing can be projected. With them the readings of `given` kernels that are of the target
/// and of the run's element type.
[[nodiscard]] RooflineModel target_roofline_model(const Run& run, const std::vector<GivenReading>& given,
                                                  const std::optional<std::vector<std::uint64_t>>& passing = {});
/// The instruction roofline: every ok evaluation whose warp instructions and DRAM bytes were counted, in warp
/// instructions a second (GIPS) over those a transaction of DRAM; the best also by L2 and L1. Roofs: the same rates of
/// memory, and what the SMs' schedulers issue. No marks where nothing was counted.
[[nodiscard]] RooflineModel instruction_roofline_model(const Run& run,
                                                       const std::optional<std::vector<std::uint64_t>>& passing = {});
/// What the units of the SMs allow the best, as roofs without a slope.
[[nodiscard]] std::vector<Roof> unit_roofs(const RunInfo& info, const Evaluation& best, double time_ms);
/// "12 of 80 that worked pass the filter and are drawn."; empty where there is no filter.
[[nodiscard]] std::string filtered_text(const Run& run, const std::optional<std::vector<std::uint64_t>>& passing);
/// A reading of the target, as a mark: its DRAM throughput, as though all of that traffic were compulsory.
[[nodiscard]] std::vector<RooflineMark> given_marks(const RunInfo& info, const std::vector<GivenReading>& given);

/// What convergence is drawn against.
enum class Against { evaluations, seconds };

/// One evaluation on the way. Evaluations count from 1 and include those that failed.
struct ConvergencePoint {
  double evaluations = 0, seconds = 0, best_ms = 0;
  std::uint64_t sequence = 0;  ///< Of the evaluation: what everything else calls it by.
};
struct ConvergenceModel {
  std::string title, subtitle;
  std::vector<ConvergencePoint> best;     ///< Steps of best-so-far.
  std::vector<ConvergencePoint> samples;  ///< Every ok evaluation.
  std::vector<ConvergencePoint>
      expected_random;             ///< Expected best of random search without replacement over the run's own times.
  std::optional<double> floor_ms;  ///< Compulsory bytes at copy bandwidth.
  double evaluations = 0;          ///< In all, failures included.
  double seconds = 0;              ///< When the last evaluation ended; 0 where the run does not tell.
  Against against = Against::evaluations;
  Provenance provenance = Provenance::measured;
  std::vector<std::string> notes;  ///< Printed below.
};
/// Expected random search takes for each evaluation the mean time of this run's.
[[nodiscard]] ConvergenceModel convergence_model(const Run& run, Against against = Against::evaluations);
/// The same of `count` evaluations, for a run that is held in another way; without the subtitle.
[[nodiscard]] ConvergenceModel convergence_model(const RunInfo& info, std::size_t count,
                                                 const std::function<const Evaluation&(std::size_t)>& at,
                                                 Against against = Against::evaluations);

void draw_roofline(Canvas& canvas, const RooflineModel& model, Theme theme);
/// More configurations than a few thousand are drawn by density: a cell each few pixels, the stronger the more it
/// holds.
void draw_convergence(Canvas& canvas, const ConvergenceModel& model, Theme theme);

/// The best of the runs of one problem, shape, element type and device as they went.
struct TrendModel {
  std::string title, subtitle;
  std::vector<RunSummary> runs;  ///< Oldest first; those with a best.
  std::int64_t shown = 0;        ///< The run on show, ringed; 0: none.
  std::vector<std::string> notes;
};
/// `runs` in any order; what they are of is said by `info`, whose run is marked.
[[nodiscard]] TrendModel trend_model(const RunInfo& info, std::vector<RunSummary> runs);
/// A panel of it, as high as `area`.
void draw_trend_panel(Canvas& canvas, const Style& style, const TrendModel& model, const Rect& area);
void draw_trend(Canvas& canvas, const TrendModel& model, Theme theme);

/// Error: `file` ends neither in .svg nor .png, or could not be written.
[[nodiscard]] Result<void> check_plot_file(const std::string& file);
struct PlotOptions {
  Theme theme = Theme::light;
  Against against = Against::evaluations;  ///< Of convergence alone.
  bool hierarchy = false, units = false;   ///< Of a roofline alone; see roofline_model().
  RooflineView view = RooflineView::measured;
  std::vector<std::uint64_t> selected =
      {};  ///< Of samples and rounds the evaluations that are drawn; empty: those that the run puts first. Of memory
           ///< and occupancy the last of them; empty: the best.
  bool one_alone = false;  ///< Several `selected` of a plot of one are an error, not a selection whose last is meant.
  /// Of the plots of relations (relations_plots.hpp): what is drawn against what, within which variant, and the
  /// sequences of what passes a filter (of rooflines and effects too); see RelationChoice.
  std::string x = {}, y = {}, variant = {};
  std::optional<std::vector<std::uint64_t>> passing = {};
  std::vector<RunSummary> trend = {};      ///< Of a trend alone: the runs of the store like this one.
  std::vector<OverlaidRun> overlaid = {};  ///< Of a roofline as measured alone.
};
/// "roofline", "convergence", "effects" (of each parameter), "samples" (every timed run of some configurations),
/// "rounds" (the finals as they went), "memory" (what each level moved for one), "occupancy" (of one, if its needs were
/// others), "heatmap" (of two parameters), "parallel" (all parameters and time), "scatter" (a column against another),
/// "importance" (of parameters and of pairs), "trend"
/// (the best of the runs like this one, by date).
[[nodiscard]] const std::vector<std::string>& plot_kinds();
/// The kind that says most of a run: a roofline, or where the run says nothing of bytes and operations (a recording by
/// another tool) how the search went.
[[nodiscard]] std::string plot_kind_for(const Run& run);
/// Draws one plot of `run` into the file format that the name ends with (.svg or .png). `kind`: one of plot_kinds().
/// Errors: other ending or kind, nothing to draw, no times of evaluations to draw against, `hierarchy` without counters
/// or of another kind or view, options or names of another kind, no projections for the view of the target, no
/// evaluation of the sequence selected, no counters or launch of it, `selected` of another kind, cannot be written.
[[nodiscard]] Result<void> plot_to_file(const Run& run, const std::string& kind, const std::string& file,
                                        const PlotOptions& options = {});

}  // namespace fuseline::tuner
