#include "tuner/package/torch_package.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"
#include "tuner/package/folder.hpp"
#include "tuner/package/package_readme.hpp"
#include "tuner/package/problem_json.hpp"
#include "tuner/package/untuned.hpp"
#include "tuner/package/wisdom.hpp"

namespace fuseline::tuner {
namespace {

constexpr const char* kWisdomFile = "wisdom.json";

Result<std::string> package_name(const std::filesystem::path& folder) {
  std::error_code code;
  const auto absolute = std::filesystem::absolute(folder, code).lexically_normal();
  const std::string name =
      absolute.has_filename() ? absolute.filename().string() : absolute.parent_path().filename().string();
  static const std::set<std::string> keywords = {
      "False",  "None",     "True",   "and", "as",    "assert", "async",  "await",    "break",
      "class",  "continue", "def",    "del", "elif",  "else",   "except", "for",      "from",
      "global", "if",       "import", "in",  "is",    "lambda", "not",    "nonlocal", "or",
      "pass",   "raise",    "return", "try", "while", "with",   "yield"};
  if (is_identifier(name) && !keywords.contains(name)) return name;
  return bad_input(printable(folder.string()), "",
                   fmt::format("the folder's name is the package's, and '{}' is no name in Python", printable(name)));
}

/// Puts a file where none is or the same is.
Result<void> put_source(FileContents& files, const FileContents& before, const std::string& name,
                        const std::string& content) {
  const auto old = before.find(name);
  if (old != before.end() && old->second != content) {
    return bad_input(name, "", "the package has another version of this source: export into a new folder");
  }
  files[name] = content;
  return {};
}

Result<void> put_sources(FileContents& files, const FileContents& before, const PackageEntry& entry) {
  if (entry.untuned) {
    const UntunedChoice& choice = *entry.untuned;
    FUSELINE_CHECK(put_source(files, before,
                              fmt::format("sources/{}/{}", entry.problem->problem.name, choice.source_name),
                              *choice.variant->sources.at(choice.source_name)));
  }
  const std::string& problem = entry.problem->problem.name;
  FUSELINE_CHECK(
      put_source(files, before, fmt::format("sources/{}/{}", problem, entry.resolved.source_name), source_text(entry)));
  for (const auto& [name, text] : entry.headers) {
    const std::string folder = name.starts_with("common/") ? "sources/" : fmt::format("sources/{}/", problem);
    FUSELINE_CHECK(put_source(files, before, folder + name, text));
  }
  const auto formula = formula_source(entry.problem->problem);
  if (std::error_code code; !std::filesystem::exists(formula, code)) return {};
  FUSELINE_TRY(text, read_file(formula));
  return put_source(files, before, formula_file(problem), text);
}

/// The loader, the same in every package.
Result<void> put_loader(FileContents& files, const std::filesystem::path& data) {
  const std::filesystem::path folder = data / "assets" / "package";
  std::error_code code;
  bool found = false;
  for (const auto& each : std::filesystem::directory_iterator(folder, code)) {
    if (each.path().extension() != ".py") continue;
    FUSELINE_TRY(text, read_file(each.path()));
    files[each.path().filename().string()] = std::move(text);
    found = true;
  }
  if (!found) return bad_input(printable(folder.string()), "", "the loader of packages is not there");
  return {};
}

/// Images of every entry, in the order of the entries.
Result<std::vector<std::vector<PackageImage>>> build_images(const std::vector<PackageEntry>& entries,
                                                            const PackageRequest& request) {
  std::vector<BuildRequest> requests;
  std::vector<std::size_t> owners;  // The entry that each is for.
  for (std::size_t i = 0; i < entries.size(); ++i) {
    for (BuildRequest& each : image_requests(entries[i])) {
      each.configuration.id = requests.size();
      requests.push_back(std::move(each));
      owners.push_back(i);
    }
  }
  FUSELINE_TRY(replies, request.build(requests));
  std::vector<std::vector<PackageImage>> images(entries.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    FUSELINE_TRY(image, package_image(entries[owners[i]], requests[i], replies.at(i)));
    images[owners[i]].push_back(std::move(image));
  }
  return images;
}

/// Holds the source that is built against the one that was measured; warns once a run.
void check_sources(std::vector<PackageEntry>& entries, const std::vector<std::vector<PackageImage>>& images,
                   std::vector<std::string>& warnings) {
  bool as_measured = false;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    MeasuredFigures& figures = entries[i].figures;
    if (entries[i].measured) {
      as_measured = !images[i].empty() && images[i].front().source_sha256 == figures.source_sha256;
      if (!as_measured) {
        warnings.push_back(fmt::format("{} {}: {}", entries[i].problem->problem.name, to_string(entries[i].dtype),
                                       figures.source_sha256.empty()
                                           ? "its recording does not say which source was measured"
                                           : "its source has changed since it was measured: the times are of before"));
      }
    }
    figures.source_as_measured = as_measured;
  }
}

Result<std::vector<PackageEntry>> entries_of(const PackageRequest& request) {
  std::vector<PackageEntry> entries;
  for (const Run& run : *request.runs) {
    FUSELINE_TRY(of_run, package_entries(run, *request.catalog, request.targets));
    std::move(of_run.begin(), of_run.end(), std::back_inserter(entries));
  }
  return entries;
}

}  // namespace

Result<PackageExported> export_torch(const PackageRequest& request) {
  FUSELINE_TRY(name, package_name(request.folder));
  FUSELINE_TRY(before, read_package(request.folder));
  Wisdom wisdom;
  if (const auto old = before.find(kWisdomFile); old != before.end()) {
    FUSELINE_TRY(known, Wisdom::parse(old->second, printable((request.folder / kWisdomFile).string())));
    wisdom = std::move(known);
  }
  FUSELINE_TRY(entries, entries_of(request));
  PackageExported exported;
  if (request.distil > 0) FUSELINE_CHECK(choose_for_untuned(entries, request, exported.warnings));
  FUSELINE_TRY(images, build_images(entries, request));
  check_sources(entries, images, exported.warnings);

  FileContents files;
  for (const auto& [file, content] : before) {
    if (file.starts_with("sources/")) files[file] = content;
  }
  FileContents built;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    FUSELINE_CHECK(wisdom.add(entries[i], images[i]));
    FUSELINE_CHECK(put_sources(files, before, entries[i]));
    for (PackageImage& image : images[i]) built[image.file] = std::move(image.bytes);
  }
  for (const std::string& file : wisdom.image_files()) {
    const auto there = built.find(file);
    files[file] = there != built.end() ? there->second : before.at(file);
  }
  FUSELINE_CHECK(put_loader(files, request.data));
  files[kWisdomFile] = wisdom.text();
  files["README.md"] = package_readme(name, wisdom);
  FUSELINE_CHECK(write_package(request.folder, files, before));
  exported.entries = entries.size();
  exported.images = wisdom.image_files().size();
  return exported;
}

}  // namespace fuseline::tuner
