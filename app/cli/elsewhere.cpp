#include "app/cli/elsewhere.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <iterator>
#include <memory>
#include <utility>

#include "app/cli/interrupt.hpp"
#include "tuner/base/files.hpp"
#include "tuner/session/remote_host.hpp"
#include "tuner/session/slurm.hpp"

namespace fuseline::app {
namespace {

using tuner::Result;

Result<void> check_together(const Elsewhere& elsewhere, const tuner::SweepRequest& request) {
  if (elsewhere.tasks == 0 && !elsewhere.slurm_arguments.empty())
    return tuner::bad_input("--slurm-args", "", "goes with --slurm N");
  if (elsewhere.tasks == 0 && elsewhere.hosts.empty()) return {};
  const std::string option = elsewhere.hosts.empty() ? "--slurm" : "--host";
  const bool gpu =
      request.device.empty() || request.device == "auto" || request.device == "cuda" || request.device == "all";
  if (gpu) return {};
  return tuner::bad_input(option, "",
                          fmt::format("starts workers on GPUs elsewhere: leave out --device {}", request.device));
}

/// The command as it was given, but for its --slurm-args, which the allocation has, and its --slurm-script.
std::vector<std::string> within_allocation(const std::vector<std::string>& arguments) {
  std::vector<std::string> words;
  for (auto word = arguments.begin(); word != arguments.end(); ++word) {
    const bool left_out = word->starts_with("--slurm-args") || word->starts_with("--slurm-script");
    if (!left_out) words.push_back(*word);
    if (left_out && word->find('=') == std::string::npos && std::next(word) != arguments.end()) ++word;
  }
  if (!words.empty()) words.front() = (tuner::executable_folder() / "fuseline").string();
  return words;
}

}  // namespace

void add_elsewhere_options(CLI::App& command, Elsewhere& elsewhere) {
  command
      .add_option(
          "--host", elsewhere.hosts,
          "A worker for every GPU of a machine that ssh reaches, or for N of them, as in gpubox:4 (repeatable); "
          "where there is no fuseline of this version, this one's worker is copied there once")
      ->type_name("HOST[:N]")
      ->allow_extra_args(false);
  command
      .add_option("--slurm", elsewhere.tasks,
                  "N workers of one GPU each, each by an srun of its own; the sweep begins with the first, and what is "
                  "preempted or timed out is replaced")
      ->type_name("N")
      ->check(quiet_range(1, tuner::kMostTasks));
  command
      .add_option("--slurm-args", elsewhere.slurm_arguments,
                  "Further arguments for srun, as in \"--partition=gpu --time=2:00:00 --cpus-per-task=8\"")
      ->type_name("ARGS");
  command
      .add_option("--slurm-script", elsewhere.slurm_script,
                  "With --slurm: measure nothing, and write a script for sbatch that runs this sweep within one "
                  "allocation")
      ->type_name("FILE");
}

Result<void> add_workers(const Elsewhere& elsewhere, tuner::SweepRequest& request) {
  FUSELINE_CHECK(check_together(elsewhere, request));
  // It is what they are started for; each command says which one is its own.
  const bool elsewhere_all = request.device == "all" && (elsewhere.tasks > 0 || !elsewhere.hosts.empty());
  if (elsewhere_all) request.device = "cuda";
  std::vector<tuner::RemoteHost> hosts;
  for (const auto& text : elsewhere.hosts) {
    FUSELINE_TRY(host, tuner::parse_remote_host(text));
    hosts.push_back(std::move(host));
  }
  for (const auto& host : hosts) {
    FUSELINE_TRY(commands, tuner::remote_workers(host, "", [](const std::string& text) { spdlog::info("{}", text); }));
    spdlog::info("{}: {} worker{}", host.name, commands.size(), commands.size() == 1 ? "" : "s");
    request.workers.insert(request.workers.end(), commands.begin(), commands.end());
  }
  if (elsewhere.tasks == 0) return {};
  FUSELINE_TRY(commands, tuner::slurm_workers(elsewhere.tasks, elsewhere.slurm_arguments, ""));
  request.workers.insert(request.workers.end(), commands.begin(), commands.end());
  return {};
}

Result<void> write_slurm_script(const Elsewhere& elsewhere, const Context& context) {
  if (elsewhere.tasks == 0) return tuner::bad_input("--slurm-script", "", "goes with --slurm N");
  tuner::SlurmJob job;
  job.tasks = elsewhere.tasks;
  job.arguments = elsewhere.slurm_arguments;
  job.folder = std::filesystem::current_path().string();
  job.command = within_allocation(context.arguments);
  FUSELINE_CHECK(tuner::write_file(elsewhere.slurm_script, tuner::slurm_script(job)));
  spdlog::info("wrote {0}; start it with: sbatch {0}", elsewhere.slurm_script);
  return {};
}

std::function<bool(const std::string&)> waiting_report() {
  struct Said {
    std::string text;
    std::chrono::steady_clock::time_point at;
  };
  return [said = std::make_shared<Said>()](const std::string& text) {
    const auto now = std::chrono::steady_clock::now();
    if (text != said->text || now - said->at >= std::chrono::minutes(1)) {
      spdlog::info("{}", text);
      *said = {text, now};
    }
    return !interrupted();
  };
}

}  // namespace fuseline::app
