// The life of a sweep: started off the GUI thread, followed by snapshots, paused, stopped.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/gui/models/background.hpp"
#include "app/gui/models/messages.hpp"
#include "tuner/session/session.hpp"
#include "tuner/store/store.hpp"

namespace fuseline::app::gui {

/// What sweeps are run with.
struct RunGround {
  std::shared_ptr<const tuner::Catalog> catalog;
  std::filesystem::path data;
  std::shared_ptr<tuner::Store> store;
  std::string worker_program;
};

class RunControl {
 public:
  /// `wake` is called on the session's thread after each snapshot.
  RunControl(RunGround ground, Background& background, Messages& messages, std::function<void()> wake);
  /// Stops a sweep on its way; what was measured is kept.
  ~RunControl();

  /// Does nothing while a sweep is active. `quiet`: that it went well is told by who asked for it.
  void start(const tuner::SweepRequest& request, bool resume = false, bool quiet = false);
  /// The one asked for last could not be started, which was told.
  [[nodiscard]] bool start_failed() const { return start_failed_; }
  /// For the sweeps that start from now on.
  void set_catalog(std::shared_ptr<const tuner::Catalog> catalog) { ground_.catalog = std::move(catalog); }
  void pause();
  void resume();
  void stop();

  [[nodiscard]] bool starting() const { return starting_; }
  [[nodiscard]] bool active() const { return starting_ || (snapshot_ && !tuner::ended(snapshot_->state)); }
  [[nodiscard]] bool paused() const { return snapshot_ && snapshot_->state == tuner::SessionState::paused; }
  /// Takes the latest snapshot; true where it is another than before.
  [[nodiscard]] bool poll();
  [[nodiscard]] const std::shared_ptr<const tuner::Snapshot>& snapshot() const {
    return snapshot_;
  }  ///< Null before the first sweep.
  [[nodiscard]] std::uint64_t sweeps_ended() const { return sweeps_ended_; }

 private:
  struct Live;
  void report(const tuner::Snapshot& snapshot);
  void report_end(const tuner::Snapshot& snapshot);

  RunGround ground_;
  Background& background_;
  Messages& messages_;
  std::function<void()> wake_;
  std::shared_ptr<Live> live_;
  std::shared_ptr<const tuner::Snapshot> snapshot_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
  bool starting_ = false, stop_at_once_ = false, start_failed_ = false, quiet_ = false;
  std::string reported_;  ///< The message of the session that was reported last.
  std::uint64_t sweeps_ended_ = 0, crashes_ = 0;
};

/// The bar at the top in words.
struct ProgressText {
  std::string state;     ///< "Running", "Paused", "Finished", ...
  std::string done;      ///< "120 of 194"
  std::string left;      ///< "12s left"
  std::string failures;  ///< "3 failed", empty where none.
  double share = 0;      ///< 0 to 1; negative where not known.
};
[[nodiscard]] ProgressText progress_text(const tuner::Snapshot& snapshot);

}  // namespace fuseline::app::gui
