#include "tuner/package/entry.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tuner/base/text.hpp"
#include "tuner/run/figures.hpp"

namespace fuseline::tuner {
namespace {

Result<ProblemInstance> instance_of(const RunInfo& info, const CatalogEntry& problem) {
  // A shape's name may mean other sizes in another version; the sizes are what was measured.
  return instantiate(problem.problem, "", info.dims, info.dtype, info.scalars);
}

Result<const Variant*> variant_of(const CatalogEntry& problem, const std::string& name) {
  for (const Variant& variant : problem.variants) {
    if (variant.name == name) return &variant;
  }
  return bad_input(fmt::format("the run's best is of variant '{}', which {} does not have here", printable(name),
                               problem.problem.name));
}

MeasuredFigures figures_for(const Run& run, const Evaluation& evaluation) {
  const Figures figures = figures_of(run.info, evaluation);
  MeasuredFigures measured;
  measured.device = run.info.device.name;
  measured.driver = run.info.device.driver;
  measured.replayed = run.info.backend == Backend::replay;
  measured.time_ms = run.time_of(evaluation);
  measured.of_copy = figures.of_copy;
  measured.samples = figures.samples;
  measured.after = evaluation.measurement.after;
  measured.verification = evaluation.measurement.verification;
  measured.source_sha256 = evaluation.measurement.source_sha256;
  return measured;
}

/// The first in rank that `limits` hold; empty where none does, `why_not` then says what the best lacks.
Result<const Evaluation*> first_fitting(const Run& run, const CatalogEntry& problem, const ProblemInstance& instance,
                                        const DeviceLimits& limits, std::string& why_not) {
  for (const Evaluation* evaluation : run.ranked()) {
    FUSELINE_TRY(variant, variant_of(problem, evaluation->configuration.variant));
    FUSELINE_TRY(reason, misfit(*variant, evaluation->configuration, instance, limits));
    if (reason.empty()) return evaluation;
    if (why_not.empty()) why_not = reason;
  }
  return nullptr;
}

Result<PackageEntry> entry_for(const Run& run, const std::shared_ptr<const CatalogEntry>& problem,
                               const ProblemInstance& instance, const Evaluation& evaluation,
                               const DeviceLimits& limits) {
  FUSELINE_TRY(variant, variant_of(*problem, evaluation.configuration.variant));
  if (variant->form != KernelForm::cuda) {
    return bad_input(fmt::format("{}: variant '{}' is given as {}; a package holds kernels of CUDA text",
                                 problem->problem.name, variant->name, to_string(variant->form)));
  }
  PackageEntry entry;
  entry.problem = problem;
  entry.variant = variant;
  entry.shape = run.info.shape;
  entry.dims = instance.dims;
  entry.scalars = instance.scalars;
  entry.dtype = instance.dtype;
  entry.limits = limits;
  FUSELINE_TRY(resolved, resolve(*variant, evaluation.configuration, instance, limits));
  entry.resolved = std::move(resolved);
  entry.figures = figures_for(run, evaluation);
  return entry;
}

/// "-DDIM_W=64" is of the macro DIM_W.
std::string_view macro_of(std::string_view define) {
  define.remove_prefix(2);
  return define.substr(0, define.find('='));
}

}  // namespace

Result<std::vector<PackageEntry>> package_entries(const Run& run, const Catalog& catalog,
                                                  const std::vector<Target>& targets) {
  FUSELINE_TRY(problem, catalog.find(run.info.problem));
  FUSELINE_TRY(instance, instance_of(run.info, *problem));
  const auto ranked = run.ranked();
  if (ranked.empty()) return bad_input(fmt::format("nothing worked in the run of {}", run.info.problem));
  std::vector<PackageEntry> entries;
  FUSELINE_TRY(best, entry_for(run, problem, instance, *ranked.front(), run.info.device.limits));
  best.device = run.info.device.name;
  entries.push_back(std::move(best));
  for (const Target& target : targets) {
    const auto& names = target.device_names;
    if (std::find(names.begin(), names.end(), run.info.device.name) != names.end()) continue;
    std::string why_not;
    FUSELINE_TRY(fitting, first_fitting(run, *problem, instance, target.limits, why_not));
    if (fitting == nullptr) {
      return bad_input(fmt::format("{}: none of the configurations that worked is in the space of {}: {}",
                                   run.info.problem, target.label(), why_not));
    }
    FUSELINE_TRY(entry, entry_for(run, problem, instance, *fitting, target.limits));
    entry.device = names.empty() ? target.label() : names.front();
    entry.measured = false;
    entries.push_back(std::move(entry));
  }
  return entries;
}

const std::string& source_text(const PackageEntry& entry) {
  return *entry.variant->sources.at(entry.resolved.source_name);
}

std::vector<std::string> used_defines(const PackageEntry& entry, const Catalog& catalog) {
  const auto headers = catalog.headers_for(*entry.problem);
  const std::string& source = source_text(entry);
  std::vector<std::string> used;
  for (const std::string& define : entry.resolved.defines) {
    const std::string_view macro = macro_of(define);
    const auto names = [&](const std::string& text) { return text.find(macro) != std::string::npos; };
    const bool in_header =
        std::any_of(headers.begin(), headers.end(), [&](const auto& header) { return names(header.second); });
    if (names(source) || in_header) used.push_back(define);
  }
  return used;
}

std::vector<BuildRequest> image_requests(const PackageEntry& entry, const Catalog& catalog) {
  std::vector<BuildRequest> requests;
  for (const char* kind : {"sm", "compute"}) {
    BuildRequest request;
    request.configuration.resolved = entry.resolved;
    request.configuration.source = entry.variant->sources.at(entry.resolved.source_name);
    request.headers = catalog.headers_for(*entry.problem);
    request.architecture = fmt::format("{}_{}{}", kind, entry.limits.compute_major, entry.limits.compute_minor);
    requests.push_back(std::move(request));
  }
  return requests;
}

}  // namespace fuseline::tuner
