// A sweep as it is kept: what was asked, on what device, every evaluation, and the finals. Results, exports and plots
// are functions of it.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tuner/device/device.hpp"
#include "tuner/problem/problem.hpp"
#include "tuner/run/measurement.hpp"
#include "tuner/run/objective.hpp"
#include "tuner/space/space.hpp"
#include "tuner/stats/statistics.hpp"

namespace fuseline::tuner {

/// When a sweep ends.
struct Budget {
  enum class Kind { exhaustive, evaluations, seconds, automatic } kind = Kind::exhaustive;
  double amount = 0;
  /// "200", "30s" (also "5m") or "auto" (until nothing more is to be gained); error otherwise.
  [[nodiscard]] static Result<Budget> parse(const std::string& text);
  [[nodiscard]] std::string to_string() const;
};

enum class CounterMode { none, best, all };
[[nodiscard]] std::string_view to_string(CounterMode mode);
[[nodiscard]] std::optional<CounterMode> counter_mode_from_string(std::string_view text);

/// Everything the user chose, in the words of the command line. Round-trips through JSON (it is kept in the store).
struct SweepRequest {
  std::string problem;
  std::string shape;            ///< Empty: the default.
  std::vector<Dimension> dims;  ///< Overrides.
  Scalars scalars;              ///< Overrides.
  std::string dtype;            ///< Empty: the default.
  std::vector<std::string> variants;
  std::map<std::string, std::vector<std::string>> parameters;
  bool full = false;
  std::string device = "auto";  ///< auto, cuda:N, cuda:N,M, all, replay:NAME, replay:FILE
  std::string target = "rtx4090";
  std::string strategy = "auto";
  std::string budget;  ///< Empty: the whole space.
  std::uint64_t seed = 1;
  int draws = 3;  ///< Of the inputs: what comes close to the best is verified on every one.
  CounterMode counters = CounterMode::none;
  std::vector<std::string> metrics;  ///< Read of the finalists; empty: the full set.
  bool source_profile = false;       ///< Of the best: where in its code the warps are.
  std::vector<std::string> workers;  ///< Commands; empty: our own worker.
  /// What every timed launch follows: "clean", "producer" or "itself"; empty: what the problem asks for, or clean.
  std::string after;
  double abandon_factor = 3.0;
};
[[nodiscard]] nlohmann::json to_json(const SweepRequest& request);
[[nodiscard]] Result<SweepRequest> sweep_request_from_json(const JsonView& view);

enum class Backend { cuda, replay };
[[nodiscard]] std::string_view to_string(Backend backend);
[[nodiscard]] std::optional<Backend> backend_from_string(std::string_view text);

/// One finalist of the interleaved re-timing.
struct FinalTiming {
  std::uint64_t sequence = 0;  ///< Of its evaluation.
  std::vector<double> samples_ms;
  Summary time_ms;
  double ratio = 1;  ///< To the best; see Finalist.
  Interval ratio_interval{1, 1};
  bool tied = false;
};

/// What reading one set of metrics took.
struct CounterCost {
  std::uint64_t configurations = 0;
  int passes = 0;       ///< Launches of each configuration.
  double seconds = 0;   ///< Wall time of the batches.
  double kernel_s = 0;  ///< Of it in the kernels themselves: passes times median.
};

/// Which of the ranked configurations the target can run: by the constraints of their variants, the limits of its data
/// sheet, and, of those compiled for it, by whether they spill. Nothing was tried there.
struct TargetFit {
  std::optional<std::uint64_t> best;         ///< Sequence of the first in rank that is; empty: none of those looked at.
  std::string misfit;                        ///< Why the best of all is not; empty where it is.
  std::vector<std::uint64_t> unfit = {};     ///< Sequences of those looked at that are not, ascending.
  std::vector<std::uint64_t> compiled = {};  ///< Of those compiled for it without spills, ascending.
  /// Whether it is known not to spill there.
  [[nodiscard]] bool compiles(std::uint64_t sequence) const;
};

/// One of several GPUs that a run was timed on. They are of one kind.
struct Card {
  std::string name;  ///< "NVIDIA H200"
  std::string uuid;
  std::string where;     ///< "cuda:1", or "worker 2": of the request's, from 1.
  double copy_gbps = 0;  ///< Of a copy in this run, read plus written; 0 where none was measured there.
};

enum class RunState { running, finished, interrupted, failed };
[[nodiscard]] std::string_view to_string(RunState state);
[[nodiscard]] std::optional<RunState> run_state_from_string(std::string_view text);

/// Configurations that ended alike.
struct FailureKind {
  Outcome outcome = Outcome::ok;
  std::size_t count = 0;
  const Evaluation* first = nullptr;  ///< Of the run.
};

struct RunInfo {
  std::int64_t id = 0;  ///< In the store; 0 where not stored.
  std::string tool_version;
  std::string started_at;  ///< ISO 8601 UTC.
  RunState state = RunState::running;
  std::string stop_reason;  ///< "space exhausted", "budget of 200 evaluations used", "interrupted", ...
  SweepRequest request;
  // The instance, worked out.
  std::string problem, problem_title, shape;
  std::vector<Dimension> dims;
  Scalars scalars;  ///< Every one in force; empty in a run of before they could be set: the problem's defaults.
  std::vector<std::string> set_scalars;  ///< Names of those that differ from the problem's defaults.
  Dtype dtype = Dtype::f32;
  std::int64_t compulsory_bytes = 0;
  /// Parts of compulsory_bytes, of the elements that are used; 0 where a recording does not say. Read them through
  /// compulsory_parts() of figures.hpp, which knows what recordings of before say.
  std::int64_t input_bytes = 0, output_bytes = 0;
  double flops = 0;
  bool flops_counted = false;       ///< The problem names none: flops are what the best executed, by its counters.
  std::vector<GivenReading> given;  ///< Readings of kernels given from outside: shown beside ours, never as ours.
  // Where it ran.
  Backend backend = Backend::cuda;
  std::string recording;    ///< Name or file of the recording replayed.
  std::string recorded_at;  ///< When it was measured, for a replay.
  DeviceInfo device;
  double copy_gbps = 0;          ///< Of this run; the median over the finals where there were any.
  std::vector<Card> cards = {};  ///< By number, from 1, where times are of several; else empty: all are of `device`.
  int reference_card = 1;        ///< Whose times the others' are made comparable with, and which ran the finals.
  std::optional<Target> target;
  // The search.
  Objective objective;                ///< What it is ranked by.
  Middle times_are = Middle::median;  ///< What the times of its configurations are: the furthest from a median.
  std::vector<SubSpace> subspaces;
  std::uint64_t space_size = 0;
  double raw_space_size = 0;
  double seconds = 0;          ///< Wall time, or recorded time in a replay.
  double gpu_busy_s = 0;       ///< Time the device was busy with evaluations and finals.
  double first_outcome_s = 0;  ///< When the first outcome arrived.
  /// The best first: those timed to the end by median, then those dropped after the first rounds. Their medians come
  /// from fewer rounds: the order stands and not the numbers, which figures.hpp makes comparable. Empty where none
  /// were run.
  std::vector<FinalTiming> finals;
  int draws = 1;                               ///< Of the inputs, that what came close to the best was verified on.
  std::vector<FinalRound> final_rounds;        ///< In the order in which they were run; empty in a run of before.
  Predecessor after = Predecessor::unsettled;  ///< What every timed launch of the run follows.
  std::optional<Clocks> clocks;                ///< Of all that was timed; empty where the device does not tell.
  std::optional<TargetFit> target_fit;  ///< Empty where not known: no target, a foreign recording, a run of before.
  std::map<std::string, CounterCost>
      counter_cost;      ///< By set: "fast" alongside the search, "full" (or "custom") of the finalists.
  std::string campaign;  ///< Which one of session/campaign it was run by; empty: none.
  std::string note;      ///< The user's annotation.
  // Of a file by another tool.
  std::vector<Parameter> declared = {};           ///< Its parameters with all values, those of no configuration too.
  std::map<std::string, std::string> units = {};  ///< Of counters, by name, where the file gives one.
};
/// Those of the run's scalars that differ from the problem's defaults.
[[nodiscard]] Scalars changed_scalars(const RunInfo& info);
/// Share of the wall time after the first outcome in which the device ran evaluations and finals, of several cards the
/// mean; empty for a replay or
/// an empty run.
[[nodiscard]] std::optional<double> gpu_busy_share(const RunInfo& info);
[[nodiscard]] nlohmann::json to_json(const RunInfo& info);
[[nodiscard]] Result<RunInfo> run_info_from_json(const JsonView& view);

struct Run {
  RunInfo info;
  std::vector<Evaluation> evaluations;  ///< In order of sequence.
  /// What was odd about the file that it was read from, for the reader to be told; kept nowhere.
  std::vector<std::string> remarks = {};

  /// Best first, in the one order (rank_order() of figures.hpp). Pointers into evaluations.
  [[nodiscard]] std::vector<const Evaluation*> ranked() const;
  /// The best in the target's space: what is projected on it. The best of all where nothing is known; null where there
  /// is none.
  [[nodiscard]] const Evaluation* best_for_target() const;
  /// The final timing of an evaluation, where it was a finalist.
  [[nodiscard]] const FinalTiming* final_of(const Evaluation& evaluation) const;
  /// Comparable within the run: see time_of() of figures.hpp.
  [[nodiscard]] Summary time_of(const Evaluation& evaluation) const;
  [[nodiscard]] std::map<Outcome, std::uint64_t> outcome_counts() const;
  /// What did not work, by outcome.
  [[nodiscard]] std::vector<FailureKind> failures() const;
};

/// Why there is no best, in one line: a worker error with the outcomes counted, each with the reason of its first.
[[nodiscard]] Error nothing_worked(const Run& run);

}  // namespace fuseline::tuner
