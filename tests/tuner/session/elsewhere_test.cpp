// Workers that others start: what queues, and machines behind ssh. srun and ssh are scripts here; the real ones are in
// tests/cluster.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "tests/support/environment_variable.hpp"
#include "toy.hpp"
#include "tuner/session/remote_host.hpp"
#include "tuner/session/slurm.hpp"

namespace fuseline::tuner {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::kToySize;
using ::testing::StartsWith;
using testing::Toy;

void make_program(const fs::path& file, const std::string& script) {
  fs::create_directories(file.parent_path());
  std::ofstream(file) << "#!/bin/sh\n" << script << "\n";
  fs::permissions(file, fs::perms::owner_all);
}

/// A worker's command with the queue of a scheduler before it, which a file opens.
std::string queued(const Toy& toy, const std::string& command, const std::string& opened_by) {
  make_program(toy.path("srun"),
               "open=$1; shift; echo 'srun: job 7 queued and waiting for resources' >&2\n"
               "while [ ! -e \"$open\" ]; do sleep 0.02; done; exec \"$@\"");
  return toy.path("srun").string() + " " + toy.path(opened_by).string() + " " + command;
}

TEST(ScheduledWorkers, AreKnownByTheirProgram) {
  for (const char* command : {"srun --gpus=1 fuseline-worker", "/usr/bin/srun x", "salloc srun x", "bsub -I x"})
    EXPECT_TRUE(is_scheduler_command(command)) << command;
  for (const char* command : {"ssh gpubox srun x", "fuseline-worker", "/opt/srun/fuseline-worker", ""})
    EXPECT_FALSE(is_scheduler_command(command)) << command;
}

TEST(ScheduledWorkers, ASweepBeginsWithTheFirstAndDoesNotWaitForTheOthers) {
  Toy toy;
  auto request = toy.request();
  request.workers = {queued(toy, toy.worker(), "never"), queued(toy, toy.worker(), "kernels")};
  const auto run = toy.sweep(request);
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->info.state, RunState::finished);
  EXPECT_EQ(run->evaluations.size(), kToySize);
  EXPECT_EQ(toy.logged("start"), 1);
}

TEST(ScheduledWorkers, OneThatComesLaterJoins) {
  Toy toy;
  toy.script["delay_ms"] = 20;
  auto request = toy.request();
  request.workers = {toy.worker(), queued(toy, toy.worker(), "later")};
  auto environment = toy.environment();
  environment.ahead = 2;
  environment.on_evaluation = [&](const Evaluation&) { toy.folder().write("later", ""); };
  auto session = Session::start(request, environment);
  ASSERT_TRUE(session) << session.error().message();
  const auto run = (*session)->wait();
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->evaluations.size(), kToySize);
  EXPECT_EQ(toy.logged("prepare"), 2);
}

TEST(ScheduledWorkers, WhatTheyWaitForIsToldAndMayBeGivenUp) {
  Toy toy;
  auto request = toy.request();
  request.workers = {queued(toy, toy.worker(), "never")};
  std::vector<std::string> told;
  auto environment = toy.environment();
  environment.on_waiting = [&](const std::string& text) {
    told.push_back(text);
    return told.size() < 2;
  };
  const auto session = Session::start(request, environment);
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().kind, ErrorKind::interrupted);
  EXPECT_THAT(told.back(), StartsWith("waiting for worker `"));
  EXPECT_THAT(told.back(), EndsWith(": srun: job 7 queued and waiting for resources"));
}

TEST(ScheduledWorkers, ACommandThatFailsAtOnceIsAnErrorAtOnce) {
  Toy toy;
  make_program(toy.path("srun"), "echo 'srun: error: invalid partition specified: gpu' >&2; exit 1");
  auto request = toy.request();
  request.workers = {toy.path("srun").string(), toy.path("srun").string()};
  const auto session = Session::start(request, toy.environment());
  ASSERT_FALSE(session);
  EXPECT_THAT(session.error().message(), EndsWith("it exited with status 1; it wrote: srun: error: invalid partition "
                                                  "specified: gpu"));
}

