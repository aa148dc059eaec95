// What a problem offers, with the sizes of its spaces: for tables, JSON and the GUI's chooser.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tuner/base/json.hpp"
#include "tuner/device/device.hpp"
#include "tuner/problem/catalog.hpp"

namespace fuseline::tuner {

struct VariantReport {
  const Variant* variant = nullptr;
  std::uint64_t size = 0, full_size = 0;  ///< Valid configurations of the staged and of the full space; 0 where the
                                          ///< device cannot run the variant.
  std::string unavailable;                ///< Why the sizes are 0; empty otherwise.
};

/// Points into the catalog entry, which must outlive it.
struct ProblemReport {
  const CatalogEntry* entry = nullptr;
  ProblemInstance instance;  ///< Of the shape and dtype that the sizes are for.
  std::vector<VariantReport> variants;
  std::uint64_t size = 0, full_size = 0;
};

/// Counts the configurations for the problem's default shape and dtype on a device with these limits.
[[nodiscard]] Result<ProblemReport> problem_report(const CatalogEntry& entry, const DeviceLimits& limits);

[[nodiscard]] OrderedJson to_json(const ProblemReport& report);

/// Everything about one problem, as people read it.
[[nodiscard]] std::string problem_text(const ProblemReport& report, bool colour);
/// One line a problem.
[[nodiscard]] std::string problems_text(const std::vector<ProblemReport>& reports, bool colour);

}  // namespace fuseline::tuner
