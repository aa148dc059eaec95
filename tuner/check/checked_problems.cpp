// Which problems a person means by names and folders.
#include <algorithm>
#include <iterator>
#include <system_error>

#include "tuner/base/text.hpp"
#include "tuner/check/check.hpp"

namespace fuseline::tuner {
namespace fs = std::filesystem;
namespace {

fs::path plain(const fs::path& path) {
  std::error_code failed;
  fs::path canonical = fs::weakly_canonical(path, failed);
  return failed ? path : canonical;
}

/// The problem folders that a folder stands for: itself, or those in it, by name.
std::vector<fs::path> folders_in(const fs::path& folder) {
  std::error_code failed;
  if (fs::exists(folder / "problem.json", failed)) return {plain(folder)};
  std::vector<fs::path> folders;
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
    if (fs::exists(at->path() / "problem.json", failed)) folders.push_back(plain(at->path()));
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

std::shared_ptr<const CatalogEntry> entry_of(const Catalog& catalog, const fs::path& folder) {
  for (const auto& entry : catalog.entries()) {
    if (plain(entry->problem.kernel_folder) == folder) return entry;
  }
  return nullptr;
}

class Choice {
 public:
  Choice(const fs::path& data, const std::vector<fs::path>& preset_paths) : data_(data), paths_(preset_paths) {}

  Result<CheckedProblems> choose(const std::vector<std::string>& names) {
    FUSELINE_CHECK(load(names));
    if (names.empty()) take_all();
    for (const std::string& name : names) FUSELINE_CHECK(take(name));
    return std::move(chosen_);
  }

 private:
  /// With all folders at once; where one of them cannot be loaded, without: then they are loaded one by one.
  Result<void> load(const std::vector<std::string>& names) {
    auto paths = paths_;
    for (const std::string& name : names) {
      for (fs::path& folder : folders_in(name)) {
        if (folder.parent_path() != plain(data_ / "kernels")) paths.push_back(std::move(folder));
      }
    }
    if (paths.size() > paths_.size()) {
      if (auto catalog = Catalog::load(data_, paths)) {
        chosen_.catalog = std::move(*catalog);
        paths_ = std::move(paths);
        return {};
      }
    }
    FUSELINE_TRY(catalog, Catalog::load(data_, paths_));
    chosen_.catalog = std::move(catalog);
    return {};
  }

  void take_all() {
    const auto& entries = chosen_.catalog.entries();
    std::copy_if(entries.begin(), entries.end(), std::back_inserter(chosen_.entries),
                 [](const auto& entry) { return !entry->built_in; });
    for (const UnloadedFolder& left : chosen_.catalog.unloaded()) chosen_.findings.push_back(load_finding(left.error));
    if (chosen_.entries.empty() && chosen_.findings.empty()) chosen_.entries = entries;
  }

  void take(const std::shared_ptr<const CatalogEntry>& entry) {
    const auto same = [&](const auto& other) { return other->problem.name == entry->problem.name; };
    if (std::none_of(chosen_.entries.begin(), chosen_.entries.end(), same)) chosen_.entries.push_back(entry);
  }

  Result<void> take(const std::string& name) {
    auto entry = chosen_.catalog.find(name);
    std::error_code ignored;
    if (entry) {
      take(*entry);
      return {};
    }
    if (!fs::is_directory(name, ignored)) {
      if (name.find('/') == std::string::npos) return tl::unexpected(std::move(entry).error());
      return bad_input(printable(name), "", "is no folder");
    }
    const auto folders = folders_in(name);
    if (folders.empty()) return bad_input(printable(name), "", "holds no problem.json, nor does a folder in it");
    for (const fs::path& folder : folders) take_folder(folder);
    return {};
  }

  /// What cannot be loaded is a finding.
  void take_folder(const fs::path& folder) {
    if (const auto known = entry_of(chosen_.catalog, folder)) return take(known);
    auto paths = paths_;
    paths.push_back(folder);
    auto catalog = Catalog::load(data_, paths);
    if (!catalog) {
      chosen_.findings.push_back(load_finding(catalog.error()));
      return;
    }
    const auto loaded = entry_of(*catalog, folder);
    if (!loaded) {
      for (const UnloadedFolder& left : catalog->unloaded()) {
        if (plain(left.folder) == folder) chosen_.findings.push_back(load_finding(left.error));
      }
      return;
    }
    paths_ = std::move(paths);
    chosen_.catalog = std::move(*catalog);
    take(loaded);
  }

  fs::path data_;
  std::vector<fs::path> paths_;
  CheckedProblems chosen_;
};

}  // namespace

Result<CheckedProblems> checked_problems(const fs::path& data, const std::vector<fs::path>& preset_paths,
                                         const std::vector<std::string>& names) {
  return Choice(data, preset_paths).choose(names);
}

}  // namespace fuseline::tuner
