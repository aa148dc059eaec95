// Workers that Slurm starts, each by an srun of its own, so that one that is preempted or timed out is replaced alone.
#pragma once

#include <string>
#include <vector>

#include "tuner/base/error.hpp"

namespace fuseline::tuner {

inline constexpr int kMostTasks = 1024;

/// True where the program of `command` keeps what it starts waiting for a place: srun and its like.
[[nodiscard]] bool is_scheduler_command(const std::string& command);

/// `tasks` commands of a worker on one GPU. `arguments` are handed to srun as they stand, and may ask for the GPU in
/// their own way. Within an allocation they are steps of it. Errors: there is no srun; our worker is not built.
[[nodiscard]] Result<std::vector<std::string>> slurm_workers(int tasks, const std::string& arguments,
                                                             const std::string& worker_program);

/// A sweep within one allocation.
struct SlurmJob {
  int tasks = 1;
  std::string arguments;             ///< As for srun, of the allocation.
  std::string folder;                ///< Where it runs.
  std::vector<std::string> command;  ///< The sweep, with its --slurm.
};
/// A script for sbatch. It interrupts the sweep a minute before the allocation ends, and goes on with it where Slurm
/// starts the job again.
[[nodiscard]] std::string slurm_script(const SlurmJob& job);

}  // namespace fuseline::tuner
