// Promises: a result file compares with itself as neither faster nor slower, or there is a reason why not.
#include "tuner/formats/result.hpp"

#include "tests/fuzz/checks.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/tuner/support/sample_run.hpp"
#include "tuner/formats/compare.hpp"

namespace fuseline::fuzz {

void result(std::string_view input) {
  static const auto sample = tuner::result_json(tuner::testing::sample_run());
  const auto json = tuner::parse_json(input, "result.json", {std::size_t{1} << 20, 64});
  if (!json) return require_shown_safely(json.error());
  if (const auto run = tuner::run_from_result(*json, "result.json")) {
    use(*run);
  } else {
    require_shown_safely(run.error());
  }
  const auto with_sample = tuner::compare(*sample, "a.json", *json, "b.json", 0.03);
  if (!with_sample) {
    require_shown_safely(with_sample.error());
  } else {
    for (const std::string& warning : with_sample->warnings) require_shown_safely(warning);
  }
  const auto same = tuner::compare(*json, "a.json", *json, "b.json", 0.03);
  if (!same) return require_shown_safely(same.error());
  require(same->change == 0 && !same->regression, "a result is slower than itself");
  require(same->tied_in_both == same->tied_a && same->tied_a == same->tied_b, "a result has other ties than itself");
}

}  // namespace fuseline::fuzz
