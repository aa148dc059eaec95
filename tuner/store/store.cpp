#include "tuner/store/store.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string_view>

#include "tuner/base/files.hpp"
#include "tuner/base/json_fields.hpp"
#include "tuner/base/text.hpp"
#include "tuner/device/device_json.hpp"
#include "tuner/store/claims.hpp"
#include "tuner/store/database.hpp"
#include "tuner/store/readable_copy.hpp"

namespace fuseline::tuner {

namespace {

std::string_view view_of(const SQLite::Column& column) {
  const char* text = column.getText();
  return {text, static_cast<std::size_t>(column.getBytes())};
}

void bind_number(SQLite::Statement& statement, int index, std::optional<double> value) {
  if (value && std::isfinite(*value)) {
    statement.bind(index, *value);
  } else {
    statement.bind(index);
  }
}

/// By which runs are listed; none of what did not work.
std::optional<double> median_of(const Measurement& measurement) {
  return worked(measurement) ? std::optional<double>(measurement.time_ms.median) : std::nullopt;
}

std::optional<double> final_ms(const RunInfo& info) {
  return info.finals.empty() ? std::nullopt : std::optional<double>(info.finals.front().time_ms.median);
}

/// A prepared statement in use: reset at the end, so that no read transaction stays open.
class Use {
 public:
  explicit Use(SQLite::Statement& statement) : statement_(statement) {}
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  ~Use() { statement_.tryReset(); }
  SQLite::Statement* operator->() { return &statement_; }
  SQLite::Statement& operator*() { return statement_; }

 private:
  SQLite::Statement& statement_;
};

/// Of runs, with how many evaluations each has and which was fastest.
std::string summaries(const std::string& which) {
  return "SELECT runs.id, runs.started_at, runs.problem, runs.shape, runs.device, runs.strategy, runs.note, "
         "runs.dtype, "
         "runs.backend, runs.state, (SELECT COUNT(*) FROM evaluations WHERE run = runs.id), "
         "COALESCE(runs.final_ms, (SELECT MIN(median_ms) FROM evaluations WHERE run = runs.id)), runs.title, runs.tags "
         "FROM runs " +
         which;
}

struct Statements {
  explicit Statements(SQLite::Database& database)
      : insert_run(database,
                   "INSERT INTO runs (resume_key, started_at, problem, shape, dtype, device, backend, strategy, state, "
                   "note, final_ms, info) "
                   "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
        update_run(database,
                   "UPDATE runs SET started_at = ?, problem = ?, shape = ?, dtype = ?, device = ?, backend = ?, "
                   "strategy = ?, state = ?, final_ms = ?, "
                   "info = ? WHERE id = ?"),
        insert_evaluation(
            database, "INSERT INTO evaluations (run, sequence, configuration, median_ms, body) VALUES (?, ?, ?, ?, ?)"),
        set_counters(database,
                     "UPDATE evaluations SET body = json_set(body, '$.measurement.counters', json(?)) WHERE run = ? "
                     "AND sequence = ?"),
        replace_evaluation(database, "UPDATE evaluations SET median_ms = ?, body = ? WHERE run = ? AND sequence = ?"),
        select_run(database, "SELECT info, note FROM runs WHERE id = ? AND removed_at = 0"),
        select_evaluations(database, "SELECT sequence, body FROM evaluations WHERE run = ? ORDER BY sequence"),
        select_evaluation(database, "SELECT sequence, body FROM evaluations WHERE run = ? AND sequence = ?"),
        list_runs(database, summaries("WHERE removed_at = 0 ORDER BY id DESC")),
        list_removed(database, summaries("WHERE removed_at > 0 ORDER BY removed_at DESC, id DESC")),
        list_like(database,
                  summaries("JOIN runs AS it ON it.id = ? AND it.problem = runs.problem AND it.dtype = runs.dtype AND "
                            "it.device = runs.device WHERE runs.removed_at = 0 AND CASE WHEN json_valid(runs.info) AND "
                            "json_valid(it.info) THEN json_extract(runs.info, '$.dims') = json_extract(it.info, "
                            "'$.dims') END ORDER BY runs.id DESC")),
        latest(database, "SELECT MAX(id) FROM runs WHERE removed_at = 0"),
        resumable(database,
                  "SELECT MAX(id) FROM runs WHERE resume_key = ? AND removed_at = 0 AND state IN "
                  "('running', 'interrupted')"),
        newest_campaign(
            database,
            "SELECT CASE WHEN json_valid(info) THEN json_extract(info, '$.campaign') END AS campaign FROM runs "
            "WHERE removed_at = 0 AND substr(campaign, 1, length(?1)) = ?1 ORDER BY id DESC LIMIT 1"),
        newest_of_campaign(database,
                           "SELECT MAX(id) FROM runs WHERE resume_key = ? AND removed_at = 0 AND "
                           "CASE WHEN json_valid(info) THEN json_extract(info, '$.campaign') = ? END"),
        annotate(database, "UPDATE runs SET note = ? WHERE id = ?"),
        rename(database, "UPDATE runs SET title = ? WHERE id = ?"),
        set_tags(database, "UPDATE runs SET tags = ? WHERE id = ?"),
        remove(database,
               "UPDATE runs SET removed_at = CAST(strftime('%s', 'now') AS INTEGER) WHERE id = ? AND "
               "removed_at = 0"),
        restore(database, "UPDATE runs SET removed_at = 0 WHERE id = ? AND removed_at > 0"),
        purge(database,
              "DELETE FROM runs WHERE removed_at > 0 AND removed_at <= CAST(strftime('%s', 'now') AS "
              "INTEGER) - ?"),
        select_ceilings(database, "SELECT body FROM ceilings WHERE device_key = ?"),
        keep_ceilings(database,
                      "INSERT INTO ceilings (device_key, body) VALUES (?, ?) ON CONFLICT (device_key) DO UPDATE SET "
                      "body = excluded.body") {}

  SQLite::Statement insert_run, update_run, insert_evaluation, set_counters, replace_evaluation, select_run,
      select_evaluations, select_evaluation, list_runs, list_removed, list_like, latest, resumable, newest_campaign,
      newest_of_campaign, annotate, rename, set_tags, remove, restore, purge, select_ceilings, keep_ceilings;
};

}  // namespace

struct Store::Impl {
  Impl(std::string file, std::unique_ptr<SQLite::Database> opened)
      : path(std::move(file)), claims(path), database(std::move(opened)), statements(*database) {}