TEST(Slurm, EveryTaskIsAnSrunOfItsOwnAndTheUserMayAskForAnotherGpu) {
  Toy toy;
  make_program(toy.path("bin/srun"), "");
  make_program(toy.path("bin/fuseline-worker"), "");
  const auto worker = toy.path("bin/fuseline-worker").string();
  const EnvironmentVariable path("PATH", toy.path("bin").string().c_str());
  const auto commands = slurm_workers(3, "--partition=gpu", worker);
  ASSERT_TRUE(commands) << commands.error().message();
  ASSERT_EQ(commands->size(), 3U);
  EXPECT_EQ(commands->front(), "srun --job-name=fuseline --nodes=1 --ntasks=1 --gpus=1 --unbuffered --partition=gpu " +
                                   worker + " --device 0");
  EXPECT_THAT(slurm_workers(1, "--gres=gpu:h100:1", worker)->front(), ::testing::Not(HasSubstr("--gpus=1")));
  const EnvironmentVariable job("SLURM_JOB_ID", "7");
  EXPECT_THAT(slurm_workers(1, "", worker)->front(), HasSubstr(" --exact "));
}

TEST(Slurm, WhereThereIsNoneThatIsSaid) {
  const EnvironmentVariable path("PATH", "/nowhere");
  const auto commands = slurm_workers(1, "", "");
  ASSERT_FALSE(commands);
  EXPECT_EQ(commands.error().message(),
            "--slurm: there is no srun here, which starts its workers: run this where jobs are submitted");
}

TEST(Slurm, AScriptAsksForTheAllocationAndGoesOnAfterAPreemption) {
  const auto script =
      slurm_script({4, "--partition=gpu -A me --time=1:00:00", "/home/my work", {"/opt/fuseline", "sweep", "p q"}});
  EXPECT_THAT(script, StartsWith("#!/bin/sh\n"));
  for (const char* line :
       {"\n#SBATCH --ntasks=4\n", "\n#SBATCH --gpus-per-task=1\n", "\n#SBATCH --partition=gpu\n", "\n#SBATCH -A me\n",
        "\n#SBATCH --time=1:00:00\n", "\n#SBATCH --signal=B:INT@60\n", "\ncd '/home/my work' || exit 1\n",
        "&& set -- --resume\n", "\nexec /opt/fuseline sweep 'p q' \"$@\"\n"})
    EXPECT_THAT(script, HasSubstr(line));
}

/// ssh to a machine that is a folder here; what it has in its PATH is in bin/.
class RemoteHosts : public ::testing::Test {
 protected:
  RemoteHosts() {
    ssh("home=" + toy_.path("there").string() +
        "; while [ \"${1#-}\" != \"$1\" ]; do [ \"$1\" = -o ] && shift; shift; done; echo Welcome; shift\n"
        "HOME=$home PATH=$home/bin:$PATH exec sh -c \"$1\"");
    fs::create_directories(toy_.path("there"));
    own("[{}, {}]");
  }
  void ssh(const std::string& script) {
    make_program(toy_.path("ssh"), script);
    command_.emplace("FUSELINE_SSH", toy_.path("ssh").string().c_str());
  }
  /// What a worker does that lists these GPUs.
  static std::string worker(const std::string& version, const std::string& list, int status = 0) {
    return "case $1 in --version) echo fuseline-worker " + version + ";; --list) echo '" + list + "'; exit " +
           std::to_string(status) + ";; esac";
  }
  void own(const std::string& list, int status = 0) {
    make_program(toy_.path("here/bin/fuseline-worker"), worker(version_, list, status));
  }
  Result<std::vector<std::string>> workers(std::optional<int> count = {}) {
    return remote_workers({"gpubox", count}, toy_.path("here/bin/fuseline-worker").string(),
                          [this](const std::string& text) { told_.push_back(text); });
  }
  std::string fault(std::optional<int> count = {}) {
    const auto found = workers(count);
    return found ? "none" : found.error().message();
  }

