// Why the best is the best: what each value of each parameter does to time.
#pragma once

#include <string>
#include <vector>

#include "app/gui/models/run_data.hpp"

namespace fuseline::app::gui {

/// One value of a parameter over all configurations that have it. Times are 0 where none worked.
struct ValueEffect {
  std::string value;
  std::size_t evaluated = 0, ok = 0;
  double best_ms = 0, median_ms = 0;
  std::uint64_t best_sequence = 0;
  bool of_best = false;  ///< The run's best has it.
};
struct ParameterEffect {
  std::string name;
  std::vector<ValueEffect> values;  ///< In ascending order of numbers; strings as they first appear.
  double influence = 0;             ///< Worst of the values' bests over the best: 0.25 says that the wrong value costs 25 %.
};

/// "variant" first where there are several, then parameters by influence. `variant` empty: all.
[[nodiscard]] std::vector<ParameterEffect> parameter_effects(const std::vector<Row>& rows, std::optional<std::uint64_t> best, const std::string& variant);

/// One line of a comparison of two configurations.
struct ComparisonLine {
  enum class Group { parameters, result, resources, counters } group = Group::parameters;
  std::string label, a, b;
  bool differs = false;
  int better = 0;  ///< -1: a is better, +1: b is; 0: no better or worse.
};
[[nodiscard]] std::vector<ComparisonLine> compare_rows(const Row& a, const Row& b);

/// A distribution of run times, for drawing: every sample and the quartiles.
struct SampleSet {
  std::string label;
  std::uint64_t sequence = 0;
  std::vector<double> sweep_ms, finals_ms;
  tuner::Summary summary;
};
[[nodiscard]] std::vector<SampleSet> sample_sets(const RunData& data, const std::vector<std::uint64_t>& sequences);

}  // namespace fuseline::app::gui