  /// Runs `body` under the lock with exceptions turned into errors.
  template <class Body>
  auto locked(Body&& body) -> decltype(body()) {
    const std::lock_guard lock(mutex);
    return guarded(path, database.get(), std::forward<Body>(body));
  }

  [[nodiscard]] tl::unexpected<Error> no_run(std::int64_t run) const {
    return bad_input(path, "", fmt::format("there is no run {}", run));
  }
  [[nodiscard]] tl::unexpected<Error> refused(std::int64_t run, const Evaluation& evaluation, int code) const;
  Result<void> insert(std::int64_t run, const Evaluation& evaluation);
  Result<RunSummary> summary(const SQLite::Statement& row) const;
  Result<std::vector<RunSummary>> summaries(SQLite::Statement& statement);
  Result<void> change_run(SQLite::Statement& statement, const std::string& text, std::int64_t run);
  /// What the row of a statement that selects sequence and body holds.
  Result<Evaluation> evaluation_in(std::int64_t run, const SQLite::Statement& row) const;

  std::string path;
  Claims claims;
  std::unique_ptr<ReadableCopy> copy;  ///< What `database` is of, where the store itself cannot be read in its place.
  std::unique_ptr<SQLite::Database> database;
  mutable std::mutex mutex;
  Statements statements;
};

tl::unexpected<Error> Store::Impl::refused(std::int64_t run, const Evaluation& evaluation, int code) const {
  if (code == SQLITE_CONSTRAINT_FOREIGNKEY) return no_run(run);
  if (code == SQLITE_CONSTRAINT_PRIMARYKEY)
    return bad_input(path, "", fmt::format("run {} already has an evaluation {}", run, evaluation.sequence));
  return bad_input(
      path, "", fmt::format("run {} already has an outcome of \"{}\"", run, printable(evaluation.configuration.key())));
}

Result<void> Store::Impl::insert(std::int64_t run, const Evaluation& evaluation) {
  Use insert(statements.insert_evaluation);
  insert->bind(1, run);
  insert->bind(2, static_cast<std::int64_t>(evaluation.sequence));
  insert->bind(3, evaluation.configuration.key());
  bind_number(*insert, 4, median_of(evaluation.measurement));
  insert->bind(5, dump_line(to_json(evaluation)));
  try {
    insert->exec();
  } catch (const SQLite::Exception& exception) {
    if ((exception.getErrorCode() & 0xff) != SQLITE_CONSTRAINT) throw;
    return refused(run, evaluation, exception.getExtendedErrorCode());
  }
  return {};
}

Result<RunSummary> Store::Impl::summary(const SQLite::Statement& row) const {
  RunSummary summary;
  summary.id = row.getColumn(0).getInt64();
  int column = 1;
  for (std::string* text :
       {&summary.started_at, &summary.problem, &summary.shape, &summary.device, &summary.strategy, &summary.note}) {
    *text = row.getColumn(column++).getString();
  }
  const auto dtype = dtype_from_string(view_of(row.getColumn(7)));
  if (!dtype) return io_error(path, fmt::format("is damaged (run {} has no known dtype)", summary.id));
  summary.dtype = *dtype;
  summary.backend = backend_from_string(view_of(row.getColumn(8))).value_or(Backend::cuda);
  summary.state = run_state_from_string(view_of(row.getColumn(9))).value_or(RunState::failed);
  summary.evaluations = static_cast<std::uint64_t>(row.getColumn(10).getInt64());
  if (!row.getColumn(11).isNull()) summary.best_ms = row.getColumn(11).getDouble();
  summary.title = row.getColumn(12).getString();
  summary.tags = split(row.getColumn(13).getString(), ' ');
  std::erase(summary.tags, std::string());
  return summary;
}

Result<std::vector<RunSummary>> Store::Impl::summaries(SQLite::Statement& statement) {
  std::vector<RunSummary> list;
  while (statement.executeStep()) {
    FUSELINE_TRY(run, summary(statement));
    list.push_back(std::move(run));
  }
  return list;
}

Result<void> Store::Impl::change_run(SQLite::Statement& statement, const std::string& text, std::int64_t run) {
  Use update(statement);
  update->bind(1, text);
  update->bind(2, run);
  if (update->exec() == 0) return no_run(run);
  return {};
}

Result<Evaluation> Store::Impl::evaluation_in(std::int64_t run, const SQLite::Statement& row) const {
  const std::string place = fmt::format("{} (run {}, evaluation {})", path, run, row.getColumn(0).getInt64());
  FUSELINE_TRY(json, parse_json(view_of(row.getColumn(1)), place));
  return evaluation_from_json(JsonView(json, place));
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

std::filesystem::path Store::default_path() { return user_data_folder() / "runs.db"; }

Result<std::unique_ptr<Store>> Store::open(const std::string& path) {
  if (path == default_path().string()) {
    std::error_code failed;
    std::filesystem::create_directories(default_path().parent_path(), failed);
    if (failed) return io_error(path, "its folder cannot be created: " + failed.message());
  }
  FUSELINE_TRY(database, open_database(path));
  // A damaged or half-made schema shows when the statements are prepared.
  return guarded(path, nullptr, [&]() -> Result<std::unique_ptr<Store>> {
    return std::unique_ptr<Store>(new Store(std::make_unique<Impl>(path, std::move(database))));
  });
}

Result<std::unique_ptr<Store>> Store::open_for_reading(const std::string& path) {
  auto opened = open(path);
  std::error_code ignored;
  if (opened || !std::filesystem::is_regular_file(path, ignored)) return opened;
  const auto made = [&](std::unique_ptr<SQLite::Database> database) {
    return guarded(path, nullptr, [&]() -> Result<std::unique_ptr<Store>> {
      return std::unique_ptr<Store>(new Store(std::make_unique<Impl>(path, std::move(database))));
    });
  };
  if (auto database = open_database_to_read(path)) return made(std::move(*database));
  auto copy = ReadableCopy::make(path);
  if (!copy) return tl::unexpected(std::move(copy).error());
  auto database = open_database((*copy)->file());
  if (!database) return opened;  // Why the store itself cannot be opened says more.
  FUSELINE_TRY(store, made(std::move(*database)));
  store->impl_->copy = std::move(*copy);
  return store;
}

Result<void> Store::claim(std::int64_t run) {
  return impl_->locked([&] { return impl_->claims.take(run); });
}

void Store::release(std::int64_t run) {
  const std::lock_guard lock(impl_->mutex);
  impl_->claims.give_back(run);
}

Result<void> Store::create_run(RunInfo& info, const std::string& key) {
  return impl_->locked([&]() -> Result<void> {
    Use insert(impl_->statements.insert_run);
    int index = 1;
    for (const std::string& text :
         {key, info.started_at, info.problem, info.shape, std::string(to_string(info.dtype)), info.device.name,
          std::string(to_string(info.backend)), info.request.strategy, std::string(to_string(info.state)), info.note}) {
      insert->bind(index++, text);
    }
    bind_number(*insert, index++, final_ms(info));
    insert->bind(index, dump_line(to_json(info)));
    insert->exec();
    info.id = impl_->database->getLastInsertRowid();
    return {};
  });
}

Result<void> Store::append(std::int64_t run, const Evaluation& evaluation) {
  return impl_->locked([&] { return impl_->insert(run, evaluation); });
}

Result<void> Store::append_many(std::int64_t run, std::span<const Evaluation> evaluations) {
  return impl_->locked([&]() -> Result<void> {
    SQLite::Transaction transaction(*impl_->database, SQLite::TransactionBehavior::IMMEDIATE);
    for (const Evaluation& evaluation : evaluations) FUSELINE_CHECK(impl_->insert(run, evaluation));
    transaction.commit();
    return {};
  });
}

Result<void> Store::set_counters(std::int64_t run, std::span<const CountersOf> readings) {
  return impl_->locked([&]() -> Result<void> {
    SQLite::Transaction transaction(*impl_->database, SQLite::TransactionBehavior::IMMEDIATE);
    for (const CountersOf& reading : readings) {
      Use update(impl_->statements.set_counters);
      update->bind(1, dump_line(reals_json(reading.counters)));
      update->bind(2, run);
      update->bind(3, static_cast<std::int64_t>(reading.sequence));
      if (update->exec() == 0)
        return bad_input(impl_->path, "", fmt::format("run {} has no evaluation {}", run, reading.sequence));
    }
    transaction.commit();
    return {};
  });
}

Result<void> Store::replace(std::int64_t run, const Evaluation& evaluation) {
  return impl_->locked([&]() -> Result<void> {
    Use update(impl_->statements.replace_evaluation);
    bind_number(*update, 1, median_of(evaluation.measurement));
    update->bind(2, dump_line(to_json(evaluation)));
    update->bind(3, run);
    update->bind(4, static_cast<std::int64_t>(evaluation.sequence));
    if (update->exec() == 0)
      return bad_input(impl_->path, "", fmt::format("run {} has no evaluation {}", run, evaluation.sequence));
    return {};
  });
}

Result<void> Store::update_run(const RunInfo& info) {
  return impl_->locked([&]() -> Result<void> {
    Use update(impl_->statements.update_run);
    int index = 1;
    for (const std::string& text :
         {info.started_at, info.problem, info.shape, std::string(to_string(info.dtype)), info.device.name,
          std::string(to_string(info.backend)), info.request.strategy, std::string(to_string(info.state))}) {
      update->bind(index++, text);
    }
    bind_number(*update, index++, final_ms(info));
    update->bind(index++, dump_line(to_json(info)));
    update->bind(index, info.id);
    if (update->exec() == 0) return impl_->no_run(info.id);
    return {};
  });
}

Result<Run> Store::load(std::int64_t run) const {
  return impl_->locked([&]() -> Result<Run> {
    // One read transaction, so that the run and its evaluations belong together.
    SQLite::Transaction transaction(*impl_->database);
    Use select(impl_->statements.select_run);
    select->bind(1, run);
    if (!select->executeStep()) return impl_->no_run(run);
    Run loaded;
    const std::string where = fmt::format("{} (run {})", impl_->path, run);
    FUSELINE_TRY(info_json, parse_json(view_of(select->getColumn(0)), where));
    FUSELINE_TRY(info, run_info_from_json(JsonView(info_json, where)));
    loaded.info = std::move(info);
    loaded.info.id = run;
    loaded.info.note = select->getColumn(1).getString();
    Use rows(impl_->statements.select_evaluations);
    rows->bind(1, run);
    while (rows->executeStep()) {
      FUSELINE_TRY(evaluation, impl_->evaluation_in(run, *rows));
      loaded.evaluations.push_back(std::move(evaluation));
    }
    return loaded;
  });
}

Result<Evaluation> Store::evaluation(std::int64_t run, std::uint64_t sequence) const {
  return impl_->locked([&]() -> Result<Evaluation> {
    Use row(impl_->statements.select_evaluation);
    row->bind(1, run);
    row->bind(2, static_cast<std::int64_t>(sequence));
    if (!row->executeStep())
      return bad_input(impl_->path, "", fmt::format("run {} has no evaluation {}", run, sequence));
    return impl_->evaluation_in(run, *row);
  });
}

Result<std::vector<RunSummary>> Store::runs() const {
  return impl_->locked([&]() -> Result<std::vector<RunSummary>> {
    Use rows(impl_->statements.list_runs);
    return impl_->summaries(*rows);
  });
}

Result<std::vector<RunSummary>> Store::removed() const {
  return impl_->locked([&]() -> Result<std::vector<RunSummary>> {
    Use rows(impl_->statements.list_removed);
    return impl_->summaries(*rows);
  });
}

Result<std::vector<RunSummary>> Store::like(std::int64_t run) const {
  return impl_->locked([&]() -> Result<std::vector<RunSummary>> {
    Use rows(impl_->statements.list_like);
    rows->bind(1, run);
    return impl_->summaries(*rows);
  });
}

Result<std::int64_t> Store::latest() const {
  return impl_->locked([&]() -> Result<std::int64_t> {
    Use select(impl_->statements.latest);
    if (!select->executeStep() || select->getColumn(0).isNull())
      return bad_input(impl_->path, "", "holds no run yet: run `fuseline sweep` first");
    return select->getColumn(0).getInt64();
  });
}

Result<std::optional<std::int64_t>> Store::resumable(const std::string& key) const {
  return impl_->locked([&]() -> Result<std::optional<std::int64_t>> {
    if (key.empty()) return std::nullopt;
    Use select(impl_->statements.resumable);
    select->bind(1, key);
    if (!select->executeStep() || select->getColumn(0).isNull()) return std::nullopt;
    return select->getColumn(0).getInt64();
  });
}

Result<std::string> Store::newest_campaign(const std::string& prefix) const {
  return impl_->locked([&]() -> Result<std::string> {
    Use select(impl_->statements.newest_campaign);
    select->bind(1, prefix);
    return select->executeStep() ? select->getColumn(0).getString() : std::string();
  });
}

Result<std::optional<std::int64_t>> Store::newest_of_campaign(const std::string& campaign,
                                                              const std::string& key) const {
  return impl_->locked([&]() -> Result<std::optional<std::int64_t>> {
    Use select(impl_->statements.newest_of_campaign);
    select->bind(1, key);
    select->bind(2, campaign);
    if (!select->executeStep() || select->getColumn(0).isNull()) return std::nullopt;
    return select->getColumn(0).getInt64();
  });
}

Result<void> Store::annotate(std::int64_t run, const std::string& note) {
  return impl_->locked([&] { return impl_->change_run(impl_->statements.annotate, note, run); });
}

Result<void> Store::rename(std::int64_t run, const std::string& title) {
  return impl_->locked([&] { return impl_->change_run(impl_->statements.rename, title, run); });
}

Result<void> Store::set_tags(std::int64_t run, const std::vector<std::string>& tags) {
  std::string text;
  for (const std::string& tag : tags) {
    const bool steers = std::any_of(tag.begin(), tag.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
    if (tag.empty() || steers || tag.find_first_of(" ,") != std::string::npos)
      return bad_input(fmt::format("'{}' is no tag: a word without blanks and commas", printable(tag)));
    text += (text.empty() ? "" : " ") + tag;
  }
  return impl_->locked([&] { return impl_->change_run(impl_->statements.set_tags, text, run); });
}

Result<void> Store::remove(std::int64_t run) {
  return impl_->locked([&]() -> Result<void> {
    Use statement(impl_->statements.remove);
    statement->bind(1, run);
    if (statement->exec() == 0) return impl_->no_run(run);
    return {};
  });
}

Result<void> Store::restore(std::int64_t run) {
  return impl_->locked([&]() -> Result<void> {
    Use statement(impl_->statements.restore);
    statement->bind(1, run);
    if (statement->exec() == 0)
      return bad_input(impl_->path, "", fmt::format("no run {} was deleted that could be brought back", run));
    return {};
  });
}

Result<void> Store::purge(std::chrono::seconds older_than) {
  return impl_->locked([&]() -> Result<void> {
    Use statement(impl_->statements.purge);
    statement->bind(1, static_cast<std::int64_t>(older_than.count()));
    statement->exec();
    return {};
  });
}

Result<std::optional<Ceilings>> Store::ceilings(const std::string& device_key) const {
  return impl_->locked([&]() -> Result<std::optional<Ceilings>> {
    Use select(impl_->statements.select_ceilings);
    select->bind(1, device_key);
    if (!select->executeStep()) return std::nullopt;
    FUSELINE_TRY(json, parse_json(view_of(select->getColumn(0)), impl_->path));
    Ceilings kept;
    FUSELINE_CHECK(read_value(JsonView(json, impl_->path), kept));
    return kept;
  });
}

Result<void> Store::keep_ceilings(const std::string& device_key, const Ceilings& ceilings) {
  return impl_->locked([&]() -> Result<void> {
    Use statement(impl_->statements.keep_ceilings);
    statement->bind(1, device_key);
    statement->bind(2, dump_line(to_json(ceilings)));
    statement->exec();
    return {};
  });
}

}  // namespace fuseline::tuner