  Toy toy_;
  std::string version_ = toy_.sweep().value().info.tool_version;
  std::optional<EnvironmentVariable> command_;
  std::vector<std::string> told_;
};

TEST_F(RemoteHosts, AWorkerIsCarriedThereOnceAndThereIsOneForEveryGpu) {
  const auto first = workers();
  ASSERT_TRUE(first) << first.error().message();
  ASSERT_EQ(first->size(), 2U);
  EXPECT_THAT(first->back(), HasSubstr("/there/.cache/fuseline/tree-"));
  EXPECT_THAT(first->back(), EndsWith("/bin/fuseline-worker --device 1'"));
  EXPECT_THAT(told_, ElementsAre(StartsWith("carrying this worker (0 MB) to gpubox:~/.cache/fuseline/tree-")));
  EXPECT_EQ(*workers(1), std::vector<std::string>{first->front()});
  EXPECT_EQ(told_.size(), 1U);
  // Another one is another tree.
  own("[{}]");
  EXPECT_EQ(workers()->size(), 1U);
  EXPECT_EQ(told_.size(), 2U);
}

TEST_F(RemoteHosts, AWorkerInThePathIsTakenWhereItIsOfThisVersion) {
  make_program(toy_.path("there/bin/fuseline-worker"), worker(version_, "[{}]"));
  const auto found = workers();
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_THAT(found->front(), EndsWith("'exec " + toy_.path("there/bin/fuseline-worker").string() + " --device 0'"));
  EXPECT_THAT(told_, ElementsAre());
  make_program(toy_.path("there/bin/fuseline-worker"), worker("0.0.1", "[{}]"));
  EXPECT_THAT(workers()->front(), HasSubstr("/.cache/fuseline/tree-"));
}

TEST_F(RemoteHosts, WhatIsWrongIsSaidInOneSentence) {
  EXPECT_EQ(fault(3), "--host: gpubox: 3 workers were asked for, and it has 2 GPUs");
  own("fuseline-worker: no NVIDIA driver", 3);
  EXPECT_THAT(fault(), EndsWith("finds no GPU: fuseline-worker: no NVIDIA driver"));
  make_program(toy_.path("there/bin/uname"), "echo Linux riscv128");
  own("[]");
  EXPECT_THAT(fault(), HasSubstr("gpubox: it is Linux riscv128, this machine Linux "));
  const auto says = [&](const std::string& words) {
    ssh("echo '" + words + "' >&2; exit 255");
    return fault();
  };
  EXPECT_THAT(says("ssh: Could not resolve hostname gpubox: Name or service not known"),
              StartsWith("--host: gpubox: ssh knows no such host: "));
  EXPECT_THAT(says("me@gpubox: Permission denied (publickey)."), HasSubstr("ssh-copy-id gpubox"));
  EXPECT_THAT(says("Host key verification failed."), HasSubstr("connect once by hand, ssh gpubox"));
  EXPECT_EQ(says("ssh: connect to host gpubox port 22: Connection refused"),
            "--host: gpubox: ssh cannot reach it: ssh: connect to host gpubox port 22: Connection refused");
  ssh("echo 'This account is not available.'; exit 1");
  EXPECT_EQ(fault(), "--host: gpubox: its shell did not run what it was sent: This account is not available.");
}

TEST(RemoteHostNames, HaveACountBehindTheirOnlyColon) {
  EXPECT_EQ(parse_remote_host("me@gpubox:4")->name, "me@gpubox");
  EXPECT_EQ(parse_remote_host("me@gpubox:4")->count, 4);
  EXPECT_EQ(parse_remote_host("gpubox")->count, std::nullopt);
  EXPECT_EQ(parse_remote_host("fe80::1")->name, "fe80::1");
  for (const char* wrong : {"", ":4", "gpubox:", "gpubox:0", "gpubox:many", "-oProxyCommand=x", "two hosts"})
    EXPECT_FALSE(parse_remote_host(wrong)) << wrong;
}

}  // namespace
}  // namespace fuseline::tuner
