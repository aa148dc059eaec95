// What the runner is asked to do: a file of words, written by the tuner (tuner/check/host_job).
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "profiler/host/plan.hpp"

namespace fuseline::host_cuda {

struct JobCase {
  std::size_t number = 0;  ///< By which answers name it.
  /// The problem's reference: its outputs are written into their files instead of compared with them.
  bool is_reference = false;
  double absolute = 0, relative = 0;  ///< Tolerance, as Fuseline's problems have it.
  Plan plan;
};

/// Cases in their order; nothing where the text is no job. Files of buffers lie in the job's folder.
[[nodiscard]] std::optional<std::vector<JobCase>> read_job(std::istream& in);

}  // namespace fuseline::host_cuda
