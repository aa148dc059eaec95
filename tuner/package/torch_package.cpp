#include "tuner/package/torch_package.hpp"

#include <fmt/format.h>

#include <set>

#include "tuner/base/text.hpp"
#include "tuner/package/contents.hpp"
#include "tuner/package/package_readme.hpp"

namespace fuseline::tuner {
namespace {

Result<std::string> python_name(const std::filesystem::path& folder) {
  const std::string name = package_name(folder);
  static const std::set<std::string> keywords = {
      "False",  "None",     "True",   "and", "as",    "assert", "async",  "await",    "break",
      "class",  "continue", "def",    "del", "elif",  "else",   "except", "for",      "from",
      "global", "if",       "import", "in",  "is",    "lambda", "not",    "nonlocal", "or",
      "pass",   "raise",    "return", "try", "while", "with",   "yield"};
  if (is_identifier(name) && !keywords.contains(name)) return name;
  return bad_input(printable(folder.string()), "",
                   fmt::format("the folder's name is the package's, and '{}' is no name in Python", printable(name)));
}

}  // namespace

Result<PackageExported> export_torch(const PackageRequest& request) {
  FUSELINE_TRY(name, python_name(request.folder));
  FUSELINE_TRY(contents, package_contents(request, "torch"));
  // The loader, the same in every package.
  FUSELINE_TRY(files, fixed_files(request.data / "assets" / "package", {".py"}));
  for (const std::string& file : contents.wisdom.image_files()) {
    const auto built = contents.built.find(file);
    files[file] = built != contents.built.end() ? built->second : contents.before.at(file);
  }
  files["README.md"] = package_readme(name, contents.wisdom);
  return write_contents(request, contents, std::move(files));
}

}  // namespace fuseline::tuner
