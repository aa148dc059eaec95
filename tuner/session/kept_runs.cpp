#include "tuner/session/kept_runs.hpp"

#include <charconv>
#include <cstdint>
#include <system_error>
#include <utility>

#include "tuner/formats/read_run.hpp"

namespace fuseline::tuner {
namespace {

/// Of a file that the user did not name, what to do about it.
template <class T>
Result<T> with_advice(Result<T> result, const std::string& db) {
  if (result || !db.empty()) return result;
  Error error = std::move(result).error();
  error.reason += "; --db FILE names another file, --db :memory: keeps nothing";
  return tl::unexpected(std::move(error));
}

std::string store_path(const std::string& db) { return db.empty() ? Store::default_path().string() : db; }

}  // namespace

Result<std::unique_ptr<Store>> open_store(const std::string& db) {
  return with_advice(Store::open(store_path(db)), db);
}

Result<std::unique_ptr<Store>> read_store(const std::string& db) { return Store::open_for_reading(store_path(db)); }

Result<Run> load_run(const std::string& db, const std::string& run) {
  const bool number = !run.empty() && run.find_first_not_of("0123456789") == std::string::npos;
  if (!run.empty() && !number) return read_run(run);
  FUSELINE_TRY(store, read_store(db));
  std::int64_t id = 0;
  if (number) {
    if (std::from_chars(run.data(), run.data() + run.size(), id).ec != std::errc())
      return bad_input("RUN", "", "'" + run + "' is too large a number");
    return store->load(id);
  }
  FUSELINE_TRY(latest, store->latest());
  return store->load(latest);
}

}  // namespace fuseline::tuner
