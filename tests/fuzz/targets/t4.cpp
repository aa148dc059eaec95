// Promises: a recording that is read can be exported, shown, drawn and searched, and is read again from what is written
// of it.
#include "tuner/formats/t4.hpp"

#include "tests/fuzz/checks.hpp"
#include "tests/fuzz/targets.hpp"
#include "tuner/formats/read_run.hpp"

namespace fuseline::fuzz {

void t4(std::string_view input) {
  const auto run = tuner::run_from_text(input, "run.t4.json");
  if (!run) return require_shown_safely(run.error());
  use(*run);
  require(tuner::parse_json(tuner::t4_text(*run), "again").has_value(), "what was written is not JSON");
  const auto again = tuner::run_from_t4(tuner::t4_text(*run), "again");
  require(again.has_value(), "what was written is not read", again ? "" : again.error().message());
  require(again->evaluations.size() == run->evaluations.size(), "what was written has other evaluations");
}

}  // namespace fuseline::fuzz
