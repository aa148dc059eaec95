// Configurations and runs that are kept at hand to be compared with, whatever run is on show. The first, or the one
// that was chosen, is the baseline: figures everywhere say how far they are from it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/gui/models/background.hpp"
#include "app/gui/models/messages.hpp"
#include "app/gui/models/run_data.hpp"
#include "tuner/plot/plots.hpp"
#include "tuner/store/store.hpp"

namespace fuseline::app::gui {

/// A configuration, or a whole run, of which its best is compared. What it needs is copied: the run may be deleted.
struct Pin {
  std::shared_ptr<const tuner::RunInfo> info;
  std::shared_ptr<const tuner::Evaluation> evaluation;
  bool whole = false;
  std::vector<double> gflops;  ///< Of a whole run, ascending: those within half a percent of another are left out.

  [[nodiscard]] std::string run_name() const;
  /// "run 7 #120"; of a whole run "run 7". What actions name it by.
  [[nodiscard]] std::string name() const;
};
/// "run 7"; of a file its name.
[[nodiscard]] std::string short_run_name(const tuner::RunInfo& info);
[[nodiscard]] Pin pin_of(const tuner::RunInfo& info, const tuner::Evaluation& evaluation);
/// Error: nothing in it worked.
[[nodiscard]] tuner::Result<Pin> pin_of_run(const RunData::Frozen& run);
[[nodiscard]] Pin pin_of_run(const RunData::Frozen& run, const tuner::Evaluation& best);
/// As the roofline draws it: nothing where the run does not say bytes and operations.
[[nodiscard]] tuner::OverlaidRun overlaid(const Pin& pin, const tuner::RunInfo& shown);

/// Where a pin is found again.
struct PinReference {
  std::string store;     ///< The store's file; empty: `file`.
  std::int64_t run = 0;  ///< Of that store.
  std::string file;
  std::optional<std::uint64_t> sequence;  ///< Empty: the whole run.
  bool baseline = false;
  friend bool operator==(const PinReference&, const PinReference&) = default;
};

class PinsModel {
 public:
  [[nodiscard]] const std::vector<Pin>& all() const { return pins_; }
  [[nodiscard]] bool empty() const { return pins_.empty(); }
  /// Null where nothing is pinned.
  [[nodiscard]] const Pin* baseline() const { return pins_.empty() ? nullptr : &pins_[baseline_]; }
  [[nodiscard]] const Pin* find(const std::string& name) const;
  [[nodiscard]] bool has(const tuner::RunInfo& info, std::uint64_t sequence) const;
  [[nodiscard]] bool has_run(const tuner::RunInfo& info) const;
  [[nodiscard]] bool has_run(std::int64_t id) const;  ///< Of the store.
  /// Those that compare with one another: the baseline first.
  [[nodiscard]] std::vector<Pin> ordered() const;

  void add(Pin pin);  ///< One that is there already takes its place.
  /// Error: nothing of that name is pinned.
  [[nodiscard]] tuner::Result<void> remove(const std::string& name);
  [[nodiscard]] tuner::Result<void> make_baseline(const std::string& name);
  void clear();
  void replace(std::vector<Pin> pins, std::size_t baseline);

  /// What is to be remembered of them; `store` is the file that runs with a number are of.
  [[nodiscard]] std::vector<PinReference> references(const std::string& store) const;
  /// Loads what was pinned before, in the background. What belongs to another store is kept for it; what is not there
  /// any more is told in the log.
  void restore(const std::vector<PinReference>& references, const std::shared_ptr<tuner::Store>& store,
               const std::string& file, Background& background, Messages& messages);

  /// Changes with anything.
  [[nodiscard]] std::uint64_t revision() const { return revision_; }

 private:
  std::vector<Pin> pins_;
  std::size_t baseline_ = 0;
  std::vector<PinReference> elsewhere_;  ///< Of other stores, or still being loaded.
  std::uint64_t revision_ = 0;
};

}  // namespace fuseline::app::gui
