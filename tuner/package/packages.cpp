#include "tuner/package/packages.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "tuner/package/cpp_package.hpp"
#include "tuner/package/torch_package.hpp"

namespace fuseline::tuner {
namespace {

int capability_of(const Target& target) { return target.limits.compute_major * 10 + target.limits.compute_minor; }

}  // namespace

const std::vector<PackageKind>& package_kinds() {
  static const std::vector<PackageKind> kinds = {
      {"torch", "Python package for PyTorch: the best, ready to call", "__init__.py", export_torch},
      {"cpp", "C++ library that needs the driver alone: the best, ready to call", "CMakeLists.txt", export_cpp},
  };
  return kinds;
}

const PackageKind* package_kind(const std::string& id) {
  for (const PackageKind& kind : package_kinds()) {
    if (kind.id == id) return &kind;
  }
  return nullptr;
}

std::vector<std::string> package_ids() {
  std::vector<std::string> ids;
  for (const PackageKind& kind : package_kinds()) ids.push_back(kind.id);
  return ids;
}

std::string package_kinds_help() {
  std::vector<std::string> words;
  for (const PackageKind& kind : package_kinds()) words.push_back(fmt::format("{} ({})", kind.id, kind.title));
  return fmt::format("{}", fmt::join(words, "; "));
}

Result<std::vector<Target>> package_targets(const std::filesystem::path& data, const std::string& target,
                                            const std::vector<int>& capabilities) {
  FUSELINE_TRY(sheets, load_targets(data));
  FUSELINE_TRY(named, find_target(data, target));
  std::vector<Target> targets = {named};
  for (const int capability : capabilities) {
    const auto has = [&](const Target& sheet) { return capability_of(sheet) == capability; };
    if (std::any_of(targets.begin(), targets.end(), has)) continue;
    const auto sheet = std::find_if(sheets.begin(), sheets.end(), has);
    if (sheet == sheets.end()) {
      std::set<int> known;
      for (const Target& each : sheets) known.insert(capability_of(each));
      return bad_input("--cc", "",
                       fmt::format("there is no data sheet of compute capability {}; there are {}", capability,
                                   fmt::join(known, ", ")));
    }
    targets.push_back(*sheet);
  }
  return targets;
}

}  // namespace fuseline::tuner
