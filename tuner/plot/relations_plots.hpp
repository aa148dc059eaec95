// The plots that show how parameters go together: a heat map of two, parallel coordinates of all, one column against
// another, and what matters by itself and together.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tuner/plot/figure.hpp"
#include "tuner/plot/plots.hpp"
#include "tuner/run/figures.hpp"

namespace fuseline::tuner {

// What they are made from.

/// One configuration. What does not pass a filter is drawn faint, or left out; the plot says so.
struct RelationRow {
  const Evaluation* evaluation = nullptr;
  const Figures* figures = nullptr;
  bool passes = true;

  [[nodiscard]] bool ok() const { return evaluation->measurement.outcome == Outcome::ok && figures->time_ms > 0; }
};
struct Relations {
  const RunInfo* info = nullptr;
  std::vector<RelationRow> rows;      ///< In order of sequence.
  std::optional<std::uint64_t> best;  ///< Of the run, also where it does not pass.
};
/// The rows of a run with their figures, which it owns. The run outlives it.
class RunRelations {
 public:
  /// `passing`: sequences of what passes a filter; all where there is none.
  explicit RunRelations(const Run& run, const std::optional<std::vector<std::uint64_t>>& passing = std::nullopt);
  [[nodiscard]] const Relations& relations() const { return relations_; }

 private:
  std::vector<Figures> figures_;
  Relations relations_;
};

/// Every variant, where one is named.
inline constexpr std::string_view kAllVariants = "*";
/// What is drawn against what. Empty: what says most.
struct RelationChoice {
  std::string x, y;     ///< Parameters of a heat map ("variant" is one over all variants), columns of a scatter plot.
  std::string variant;  ///< Empty: the best's.
};
/// Parameters that have several values within a variant, as they first appear; over all variants "variant" before them.
[[nodiscard]] std::vector<std::string> varied_parameters(const Relations& relations, std::string_view variant);
/// Columns that are a number in some row, by the id that a filter names them by; parameters by their own name.
[[nodiscard]] std::vector<std::string> numeric_columns(const Relations& relations);

/// On an axis, of what has no value there.
inline constexpr std::string_view kNoValue = "\u2013";
inline constexpr std::uint32_t kNoLevel = std::numeric_limits<std::uint32_t>::max();
/// A parameter's values: numbers ascending, others as they first appear.
struct LevelTable {
  std::string name;
  std::vector<std::string> values;
  bool numeric = false;
  [[nodiscard]] std::uint32_t level_of(const Configuration& configuration) const;  ///< kNoLevel: it has none of them.
};

/// Colours of times: the best has the warm end, what loses `end` (a share: 0.2 is 20 %) or more the cold one.
struct TimeScale {
  double best_ms = 0, end = 0.1;
};

// The models. Errors name what there is in place of an unknown name; a run that is ranked by something else than time
// has none of them but the scatter plot.

/// The configurations that have one value of each of the two parameters.
struct HeatCell {
  std::size_t configurations = 0, ok = 0;  ///< That pass.
  std::size_t left_out = 0;                ///< That do not pass.
  double best_ms = 0;                      ///< Of the first in rank; 0 where none worked.
  std::uint64_t best_sequence = 0;
  double faint_ms = 0;   ///< Of the first in rank that does not pass; 0 where none of these worked.
  bool of_best = false;  ///< The run's best is in it, and passes.
};
struct HeatmapModel {
  std::string title, subtitle, variant;
  LevelTable x, y;
  std::vector<HeatCell> cells;  ///< Row by row: of y's first value those of all of x's.
  TimeScale scale;
  std::vector<std::string> notes;

  [[nodiscard]] const HeatCell& at(std::size_t column, std::size_t row) const {
    return cells[row * x.values.size() + column];
  }
};
/// Without names the two parameters that explain most of the variance within the best's variant, by themselves and
/// together (variance_shares()); where that cannot be told, those that explain most each. Of a parameter with more than
/// 48 values those with the best times are kept.
[[nodiscard]] Result<HeatmapModel> heatmap_model(const Relations& relations, const RelationChoice& choice);

/// A line of parallel coordinates.
struct ParallelLine {
  std::uint64_t sequence = 0;
  double time_ms = 0;  ///< 0 where it failed.
  bool faint = false;  ///< It failed, or does not pass.
};
/// Places of the last axis, that of time, beyond its first.
inline constexpr std::uint32_t kParallelTimePlaces = 1023;
/// All lines that go from one place of an axis to one place of the next. Drawing them in their order paints what
/// drawing every line in its order would.
struct ParallelSegment {
  std::uint32_t axis = 0, from = 0,
                to = 0;    ///< From `axis` to the next; places, of the last axis in 1/kParallelTimePlaces of it.
  std::uint32_t line = 0;  ///< The one on top.
};
struct ParallelModel {
  std::string title, subtitle, variant;
  std::vector<LevelTable> axes;       ///< Of the parameters; that of time follows.
  std::vector<ParallelLine> lines;    ///< Faint ones first, then the slowest, the best last.
  std::vector<std::uint32_t> levels;  ///< Of every line, one of each parameter.
  std::vector<ParallelSegment> segments;
  Axis time;  ///< Its range alone.
  TimeScale scale;
  std::optional<std::uint32_t> best;  ///< Its line, where it passes.
  std::size_t failed = 0, left_out = 0;
  std::vector<std::string> notes;

