// What a run is ranked by. Ours are ranked by time. A file of another tool names what its search minimised or
// maximised.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tuner/run/measurement.hpp"

namespace fuseline::tuner {

struct Objective {
  std::string name;  ///< Of a counter; empty: the time.
  bool higher_is_better = false;

  [[nodiscard]] bool is_time() const { return name.empty(); }
};

/// Whether the words of `name` are those of a time: "time", "TotalDuration", "kernel_latency".
[[nodiscard]] bool names_time(std::string_view name);

/// Whether more of what is called so is better: true of rates ("GFLOP/s", "throughput"), false of what is spent
/// ("nvml_energy", "time"). Empty where the name does not tell.
[[nodiscard]] std::optional<bool> higher_is_better(std::string_view name);

/// By what it is ranked, lower first and above zero: the time in ms, what is spent, or the inverse of a rate. 0: it is
/// not ranked, since it did not work or lacks a value of the objective above zero.
[[nodiscard]] double rank_value(const Objective& objective, const Measurement& measurement);

/// "by nvml_energy, of which less is better"
[[nodiscard]] std::string objective_text(const Objective& objective);

}  // namespace fuseline::tuner
