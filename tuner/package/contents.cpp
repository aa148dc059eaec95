#include "tuner/package/contents.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"
#include "tuner/package/problem_json.hpp"
#include "tuner/package/untuned.hpp"

namespace fuseline::tuner {
namespace {

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

Result<void> put_headers(FileContents& files, const FileContents& before, const std::string& problem,
                         const std::map<std::string, std::string>& headers) {
  for (const auto& [name, text] : headers) {
    const std::string folder = name.starts_with("common/") ? "sources/" : fmt::format("sources/{}/", problem);
    FUSELINE_CHECK(put_source(files, before, folder + name, text));
  }
  return {};
}

Result<void> put_sources(FileContents& files, const FileContents& before, const PackageEntry& entry) {
  const std::string& problem = entry.problem->problem.name;
  if (entry.untuned) {
    const UntunedChoice& choice = *entry.untuned;
    FUSELINE_CHECK(put_source(files, before, fmt::format("sources/{}/{}", problem, choice.source_name),
                              *choice.variant->sources.at(choice.source_name)));
    FUSELINE_CHECK(put_headers(files, before, problem, choice.headers));
  }
  FUSELINE_CHECK(
      put_source(files, before, fmt::format("sources/{}/{}", problem, entry.resolved.source_name), source_text(entry)));
  FUSELINE_CHECK(put_headers(files, before, problem, entry.headers));
  const auto formula = formula_source(entry.problem->problem);
  if (std::error_code code; !std::filesystem::exists(formula, code)) return {};
  FUSELINE_TRY(text, read_file(formula));
  return put_source(files, before, formula_file(problem), text);
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

Result<std::vector<PackageEntry>> entries_of(const PackageRequest& request, std::vector<std::string>& warnings) {
  std::vector<PackageEntry> entries;
  for (const Run& run : *request.runs) {
    FUSELINE_TRY(of_run, package_entries(run, *request.catalog, request.targets, {request.build, &warnings}));
    std::move(of_run.begin(), of_run.end(), std::back_inserter(entries));
  }
  return entries;
}

Result<void> check_kind(const PackageRequest& request, const FileContents& before, const std::string& kind) {
  for (const PackageKind& other : package_kinds()) {
    if (other.id == kind || !before.contains(other.mark)) continue;
    return bad_input(printable(request.folder.string()), "",
                     fmt::format("the folder holds a package of --format {}, and {} is to be written: export into "
                                 "another folder",
                                 other.id, kind));
  }
  return {};
}

}  // namespace

std::string package_name(const std::filesystem::path& folder) {
  std::error_code code;
  const auto absolute = std::filesystem::absolute(folder, code).lexically_normal();
  return absolute.has_filename() ? absolute.filename().string() : absolute.parent_path().filename().string();
}

Result<PackageContents> package_contents(const PackageRequest& request, const std::string& kind) {
  PackageContents contents;
  FUSELINE_TRY(before, read_package(request.folder));
  FUSELINE_CHECK(check_kind(request, before, kind));
  if (const auto old = before.find(kWisdomFile); old != before.end()) {
    FUSELINE_TRY(known, Wisdom::parse(old->second, printable((request.folder / kWisdomFile).string())));
    contents.wisdom = std::move(known);
  }
  FUSELINE_TRY(entries, entries_of(request, contents.exported.warnings));
  if (request.distil > 0) FUSELINE_CHECK(choose_for_untuned(entries, request, contents.exported.warnings));
  FUSELINE_TRY(images, build_images(entries, request));
  check_sources(entries, images, contents.exported.warnings);
  for (const auto& [file, content] : before) {
    if (file.starts_with("sources/")) contents.sources[file] = content;
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    FUSELINE_CHECK(contents.wisdom.add(entries[i], images[i]));
    FUSELINE_CHECK(put_sources(contents.sources, before, entries[i]));
    for (PackageImage& image : images[i]) contents.built[image.file] = std::move(image.bytes);
  }
  contents.before = std::move(before);
  contents.exported.entries = entries.size();
  contents.exported.images = contents.wisdom.image_files().size();
  return contents;
}

Result<PackageExported> write_contents(const PackageRequest& request, const PackageContents& contents,
                                       FileContents files) {
  files.insert(contents.sources.begin(), contents.sources.end());
  files[kWisdomFile] = contents.wisdom.text();
  FUSELINE_CHECK(write_package(request.folder, files, contents.before));
  return contents.exported;
}

Result<FileContents> fixed_files(const std::filesystem::path& folder, const std::vector<std::string>& endings) {
  FileContents files;
  std::error_code code;
  for (const auto& each : std::filesystem::recursive_directory_iterator(folder, code)) {
    const std::string ending = each.path().extension().string();
    if (std::find(endings.begin(), endings.end(), ending) == endings.end()) continue;
    FUSELINE_TRY(text, read_file(each.path()));
    files[each.path().lexically_relative(folder).generic_string()] = std::move(text);
  }
  if (files.empty()) return bad_input(printable(folder.string()), "", "what packages carry is not there");
  return files;
}

}  // namespace fuseline::tuner
