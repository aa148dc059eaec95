#include "tuner/package/untuned.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "tuner/base/text.hpp"
#include "tuner/problem/included_headers.hpp"
#include "tuner/run/distil.hpp"
#include "tuner/run/fitting.hpp"

namespace fuseline::tuner {
namespace {

/// A run's problem as it is here, with the run's numbers.
struct Ground {
  std::shared_ptr<const CatalogEntry> problem;
  ProblemInstance instance;
};
using Grounds = std::map<const Run*, Ground>;

Result<Grounds> grounds_of(const PackageRequest& request) {
  Grounds grounds;
  for (const Run& run : *request.runs) {
    FUSELINE_TRY(problem, request.catalog->find(run.info.problem));
    FUSELINE_TRY(instance, package_instance(run.info, *problem));
    grounds.emplace(&run, Ground{std::move(problem), std::move(instance)});
  }
  return grounds;
}

/// Whether a package can hold it, and the target, where there is one, can run it.
bool may_serve(const Ground& ground, const Evaluation& evaluation, const Target* target) {
  const auto variant = find_variant(ground.problem->variants, evaluation.configuration.variant);
  if (!variant || (*variant)->form != KernelForm::cuda) return false;
  if (target == nullptr) return true;
  const auto fit = first_fitting({&evaluation}, ground.problem->variants, ground.instance, target->limits);
  return fit && fit->evaluation != nullptr;
}

Result<UntunedChoice> choice_of(const Ground& ground, const Evaluation& taken, const DeviceLimits& limits,
                                const Catalog& catalog) {
  FUSELINE_TRY(variant, find_variant(ground.problem->variants, taken.configuration.variant));
  FUSELINE_TRY(resolved, resolve(*variant, taken.configuration, ground.instance, limits));
  auto headers = included_headers(*variant->sources.at(resolved.source_name), catalog.headers_for(*ground.problem));
  return UntunedChoice{variant, taken.configuration, resolved.source_name, std::move(headers)};
}

bool same_shape(const PackageEntry& a, const PackageEntry& b) {
  return a.problem == b.problem && a.dtype == b.dtype && a.dims == b.dims && a.scalars == b.scalars &&
         a.device == b.device;
}

/// For the device measured (`target` null), or for a target.
Result<void> choose_on(const Target* target, const Grounds& grounds, const PackageRequest& request,
                       std::vector<PackageEntry>& entries, std::vector<std::string>& warnings) {
  DistilRules rules;
  rules.most = request.distil;
  rules.may = [&](const Run& run, const Evaluation& evaluation) {
    return may_serve(grounds.at(&run), evaluation, target);
  };
  FUSELINE_TRY(distillation, distil(*request.runs, rules));
  if (target == nullptr) warnings.insert(warnings.end(), distillation.warnings.begin(), distillation.warnings.end());
  for (const Distilled& group : distillation.groups) {
    for (const DistilledShape& shape : group.shapes) {
      const auto entry = std::find_if(entries.begin(), entries.end(), [&](const PackageEntry& each) {
        return each.run == shape.run && each.measured == (target == nullptr) &&
               (target == nullptr || each.device == package_device(*target));
      });
      if (entry == entries.end()) continue;  // A target that is the device measured.
      if (shape.taken == nullptr) {
        if (target == nullptr)
          warnings.push_back(fmt::format("{} {} {}: none of the distilled configurations was measured in this shape",
                                         printable(group.problem), to_string(group.dtype),
                                         printable(shape.run->info.shape)));
        continue;
      }
      FUSELINE_TRY(choice, choice_of(grounds.at(shape.run), *shape.taken, entry->limits, *request.catalog));
      entry->untuned = std::move(choice);
    }
  }
  return {};
}

}  // namespace

Result<void> choose_for_untuned(std::vector<PackageEntry>& entries, const PackageRequest& request,
                                std::vector<std::string>& warnings) {
  FUSELINE_TRY(grounds, grounds_of(request));
  FUSELINE_CHECK(choose_on(nullptr, grounds, request, entries, warnings));
  for (const Target& target : request.targets) FUSELINE_CHECK(choose_on(&target, grounds, request, entries, warnings));
  // Of several runs of a shape one was distilled; the package holds the one that was named last.
  for (PackageEntry& entry : entries) {
    if (entry.untuned) continue;
    const auto other = std::find_if(entries.begin(), entries.end(),
                                    [&](const PackageEntry& each) { return each.untuned && same_shape(each, entry); });
    if (other != entries.end()) entry.untuned = other->untuned;
  }
  return {};
}

}  // namespace fuseline::tuner
