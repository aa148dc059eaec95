// All problems that can be tuned: the built-in ones and the user's own folders.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tuner/problem/variant.hpp"

namespace fuseline::tuner {

struct CatalogEntry {
  Problem problem;
  std::vector<Variant> variants;  ///< By name; at least one.
  std::map<std::string, std::string>
      headers;  ///< *.cuh beside the sources, which these may include as "NAME": file name to text.
  bool built_in = true;
};

/// A folder of the user's that is no problem as it stands. It costs itself alone.
struct UnloadedFolder {
  std::string name;  ///< Of its problem as far as it can be read, else the folder's; empty: it stands for no problem.
  std::filesystem::path folder;
  Error error;  ///< File, JSON path and reason.
};

/// Problems by name. A problem is a folder: problem.json, reference.cu, manifests and sources side by side. The
/// built-in ones are <data>/kernels/NAME/. A preset path is such a folder or a folder of such folders. A user's problem
/// may not take a built-in problem's name.
class Catalog {
 public:
  /// Loads `data` (data_folder()) and the user's folders: `preset_paths`, then $FUSELINE_PATH (colon-separated).
  /// A malformed file of the user's, a name that is taken, and a path of $FUSELINE_PATH that leads nowhere are told by
  /// unloaded(). Errors: a malformed file in `data`; one of `preset_paths` that leads to no problem.json.
  [[nodiscard]] static Result<Catalog> load(const std::filesystem::path& data,
                                            const std::vector<std::filesystem::path>& preset_paths);

  [[nodiscard]] const std::vector<std::shared_ptr<const CatalogEntry>>& entries() const { return entries_; }
  /// The user's folders that were left out, in the order in which they were met.
  [[nodiscard]] const std::vector<UnloadedFolder>& unloaded() const { return unloaded_; }
  /// Errors: why the problem of that name could not be loaded; unknown problem, with close names and the list.
  [[nodiscard]] Result<std::shared_ptr<const CatalogEntry>> find(const std::string& name) const;

  /// Headers that every source may include as "common/NAME": file name to text.
  [[nodiscard]] const std::map<std::string, std::string>& common_headers() const { return common_headers_; }
  /// Headers that the sources of a problem may include, by the name in the #include: its own and the common ones.
  [[nodiscard]] std::map<std::string, std::string> headers_for(const CatalogEntry& entry) const;

 private:
  void add_user_folder(const std::filesystem::path& folder,
                       std::map<std::string, std::shared_ptr<const CatalogEntry>>& by_name);

  std::vector<std::shared_ptr<const CatalogEntry>> entries_;
  std::vector<UnloadedFolder> unloaded_;
  std::map<std::string, std::string> common_headers_;
};

}  // namespace fuseline::tuner
