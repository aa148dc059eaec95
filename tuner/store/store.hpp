// Runs in one SQLite file: every outcome committed as it arrives, so that a sweep killed at any point resumes with
// nothing lost.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tuner/run/run.hpp"

namespace fuseline::tuner {

struct RunSummary {
  std::int64_t id = 0;
  std::string started_at, problem, shape, device, strategy, note;
  std::string title;              ///< Given by a person; empty: none.
  std::vector<std::string> tags;  ///< In the order in which they were given.
  Dtype dtype = Dtype::f32;
  Backend backend = Backend::cuda;
  RunState state = RunState::running;
  std::uint64_t evaluations = 0;
  std::optional<double> best_ms;
};

/// How long a deleted run can be brought back.
inline constexpr std::chrono::hours kKeptAfterRemoval{7 * 24};

/// Whether a run has every word of a query in its number, title, problem, shape, element type, device, strategy, date,
/// tags or note, in any case; "tag:NAME" stands for a tag alone, whole.
[[nodiscard]] bool has_words(const RunSummary& run, std::string_view query);

/// Counters that came after the evaluation was kept.
struct CountersOf {
  std::uint64_t sequence = 0;
  std::map<std::string, double> counters;
};

/// One SQLite database in WAL mode. Thread-safe (serialised); several processes may use one file. What a call wrote
/// survives the death of the process at any point after it returned. Every error names the database and the reason:
/// locked by another program (after 10 s), disk full, read-only, damaged, no such run.
class Store {
 public:
  /// Opens or creates; ":memory:" keeps nothing. The folder must exist, except the default one, which is made.
  /// Errors: not a database, another program's database, of a newer version, read-only, cannot be created.
  [[nodiscard]] static Result<std::unique_ptr<Store>> open(const std::string& path);
  /// As open(), for loading alone: also what cannot be written, which is a read-only file, folder or file system, or a
  /// store on a full disk. Where SQLite cannot read it in its place either, it is read from a copy in the folder for
  /// temporary files ($TMPDIR).
  [[nodiscard]] static Result<std::unique_ptr<Store>> open_for_reading(const std::string& path);
  /// $XDG_DATA_HOME/fuseline/runs.db.
  [[nodiscard]] static std::filesystem::path default_path();
  ~Store();

  /// Starts a run; `info.id` is set. `key` is its resume_key(); a run without one cannot be resumed.
  [[nodiscard]] Result<void> create_run(RunInfo& info, const std::string& key = {});
  /// Keeps other programs from going on with this run until release(), or until this process ends, however it does.
  /// Error (bad_input): another program has it.
  [[nodiscard]] Result<void> claim(std::int64_t run);
  void release(std::int64_t run);
  /// Commits one evaluation. The pairs (run, configuration) and (run, sequence) are unique: a second one is an error
  /// (bad_input).
  [[nodiscard]] Result<void> append(std::int64_t run, const Evaluation& evaluation);
  /// Commits all or none in one transaction: for replays and imports, where one transaction an outcome would
  /// be a third of the cost.
  [[nodiscard]] Result<void> append_many(std::int64_t run, std::span<const Evaluation> evaluations);
  /// Replaces the counters of evaluations that are kept, all or none in one transaction. Error: no such run or
  /// evaluation.
  [[nodiscard]] Result<void> set_counters(std::int64_t run, std::span<const CountersOf> readings);
  /// Replaces what is kept of an evaluation, told by its sequence. Error: no such run or evaluation.
  [[nodiscard]] Result<void> replace(std::int64_t run, const Evaluation& evaluation);
  /// Replaces what is known of the run (state, times, finals); its note stays as annotate() left it.
  [[nodiscard]] Result<void> update_run(const RunInfo& info);
  [[nodiscard]] Result<Run> load(std::int64_t run) const;
  /// Error: no such run or evaluation.
  [[nodiscard]] Result<Evaluation> evaluation(std::int64_t run, std::uint64_t sequence) const;
  [[nodiscard]] Result<std::vector<RunSummary>> runs() const;  ///< Newest first.
  /// Newest run; error where there is none.
  [[nodiscard]] Result<std::int64_t> latest() const;
  /// Newest run in state running or interrupted that was started from the same key (see resume_key).
  [[nodiscard]] Result<std::optional<std::int64_t>> resumable(const std::string& key) const;
  /// Newest campaign (RunInfo::campaign) that starts with `prefix`; empty where there is none.
  [[nodiscard]] Result<std::string> newest_campaign(const std::string& prefix) const;
  /// Newest run of that key in a campaign, whatever its state.
  [[nodiscard]] Result<std::optional<std::int64_t>> newest_of_campaign(const std::string& campaign,
                                                                       const std::string& key) const;
  [[nodiscard]] Result<void> annotate(std::int64_t run, const std::string& note);
  /// What lists call it; empty: nothing but its number.
  [[nodiscard]] Result<void> rename(std::int64_t run, const std::string& title);
  /// Replaces them. Error: one is empty, or has a blank, a comma or a character that steers terminals in it.
  [[nodiscard]] Result<void> set_tags(std::int64_t run, const std::vector<std::string>& tags);
  /// Deletes it from every list; it can come back until it is purged.
  [[nodiscard]] Result<void> remove(std::int64_t run);
  /// Error: it was not deleted, or is gone for good.
  [[nodiscard]] Result<void> restore(std::int64_t run);
  /// Deleted and not gone yet, the one deleted last first.
  [[nodiscard]] Result<std::vector<RunSummary>> removed() const;
  /// What was deleted longer ago than this is gone for good.
  [[nodiscard]] Result<void> purge(std::chrono::seconds older_than = kKeptAfterRemoval);
  /// Runs of the same problem, dims, element type and device as this one, which is among them, newest first.
  [[nodiscard]] Result<std::vector<RunSummary>> like(std::int64_t run) const;

  [[nodiscard]] Result<std::optional<Ceilings>> ceilings(const std::string& device_key) const;
  [[nodiscard]] Result<void> keep_ceilings(const std::string& device_key, const Ceilings& ceilings);

 private:
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// What makes a run continue another: SHA-256 over problem, dims, dtype, flops and bytes, space, sources, strategy,
/// seed, what launches follow, backend, device, driver and toolkit. The budget is left out, so that an interrupted
/// sweep may be resumed with a larger one. `sources_sha256` covers the reference, the variants' sources with their
/// compile options, and the common headers.
[[nodiscard]] std::string resume_key(const RunInfo& info, const std::string& sources_sha256);
/// Key under which ceilings are kept: uuid, driver.
[[nodiscard]] std::string ceilings_key(const DeviceInfo& device);

}  // namespace fuseline::tuner
