// Opening a store's SQLite file, its schema, and SQLite's failures as errors. Nothing outside tuner/store includes
// this.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <exception>
#include <memory>
#include <string>

#include "tuner/base/error.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::tuner {

inline constexpr int kStoreVersion = 2;                 ///< PRAGMA user_version.
inline constexpr int kStoreApplicationId = 0x46534C4E;  ///< PRAGMA application_id: "FSLN".
inline constexpr int kStoreBusyTimeoutMs = 10'000;

/// What an exception of SQLite means to a person. `errno_of` is the system's error number where SQLite kept one, else
/// 0.
[[nodiscard]] Error store_error(const std::string& file, const SQLite::Exception& exception, int errno_of = 0);

/// The system's error number behind the last failure, 0 where there was none.
[[nodiscard]] int system_error(const SQLite::Database& database);

/// Opens or creates `path`, refuses what is not ours, sets WAL and brings the schema up to date.
[[nodiscard]] Result<std::unique_ptr<SQLite::Database>> open_database(const std::string& path);

/// Opens what is there without ever writing it. Error: needs to be written to be read (a journal without its index),
/// besides those above.
[[nodiscard]] Result<std::unique_ptr<SQLite::Database>> open_database_to_read(const std::string& path);

/// Runs `body` (which returns a Result); exceptions of libraries become errors naming `file`.
template <class Body>
[[nodiscard]] auto guarded(const std::string& file, const SQLite::Database* database, Body&& body) -> decltype(body()) {
  try {
    return body();
  } catch (const SQLite::Exception& exception) {
    return tl::unexpected(store_error(file, exception, database == nullptr ? 0 : system_error(*database)));
  } catch (const std::exception& exception) {
    return io_error(file, printable(exception.what()));
  }
}

}  // namespace fuseline::tuner
