#include "tuner/package/entry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "tuner/base/text.hpp"
#include "tuner/problem/included_headers.hpp"
#include "tuner/run/figures.hpp"
#include "tuner/run/fitting.hpp"

namespace fuseline::tuner {
namespace {

MeasuredFigures figures_for(const Run& run, const Evaluation& evaluation) {
  const Figures figures = figures_of(run.info, evaluation);
  MeasuredFigures measured;
  measured.device = run.info.device.name;
  measured.time_ms = run.time_of(evaluation);
  measured.of_copy = figures.of_copy;
  measured.samples = figures.samples;
  measured.after = evaluation.measurement.after;
  measured.verification = evaluation.measurement.verification;
  measured.source_sha256 = evaluation.measurement.source_sha256;
  return measured;
}

/// "-DDIM_W=64" is of the macro DIM_W.
std::string_view macro_of(std::string_view define) {
  define.remove_prefix(2);
  return define.substr(0, define.find('='));
}

std::vector<std::string> used_defines(const PackageEntry& entry) {
  const std::string& source = source_text(entry);
  std::vector<std::string> used;
  for (const std::string& define : entry.resolved.defines) {
    const std::string_view macro = macro_of(define);
    const auto names = [&](const std::string& text) { return text.find(macro) != std::string::npos; };
    const bool in_header = std::any_of(entry.headers.begin(), entry.headers.end(),
                                       [&](const auto& header) { return names(header.second); });
    if (names(source) || in_header) used.push_back(define);
  }
  return used;
}

Result<PackageEntry> entry_for(const Run& run, const Catalog& catalog,
                               const std::shared_ptr<const CatalogEntry>& problem, const ProblemInstance& instance,
                               const Evaluation& evaluation, const DeviceLimits& limits) {
  FUSELINE_TRY(variant, find_variant(problem->variants, evaluation.configuration.variant));
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
  entry.headers = included_headers(source_text(entry), catalog.headers_for(*problem));
  entry.defines = used_defines(entry);
  entry.figures = figures_for(run, evaluation);
  entry.run = &run;
  return entry;
}

/// The first that fits the target and, compiled for it, does not spill; where the first few all do, the first that
/// fits, with a warning.
Result<PackageEntry> first_without_spills(const std::vector<const Evaluation*>& ranked,
                                          const std::vector<Variant>& variants, const ProblemInstance& instance,
                                          const Target& target, const PackageMakers& makers,
                                          const std::function<Result<PackageEntry>(const Evaluation&)>& entry_of) {
  constexpr std::size_t kTried = 16;
  std::optional<PackageEntry> first;
  std::string misfit;
  std::size_t tried = 0;
  for (const Evaluation* evaluation : ranked) {
    FUSELINE_TRY(why, misfit_of(evaluation->configuration, variants, instance, target.limits));
    if (misfit.empty()) misfit = why;
    if (!why.empty()) continue;
    FUSELINE_TRY(entry, entry_of(*evaluation));
    if (!makers.build) return entry;
    std::vector<BuildRequest> cubin{image_requests(entry).front()};
    FUSELINE_TRY(replies, makers.build(cubin));
    // What does not compile is said where images are made.
    if (replies.at(0).spill_bytes == 0) return entry;
    if (!first) first = std::move(entry);
    if (++tried == kTried) break;
  }
  const std::string& name = instance.problem->name;
  if (!first) {
    return bad_input(fmt::format("{}: none of the configurations that worked is in the space of {}: {}", name,
                                 target.label(), misfit));
  }
  if (makers.warnings != nullptr) {
    makers.warnings->push_back(
        fmt::format("{} {}: compiled for {}, the first {} of the configurations that worked and "
                    "fit it spill registers; the first of them is in the package",
                    name, to_string(instance.dtype), target.label(), tried));
  }
  return std::move(*first);
}

}  // namespace

Result<ProblemInstance> package_instance(const RunInfo& info, const CatalogEntry& problem) {
  // A shape's name may mean other sizes in another version; the sizes are what was measured.
  return instantiate(problem.problem, "", info.dims, info.dtype, info.scalars);
}

std::string package_device(const Target& target) {
  return target.device_names.empty() ? target.label() : target.device_names.front();
}

Result<std::vector<PackageEntry>> package_entries(const Run& run, const Catalog& catalog,
                                                  const std::vector<Target>& targets, const PackageMakers& makers) {
  FUSELINE_TRY(problem, catalog.find(run.info.problem));
  FUSELINE_TRY(instance, package_instance(run.info, *problem));
  const auto ranked = run.ranked();
  if (ranked.empty()) return bad_input(fmt::format("nothing worked in the run of {}", run.info.problem));
  std::vector<PackageEntry> entries;
  const DeviceLimits& limits = run.info.device.limits;
  auto made = entry_for(run, catalog, problem, instance, *ranked.front(), limits);
  if (!made && limits.sm_count <= 0) {
    return bad_input(fmt::format(
        "{}: the file does not say the limits of {}: export its recording (--record), or sweep again. Without them {}",
        run.info.problem, printable(run.info.device.name), printable(made.error().message())));
  }
  FUSELINE_TRY(best, std::move(made));
  best.device = run.info.device.name;
  entries.push_back(std::move(best));
  for (const Target& target : targets) {
    const auto& names = target.device_names;
    if (std::find(names.begin(), names.end(), run.info.device.name) != names.end()) continue;
    const auto entry_there = [&](const Evaluation& evaluation) {
      return entry_for(run, catalog, problem, instance, evaluation, target.limits);
    };
    FUSELINE_TRY(entry, first_without_spills(ranked, problem->variants, instance, target, makers, entry_there));
    entry.device = package_device(target);
    entry.measured = false;
    entries.push_back(std::move(entry));
  }
  return entries;
}

const std::string& source_text(const PackageEntry& entry) {
  return *entry.variant->sources.at(entry.resolved.source_name);
}

std::vector<BuildRequest> image_requests(const PackageEntry& entry) {
  std::vector<BuildRequest> requests;
  for (const char* kind : {"sm", "compute"}) {
    BuildRequest request;
    request.configuration.resolved = entry.resolved;
    request.configuration.source = entry.variant->sources.at(entry.resolved.source_name);
    request.headers = entry.headers;
    request.architecture = fmt::format("{}_{}{}", kind, entry.limits.compute_major, entry.limits.compute_minor);
    requests.push_back(std::move(request));
  }
  return requests;
}

}  // namespace fuseline::tuner
