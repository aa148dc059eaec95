// The roofline of the run on show: roofs, marks that grow with the run, what they are coloured by, and the part that is
// in view.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/gui/models/run_data.hpp"
#include "tuner/plot/roofline_plot.hpp"
#include "tuner/problem/problem.hpp"
#include "tuner/run/projected.hpp"

namespace fuseline::app::gui {

/// One evaluation at one level of the memory hierarchy.
struct SceneMark {
  double intensity = 0, gflops = 0;
  double log_intensity = 0,
         log_gflops = 0;  ///< Natural: a logarithm for each of 100,000 marks would cost more than the rest of a frame.
  std::uint32_t row = 0;  ///< In data.rows().
  std::uint16_t colour = 0;                  ///< Position in legend(), or 0..255 on the ramp.
  bool best = false, tied = false;           ///< On the target: first there, and what cannot be told apart from it.
  double of_copy = 0;                        ///< Share of a copy's bandwidth: of the device's, or of the target's.
  double of_copy_low = 0, of_copy_high = 0;  ///< Where it is projected: the interval.
  std::uint32_t place = 0;                   ///< By projected time, from 1; where it is projected.
};

/// Bytes by which intensity is counted. By compulsory bytes operations are the definition's, by the others those that
/// the kernel executed (tuner/run/figures.hpp).
enum class Level { compulsory, dram, l2, l1 };
[[nodiscard]] std::string_view to_string(Level level);

/// What marks may be coloured by: "variant", "param:block", "counter:NAME", "occupancy", "registers".
struct ColourChoice {
  std::string id, title;
};

struct LegendItem {
  std::string text;
  std::uint16_t colour = 0;
};

inline constexpr std::array kRooflineViews = {tuner::RooflineView::measured, tuner::RooflineView::target,
                                              tuner::RooflineView::instructions};
/// "measured", "target" or "instructions", as actions and files have it.
[[nodiscard]] std::string view_name(tuner::RooflineView view);
[[nodiscard]] std::optional<tuner::RooflineView> view_named(const std::string& name);

class ResultsModel;

class RooflineScene {
 public:
  /// Brings roofs and marks up to date. `given` are readings of kernels from outside for this problem. What is not in
  /// the table (`results`) has no mark.
  bool update(const RunData& data, const std::vector<tuner::GivenReading>& given,
              const ResultsModel* results = nullptr);
  /// Whether update() would do no more than to take in rows that have come: that can wait for a moment.
  [[nodiscard]] bool only_grows(const RunData& data, const ResultsModel& results) const;

  void colour_by(const std::string& id);
  [[nodiscard]] const std::string& coloured_by() const { return colour_by_; }
  [[nodiscard]] const std::vector<ColourChoice>& choices() const { return choices_; }
  void set_level(Level level);
  /// As measured, as projected on the run's target, or by warp instructions. Where the run on show does not have what
  /// was chosen, view() is another until one does.
  void set_view(tuner::RooflineView view);
  [[nodiscard]] tuner::RooflineView chosen_view() const { return chosen_view_; }
  [[nodiscard]] bool has(tuner::RooflineView view) const { return views_[static_cast<std::size_t>(view)]; }
  /// Targets whose roofs and projections are drawn beside those of the run's own.
  void set_also(std::vector<tuner::Target> targets);
  [[nodiscard]] tuner::RooflineView view() const { return view_; }
  /// Marks of other measurements, drawn beside the run's own as they were measured.
  void set_beside(std::vector<tuner::RooflineMark> marks);
  /// Pinned runs over the chart as measured, where intensity is by compulsory bytes.
  void set_overlaid(std::vector<tuner::OverlaidRun> runs);
  [[nodiscard]] bool on_target() const { return view_ == tuner::RooflineView::target; }
  [[nodiscard]] bool by_instructions() const { return view_ == tuner::RooflineView::instructions; }
  [[nodiscard]] bool as_measured() const { return view_ == tuner::RooflineView::measured; }
  /// Where a mark is, in words: for its tooltip. Empty where the figures that every tooltip has say it.
  [[nodiscard]] std::string point_text(const RunData& data, const Row& row) const;
  /// The roofs of the SMs' units for what the best executes, where its counters tell.
  void set_units(bool shown);
  [[nodiscard]] bool units() const { return units_; }
  [[nodiscard]] bool has_units() const { return has_units_; }
  /// Beside the best mark.
  [[nodiscard]] const std::string& callout() const { return callout_; }
  [[nodiscard]] Level level() const { return level_; }
  /// False where no evaluation has the counters that this level needs: its bytes, and the operations executed.
  [[nodiscard]] bool has(Level level) const { return available_[static_cast<std::size_t>(level)]; }

