// Promises: a cache file that is read can be exported, shown, drawn and searched.
#include "tuner/formats/kernel_tuner.hpp"

#include "tests/fuzz/checks.hpp"
#include "tests/fuzz/targets.hpp"

namespace fuseline::fuzz {

void kernel_tuner(std::string_view input) {
  static_cast<void>(tuner::is_kernel_tuner_cache(input));
  const auto run = tuner::run_from_kernel_tuner(input, "cache.json");
  if (!run) return require_shown_safely(run.error());
  require(!run->evaluations.empty(), "a run without evaluations");
  use(*run);
}

}  // namespace fuseline::fuzz
