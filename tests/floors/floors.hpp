// Holds every #include of a source tree against the arrows that are allowed between its rooms.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace fuseline::floors {

/// A room is a folder that holds sources, by its path: "tuner/base". Rooms that its files may include from, itself
/// aside.
using Arrows = std::map<std::string, std::set<std::string>>;

/// Headers of a library that may be included in some rooms alone.
struct Wall {
  std::string library;                ///< For the message: "CUDA, CUPTI or NVRTC".
  std::vector<std::string> prefixes;  ///< Of what stands between <> or "": "cuda", "nvrtc".
  std::set<std::string> rooms;
};

/// What is wrong in the folders `tops` of `root`, one sentence a fault, each with file and line where it has one:
/// an include that goes over no allowed arrow, one that names no file of the tree, a library's header outside of its
/// rooms; an arrow that no include uses, a room that the table does not know, and rooms in a circle.
[[nodiscard]] std::vector<std::string> faults(const std::filesystem::path& root, const std::vector<std::string>& tops,
                                              const Arrows& arrows, const std::vector<Wall>& walls);

}  // namespace fuseline::floors
