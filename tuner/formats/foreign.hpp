// What files of other tools have in common: units, values, failures, times, costs, repeats and odd entries are read
// here and nowhere else, so that every reader comes to the same run.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tuner/base/json.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {

/// Milliseconds in a unit of time, however it is spelled: "ms", "MS", "msec", "Milliseconds", "miliseconds", "us",
/// "µs", "usecs", "ns", "s", "sec", "min", ... Empty where it is no such unit.
[[nodiscard]] std::optional<double> unit_ms(std::string_view unit);
/// The same, where a file names it at `path`. Error: it is no unit of time.
[[nodiscard]] Result<double> required_unit_ms(const JsonView& place);

/// A parameter's value. Lists, null and objects are kept as their JSON text.
[[nodiscard]] Value foreign_value(const OrderedJson& json);
/// Back: a text that is a list or null becomes one again.
[[nodiscard]] OrderedJson foreign_json(const Value& value);

/// What became of a configuration that is recorded under the name of a class of errors, such as
/// "CompilationFailedConfig"; whatever is not known is a launch error.
[[nodiscard]] Outcome failure_of(std::string_view name);
/// Whether `text` is one of the names that Kernel Tuner has for failures.
[[nodiscard]] bool names_failure(std::string_view text);

/// What a run is ranked by, of the names that its file gives for its objective; none is the time. The time goes before
/// others, and what is known before what is not. Error, at `place`: of none it is known whether more of it is better.
struct NamedObjective {
  Objective objective;
  std::string time_name = "time";  ///< What the file calls the time.
};
[[nodiscard]] Result<NamedObjective> objective_of(const std::vector<std::string>& names, const JsonView& place);

/// An entry of any such file, times in ms.
struct ForeignEntry {
  Configuration configuration;
  std::optional<Outcome> failure = {};
  std::string reason = {};             ///< Of the failure.
  bool time_given = false;             ///< Whether the file gives a time of its own beside the runs.
  std::optional<double> time_ms = {};  ///< That time; empty where it is given and no number.
  std::vector<double> samples_ms = {};
  double compile_ms = 0;
  Recorded recorded = {};
  std::map<std::string, double> values = {};  ///< Other numbers that were measured.
  std::optional<StaticFacts> facts = {};
  std::vector<Launch> launches = {};
};

/// The run that grows from entries.
///  - The time is the one that the file gives, else the median of the runs. A configuration without a time above zero,
///    with a run that is none, or without the objective, failed: a launch error.
///  - It took the parts that are recorded; where the file does not say how long the benchmark took, the sum of the
///  runs.
///  - Where a configuration comes again, its last entry counts, as in a dictionary of Python; the time that each took
///    has passed.
///  - An odd entry costs itself alone, and is counted.
class ForeignRun {
 public:
  ForeignRun(RunInfo info, NamedObjective objective) : objective_(std::move(objective)) { run_.info = std::move(info); }

  [[nodiscard]] const NamedObjective& objective() const { return objective_; }
  void add(ForeignEntry entry);
  /// A part of the next entry could not be used.
  void odd(Error error);
  /// The same; all that is known of the entry is its configuration, or nothing.
  void add_odd(Error error, std::optional<Configuration> configuration = {});
  /// Error: there were entries, and none could be used; the first one's.
  [[nodiscard]] Result<Run> finish(const std::string& file);

 private:
  void keep(Evaluation evaluation);

  Run run_;
  NamedObjective objective_;
  std::unordered_map<std::string, std::size_t> places_ = {};
  std::optional<Error> first_odd_ = {};
  std::size_t entries_ = 0, odd_entries_ = 0, unused_ = 0, repeated_ = 0, timed_ = 0;
  bool this_is_odd_ = false;
  double elapsed_s_ = 0;
};

/// What is said of repeated entries.
[[nodiscard]] std::string repeats_remark(const std::string& file, std::size_t repeated);

/// A part of a cost, in the file's unit; empty where it is missing or null, and, told to `run`, where it is no time.
[[nodiscard]] std::optional<double> cost_part(const JsonView& parts, const std::string& name, double ms_per_unit,
                                              ForeignRun& run);
/// The member `name`, a list of runs in the file's unit; those that are null (Python's NaN) are left out. Errors: no
/// list of numbers, more than a configuration may have.
[[nodiscard]] Result<std::vector<double>> read_samples(const JsonView& view, const std::string& name,
                                                       double ms_per_unit);

}  // namespace fuseline::tuner
