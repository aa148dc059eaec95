// Which of a run's configurations its target can run: in its space by constraints and limits, and, where they were
// compiled for it, without spills.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tuner/check/compiling.hpp"
#include "tuner/problem/catalog.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {

/// Who compiles for a target that need not be there, and how much.
struct TargetImages {
  BuildImages build = nullptr;    ///< Null: nothing is compiled, and whether a configuration spills is not known.
  std::string cache_folder = {};  ///< As BuildRequest's.
  bool in_replay = false;         ///< Also where nothing is measured, which takes longer than the replay itself.
  /// Every configuration of which a projection cannot tell that it is behind the first; else as few as show that what
  /// is named as the best there does not spill.
  bool all = false;
  std::function<void(std::size_t done, std::size_t total)> progress = nullptr;
};

/// Configurations of a run that are looked at for its target, in its order and in the target's: constraints of one take
/// about a millisecond (1.3 ms in an -O1 build).
inline constexpr std::size_t kLookedAtForTarget = 512;

/// `ranked`: what worked, best first. Empty where the run has no target or was recorded with another version of a
/// variant. What goes wrong with compiling costs the knowledge of spills alone, and is said in `messages`.
[[nodiscard]] std::optional<TargetFit> find_target_fit(const RunInfo& info,
                                                       const std::vector<const Evaluation*>& ranked,
                                                       const CatalogEntry& entry, const Catalog& catalog,
                                                       const ProblemInstance& instance, const TargetImages& images,
                                                       std::vector<std::string>& messages);
/// The same of a run that is kept, whose problem is looked for in `catalog`; puts it into the run. Without such a
/// problem the run stays as it is. Messages, as sentences without their full stops, are given back.
[[nodiscard]] std::vector<std::string> learn_target_fit(Run& run, const Catalog& catalog, const TargetImages& images);

}  // namespace fuseline::tuner
