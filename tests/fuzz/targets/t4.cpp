// Promises: a recording that is read can be exported, shown, drawn and searched, and is read again from what is written
// of it.
#include "tests/fuzz/checks.hpp"
#include "tests/fuzz/targets.hpp"
#include "tuner/formats/export.hpp"

namespace fuseline::fuzz {

void t4(std::string_view input) {
  const auto json = tuner::parse_json(input, "run.t4.json", {std::size_t{1} << 20, 64});
  if (!json) return require_shown_safely(json.error());
  const auto run = tuner::run_from_t4(*json, "run.t4.json");
  if (!run) return require_shown_safely(run.error());
  use(*run);
  const auto written = tuner::parse_json(tuner::t4_text(*run), "again");
  require(written.has_value(), "what was written is not JSON");
  const auto again = tuner::run_from_t4(*written, "again");
  require(again.has_value(), "what was written is not read", again ? "" : again.error().message());
  require(again->evaluations.size() == run->evaluations.size(), "what was written has other evaluations");
}

}  // namespace fuseline::fuzz
