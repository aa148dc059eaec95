// The sweep that is being set up: problem, space, and how it is searched; from and to a request.
#pragma once

#include <string>

#include "app/gui/models/choice.hpp"
#include "app/gui/models/devices.hpp"
#include "app/gui/models/space_model.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::app::gui {

struct Setup {
  explicit Setup(std::shared_ptr<const tuner::Catalog> catalog) : choice(std::move(catalog)) {
    space.set_problem(choice.entry(), false);
    how.counters = tuner::CounterMode::best;
  }

  ProblemChoice choice;
  SpaceModel space;
  /// Device, target, strategy, budget, seed, counters, workers, what launches follow, abandon; the rest is in choice
  /// and space.
  tuner::SweepRequest how;

  /// Problems were read again: what is chosen stays as far as it is still there.
  void set_catalog(std::shared_ptr<const tuner::Catalog> catalog);
  /// Follows the choice of problem: the space of another problem starts with everything on.
  [[nodiscard]] tuner::Result<void> choose_problem(const std::string& name);
  /// Every frame: keeps the limits and the number of configurations up to date.
  void follow(Background& background, const DevicesModel& devices, const std::filesystem::path& data);

  /// Errors: the instance's, the selection's, a budget that is none.
  [[nodiscard]] tuner::Result<tuner::SweepRequest> request() const;
  /// Sets everything up as `request` says, as far as the catalog still has it.
  void apply(const tuner::SweepRequest& request);
};

/// The GPU that a sweep would run on; null where there is none, or a recording is replayed.
[[nodiscard]] const tuner::DeviceInfo* device_of(const Setup& setup, const DevicesModel& devices);

}  // namespace fuseline::app::gui
