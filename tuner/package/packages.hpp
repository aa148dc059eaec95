// The kinds of package, and what is common to writing one. A new kind is a file of its own and a line in packages.cpp.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tuner/package/entry.hpp"

namespace fuseline::tuner {

/// What is asked of a package; every kind can do all of it.
struct PackageRequest {
  std::filesystem::path folder;  ///< Its name is the package's.
  const std::vector<Run>* runs = nullptr;
  const Catalog* catalog = nullptr;
  std::filesystem::path data;   ///< data_folder(): what runs in the user's program comes from there.
  std::vector<Target> targets;  ///< Beside the device that each run measured.
  ImageBuilder build;
  /// Configurations for shapes that were not tuned, at most, for each problem, dtype and device (see distil()); 0: such
  /// shapes run the configuration of the nearest tuned one.
  std::size_t distil = 0;
};

/// What was written.
struct PackageExported {
  std::size_t entries = 0;  ///< By this export.
  std::size_t images = 0;   ///< In the package.
  std::vector<std::string> warnings;
};

struct PackageKind {
  std::string id;     ///< Of --format: "torch".
  std::string title;  ///< "Python package for PyTorch: the best, ready to call"
  std::string mark;   ///< A file that every package of this kind has, and none of another.
  Result<PackageExported> (*write)(const PackageRequest& request) = nullptr;
};
[[nodiscard]] const std::vector<PackageKind>& package_kinds();
/// Null where no package is called so.
[[nodiscard]] const PackageKind* package_kind(const std::string& id);
[[nodiscard]] std::vector<std::string> package_ids();
/// "torch (Python package ...)": for a help text.
[[nodiscard]] std::string package_kinds_help();

inline constexpr const char* kPackageTarget = "rtx4090";  ///< Where none is named.
/// Chips that a package is made for beside the one measured: `target` by name, and for each compute capability such as
/// 89 that it lacks the first data sheet that has it. Errors: no such target, no data sheet of a capability.
[[nodiscard]] Result<std::vector<Target>> package_targets(const std::filesystem::path& data, const std::string& target,
                                                          const std::vector<int>& capabilities);

}  // namespace fuseline::tuner
