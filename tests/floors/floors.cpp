#include "tests/floors/floors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <regex>

namespace fuseline::floors {
namespace {

namespace fs = std::filesystem;

/// One line of a file.
struct Include {
  std::string file;  ///< Below the root.
  int line = 0;
  std::string target;
  bool quoted = false;

  [[nodiscard]] std::string place() const { return file + ":" + std::to_string(line); }
};

std::string room_of(const fs::path& file) { return file.parent_path().generic_string(); }

bool is_source(const fs::path& file) {
  static const std::set<std::string> endings = {".cpp", ".hpp", ".cc", ".h", ".cu", ".cuh", ".def"};
  return endings.contains(file.extension().string());
}

void read_includes(const fs::path& root, const fs::path& file, std::vector<Include>& includes) {
  static const std::regex directive(R"re(^\s*#\s*include\s*(["<])([^">]+)[">])re");
  std::ifstream in(root / file);
  std::string text;
  for (int line = 1; std::getline(in, text); ++line) {
    std::smatch match;
    if (std::regex_search(text, match, directive))
      includes.push_back({file.generic_string(), line, match[2].str(), match[1].str() == "\""});
  }
}

struct Tree {
  std::vector<Include> includes;
  std::set<std::string> rooms;
};

Tree read_tree(const fs::path& root, const std::vector<std::string>& tops) {
  std::vector<fs::path> files;
  for (const std::string& top : tops) {
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      if (entry.is_regular_file() && is_source(entry.path())) files.push_back(fs::relative(entry.path(), root));
    }
  }
  std::sort(files.begin(), files.end());
  Tree tree;
  for (const fs::path& file : files) {
    tree.rooms.insert(room_of(file));
    read_includes(root, file, tree.includes);
  }
  return tree;
}

/// Rooms that can be reached from `room` and reach it again, in the order of the walk; empty: none.
std::vector<std::string> circle_from(const std::string& room, const Arrows& arrows) {
  std::vector<std::string> path;
  std::set<std::string> seen;
  const auto walk = [&](const auto& self, const std::string& at) -> bool {
    path.push_back(at);
    const auto found = arrows.find(at);
    for (const std::string& next : found == arrows.end() ? std::set<std::string>() : found->second) {
      if (next == room) return true;
      if (seen.insert(next).second && self(self, next)) return true;
    }
    path.pop_back();
    return false;
  };
  return walk(walk, room) ? path : std::vector<std::string>();
}

/// Each once, from the first of its rooms by name.
void find_circles(const Arrows& arrows, std::vector<std::string>& found) {
  for (const auto& [room, next] : arrows) {
    const auto circle = circle_from(room, arrows);
    if (circle.empty() || *std::min_element(circle.begin(), circle.end()) != room) continue;
    std::string text = "rooms in a circle: ";
    for (const std::string& each : circle) text += each + " -> ";
    found.push_back(text + room);
  }
}

void check_walls(const Include& include, const std::vector<Wall>& walls, std::vector<std::string>& found) {
  for (const Wall& wall : walls) {
    const bool hit = std::any_of(wall.prefixes.begin(), wall.prefixes.end(),
                                 [&](const std::string& prefix) { return include.target.starts_with(prefix); });
    if (hit && !wall.rooms.contains(room_of(include.file)))
      found.push_back(include.place() + ": includes " + include.target + ": headers of " + wall.library +
                      " are not for " + room_of(include.file));
  }
}

}  // namespace

std::vector<std::string> faults(const fs::path& root, const std::vector<std::string>& tops, const Arrows& arrows,
                                const std::vector<Wall>& walls) {
  std::vector<std::string> found;
  const Tree tree = read_tree(root, tops);
  for (const std::string& room : tree.rooms) {
    if (!arrows.contains(room)) found.push_back(room + ": the table does not know this room");
  }
  Arrows used;
  for (const Include& include : tree.includes) {
    check_walls(include, walls, found);
    if (!include.quoted) continue;
    if (!fs::exists(root / include.target)) {
      found.push_back(include.place() + ": includes \"" + include.target + "\", which is no file of the tree");
      continue;
    }
    const std::string from = room_of(include.file), to = room_of(include.target);
    if (from == to) continue;
    used[from].insert(to);
    const auto allowed = arrows.find(from);
    if (allowed == arrows.end() || !allowed->second.contains(to))
      found.push_back(
          fmt::format("{}: includes {}: {} -> {} is not allowed", include.place(), include.target, from, to));
  }
  for (const auto& [from, targets] : arrows) {
    for (const std::string& to : targets) {
      if (!used[from].contains(to)) found.push_back(fmt::format("no include uses {} -> {}", from, to));
    }
  }
  find_circles(arrows, found);
  return found;
}

}  // namespace fuseline::floors
