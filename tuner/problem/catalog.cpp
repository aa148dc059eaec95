#include "tuner/problem/catalog.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <system_error>

#include "tuner/base/files.hpp"
#include "tuner/base/json.hpp"
#include "tuner/base/text.hpp"
#include "tuner/problem/loading.hpp"

namespace fuseline::tuner {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMaximumFiles = 1024;  ///< In one folder.
constexpr std::size_t kMaximumHeaderBytes = std::size_t{1} << 20;

std::string shown(const fs::path& path) { return printable(path.string()); }

/// Entries of a folder by name, so that nothing depends on the file system's order.
Result<std::vector<fs::path>> list_folder(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code failed;
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
    if (entries.size() >= kMaximumFiles)
      return bad_input(shown(folder), "", fmt::format("holds more than {} entries", kMaximumFiles));
    entries.push_back(at->path());
  }
  if (failed) return bad_input(shown(folder), "", failed.message());
  std::sort(entries.begin(), entries.end());
  return entries;
}

Result<std::vector<fs::path>> files_with_extension(const fs::path& folder, const std::string& extension) {
  FUSELINE_TRY(entries, list_folder(folder));
  std::error_code ignored;
  std::erase_if(entries, [&](const fs::path& path) {
    return path.extension() != extension || !fs::is_regular_file(path, ignored);
  });
  return entries;
}

/// Every *.cuh of a folder: file name to text.
Result<std::map<std::string, std::string>> load_headers(const fs::path& folder) {
  std::map<std::string, std::string> headers;
  FUSELINE_TRY(files, files_with_extension(folder, ".cuh"));
  for (const fs::path& file : files) {
    const std::string name = file.filename().string();
    Result<fs::path> inside = path_within(folder, name);
    if (!inside) return bad_input(shown(file), "", inside.error().reason);
    Result<std::string> text = read_file(*inside, kMaximumHeaderBytes);
    if (!text) return bad_input(shown(file), "", text.error().reason);
    drop_byte_order_mark(*text);
    headers.emplace(name, std::move(*text));
  }
  return headers;
}

/// A link in a user's folder must not make a file elsewhere part of the problem, nor may a pipe keep us waiting.
Result<void> check_inside(const fs::path& file, const fs::path& folder) {
  const Result<fs::path> inside = path_within(folder, file.filename().string());
  if (!inside) return bad_input(shown(file), "", inside.error().reason);
  std::error_code ignored;
  if (!fs::is_regular_file(*inside, ignored)) return bad_input(shown(file), "", "is no file");
  return {};
}

/// A text of a file's root; empty where there is none.
std::string text_member(const fs::path& file, const std::string& member) {
  const auto json = read_json_file(file, {std::size_t{4} << 20, 16});
  if (!json) return {};
  return JsonView(*json, "").string_or(member, "").value_or("");
}

/// The error of a manifest that may be none: whoever left some other JSON in the folder cannot know what it is held
/// for.
Error explained(Error error, const fs::path& manifest) {
  if (text_member(manifest, "schema").starts_with("fuseline/variant/")) return error;
  error.reason += "; every .json of the folder but problem.json is taken for a variant's manifest";
  return error;
}

/// What the problem in a folder that does not load is called.
std::string name_in(const fs::path& folder) {
  std::string name = text_member(folder / "problem.json", "name");
  return is_identifier(name) ? name : folder.filename().string();
}

Result<CatalogEntry> load_entry(const fs::path& kernel_folder, bool built_in) {
  const fs::path problem_file = kernel_folder / "problem.json";
  CatalogEntry entry;
  entry.built_in = built_in;
  if (!built_in) FUSELINE_CHECK(check_inside(problem_file, kernel_folder));
  FUSELINE_TRY(problem, load_problem(problem_file));
  entry.problem = std::move(problem);
  FUSELINE_TRY(manifests, files_with_extension(kernel_folder, ".json"));
  std::map<std::string, fs::path> named;
  for (const fs::path& manifest : manifests) {
    if (manifest == problem_file) continue;
    if (!built_in) FUSELINE_CHECK(check_inside(manifest, kernel_folder));
    Result<Variant> variant = load_variant(manifest, entry.problem);
    if (!variant) return tl::unexpected(built_in ? variant.error() : explained(variant.error(), manifest));
    const auto [other, added] = named.emplace(variant->name, manifest);
    if (!added)
      return bad_input(shown(manifest), "/name",
                       fmt::format("variant \"{}\" is already defined by {}", variant->name, shown(other->second)));
    entry.variants.push_back(std::move(*variant));
  }
  if (entry.variants.empty())
    return bad_input(shown(kernel_folder), "", fmt::format("holds no variant of problem \"{}\"", entry.problem.name));
  std::sort(entry.variants.begin(), entry.variants.end(),
            [](const Variant& a, const Variant& b) { return a.name < b.name; });
  FUSELINE_TRY(headers, load_headers(kernel_folder));
  entry.headers = std::move(headers);
  return entry;
}