  /// Names of the targets whose roofs the frame has, by their number; the first empty where the run has none.
  [[nodiscard]] const std::vector<std::string>& targets() const { return targets_; }
  /// Roofs, notes, the projection and reference marks; no evaluated marks.
  [[nodiscard]] const tuner::RooflineModel& frame() const { return frame_; }
  [[nodiscard]] const std::vector<SceneMark>& marks() const { return marks_; }
  /// Entries where colours are by category; empty where they lie on a ramp.
  [[nodiscard]] const std::vector<LegendItem>& legend() const { return legend_; }
  [[nodiscard]] bool on_ramp() const { return on_ramp_; }
  [[nodiscard]] std::pair<double, double> ramp_range() const { return ramp_; }
  /// Everything, as the file's plot has it.
  [[nodiscard]] const tuner::RooflineRanges& fitted() const { return fitted_; }
  /// Round the marks, with the roofs over them: all share one intensity, so that the whole leaves most of it empty.
  [[nodiscard]] const tuner::RooflineRanges& fitted_to_marks() const { return fitted_to_marks_; }
  [[nodiscard]] std::uint64_t revision() const { return scene_revision_; }

 private:
  void find_choices(const RunData& data);
  void find_views(const RunData& data);
  void find_colours(const RunData& data);
  void add_marks(const RunData& data, const ResultsModel* results);
  void add_projected_marks(const RunData& data, const ResultsModel* results);
  void make_frame(const RunData& data, const std::vector<tuner::GivenReading>& given);
  void fit();
  [[nodiscard]] SceneMark mark_at(const RunData& data, const Row& row, double intensity, double gflops) const;
  [[nodiscard]] std::optional<SceneMark> mark_of(const RunData& data, const Row& row) const;
  [[nodiscard]] std::uint16_t colour_of(const Row& row) const;

  tuner::RooflineModel frame_;
  std::vector<tuner::RooflineMark> beside_;
  std::vector<tuner::OverlaidRun> overlaid_;
  std::vector<SceneMark> marks_;
  std::string colour_by_ = "variant";
  Level level_ = Level::compulsory;
  tuner::RooflineView view_ = tuner::RooflineView::measured, chosen_view_ = tuner::RooflineView::measured;
  std::array<bool, 3> views_{true, false, false};
  bool units_ = false, has_units_ = false;
  tuner::TargetRanking there_;  ///< Of the data's revision `ranked_`: a colour does not change it.
  std::uint64_t ranked_ = ~std::uint64_t{0};
  std::string callout_;
  std::array<bool, 4> available_{true, false, false, false};
  std::vector<ColourChoice> choices_;
  std::vector<LegendItem> legend_;
  bool on_ramp_ = false;
  std::pair<double, double> ramp_{0, 1};
  tuner::RooflineRanges fitted_, fitted_to_marks_;
  std::size_t seen_ = 0;
  std::uint64_t revision_ = 0, rebuilt_ = ~std::uint64_t{0}, filtered_ = 0, scene_revision_ = 0;
  std::string best_key_;
  std::vector<tuner::Target> also_;
  std::vector<std::string> targets_;
  bool stale_ = true;
};

/// The part of a log-log plot that is in view.
class PlotView {
 public:
  /// Follows `fitted` until the user zooms or pans.
  void follow(const tuner::RooflineRanges& fitted);
  [[nodiscard]] const tuner::RooflineRanges& ranges() const { return ranges_; }
  [[nodiscard]] bool is_fitted() const { return !moved_; }
  void fit() { moved_ = false; }
  void show(const tuner::RooflineRanges& ranges);
  /// By `factor` (above 1: closer) about a point, which stays where it is. Bounded to what a double can show.
  void zoom(double intensity, double gflops, double factor_x, double factor_y);
  /// By shares of the width and height in view.
  void pan(double dx, double dy);

 private:
  tuner::RooflineRanges ranges_{{1e-2, 1e3}, {1, 1e6}};
  bool moved_ = false;
};

}  // namespace fuseline::app::gui
