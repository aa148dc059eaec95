#include "tuner/store/database.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <thread>

namespace fuseline::tuner {

namespace {

// The columns of runs are what lists and searches need; `info` is the whole RunInfo. Bodies of evaluations are larger
// than what an index page holds, so the table keeps its row ids; evaluations_by_time answers how many there are and
// which was fastest without touching their bodies.
constexpr const char* kSchema = R"sql(
CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  resume_key TEXT NOT NULL,
  started_at TEXT NOT NULL,
  problem TEXT NOT NULL,
  shape TEXT NOT NULL,
  dtype TEXT NOT NULL,
  device TEXT NOT NULL,
  backend TEXT NOT NULL,
  strategy TEXT NOT NULL,
  state TEXT NOT NULL,
  note TEXT NOT NULL,
  final_ms REAL,
  info TEXT NOT NULL
);
CREATE INDEX runs_by_key ON runs (resume_key, id);
CREATE TABLE evaluations (
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  sequence INTEGER NOT NULL,
  configuration TEXT NOT NULL,
  median_ms REAL,
  body TEXT NOT NULL,
  PRIMARY KEY (run, sequence),
  UNIQUE (run, configuration)
);
CREATE INDEX evaluations_by_time ON evaluations (run, median_ms);
CREATE TABLE ceilings (
  device_key TEXT PRIMARY KEY,
  body TEXT NOT NULL
);
)sql";

/// What each version has that the one before did not. 2: titles, tags, and runs that were deleted and can come back,
/// with the time of that in seconds since 1970.
constexpr const char* kSecond = R"sql(
ALTER TABLE runs ADD COLUMN title TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN tags TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN removed_at INTEGER NOT NULL DEFAULT 0;
)sql";

/// Many builds of SQLite take a name that begins with "file:" for an address, with a query behind its '?'.
std::string name_of_file(const std::string& path) { return path.starts_with("file:") ? "./" + path : path; }

int pragma(SQLite::Database& database, const std::string& name) {
  return database.execAndGet("PRAGMA " + name).getInt();
}

bool is_empty(SQLite::Database& database) {
  return database.execAndGet("SELECT COUNT(*) FROM sqlite_master").getInt() == 0;
}

/// Whether the schema has yet to be made; an error where the file is not ours to use. Reads only, and must be in one
/// transaction: another process may be making the schema.
Result<bool> needs_schema(SQLite::Database& database, const std::string& path) {
  const int application = pragma(database, "application_id");
  const int version = pragma(database, "user_version");
  if (application == 0 && version == 0 && is_empty(database)) return true;
  if (application != kStoreApplicationId)
    return io_error(path, "is another program's SQLite database, not a Fuseline store");
  if (version > kStoreVersion) {
    return io_error(
        path,
        fmt::format(
            "has store version {}; this Fuseline knows versions up to {}: use a newer Fuseline or another --db file",
            version, kStoreVersion));
  }
  return false;
}

Result<bool> is_fresh(SQLite::Database& database, const std::string& path) {
  const SQLite::Transaction reading(database);
  return needs_schema(database, path);
}

/// The rollback journal is as safe, if slower, and needs no memory that processes share. A file that is in WAL already
/// can be left it by whoever has it alone, and says so before it looks at anything.
void use_rollback_journal(SQLite::Database& database) {
  database.exec("PRAGMA locking_mode = EXCLUSIVE");
  database.exec("PRAGMA journal_mode = DELETE");
  database.exec("PRAGMA locking_mode = NORMAL");
  (void)is_empty(database);  // Gives the lock back.
}

/// Switching to WAL needs the file alone for a moment, and SQLite does not always wait for that: we do.
void use_wal(SQLite::Database& database) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::milliseconds(kStoreBusyTimeoutMs);
  for (;;) {
    const int result = database.tryExec("PRAGMA journal_mode = WAL");
    if (result == SQLITE_OK || result == SQLITE_ROW) break;
    if ((result & 0xff) != SQLITE_BUSY || std::chrono::steady_clock::now() > give_up)
      throw SQLite::Exception(database.getHandle(), result);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  (void)is_empty(database);  // What it needs is taken by the first that reads.
}

/// Whether shared memory may be what was missing.
bool may_lack_shared_memory(const SQLite::Exception& exception) {
  const int code = exception.getErrorCode() & 0xff;
  return code == SQLITE_IOERR || code == SQLITE_PROTOCOL || code == SQLITE_CANTOPEN;
}

/// Where files cannot be locked, SQLite waits for a lock that nobody has. Tried on a file of its own: closing another
/// descriptor of the database would give up the locks that this process has on it.
Result<void> check_locks(const std::string& path) {
  std::string probe = path + "-lock-XXXXXX";
  const int descriptor = ::mkstemp(probe.data());
  if (descriptor < 0) return {};  // Who cannot make files here hears of it elsewhere.
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_len = 1;
  const int refused = ::fcntl(descriptor, F_SETLK, &lock) == 0 ? 0 : errno;
  ::close(descriptor);
  ::unlink(probe.c_str());
  if (refused == 0) return {};
  return io_error(path,
                  fmt::format("is on a file system where files cannot be locked ({}): name a file on another with "
                              "--db, or keep nothing with --db :memory:",
                              std::generic_category().message(refused)));
}