Result<std::vector<CatalogEntry>> load_built_in(const fs::path& data) {
  FUSELINE_TRY(folders, list_folder(data / "kernels"));
  std::error_code ignored;
  std::erase_if(folders, [&](const fs::path& folder) { return !fs::exists(folder / "problem.json", ignored); });
  std::vector<CatalogEntry> entries;
  for (const fs::path& folder : folders) {
    const fs::path file = folder / "problem.json";
    FUSELINE_TRY(entry, load_entry(folder, true));
    const std::string name = folder.filename().string();
    if (entry.problem.name != name)
      return bad_input(shown(file), "/name", fmt::format("must be \"{}\", the name of the folder", name));
    entries.push_back(std::move(entry));
  }
  return entries;
}

/// The problem folders that a preset path stands for: itself, or those in it.
Result<std::vector<fs::path>> problem_folders(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored))
    return bad_input(shown(path), "",
                     "is no folder (a preset path is a folder with a problem.json, or of such folders)");
  if (fs::exists(path / "problem.json", ignored)) return std::vector<fs::path>{path};
  FUSELINE_TRY(entries, list_folder(path));
  std::erase_if(entries, [&](const fs::path& entry) { return !fs::exists(entry / "problem.json", ignored); });
  if (entries.empty()) return bad_input(shown(path), "", "holds no problem.json, nor does a folder in it");
  return entries;
}

struct PresetPath {
  fs::path path;
  bool given = true;  ///< By the caller, not by $FUSELINE_PATH.
};

/// The given paths, then $FUSELINE_PATH; a folder named twice counts once.
std::vector<PresetPath> all_preset_paths(const std::vector<fs::path>& given) {
  std::vector<PresetPath> paths;
  paths.reserve(given.size());
  for (const fs::path& path : given) paths.push_back({path, true});
  const char* variable = std::getenv("FUSELINE_PATH");
  for (const std::string& text : split(variable == nullptr ? "" : variable, ':')) {
    if (!text.empty()) paths.push_back({text, false});
  }
  std::vector<PresetPath> unique;
  std::vector<fs::path> seen;
  for (const PresetPath& path : paths) {
    std::error_code failed;
    fs::path canonical = fs::weakly_canonical(path.path, failed);
    if (std::find(seen.begin(), seen.end(), canonical) != seen.end()) continue;
    seen.push_back(std::move(canonical));
    unique.push_back(path);
  }
  return unique;
}

}  // namespace

void Catalog::add_user_folder(const fs::path& folder,
                              std::map<std::string, std::shared_ptr<const CatalogEntry>>& by_name) {
  auto entry = load_entry(folder, false);
  if (!entry) {
    unloaded_.push_back({name_in(folder), folder, std::move(entry).error()});
    return;
  }
  const std::string name = entry->problem.name;
  if (const auto taken = by_name.find(name); taken != by_name.end()) {
    const CatalogEntry& other = *taken->second;
    unloaded_.push_back({name,
                         folder,
                         {ErrorKind::bad_input, shown(folder / "problem.json"), "/name",
                          fmt::format("the name \"{}\" is taken by the {}problem in {}", name,
                                      other.built_in ? "built-in " : "", shown(other.problem.file))}});
    return;
  }
  by_name[name] = std::make_shared<const CatalogEntry>(std::move(*entry));
}

Result<Catalog> Catalog::load(const fs::path& data, const std::vector<fs::path>& preset_paths) {
  Catalog catalog;
  std::map<std::string, std::shared_ptr<const CatalogEntry>> by_name;
  FUSELINE_TRY(built_in, load_built_in(data));
  for (CatalogEntry& entry : built_in) {
    const std::string name = entry.problem.name;
    by_name[name] = std::make_shared<const CatalogEntry>(std::move(entry));
  }
  FUSELINE_TRY(common, load_headers(data / "kernels" / "common"));
  catalog.common_headers_ = std::move(common);
  for (const auto& [path, given] : all_preset_paths(preset_paths)) {
    const auto folders = problem_folders(path);
    if (!folders && given) return tl::unexpected(folders.error());
    if (!folders) catalog.unloaded_.push_back({"", path, folders.error()});
    for (const fs::path& folder : folders.value_or(std::vector<fs::path>{})) catalog.add_user_folder(folder, by_name);
  }
  for (auto& [name, entry] : by_name) catalog.entries_.push_back(std::move(entry));
  return catalog;
}

Result<std::shared_ptr<const CatalogEntry>> Catalog::find(const std::string& name) const {
  std::vector<std::string> known;
  for (const auto& entry : entries_) {
    if (entry->problem.name == name) return entry;
    known.push_back(entry->problem.name);
  }
  for (const UnloadedFolder& folder : unloaded_) {
    if (!folder.name.empty() && (folder.name == name || folder.folder.filename() == name))
      return tl::unexpected(folder.error);
  }
  return bad_input(fmt::format("unknown problem \"{}\"{}", printable(name), known_names_hint(name, known)));
}

std::map<std::string, std::string> Catalog::headers_for(const CatalogEntry& entry) const {
  std::map<std::string, std::string> headers = entry.headers;
  for (const auto& [name, text] : common_headers_)
    headers[name.starts_with("common/") ? name : "common/" + name] = text;
  return headers;
}

}  // namespace fuseline::tuner
