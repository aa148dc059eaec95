// The run on show, live or from the store, as rows that grow: what table, roofline and the other panels are drawn from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tuner/run/columns.hpp"
#include "tuner/run/neighbours.hpp"
#include "tuner/run/projected.hpp"
#include "tuner/run/steadiness.hpp"
#include "tuner/session/session.hpp"

namespace fuseline::app::gui {

/// One evaluation with its figures. Its rank is known once the run has ended.
struct Row : tuner::Figures {
  std::shared_ptr<const tuner::Evaluation> evaluation;
  const tuner::RunInfo* info = nullptr;  ///< Of the run on show; GUI thread alone.
  float against_baseline = 0;            ///< Its time over that of the baseline; 0 without one.
  bool baseline_paired = false;          ///< In rounds of the finals that both were in.
  bool baseline = false;                 ///< It is the baseline itself.

  [[nodiscard]] bool ok() const { return evaluation->measurement.outcome == tuner::Outcome::ok && time_ms > 0; }
};

/// What figures are compared with: a configuration of any run.
struct Baseline {
  std::string name;  ///< "run 7 #120"
  std::shared_ptr<const tuner::RunInfo> info;
  std::shared_ptr<const tuner::Evaluation> evaluation;
};

class RunData {
 public:
  /// Shows a run of the store or of a file. It stays what it is.
  void show(const std::shared_ptr<const tuner::Run>& run);
  /// Follows a session; a snapshot of the same run adds rows, one of another run starts afresh.
  void follow(const tuner::Snapshot& snapshot);
  void clear();
  /// Puts an evaluation in the place of the one with its sequence; nothing where there is none.
  void replace(const std::shared_ptr<const tuner::Evaluation>& evaluation);
  /// Has what is on show projected on another target, also as it grows; another run has its own again.
  void set_target(const tuner::Target& target);
  /// What a row may be expected to take there. Empty without a target, for a row that did not work, and where too
  /// little is known of it.
  [[nodiscard]] std::optional<tuner::Projection> projection_of(const Row& row) const;

  void set_baseline(std::optional<Baseline> baseline);
  [[nodiscard]] const std::optional<Baseline>& baseline() const { return baseline_; }
  /// Of a row's time; empty without a baseline, where it is the baseline itself, and where either was not timed.
  [[nodiscard]] std::optional<tuner::TimeRatio> against_baseline(const Row& row) const;
  [[nodiscard]] bool is_baseline(const Row& row) const;

  [[nodiscard]] bool empty() const { return !shown_; }
  [[nodiscard]] const tuner::RunInfo& info() const { return info_; }
  [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }
  [[nodiscard]] const Row* by_sequence(std::uint64_t sequence) const;
  [[nodiscard]] std::optional<std::uint64_t> best() const { return best_; }  ///< Its sequence.
  [[nodiscard]] const Row* best_row() const { return best_ ? by_sequence(*best_) : nullptr; }
  [[nodiscard]] const Row* newest() const { return rows_.empty() ? nullptr : &rows_.back(); }
  /// What to know before the times are believed, as of the latest snapshot.
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }
  /// What the clocks did, in a line: at the newest outcome where `live`, else over the whole run.
  struct ClockLine {
    std::string text;        ///< Empty where the device does not tell.
    bool held_back = false;  ///< They moved, as power, heat or a brake held them.
  };
  [[nodiscard]] ClockLine clocks(bool live) const;
  [[nodiscard]] const std::optional<tuner::PlaceEffect>& place_effect() const { return place_effect_; }
  [[nodiscard]] bool replayed() const { return info_.backend == tuner::Backend::replay; }

  /// Changes with anything.
  [[nodiscard]] std::uint64_t revision() const { return revision_; }
  /// Changes where rows that were there changed (another run, finals, a new copy bandwidth): what was derived from rows
  /// is to be made afresh.
  [[nodiscard]] std::uint64_t rebuilt() const { return rebuilt_; }

  /// Everything as one run, for exports and plots: copies every evaluation.
  [[nodiscard]] tuner::Run run() const;
  /// What run() copies from, cheap to take along to another thread.
  struct Frozen {
    tuner::RunInfo info;
    std::vector<std::shared_ptr<const tuner::Evaluation>> evaluations;
    [[nodiscard]] tuner::Run run() const;
  };
  [[nodiscard]] Frozen freeze() const;

 private:
  void rebuild();
  void add(std::shared_ptr<const tuner::Evaluation> evaluation);
  void work_out(Row& row, std::optional<std::size_t> place) const;
  [[nodiscard]] bool baseline_is_here() const;
  [[nodiscard]] tuner::MeasuredIn baseline_measured() const;
  void rank();
  void judge();

  bool shown_ = false;
  bool ended_ = false;  ///< No rows come any more.
  tuner::RunInfo info_;
  std::optional<Baseline> baseline_;
  std::optional<tuner::Target> other_target_;  ///< Chosen since the run was shown.
  std::vector<Row> rows_;
  std::optional<std::uint64_t> best_;
  std::vector<std::string> warnings_;
  std::optional<tuner::PlaceEffect> place_effect_;
  std::uint64_t revision_ = 0, rebuilt_ = 0;
};

/// Says of a run that was read from a file that it was measured at another time, and where it is from.
void be_of_file(tuner::RunInfo& info, const std::filesystem::path& file);
/// "+3.2 %"; "\u2248 +3.2 %" where the two were not timed in the same rounds.
[[nodiscard]] std::string against_text(double ratio, bool paired);
/// "+3.2 % (+2.9 % to +3.5 %), paired"
[[nodiscard]] std::string against_text(const tuner::TimeRatio& ratio);

/// What a run is of, in a line: "softmax_bias  \u00b7  f16, N=32 (shape today)  \u00b7  H200  \u00b7  2025-11-20".
[[nodiscard]] std::string run_title(const tuner::RunInfo& info);

}  // namespace fuseline::app::gui
