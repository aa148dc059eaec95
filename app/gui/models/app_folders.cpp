// Folders with problems of the user's own: opened while the program runs, remembered, and read again when a file in one
// changes.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

#include "app/gui/models/app.hpp"
#include "app/gui/models/paths.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::app::gui {
namespace {

namespace fs = std::filesystem;
using tuner::Result;

/// Those that load, and what is said of the others.
struct Usable {
  std::vector<fs::path> folders;
  std::vector<std::string> refused;
};
Usable usable(const fs::path& data, const std::vector<fs::path>& folders) {
  Usable out;
  for (const fs::path& folder : folders) {
    if (const auto one = tuner::Catalog::load(data, {folder}); one) {
      out.folders.push_back(folder);
    } else {
      out.refused.push_back(one.error().message());
    }
  }
  return out;
}

std::set<std::string> names_of(const tuner::Catalog& catalog) {
  std::set<std::string> names;
  for (const auto& entry : catalog.entries()) names.insert(entry->problem.name);
  return names;
}

}  // namespace

Result<LoadedProblems> load_problems(const fs::path& data, const std::vector<fs::path>& folders) {
  auto whole = tuner::Catalog::load(data, folders);
  if (whole) return LoadedProblems{std::make_shared<const tuner::Catalog>(std::move(*whole)), {}};
  // A folder that cannot be read costs itself alone.
  Usable some = usable(data, folders);
  if (some.refused.empty()) return tl::unexpected(whole.error());
  FUSELINE_TRY(rest, tuner::Catalog::load(data, some.folders));
  return LoadedProblems{std::make_shared<const tuner::Catalog>(std::move(rest)), std::move(some.refused)};
}

std::vector<fs::path> App::problem_folders() const { return all_folders(options.preset_paths, settings); }

std::vector<fs::path> all_folders(const std::vector<fs::path>& given, const Settings& settings) {
  std::vector<fs::path> folders = given;
  for (const std::string& folder : settings.problem_folders) {
    if (std::find(folders.begin(), folders.end(), fs::path(folder)) == folders.end()) folders.emplace_back(folder);
  }
  return folders;
}

void App::take_problems(const LoadedProblems& loaded) {
  std::set<std::string> told;
  for (const tuner::UnloadedFolder& folder : catalog->unloaded()) told.insert(folder.error.message());
  for (const tuner::UnloadedFolder& folder : loaded.catalog->unloaded()) {
    if (told.count(folder.error.message()) == 0) messages.add(Severity::warning, "left out: " + folder.error.message());
  }
  for (const std::string& refused : loaded.refused) messages.add(Severity::warning, "left out: " + refused);
  const auto before = std::exchange(catalog, loaded.catalog);
  setup.set_catalog(catalog);
  control.set_catalog(catalog);
  look_for_edits(*before);
}

Result<void> App::open_folder(const std::string& text) {
  const fs::path folder = typed_path(text);
  background.run([this, folder, data = options.data]() -> Background::Then {
    auto alone = std::make_shared<Result<tuner::Catalog>>(tuner::Catalog::load(data, {folder}));
    return [this, folder, alone] {
      if (!*alone) return messages.add(alone->error());
      auto& kept = settings.problem_folders;
      const auto known = problem_folders();
      if (std::find(known.begin(), known.end(), folder) == known.end()) kept.push_back(folder.string());
      read_problems(true);
    };
  });
  return {};
}

void App::read_problems(bool opened) {
  folder_watch.watch(problem_folders());
  background.run([this, opened, folders = problem_folders(), data = options.data]() -> Background::Then {
    folder_watch.take(folders);  // Before they are read, so that nothing that comes later is missed.
    auto loaded = std::make_shared<Result<LoadedProblems>>(load_problems(data, folders));
    return [this, opened, loaded] {
      if (!*loaded) return messages.add(loaded->error());
      const std::set<std::string> before = names_of(*catalog);
      take_problems(**loaded);
      std::vector<std::string> added;
      for (const std::string& name : names_of(*catalog)) {
        if (before.count(name) == 0) added.push_back(name);
      }
      if (!added.empty()) {
        messages.add(Severity::success, fmt::format("Problems of your own: {}", fmt::join(added, ", ")));
        if (opened) (void)setup.choose_problem(added.front());
      } else {
        messages.add(Severity::note, "Problems of your own were read again");
      }
    };
  });
}

Result<void> App::forget_folder(const std::string& folder) {
  auto& kept = settings.problem_folders;
  const auto found = std::find(kept.begin(), kept.end(), folder);
  if (found == kept.end())
    return tuner::bad_input("'" + tuner::printable(folder) + "' is no folder that was opened here");
  kept.erase(found);
  read_problems(false);
  return {};
}

void App::watch_problems() {
  folder_watch.watch(problem_folders());
  if (folder_watch.changed()) read_problems(false);
}

}  // namespace fuseline::app::gui
