// What a package holds of a run: its best configuration, worked out for one device.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tuner/device/device.hpp"
#include "tuner/problem/catalog.hpp"
#include "tuner/run/run.hpp"
#include "tuner/worker/protocol.hpp"

namespace fuseline::tuner {

/// The device measured, and its figures.
struct MeasuredFigures {
  std::string device;
  Summary time_ms;
  double of_copy = 0;
  std::size_t samples = 0;
  Predecessor after = Predecessor::unsettled;
  std::optional<Verification> verification;
  std::string source_sha256;        ///< Of the source that was measured; empty where a recording does not say.
  bool source_as_measured = false;  ///< The source here is that one.
};

/// A configuration that shapes run which were not tuned.
struct UntunedChoice {
  const Variant* variant = nullptr;
  Configuration configuration;
  std::string source_name;                     ///< One of the variant's sources.
  std::map<std::string, std::string> headers;  ///< What that one includes.
};

/// One configuration for one problem, shape, dtype, set of scalars and device.
struct PackageEntry {
  std::shared_ptr<const CatalogEntry> problem;
  const Variant* variant = nullptr;  ///< One of the problem's.
  std::string shape;
  std::vector<Dimension> dims;
  Scalars scalars;
  Dtype dtype = Dtype::f32;
  std::string device;  ///< What the driver calls it, such as "NVIDIA H200".
  DeviceLimits limits;
  bool measured = true;  ///< False: for a device that nobody measured, by its data sheet.
  ResolvedConfiguration resolved;
  std::map<std::string, std::string> headers;  ///< What its source includes, by the name that it is included by.
  /// Those of its defines whose macro's name occurs in its source or in a header: the others make no difference.
  std::vector<std::string> defines;
  MeasuredFigures figures;
  const Run* run = nullptr;  ///< That it was taken from.
  /// What shapes that were not tuned run where this is the nearest; empty: the entry's own configuration.
  std::optional<UntunedChoice> untuned = {};
};

/// The numbers of a run in its problem as it is here. Errors: those of instantiate().
[[nodiscard]] Result<ProblemInstance> package_instance(const RunInfo& info, const CatalogEntry& problem);
/// The device of a target's entries.
[[nodiscard]] std::string package_device(const Target& target);

/// Makes images; the replies in the order of the requests. Error: nothing can be built here.
using ImageBuilder = std::function<Result<std::vector<BuildReply>>(const std::vector<BuildRequest>&)>;

/// What entries for targets are chosen with.
struct PackageMakers {
  ImageBuilder build = nullptr;  ///< Null: whether a configuration spills on a target is not looked at.
  std::vector<std::string>* warnings = nullptr;
};

/// The entries of a run: its best for the device measured, and for each of `targets` (other than that device) the first
/// in rank that is in its space and, compiled for it, does not spill. Errors: those of `makers.build`; the problem or
/// the variant is none of the catalog's, nothing worked, none of the ranked fits a target, a form of kernel that is not
/// CUDA text.
[[nodiscard]] Result<std::vector<PackageEntry>> package_entries(const Run& run, const Catalog& catalog,
                                                                const std::vector<Target>& targets,
                                                                const PackageMakers& makers = {});

/// Requests that make the images of an entry: a cubin of its device's architecture and PTX of the same capability.
[[nodiscard]] std::vector<BuildRequest> image_requests(const PackageEntry& entry);

/// The text of the entry's source.
[[nodiscard]] const std::string& source_text(const PackageEntry& entry);

}  // namespace fuseline::tuner
