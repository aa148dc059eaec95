// Runs one sweep on its own thread: asks the strategy, feeds the backend, stores outcomes, re-times the finalists,
// publishes snapshots.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tuner/problem/catalog.hpp"
#include "tuner/run/run.hpp"
#include "tuner/session/finals.hpp"
#include "tuner/session/target_fit.hpp"
#include "tuner/worker/protocol.hpp"

namespace fuseline::tuner {

class Store;
class Timeline;

/// What a session works with; everything outlives the session.
struct SessionEnvironment {
  const Catalog* catalog = nullptr;
  std::filesystem::path data;  ///< data_folder()
  Store* store = nullptr;      ///< Null: nothing is kept.
  std::string worker_program;  ///< Our own worker; empty: beside the executable.
  bool resume = false;         ///< Continue the latest interrupted run of the same request; error where there is none.
  /// Kept with the run; empty: of none. With `resume`, the campaign's run of the same request is continued where it was
  /// interrupted, and begun where there is none.
  std::string campaign;
  Deadlines deadlines;     ///< After which a worker is taken for hung.
  std::size_t ahead = 32;  ///< Requests on their way to one worker, so that compiling stays ahead of measuring.
  int counter_batch = 64;  ///< Configurations whose counters are read together, alongside the sweep.
  /// Snapshots have every evaluation as it is made. Without, they are in the store alone until the search has ended, so
  /// that hours of it take no memory.
  bool follow_evaluations = true;
  std::string cache_folder;  ///< Of cubins, on the worker's machine; empty: the worker's default; "none": no cache.
  TargetImages target_images = {};  ///< Compiles for the target at the end of a sweep.
  /// A kernel that hangs before any has worked, or two that crash, end the search: each costs a worker, and the next
  /// one would mostly do the same.
  bool ends_at_losses = false;
  double finals_s = FinalsPolicy{}.allowance_s;  ///< Kernel time that the finals may take.
  std::size_t counted = 16;  ///< Configurations whose full set of counters is read; as many as are tied, where more.
  /// Called on the session thread, in order, for every evaluation made here after it was stored (--trace); not for
  /// those of the run resumed.
  std::function<void(const Evaluation&)> on_evaluation;
  /// Called on the thread that starts the session, about twice a second, while a worker is late or has no GPU yet, with
  /// what is waited for; false gives up (ErrorKind::interrupted).
  std::function<bool(const std::string&)> on_waiting = nullptr;
  std::shared_ptr<Timeline> timeline = nullptr;  ///< Gathers where the time goes; read it once the session has ended.
  std::function<void()> on_publish;  ///< Called on the session thread after each new snapshot; must not block.
};

enum class SessionState { preparing, running, paused, finals, finished, interrupted, failed };
[[nodiscard]] std::string_view to_string(SessionState state);
/// Nothing more comes: finished, interrupted or failed.
[[nodiscard]] bool ended(SessionState state);

/// What a session says begins so where a source profile was asked for and could not be taken.
inline constexpr std::string_view kNoSourceProfile = "no source profile: ";

/// What a sweep has to say, and what the user can do about it; the advice may be empty.
struct Notice {
  std::string text, advice;
};

/// An immutable picture of a sweep. Evaluations are shared between snapshots.
struct Snapshot {
  SessionState state = SessionState::preparing;
  RunInfo info;                 ///< Complete once state is finished, interrupted or failed.
  std::uint64_t evaluated = 0;  ///< So far, reused ones too.
  std::vector<std::shared_ptr<const Evaluation>>
      evaluations;  ///< All of them; none during a search that nobody follows (follow_evaluations).
  std::shared_ptr<const Evaluation> best;  ///< First by the objective so far; at the end the first in rank.
  std::map<Outcome, std::uint64_t> outcomes;
  std::uint64_t planned = 0;  ///< Evaluations expected in all (space or budget), 0 where unknown.
  std::uint64_t reused = 0;   ///< Taken from the resumed run.
  double elapsed_s = 0;
  std::optional<double> remaining_s;  ///< Estimate, once there is one.
  std::string activity;               ///< "compiling the reference", "re-timing 12 finalists", ...
  std::vector<Notice> messages;       ///< Warnings and notes, oldest first (last 200).
  std::optional<Error> error;         ///< Why it failed.
};

class Session {
 public:
  /// Checks the request and starts the thread. Errors: unknown problem, shape, dimension, dtype, variant, parameter,
  /// value, strategy, budget, target, device or recording; a worker that cannot be started or has no GPU; nothing to
  /// resume; a store that cannot be written. Blocks until the workers have said which GPU they have, which decides what
  /// the space is: under a second on this machine, as long as `srun` or `ssh` take elsewhere. A GUI calls it from a
  /// thread of its own.
  [[nodiscard]] static Result<std::unique_ptr<Session>> start(const SweepRequest& request,
                                                              const SessionEnvironment& environment);
  virtual ~Session() = default;  ///< Stops the sweep, keeping what was committed.

  [[nodiscard]] virtual std::shared_ptr<const Snapshot> snapshot() const = 0;
  virtual void pause() = 0;
  virtual void resume() = 0;
  virtual void stop() = 0;  ///< Outstanding outcomes are dropped; the run is interrupted and resumable.
  /// Blocks until the sweep has ended; the run with every evaluation. Error: it failed (the store keeps what there is).
  [[nodiscard]] virtual Result<Run> wait() = 0;
};

/// GPUs that a worker command sees. Errors: the worker could not be started, no driver, no GPU.
[[nodiscard]] Result<std::vector<DeviceInfo>> list_devices(const std::string& worker_command);
/// Measures ceilings on one device (a few seconds).
[[nodiscard]] Result<Ceilings> measure_ceilings(const std::string& worker_command);
/// Our own worker's program, quoted for a shell. Error: not built or not found.
[[nodiscard]] Result<std::string> own_worker_program(const std::string& worker_program);
/// The command of our own worker for one device: "'/path/fuseline-worker' --device N". Error: not built or not found.
[[nodiscard]] Result<std::string> own_worker_command(const std::string& worker_program, int device);

/// A recording in <data>/presets/recordings/NAME, one file a problem, dtype and shape.
struct RecordingInfo {
  std::string name;  ///< "h200"
  std::filesystem::path file;
  std::string problem, shape, device;
  Dtype dtype = Dtype::f32;
  std::uint64_t evaluations = 0;
  std::string recorded_at;
};
[[nodiscard]] Result<std::vector<RecordingInfo>> list_recordings(const std::filesystem::path& data);

}  // namespace fuseline::tuner
