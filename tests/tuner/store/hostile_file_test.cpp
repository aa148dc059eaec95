// Files that are not ours, not whole, not writable, and a death while writing.
#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/support/temporary_folder.hpp"
#include "tests/tuner/support/sample_run.hpp"
#include "tuner/store/store.hpp"

namespace fuseline::tuner {
namespace {

using testing::sample_info;
using testing::sample_ok;

std::string open_error(const std::string& path) {
  const auto store = Store::open(path);
  return store ? "opened" : store.error().message();
}

std::int64_t make_store(const std::string& path, int evaluations) {
  auto store = Store::open(path).value();
  RunInfo info = sample_info();
  EXPECT_TRUE(store->create_run(info, "key"));
  for (int i = 0; i < evaluations; ++i)
    EXPECT_TRUE(store->append(info.id, sample_ok(static_cast<std::uint64_t>(i), i + 1, 0.5)));
  return info.id;
}

TEST(HostileFile, ATextIsNotADatabase) {
  const TemporaryFolder folder;
  const std::string file = folder.file("notes.txt");
  const std::string text(5000, 'x');
  write_text(file, text);
  EXPECT_EQ(open_error(file), file + ": is not a database");
  EXPECT_EQ(read_text(file), text);
}

TEST(HostileFile, AShortTextIsNotADatabase) {
  const TemporaryFolder folder;
  write_text(folder.file("notes.txt"), "hello");
  EXPECT_EQ(open_error(folder.file("notes.txt")), folder.file("notes.txt") + ": is not a database");
}

TEST(HostileFile, AnEmptyFileBecomesAStore) {
  const TemporaryFolder folder;
  write_text(folder.file("runs.db"), "");
  EXPECT_EQ(open_error(folder.file("runs.db")), "opened");
}

TEST(HostileFile, AnotherProgramsDatabaseIsRefusedUntouched) {
  const TemporaryFolder folder;
  const std::string file = folder.file("other.db");
  SQLite::Database(file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec("CREATE TABLE photos (id INTEGER)");
  const std::string before = read_text(file);
  EXPECT_EQ(open_error(file), file + ": is another program's SQLite database, not a Fuseline store");
  EXPECT_EQ(read_text(file), before);
}

TEST(HostileFile, ANewerStoreNamesBothVersions) {
  const TemporaryFolder folder;
  const std::string file = folder.file("runs.db");
  make_store(file, 1);
  SQLite::Database(file, SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 7");
  EXPECT_EQ(
      open_error(file),
      file + ": has store version 7; this Fuseline knows versions up to 2: use a newer Fuseline or another --db file");
}

TEST(HostileFile, AFolderIsNotADatabase) {
  const TemporaryFolder folder;
  EXPECT_EQ(open_error(folder.path().string()), folder.path().string() + ": is a folder, not a database");
  EXPECT_EQ(open_error(""), "the name of the database is empty");
}

TEST(HostileFile, AMissingFolderIsNamed) {
  const TemporaryFolder folder;
  const std::string file = folder.file("typo/runs.db");
  EXPECT_EQ(open_error(file), file + ": cannot be created: there is no folder " + folder.file("typo"));
}

TEST(HostileFile, AFolderThatTakesNoFilesIsAnError) {
  // Nobody, not even root, creates files here.
  EXPECT_EQ(open_error("/proc/fuseline.db").find("/proc/fuseline.db: cannot be opened or created"), 0u)
      << open_error("/proc/fuseline.db");
}

/// What opening `path` says to a user whom file permissions bind: root becomes nobody in a child.
std::string open_error_as_ordinary_user(const std::string& path) {
  int ends[2];
  if (::pipe(ends) != 0) return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65534;
    const bool ordinary = ::geteuid() != 0 || ::setuid(kNobody) == 0;
    const std::string error = ordinary ? open_error(path) : "cannot become an ordinary user";
    ::_exit(::write(ends[1], error.data(), error.size()) < 0 ? 1 : 0);
  }
  ::close(ends[1]);
  char buffer[1024];
  const ssize_t length = ::read(ends[0], buffer, sizeof buffer);
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return length > 0 ? std::string(buffer, static_cast<std::size_t>(length)) : std::string();
}

TEST(HostileFile, AReadOnlyStoreIsAnError) {
  const TemporaryFolder folder;
  const std::string file = folder.file("runs.db");
  make_store(file, 1);
  ASSERT_EQ(::chmod(folder.path().c_str(), 0777), 0);
  ASSERT_EQ(::chmod(file.c_str(), 0444), 0);
  EXPECT_EQ(open_error_as_ordinary_user(file), file + ": is read-only");
}

TEST(HostileFile, AReadOnlyFolderIsAnError) {
  const TemporaryFolder folder;
  const std::string file = folder.file("runs.db");
  make_store(file, 1);
  ASSERT_EQ(::chmod(file.c_str(), 0666), 0);
  ASSERT_EQ(::chmod(folder.path().c_str(), 0555), 0);
  const std::string old_store = open_error_as_ordinary_user(file);
  const std::string new_store = open_error_as_ordinary_user(folder.file("new.db"));
  ASSERT_EQ(::chmod(folder.path().c_str(), 0755), 0);
  EXPECT_EQ(new_store.find(folder.file("new.db") + ": cannot be opened or created: "), 0u) << new_store;
  EXPECT_NE(old_store, "opened");
  EXPECT_EQ(old_store.find(file + ": "), 0u) << old_store;
}

TEST(HostileFile, DamageIsAnErrorOrLeavesWhatIsWhole) {
  const TemporaryFolder folder;
  const std::string file = folder.file("runs.db");
  const std::int64_t run = make_store(file, 200);
  const std::string whole = read_text(file);
  ASSERT_GT(whole.size(), 20'000u);
  int errors = 0;
  for (std::size_t at = 100; at + 3000 < whole.size(); at += whole.size() / 23) {
    std::string damaged = whole;
    for (std::size_t i = 0; i < 3000; ++i) damaged[at + i] = static_cast<char>(i * 37 + at);
    const std::string copy = folder.file("damaged.db");
    write_text(copy, damaged);
    const auto store = Store::open(copy);
    if (!store) {
      ++errors;
      continue;
    }
    const auto loaded = (*store)->load(run);
    if (!loaded) ++errors;
    (void)(*store)->runs();
    (void)(*store)->append(run, sample_ok(1000, 1000, 0.5));
  }
  EXPECT_GT(errors, 0);
}

TEST(HostileFile, ATruncatedStoreIsAnError) {
  const TemporaryFolder folder;
  const std::string file = folder.file("runs.db");
  const std::int64_t run = make_store(file, 200);
  write_text(file, read_text(file).substr(0, 9000));
  const auto store = Store::open(file);
  const auto loaded = store ? (*store)->load(run) : tl::unexpected(store.error());
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().message().find("is damaged"), std::string::npos) << loaded.error().message();
}

TEST(HostileFile, ABodyThatIsNoEvaluationNamesItsPlace) {
  const TemporaryFolder folder;
  const std::string file = folder.file("runs.db");
  const std::int64_t run = make_store(file, 3);
  SQLite::Database(file, SQLite::OPEN_READWRITE)
      .exec("UPDATE evaluations SET body = '{\"sequence\": \"x\"}' WHERE sequence = 1");
  const auto loaded = Store::open(file).value()->load(run);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().file, file + " (run 1, evaluation 1)");
}

/// Appends until told to die, reporting each commit through a pipe after append() returned.
[[noreturn]] void append_for_ever(const std::string& file, std::int64_t run, int report) {
  auto store = Store::open(file).value();
  for (int i = 0;; ++i) {
    if (!store->append(run, sample_ok(static_cast<std::uint64_t>(i), i + 1, 0.5))) ::_exit(1);
    const char done = 1;
    if (::write(report, &done, 1) != 1) ::_exit(2);
  }
}

TEST(Killed, NothingThatWasCommittedIsLost) {
  const TemporaryFolder folder;
  const std::string file = folder.file("runs.db");
  const std::int64_t run = make_store(file, 0);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) append_for_ever(file, run, ends[1]);
  ::close(ends[1]);
  std::size_t committed = 0;
  char done = 0;
  while (committed < 300 && ::read(ends[0], &done, 1) == 1) ++committed;
  ::kill(child, SIGKILL);
  while (::read(ends[0], &done, 1) == 1) ++committed;
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  ASSERT_GE(committed, 300u);
  auto store = Store::open(file).value();
  const auto loaded = store->load(run);
  ASSERT_TRUE(loaded) << loaded.error().message();
  // One more may have been committed without being reported.
  EXPECT_GE(loaded->evaluations.size(), committed);
  EXPECT_LE(loaded->evaluations.size(), committed + 1);
  for (std::size_t i = 0; i < loaded->evaluations.size(); ++i) ASSERT_EQ(loaded->evaluations[i].sequence, i);
  EXPECT_TRUE(store->append(run, sample_ok(5000, 5000, 0.5)));
}

/// In a child that may write no file beyond a size, as on a full disk: 0 where append failed with a clear error and the
/// store still reads.
int fill_the_disk(const std::string& file, std::int64_t run) {
  std::signal(SIGXFSZ, SIG_IGN);
  auto store = Store::open(file).value();
  const rlimit limit{rlim_t{256} * 1024, rlim_t{256} * 1024};
  if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 1;
  for (int i = 0; i < 5000; ++i) {
    const auto appended = store->append(run, sample_ok(static_cast<std::uint64_t>(i), i + 1, 0.5));
    if (appended) continue;
    if (appended.error().kind != ErrorKind::io || appended.error().file != file) return 2;
    if (appended.error().reason.find("cannot be") != 0) return 3;
    const auto loaded = store->load(run);
    return loaded && loaded->evaluations.size() == static_cast<std::size_t>(i) ? 0 : 4;
  }
  return 5;
}

TEST(DiskFull, IsAnErrorAndLosesNothing) {
  const TemporaryFolder folder;
  const std::string file = folder.file("runs.db");
  const std::int64_t run = make_store(file, 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) ::_exit(fill_the_disk(file, run));
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  const auto loaded = Store::open(file).value()->load(run);
  ASSERT_TRUE(loaded) << loaded.error().message();
  EXPECT_GT(loaded->evaluations.size(), 10u);
}

TEST(Locked, AStoreWaitsForAnotherWriterAndThenSaysSo) {
  const TemporaryFolder folder;
  const std::string file = folder.file("runs.db");
  const std::int64_t run = make_store(file, 0);
  auto store = Store::open(file).value();
  SQLite::Database other(file, SQLite::OPEN_READWRITE);
  other.exec("BEGIN IMMEDIATE");
  const auto appended = store->append(run, sample_ok(0, 1, 0.5));
  ASSERT_FALSE(appended);
  EXPECT_EQ(appended.error().message(), file + ": is locked by another program (waited 10 s)");
  other.exec("COMMIT");
  EXPECT_TRUE(store->append(run, sample_ok(0, 1, 0.5)));
}

}  // namespace
}  // namespace fuseline::tuner
