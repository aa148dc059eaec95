// A run that is kept, as people and programs name it: a number in the store, or a file.
#pragma once

#include <memory>
#include <string>

#include "tuner/run/run.hpp"
#include "tuner/store/store.hpp"

namespace fuseline::tuner {

/// The store at `db`, or the default one where it is empty. Errors: as of Store::open(), with what to do about a file
/// that the user did not name.
[[nodiscard]] Result<std::unique_ptr<Store>> open_store(const std::string& db);
/// The same, without the right to write.
[[nodiscard]] Result<std::unique_ptr<Store>> read_store(const std::string& db);

/// `run`: a number in the store, empty for the latest, or the name of a file that holds a run, which then has what is
/// odd about it in its remarks. Errors: none of that number, none at all, a file of no known kind.
[[nodiscard]] Result<Run> load_run(const std::string& db, const std::string& run);

}  // namespace fuseline::tuner
