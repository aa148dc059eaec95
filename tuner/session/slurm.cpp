#include "tuner/session/slurm.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <sstream>
#include <string_view>

#include "tuner/base/text.hpp"
#include "tuner/session/session.hpp"

namespace fuseline::tuner {
namespace {

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

bool in_path(std::string_view program) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (access(fmt::format("{}/{}", folder, program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

bool asks_for_gpus(const std::string& arguments) {
  const auto words = words_of(arguments);
  return std::any_of(words.begin(), words.end(), [](const std::string& word) {
    return word.starts_with("--gpus") || word.starts_with("--gres") || word.starts_with("-G");
  });
}

/// Options of a task, each a word; a value that follows its option after a space stays with it.
std::vector<std::string> directives(const std::string& arguments) {
  std::vector<std::string> lines;
  for (const auto& word : words_of(arguments)) {
    if (word.starts_with("-") || lines.empty()) {
      lines.push_back(word);
    } else {
      lines.back() += " " + word;
    }
  }
  return lines;
}

}  // namespace

bool is_scheduler_command(const std::string& command) {
  constexpr std::array<std::string_view, 5> kSchedulers = {"srun", "salloc", "bsub", "qrsh", "flux"};
  const auto end = command.find(' ');
  const std::string program = command.substr(0, end);
  const auto slash = program.rfind('/');
  const auto name = std::string_view(program).substr(slash == std::string::npos ? 0 : slash + 1);
  return std::find(kSchedulers.begin(), kSchedulers.end(), name) != kSchedulers.end();
}

Result<std::vector<std::string>> slurm_workers(int tasks, const std::string& arguments,
                                               const std::string& worker_program) {
  if (!in_path("srun")) {
    return bad_input("--slurm", "",
                     "there is no srun here, which starts its workers: run this where jobs are submitted");
  }
  FUSELINE_TRY(worker, own_worker_command(worker_program, 0));
  const bool within = std::getenv("SLURM_JOB_ID") != nullptr;
  const std::string command = fmt::format("srun --job-name=fuseline --nodes=1 --ntasks=1{}{} --unbuffered{}{} {}",
                                          asks_for_gpus(arguments) ? "" : " --gpus=1", within ? " --exact" : "",
                                          arguments.empty() ? "" : " ", arguments, worker);
  return std::vector<std::string>(static_cast<std::size_t>(tasks), command);
}

std::string slurm_script(const SlurmJob& job) {
  std::string text = fmt::format(
      "#!/bin/sh\n"
      "# Written by fuseline; start it with sbatch. Each of {} workers has a GPU of the allocation.\n"
      "#SBATCH --job-name=fuseline\n"
      "#SBATCH --ntasks={}\n",
      job.tasks, job.tasks);
  if (!asks_for_gpus(job.arguments)) text += "#SBATCH --gpus-per-task=1\n";
  for (const auto& line : directives(job.arguments)) text += "#SBATCH " + line + "\n";
  text +=
      "# A minute before the time is up the sweep is interrupted: what it has measured is kept.\n"
      "#SBATCH --signal=B:INT@60\n"
      "#SBATCH --open-mode=append\n";
  text += fmt::format("cd {} || exit 1\n", shell_quoted(job.folder));
  text +=
      "# After a preemption Slurm starts the job again, which goes on.\n"
      "[ \"${SLURM_RESTART_COUNT:-0}\" -gt 0 ] && set -- --resume\n"
      "exec";
  for (const auto& word : job.command) text += " " + shell_quoted(word);
  return text + " \"$@\"\n";
}

}  // namespace fuseline::tuner
