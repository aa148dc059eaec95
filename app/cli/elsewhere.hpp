// Workers on GPUs elsewhere: --host, --slurm and what goes with them.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "app/cli/common.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::app {

struct Elsewhere {
  std::vector<std::string> hosts;
  int tasks = 0;  ///< Of Slurm; 0: none.
  std::string slurm_arguments, slurm_script;
};

void add_elsewhere_options(CLI::App& command, Elsewhere& elsewhere);

/// Adds a worker for every GPU asked for, finding or carrying ours to hosts. Errors: those of the hosts and of Slurm; a
/// device that is no GPU; an option that belongs to another which was not given.
[[nodiscard]] tuner::Result<void> add_workers(const Elsewhere& elsewhere, tuner::SweepRequest& request);

/// Writes --slurm-script: the command that is running, within an allocation of its own. Errors: no --slurm; the file
/// cannot be written.
[[nodiscard]] tuner::Result<void> write_slurm_script(const Elsewhere& elsewhere, const Context& context);

/// For SessionEnvironment::on_waiting: says on stderr what is waited for, when that changes and once a minute; an
/// interrupt gives up.
[[nodiscard]] std::function<bool(const std::string&)> waiting_report();

}  // namespace fuseline::app
