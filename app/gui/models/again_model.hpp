// Configurations that are compiled and measured again after their kernel was edited: what they took before, and after.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/gui/models/run_data.hpp"
#include "tuner/plot/plots.hpp"
#include "tuner/session/session.hpp"

namespace fuseline::app::gui {

/// Configurations that are measured again where none is selected, and at most.
inline constexpr std::size_t kAgainBest = 3, kAgainMost = 8;

/// One configuration, before and after.
struct AgainEntry {
  std::uint64_t sequence = 0;  ///< Of the run on show at the time.
  tuner::Configuration configuration;
  tuner::Measurement before;
  std::optional<tuner::Measurement> after;  ///< Empty: not there yet, or not done.
  std::string failure;                      ///< Why there is none.
};
enum class AgainVerdict { waiting, faster, slower, cannot_tell, failed };
[[nodiscard]] std::string_view to_string(AgainVerdict verdict);
/// After over before: of the medians of the two sweeps, which were measured apart and are not paired. The interval is
/// that of both medians' 95 % intervals, so that it errs to the wide side.
struct AgainRatio {
  double ratio = 0;  ///< 0 where one of the two was not timed.
  tuner::Interval interval;
};
[[nodiscard]] AgainRatio again_ratio(const AgainEntry& entry);
[[nodiscard]] AgainVerdict again_verdict(const AgainEntry& entry);
/// "0.520 -> 0.480 ms: 0.923 (0.915 to 0.931), faster"
[[nodiscard]] std::string again_text(const AgainEntry& entry);
/// The request that measures one configuration of a run again; device, target and workers as `how` says.
[[nodiscard]] tuner::SweepRequest again_request(const tuner::RunInfo& info, const tuner::Configuration& configuration,
                                                const tuner::SweepRequest& how);
/// What came after as marks of a roofline by compulsory bytes.
[[nodiscard]] std::vector<tuner::RooflineMark> again_marks(const tuner::RunInfo& info,
                                                           const std::vector<AgainEntry>& entries);

class AgainModel {
 public:
  /// These rows of `data` are to be measured again, the first kAgainMost of them.
  void begin(const RunData& data, const std::vector<const Row*>& rows);
  /// The request of the next one; nothing where all are done, or one is on its way.
  [[nodiscard]] std::optional<tuner::SweepRequest> next(const tuner::SweepRequest& how);
  /// The sweep of the one on its way has ended so.
  void take(const tuner::Snapshot& snapshot);
  /// It could not be started, or the user stopped it: what is left is not measured.
  void give_up(const std::string& reason);
  [[nodiscard]] bool active() const { return under_way_ || next_ < entries_.size(); }
  [[nodiscard]] bool under_way() const { return under_way_; }
  [[nodiscard]] const std::vector<AgainEntry>& entries() const { return entries_; }
  [[nodiscard]] const tuner::RunInfo& info() const { return info_; }
  /// Changes with anything.
  [[nodiscard]] std::uint64_t revision() const { return revision_; }

 private:
  tuner::RunInfo info_;  ///< Of the run that they are of.
  std::vector<AgainEntry> entries_;
  std::size_t next_ = 0;
  bool under_way_ = false;
  std::uint64_t revision_ = 0;
};

}  // namespace fuseline::app::gui