  [[nodiscard]] std::span<const std::uint32_t> levels_of(std::size_t line) const {
    return std::span(levels).subspan(line * axes.size(), axes.size());
  }
  [[nodiscard]] std::optional<std::uint32_t> line_of(std::uint64_t sequence) const;
};
[[nodiscard]] Result<ParallelModel> parallel_model(const Relations& relations, const RelationChoice& choice);

struct ScatterMark {
  double x = 0, y = 0;
  std::uint64_t sequence = 0;
  bool best = false, tied = false, passes = true;
};
struct ScatterAxis {
  std::string column;  ///< By the id that a filter names it by.
  std::string name;    ///< With its unit.
  std::string title;   ///< And whether it is logarithmic.
  double low = 0, high = 1;
  Scale scale = Scale::linear;
};
struct ScatterModel {
  std::string title, subtitle;
  ScatterAxis x, y;
  std::vector<ScatterMark> marks;  ///< In order of sequence.
  std::size_t without = 0;         ///< Rows that one of the columns says nothing of.
  Provenance provenance = Provenance::measured;
  std::vector<std::string> notes;
};
/// Without names time against occupancy, or against the first parameter that is a number. `choice.variant` empty: all.
[[nodiscard]] Result<ScatterModel> scatter_model(const Relations& relations, const RelationChoice& choice);

struct ImportanceItem {
  std::string first, second;  ///< `second` is empty of a parameter by itself.
  double share = 0;           ///< Of the variance of the logarithm of time.
};
struct ImportanceModel {
  std::string title, subtitle, variant;
  std::vector<ImportanceItem> items;  ///< The largest share first.
  double rest = 0;                    ///< Of three and more together.
  double held_out_r2 = 0;
  std::size_t rows = 0;
  std::string why_not;  ///< Why nothing is told; else empty.
  std::vector<std::string> notes;
};
/// By variance_shares() of the logarithm of time, of what worked within one variant and passes.
[[nodiscard]] Result<ImportanceModel> importance_model(const Relations& relations, const RelationChoice& choice);

// Panels in an area of a canvas, and where things are in them: for a pointer.

/// Values of y go up.
struct HeatmapPlaces {
  Rect grid;
  double cell_width = 0, cell_height = 0;
  [[nodiscard]] Rect cell(std::size_t column, std::size_t row) const {
    return {grid.x + static_cast<double>(column) * cell_width,
            grid.y + grid.height - static_cast<double>(row + 1) * cell_height, cell_width, cell_height};
  }
};
[[nodiscard]] HeatmapPlaces draw_heatmap_panel(Canvas& canvas, const Style& style, const HeatmapModel& model,
                                               const Rect& area);

struct ParallelPlaces {
  std::vector<double> x;  ///< Of the axes, that of time last.
  Axis time;              ///< With its pixels.
  double top = 0, bottom = 0;

  [[nodiscard]] double level_y(const LevelTable& axis, std::uint32_t level) const;
  /// Levels of a parameter between two pixels; empty where there is none.
  [[nodiscard]] std::vector<std::uint32_t> levels_between(const LevelTable& axis, double from, double to) const;
};
/// The axes with their labels once more, over what was drawn on the panel since.
void draw_parallel_axes(Canvas& canvas, const Style& style, const ParallelModel& model, const ParallelPlaces& places);
[[nodiscard]] ParallelPlaces draw_parallel_panel(Canvas& canvas, const Style& style, const ParallelModel& model,
                                                 const Rect& area);
/// One line, as it stands out.
void draw_parallel_line(Canvas& canvas, const ParallelModel& model, const ParallelPlaces& places, std::uint32_t line,
                        const Stroke& stroke);
/// The topmost line within `reach` pixels of `at` that is not faint.
[[nodiscard]] std::optional<std::uint32_t> parallel_hit(const ParallelModel& model, const ParallelPlaces& places,
                                                        Vec2 at, double reach);

struct ScatterPlaces {
  Panel panel;
  std::vector<std::uint32_t> drawn;  ///< Marks of the model that are not under another.
  [[nodiscard]] Vec2 at(const ScatterMark& mark) const { return {panel.x.pixel(mark.x), panel.y.pixel(mark.y)}; }
};
[[nodiscard]] ScatterPlaces draw_scatter_panel(Canvas& canvas, const Style& style, const ScatterModel& model,
                                               const Rect& area);
[[nodiscard]] std::optional<std::uint32_t> scatter_hit(const ScatterModel& model, const ScatterPlaces& places, Vec2 at,
                                                       double reach);

struct PlacedImportance {
  Rect box;
  const ImportanceItem* item = nullptr;
};
[[nodiscard]] std::vector<PlacedImportance> draw_importance_panel(Canvas& canvas, const Style& style,
                                                                  const ImportanceModel& model, const Rect& area);
[[nodiscard]] double importance_height(const ImportanceModel& model);

/// The colour of a time on a scale.
[[nodiscard]] Colour time_colour(const Style& style, const TimeScale& scale, double ms);

// Whole figures, as files have them.

void draw_heatmap(Canvas& canvas, const HeatmapModel& model, Theme theme);
void draw_parallel(Canvas& canvas, const ParallelModel& model, Theme theme);
void draw_scatter(Canvas& canvas, const ScatterModel& model, Theme theme);
void draw_importance(Canvas& canvas, const ImportanceModel& model, Theme theme);
[[nodiscard]] double heatmap_figure_height(const HeatmapModel& model);
[[nodiscard]] double importance_figure_height(const ImportanceModel& model);

/// What is drawn of a run, and how high that is (0: as high as other plots).
struct RelationsPicture {
  std::function<void(Canvas&)> draw;
  double height = 0;
};
[[nodiscard]] bool is_relations_kind(const std::string& kind);
/// Errors: those of the model; nothing to draw.
[[nodiscard]] Result<RelationsPicture> relations_picture(const Run& run, const std::string& kind,
                                                         const PlotOptions& options);

}  // namespace fuseline::tuner
