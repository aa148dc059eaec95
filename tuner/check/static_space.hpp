// What a space is on a chip that need not be there: what its compiled kernels take, how many of them an SM holds, and
// what keeps them from running. Nothing is timed, and nothing here is a time of a configuration.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tuner/check/compiling.hpp"
#include "tuner/device/device.hpp"
#include "tuner/device/residency.hpp"
#include "tuner/problem/catalog.hpp"
#include "tuner/problem/instance.hpp"
#include "tuner/space/variant_space.hpp"

namespace fuseline::tuner {

/// One launch of a configuration. What the image does not say is not known.
struct StaticLaunch {
  std::string kernel;
  Launch launch;                      ///< Its shared bytes are those asked for at launch.
  std::optional<int> registers = {};  ///< A thread.
  std::optional<std::int64_t> static_shared_bytes = {};
  std::optional<Residency> residency = {};  ///< Known where the two above are.
  std::optional<double> waves = {};         ///< Blocks of the grid over the blocks that the chip holds at once.
};

/// In the order in which configurations of these states are listed.
enum class StaticState {
  fits,    ///< There is an image without spills, and an SM holds a block of every launch.
  open,    ///< It may run there; whether it spills is not known, as PTX and some cubins do not say.
  spills,  ///< It can run there, and its image spills registers.
  misfit,  ///< An SM does not hold one block of it, or a limit of the chip is exceeded.
  failed,  ///< There is no image of it.
};
[[nodiscard]] std::string_view to_string(StaticState state);

/// One configuration.
struct StaticEntry {
  Configuration configuration;
  StaticState state = StaticState::failed;
  std::string reason;  ///< Of misfit and failed; else empty.
  std::vector<StaticLaunch> launches;
  /// The launch that tables show: named by the manifest, else the one of the least occupancy.
  std::size_t shown = 0;
  std::optional<std::int64_t> spill_bytes;  ///< Stored and loaded, of all its kernels.
  /// Little's law: resident warps of the launch shown (no more than its grid has), times lanes, times the bytes that a
  /// thread has under way as the manifest says. Nothing where the manifest does not.
  std::optional<double> in_flight_per_sm;

  /// Null where its launches could not be worked out.
  [[nodiscard]] const StaticLaunch* shown_launch() const {
    return shown < launches.size() ? &launches[shown] : nullptr;
  }
};

/// What is looked at, and who compiles. Pointers outlive it.
struct StaticGround {
  const CatalogEntry* entry = nullptr;
  std::shared_ptr<const std::map<std::string, std::string>> headers;  ///< Catalog::headers_for().
  const ProblemInstance* instance = nullptr;
  DeviceLimits chip;
  BuildImages build;
  std::string cache_folder = {};  ///< As BuildRequest's.
  std::function<void(std::size_t done, std::size_t total)> progress = {};
};

struct StaticFindings {
  std::vector<StaticEntry> entries;  ///< In the order asked for.
  std::size_t images = 0;            ///< Compiled: configurations that differ in the launch alone share one.
};

/// Looks at configurations one by one. Errors: nothing can be compiled here for the chip; a manifest's expression that
/// fails; a configuration of another version of its variant.
[[nodiscard]] Result<StaticFindings> look_at_configurations(const StaticGround& ground,
                                                            const std::vector<Configuration>& configurations);

/// A whole space, in the order of static_order().
struct StaticSpace {
  Target chip;
  ProblemInstance instance;  ///< Points into the catalog's entry, which must outlive it.
  std::vector<StaticEntry> entries;
  std::size_t images = 0;
  double raw_size = 0;  ///< Before constraints.
  /// Least times that the chip's rates allow for the compulsory bytes and operations of the problem, the same for every
  /// configuration: by its data sheet's bandwidth, and by what a copy reaches. 0: not known.
  double floor_ms = 0, copy_floor_ms = 0;
  StreamingRate copy;

  [[nodiscard]] std::size_t count(StaticState state) const;
};

/// Most configurations of a space that are looked at.
inline constexpr std::uint64_t kMostStatic = 100'000;

/// Errors: as variant_space() and look_at_configurations(); more than kMostStatic.
[[nodiscard]] Result<StaticSpace> static_space(const StaticGround& ground, const Target& chip,
                                               const SpaceSelection& selection);

/// Whether `a` comes before `b`: by state; by fewer bytes spilled; by more occupancy; by more bytes in flight, where
/// not known last; by fewer registers. What is equal in all of these stays in the order of the space. This is an order
/// by what can be known without a GPU and no prediction of times.
[[nodiscard]] bool static_order(const StaticEntry& a, const StaticEntry& b);
/// Whether none of the two comes before the other.
[[nodiscard]] inline bool equal_in_order(const StaticEntry& a, const StaticEntry& b) {
  return !static_order(a, b) && !static_order(b, a);
}

}  // namespace fuseline::tuner
