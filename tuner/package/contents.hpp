// What every kind of package holds: entries of runs with their images and sources, added to what the folder has.
#pragma once

#include <map>
#include <string>

#include "tuner/package/folder.hpp"
#include "tuner/package/packages.hpp"
#include "tuner/package/wisdom.hpp"

namespace fuseline::tuner {

/// Name of the file that every package has; see Wisdom.
inline constexpr const char* kWisdomFile = "wisdom.json";

/// The folder's last part: the package's name. Whether it is one is for the kind to say.
[[nodiscard]] std::string package_name(const std::filesystem::path& folder);

struct PackageContents {
  FileContents before;   ///< Files of the package that is there.
  Wisdom wisdom;         ///< With the new entries.
  FileContents sources;  ///< "sources/...": those before and those of the new entries.
  FileContents built;    ///< Images made now, by their file in wisdom.
  PackageExported exported;
};

/// Reads the folder, takes the entries of the runs, builds their images and adds them. Errors: the folder holds another
/// kind than `kind`, something else or a damaged package; those of package_entries() and Wisdom::add(); an image that
/// cannot be built; a source in another version. Nothing is written.
[[nodiscard]] Result<PackageContents> package_contents(const PackageRequest& request, const std::string& kind);

/// Adds wisdom.json and the sources to the kind's own `files`, and writes everything.
[[nodiscard]] Result<PackageExported> write_contents(const PackageRequest& request, const PackageContents& contents,
                                                     FileContents files);

/// Files of a folder of `data`/assets that end so, by their path in it. Error: there are none.
[[nodiscard]] Result<FileContents> fixed_files(const std::filesystem::path& folder,
                                               const std::vector<std::string>& endings);

}  // namespace fuseline::tuner
