// What a problem offers, with the sizes of its spaces: for tables, JSON and the GUI's chooser.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tuner/base/json.hpp"
#include "tuner/device/device.hpp"
#include "tuner/problem/catalog.hpp"
#include "tuner/space/variant_space.hpp"
#include "tuner/worker/device_memory.hpp"

namespace fuseline::tuner {

/// What the sizes are for.
struct ProblemChoice {
  std::string shape, dtype;  ///< Empty: the problem's first.
  std::vector<Dimension> dims;
  Scalars scalars;
  bool full = false;    ///< Whose constraints are counted and whose configurations are listed: the full space.
  bool counts = false;  ///< Work out what each constraint removes.
};

struct VariantReport {
  const Variant* variant = nullptr;
  std::uint64_t size = 0, full_size = 0;  ///< Valid configurations of the staged and of the full space; 0 where the
                                          ///< device cannot run the variant.
  std::string unavailable;                ///< Why the sizes are 0; empty otherwise.
  /// False where it is for newer devices, or where constraints that name no parameter leave it out: it is for other
  /// sizes or dtypes.
  bool meant = true;
  std::optional<VariantCounts> counts;  ///< Where they were asked for and the device can run it.

  /// Whether something is to be put right: an expression fails, or nothing is left of the space.
  [[nodiscard]] bool faulty() const { return meant && !unavailable.empty(); }
};

/// Points into the catalog entry, which must outlive it.
struct ProblemReport {
  const CatalogEntry* entry = nullptr;
  ProblemInstance instance;  ///< Of the shape and dtype that the sizes are for.
  std::vector<VariantReport> variants;
  std::uint64_t size = 0, full_size = 0;
  DeviceMemoryNeeds memory, least_memory;  ///< As it is wanted; with one set and the smallest copy.

  [[nodiscard]] bool faulty() const {
    return std::any_of(variants.begin(), variants.end(), [](const VariantReport& each) { return each.faulty(); });
  }
};

/// Counts the configurations on a device with these limits. Errors: a choice that the problem does not allow.
[[nodiscard]] Result<ProblemReport> problem_report(const CatalogEntry& entry, const DeviceLimits& limits,
                                                   const ProblemChoice& choice = {});

/// Writes the configurations that are left, all or the first `limit`: one a line, or a JSON array of them. `write` gets
/// the text piece by piece, as it may be long. Errors: a choice that the problem does not allow, nothing is left.
[[nodiscard]] Result<void> list_configurations(const CatalogEntry& entry, const DeviceLimits& limits,
                                               const ProblemChoice& choice, std::optional<std::uint64_t> limit,
                                               bool json, const std::function<void(std::string_view)>& write);

/// What expressions of problems and manifests can name beside a problem's own: functions, dtype.*, device.*.
[[nodiscard]] std::string expression_help();

[[nodiscard]] OrderedJson to_json(const ProblemReport& report);

/// Everything about one problem, as people read it.
[[nodiscard]] std::string problem_text(const ProblemReport& report, bool colour);
/// What a worker needs of a GPU of 24 GB, of which the driver and a display leave about so much.
inline constexpr std::int64_t kSmallGpuBytes = std::int64_t{22} << 30;
/// One line for each shape and dtype of the problems: what a worker takes of a GPU's memory, what it can do with, and
/// what it takes of kSmallGpuBytes. Errors: those of instantiate().
[[nodiscard]] Result<std::string> memory_table(const std::vector<std::shared_ptr<const CatalogEntry>>& entries,
                                               const DeviceLimits& limits, bool colour);
/// One line a problem.
[[nodiscard]] std::string problems_text(const std::vector<ProblemReport>& reports, bool colour);

}  // namespace fuseline::tuner
