// Full disks and read-only stores: a clear error, and what was kept is still exported. Two programs on one store.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "tests/app/program.hpp"
#include "tests/tuner/session/toy.hpp"
#include "tuner/worker/process.hpp"

namespace fuseline::faults {
namespace {

using namespace std::chrono_literals;
using app::Finished;
using app::Program;
using ::testing::AnyOf;
using ::testing::HasSubstr;

const std::string kSweep = "sweep layernorm_gelu_scale --device replay:run.t4.json --quiet ";

/// The recording that kSweep replays, which makes a store of several megabytes.
void record(const Program& program) {
  const std::string command =
      FUSELINE_BIN_DIR "/synthetic_run 3000 " + program.path("run.t4.json") + " layernorm_gelu_scale";
  ASSERT_EQ(std::system(command.c_str()), 0) << command;
}

long lines_of(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

/// A file system of its own in memory, where the system lets us make one.
class Disk {
 public:
  Disk(const std::string& folder, const std::string& options) : folder_(folder) {
    ::mkdir(folder.c_str(), 0755);
    mounted_ = ::mount("fuseline-test", folder.c_str(), "tmpfs", 0, options.c_str()) == 0;
  }
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;
  ~Disk() {
    if (mounted_) (void)::umount2(folder_.c_str(), MNT_DETACH);
  }
  [[nodiscard]] bool mounted() const { return mounted_; }
  [[nodiscard]] bool make_read_only() const {
    return ::mount("fuseline-test", folder_.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr) == 0;
  }

 private:
  std::string folder_;
  bool mounted_ = false;
};

/// The sweep failed with a reason that names the database; what it had committed comes out again.
void expect_exported(const Program& program, const Finished& swept, const std::string& db) {
  EXPECT_EQ(swept.code, 2) << swept.err;
  EXPECT_THAT(swept.err, HasSubstr(db + ": cannot be"));
  for (const std::string format : {"csv", "t4", "json", "convergence"}) {
    const Finished exported = program.run(fmt::format("export --format {} --db {}", format, db));
    EXPECT_EQ(exported.code, 0) << format << ": " << exported.err;
    EXPECT_GT(lines_of(exported.out), format == "json" ? 50 : 500) << format;
  }
  const Finished plotted = program.run("plot --kind roofline -o roofline.svg --db " + db);
  EXPECT_EQ(plotted.code, 0) << plotted.err;
}

TEST(DiskFull, AFileThatMayNotGrowIsAClearErrorAndTheRestIsExported) {
  const Program program;
  record(program);
  // A limit on the size of files stands in for a full disk where no file system can be made.
  const Finished swept = program.run(kSweep + "--db runs.db", "sh -c 'trap \"\" XFSZ; ulimit -f 4000; exec \"$@\"' sh");
  expect_exported(program, swept, "runs.db");
}

TEST(DiskFull, AFullFileSystemIsAClearErrorAndTheRestIsExported) {
  const Program program;
  record(program);
  const Disk disk(program.path("disk"), "size=3m");
  if (!disk.mounted()) GTEST_SKIP() << "no file system can be mounted here";
  const Finished swept = program.run(kSweep + "--db disk/runs.db");
  EXPECT_THAT(swept.err, HasSubstr("the disk is full"));
  // Not a byte is left, so that SQLite cannot even make the files that it reads with.
  (void)std::system(("cat /dev/zero >" + program.path("disk/rest") + " 2>/dev/null").c_str());
  expect_exported(program, swept, "disk/runs.db");
}

TEST(DiskFull, ResultsThatCannotBeWrittenAreAnErrorAndStayInTheStore) {
  const Program program;
  record(program);
  const Finished swept = program.run(kSweep + "--db runs.db --json /dev/full");
  EXPECT_EQ(swept.code, 2);
  EXPECT_THAT(swept.err, HasSubstr("/dev/full"));
  EXPECT_EQ(program.run("export --format json --db runs.db").code, 0);
}

std::string file_system_without(const std::string& what) {
  return fmt::format("env LD_PRELOAD={} FUSELINE_REFUSES='{}'", FUSELINE_REFUSING_FILE_SYSTEM, what);
}

TEST(FileSystem, WithoutLocksIsRefusedAtOnceWithWhatToDo) {
  const Program program;
  record(program);
  const auto start = std::chrono::steady_clock::now();
  const Finished swept = program.run(kSweep + "--db runs.db", file_system_without("locks"));
  EXPECT_EQ(swept.code, 2);
  EXPECT_THAT(swept.err, HasSubstr("runs.db: is on a file system where files cannot be locked (No locks available): "
                                   "name a file on another with --db, or keep nothing with --db :memory:"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, 4s) << "SQLite would wait for its lock";
  EXPECT_FALSE(std::filesystem::exists(program.path("runs.db")));
}

TEST(FileSystem, WithoutSharedMemoryKeepsItsRunsAllTheSame) {
  const Program program;
  record(program);
  const std::string there = file_system_without("shared memory");
  const Finished swept = program.run(kSweep + "--db runs.db", there);
  EXPECT_EQ(swept.code, 0) << swept.err;
  const Finished exported = program.run("export --format csv --db runs.db", there);
  EXPECT_EQ(exported.code, 0) << exported.err;
  EXPECT_EQ(lines_of(exported.out), 3001);
  EXPECT_EQ(program.read("runs.db").at(18), 1) << "a rollback journal; 2 would be the log that needs shared memory";
  EXPECT_EQ(program.run("export --format csv --db runs.db").out, exported.out) << "a usual file system reads it";
}

TEST(ReadOnly, ASweepIsRefusedAndWhatIsThereIsExported) {
  const Program program;
  record(program);
  const Disk disk(program.path("disk"), "size=20m");
  const bool root = ::geteuid() == 0;
  if (root && !disk.mounted()) GTEST_SKIP() << "root writes everywhere, and no file system can be mounted here";
  ASSERT_EQ(program.run(kSweep + "--db disk/runs.db").code, 0);
  const std::string before = program.run("export --format csv --db disk/runs.db").out;
  if (disk.mounted()) {
    ASSERT_TRUE(disk.make_read_only());
  } else {
    ASSERT_EQ(::chmod(program.path("disk/runs.db").c_str(), 0444), 0);
    ASSERT_EQ(::chmod(program.path("disk").c_str(), 0555), 0);
  }
  const Finished swept = program.run(kSweep + "--db disk/runs.db");
  const Finished after = program.run("export --format csv --db disk/runs.db");
  if (!disk.mounted()) (void)::chmod(program.path("disk").c_str(), 0755);
  EXPECT_EQ(swept.code, 2);
  EXPECT_THAT(swept.err, AnyOf(HasSubstr("disk/runs.db: is read-only"), HasSubstr("disk/runs.db: cannot be")))
      << swept.err;
  EXPECT_EQ(after.code, 0) << after.err;
  EXPECT_EQ(lines_of(after.out), 3001);
  EXPECT_EQ(after.out, before);
}

/// A store whose last writer was killed, on a disk that cannot be written: its journal is not lost.
TEST(ReadOnly, WhatAKilledSweepLeftInTheJournalIsExported) {
  tuner::testing::Toy toy;
  const Program program;
  const Disk disk(program.path("disk"), "size=20m");
  if (!disk.mounted()) GTEST_SKIP() << "no file system can be mounted here";
  toy.script["delay_ms"] = 50;  // Many times what the coordinator needs to keep an outcome.
  auto coordinator = tuner::ChildProcess::start({FUSELINE_BIN_DIR "/sweeping_coordinator", toy.folder().path().string(),
                                                 program.path("disk/runs.db"), toy.worker()});
  ASSERT_TRUE(coordinator);
  for (int i = 0; i < 5000 && toy.logged("measured") < 10; ++i) std::this_thread::sleep_for(2ms);
  coordinator->kill();
  ASSERT_EQ(coordinator->wait_exit(5s), "killed by signal 9 (Killed)");
  ASSERT_TRUE(std::filesystem::exists(program.path("disk/runs.db-wal")));
  std::filesystem::remove(program.path("disk/runs.db-shm"));
  ASSERT_TRUE(disk.make_read_only());
  const Finished exported = program.run("export --format csv --db disk/runs.db");
  EXPECT_EQ(exported.code, 0) << exported.err;
  EXPECT_GE(lines_of(exported.out), 9) << exported.out;
}

TEST(TwoPrograms, SweepIntoOneStoreAtOnce) {
  tuner::testing::Toy toy;
  toy.script["delay_ms"] = 3;
  const std::vector<std::string> argv = {FUSELINE_BIN_DIR "/sweeping_coordinator", toy.folder().path().string(),
                                         toy.path("runs.db").string(), toy.worker()};
  std::vector<tuner::ChildProcess> coordinators;
  for (int i = 0; i < 3; ++i) {
    auto started = tuner::ChildProcess::start(argv);
    ASSERT_TRUE(started);
    coordinators.push_back(std::move(*started));
  }
  for (auto& each : coordinators) EXPECT_EQ(each.wait_exit(60s), "exited with status 0");
  const auto store = tuner::Store::open(toy.path("runs.db").string());
  ASSERT_TRUE(store);
  const auto runs = (*store)->runs();
  ASSERT_TRUE(runs);
  ASSERT_EQ(runs->size(), coordinators.size());
  for (const auto& run : *runs) {
    EXPECT_EQ(run.evaluations, tuner::testing::kToySize);
    EXPECT_EQ(run.state, tuner::RunState::finished);
  }
}

TEST(TwoPrograms, OneThatWouldGoOnWithTheOthersRunIsToldSo) {
  tuner::testing::Toy toy;
  toy.open_store();
  toy.script["delay_ms"] = 20;
  const auto request = toy.request();
  auto first = tuner::Session::start(request, toy.environment());
  ASSERT_TRUE(first) << first.error().message();
  while ((*first)->snapshot()->evaluations.size() < 3) std::this_thread::sleep_for(2ms);

  const auto other = tuner::Store::open(toy.path("runs.db").string());
  ASSERT_TRUE(other);
  auto environment = toy.environment();
  environment.store = other->get();
  environment.resume = true;
  const auto second = tuner::Session::start(request, environment);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message(), HasSubstr("another program is at work on run 1: wait for it, or stop it"));

  (*first)->stop();
  ASSERT_TRUE((*first)->wait());
  const auto third = tuner::Session::start(request, environment);
  ASSERT_TRUE(third) << third.error().message() << ": the run was stopped, so that another may go on with it";
  const auto run = (*third)->wait();
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->info.id, 1);
  EXPECT_EQ(run->evaluations.size(), tuner::testing::kToySize);
}

}  // namespace
}  // namespace fuseline::faults