/// Another process may have made it since we looked, so look again under the write lock.
Result<void> make_schema(SQLite::Database& database, const std::string& path) {
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  FUSELINE_TRY(needed, needs_schema(database, path));
  if (needed) {
    database.exec(kSchema);
    database.exec(kSecond);
    database.exec(fmt::format("PRAGMA application_id = {}", kStoreApplicationId));
    database.exec(fmt::format("PRAGMA user_version = {}", kStoreVersion));
  }
  transaction.commit();
  return {};
}

/// A store of an older Fuseline; another process may be at it too.
Result<void> bring_up_to_date(SQLite::Database& database, const std::string& path) {
  if (pragma(database, "user_version") == kStoreVersion) return {};
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  FUSELINE_CHECK(needs_schema(database, path));
  if (pragma(database, "user_version") < kStoreVersion) {
    database.exec(kSecond);
    database.exec(fmt::format("PRAGMA user_version = {}", kStoreVersion));
  }
  transaction.commit();
  return {};
}

std::string reason_of(const SQLite::Exception& exception, int errno_of) {
  const std::string detail = errno_of != 0 ? std::generic_category().message(errno_of) : printable(exception.what());
  switch (exception.getErrorCode() & 0xff) {
    case SQLITE_NOTADB:
      return "is not a database";
    case SQLITE_CORRUPT:
      return "is damaged (" + printable(exception.what()) + ")";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return fmt::format("is locked by another program (waited {} s)", kStoreBusyTimeoutMs / 1000);
    case SQLITE_FULL:
      return "cannot be written: the disk is full";
    case SQLITE_READONLY:
      return "is read-only";
    case SQLITE_CANTOPEN:
      return "cannot be opened or created: " + detail;
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return "may not be used: " + detail;
    case SQLITE_IOERR:
      return "cannot be read or written: " + detail;
    default:
      return "database error: " + printable(exception.what());
  }
}

}  // namespace

Error store_error(const std::string& file, const SQLite::Exception& exception, int errno_of) {
  return Error{ErrorKind::io, file, {}, reason_of(exception, errno_of)};
}

int system_error(const SQLite::Database& database) { return sqlite3_system_errno(database.getHandle()); }

Result<std::unique_ptr<SQLite::Database>> open_database_to_read(const std::string& path) {
  return guarded(path, nullptr, [&]() -> Result<std::unique_ptr<SQLite::Database>> {
    auto database = std::make_unique<SQLite::Database>(name_of_file(path), SQLite::OPEN_READONLY, kStoreBusyTimeoutMs);
    return guarded(path, database.get(), [&]() -> Result<std::unique_ptr<SQLite::Database>> {
      FUSELINE_TRY(fresh, is_fresh(*database, path));
      if (fresh) return io_error(path, "holds no run");
      if (pragma(*database, "user_version") < kStoreVersion)
        return io_error(path, "is of an older Fuseline, and has to be written to be read");
      return std::move(database);
    });
  });
}

namespace {

enum class Journal { wal, rollback };

/// `shared_memory_lacks`: whether another journal may help.
Result<std::unique_ptr<SQLite::Database>> connect(const std::string& path, Journal journal, bool& shared_memory_lacks) {
  return guarded(path, nullptr, [&]() -> Result<std::unique_ptr<SQLite::Database>> {
    auto database = std::make_unique<SQLite::Database>(name_of_file(path), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE,
                                                       kStoreBusyTimeoutMs);
    return guarded(path, database.get(), [&]() -> Result<std::unique_ptr<SQLite::Database>> {
      try {
        if (journal == Journal::rollback) use_rollback_journal(*database);
        FUSELINE_TRY(fresh, is_fresh(*database, path));
        if (sqlite3_db_readonly(database->getHandle(), "main") == 1) return io_error(path, "is read-only");
        if (journal == Journal::wal) use_wal(*database);
        database->exec("PRAGMA synchronous = NORMAL");
        database->exec("PRAGMA foreign_keys = ON");
        if (fresh) FUSELINE_CHECK(make_schema(*database, path));
        FUSELINE_CHECK(bring_up_to_date(*database, path));
        return std::move(database);
      } catch (const SQLite::Exception& exception) {
        shared_memory_lacks = may_lack_shared_memory(exception);
        throw;
      }
    });
  });
}

}  // namespace

Result<std::unique_ptr<SQLite::Database>> open_database(const std::string& path) {
  if (path.empty()) return bad_input("the name of the database is empty");
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return io_error(path, "is a folder, not a database");
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (path != ":memory:" && !folder.empty() && !std::filesystem::is_directory(folder, ignored)) {
    return io_error(path, "cannot be created: there is no folder " + printable(folder.string()));
  }
  if (path != ":memory:") FUSELINE_CHECK(check_locks(path));
  bool shared_memory_lacks = false;
  auto database = connect(path, Journal::wal, shared_memory_lacks);
  if (database || !shared_memory_lacks) return database;
  // NFS, GPFS and the like.
  auto other = connect(path, Journal::rollback, shared_memory_lacks);
  return other ? std::move(other) : std::move(database);
}

}  // namespace fuseline::tuner
