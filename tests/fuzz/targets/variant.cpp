// Promises: a manifest that is read has a space within the limits or a reason why not; configurations and indices
// belong to each other.
#include "tests/fuzz/checks.hpp"
#include "tests/fuzz/targets.hpp"
#include "tuner/base/files.hpp"
#include "tuner/problem/catalog.hpp"
#include "tuner/space/variant_space.hpp"

namespace fuseline::fuzz {
namespace {

/// The problem that the manifest is of, with no variant of its own.
tuner::CatalogEntry entry_without_variants() {
  const auto data = tuner::data_folder();
  auto problem = tuner::load_problem(data / "kernels/layernorm_gelu_scale/problem.json");
  require(problem.has_value(), "the built-in problem cannot be read");
  return {std::move(*problem), {}, {}, true};
}

tuner::DeviceLimits limits() {
  const auto target = tuner::find_target(tuner::data_folder(), "rtx4090");
  require(target.has_value(), "the built-in target cannot be read");
  return target->limits;
}

void use_space(const tuner::CatalogEntry& entry, const tuner::ProblemInstance& instance,
               const tuner::DeviceLimits& device, bool full) {
  tuner::SpaceSelection selection;
  selection.full = full;
  // A hundredth of the work allowed in earnest: a fuzzer has other things to do.
  const auto space =
      tuner::variant_space(entry, instance, device, selection, {std::uint64_t{1} << 40, 1 << 18, 1 << 18});
  if (!space) return require_shown_safely(space.error());
  const std::uint64_t size = (*space)->size();
  require(size > 0, "a space without configurations");
  for (const std::uint64_t index : {std::uint64_t{0}, size / 3, size - 1}) {
    const auto configuration = (*space)->configuration(index);
    require((*space)->index_of(configuration) == index, "a configuration has another index", configuration.key());
    const auto resolved = tuner::resolve(entry.variants.front(), configuration, instance, device);
    if (!resolved) require_shown_safely(resolved.error());
  }
}

}  // namespace

void variant(std::string_view input) {
  static tuner::CatalogEntry entry = entry_without_variants();
  static const tuner::DeviceLimits device = limits();
  static const auto instance = tuner::instantiate(entry.problem, "", {}, tuner::Dtype::f32);
  static const auto source = place("kernel.cu", "// nothing\n");
  static_cast<void>(source);
  auto read = tuner::load_variant(place("variant.json", input), entry.problem);
  if (!read) return require_shown_safely(read.error());
  require_shown_safely(read->description);
  entry.variants.clear();
  entry.variants.push_back(std::move(*read));
  for (const bool full : {false, true}) use_space(entry, *instance, device, full);
}

}  // namespace fuseline::fuzz
