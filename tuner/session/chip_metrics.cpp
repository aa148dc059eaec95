#include "tuner/session/chip_metrics.hpp"

#include <fmt/format.h>

#include <chrono>

#include "tuner/base/json_fields.hpp"
#include "tuner/base/text.hpp"
#include "tuner/session/finished_child.hpp"
#include "tuner/session/session.hpp"

namespace fuseline::tuner {
namespace {

using namespace std::chrono_literals;
constexpr auto kTimeAllowed = 120s;
constexpr const char* kRefused = "exited with status 3";  // It understood, and says why it cannot.
constexpr const char* kSource = "the worker's answer";

/// Everything that the command writes to its stdout; its last words where it fails.
Result<std::string> output_of(const std::string& command) {
  FUSELINE_TRY(finished, run_to_end(command, "", kTimeAllowed));
  if (finished.succeeded()) return finished.output;
  const auto words = printable(std::string(trimmed(finished.errors)));
  if (finished.status == kRefused && !words.empty()) return bad_input(words);
  return worker_error(words.empty() ? fmt::format("the worker {}", finished.status) : words);
}

Result<OrderedJson> ask(const std::string& worker_command, const std::string& arguments) {
  auto command = worker_command;
  if (command.empty()) {
    FUSELINE_TRY(own, own_worker_command("", 0));
    command = std::move(own);
  }
  FUSELINE_TRY(text, output_of(command + arguments));
  return parse_json(text, kSource);
}

}  // namespace

static Result<void> read_value(const JsonView& view, ChipMetric& out) {
  return FieldReader(view)
      .required("name", out.name)
      .optional("type", out.type)
      .optional("description", out.description)
      .optional("unit", out.unit)
      .result();
}
static Result<void> read_value(const JsonView& view, ChipMetricSet& out) {
  return FieldReader(view).required("metrics", out.metrics).required("passes", out.passes).result();
}
static Result<void> read_value(const JsonView& view, RequestedMetrics& out) {
  return FieldReader(view)
      .optional("metrics", out.metrics)
      .optional("invalid", out.invalid)
      .optional("passes", out.passes)
      .result();
}

Result<ChipMetrics> chip_metrics(const std::string& worker_command, const std::string& chip,
                                 const std::vector<std::string>& metrics) {
  std::string arguments = " --counters-of " + shell_quoted(chip);
  for (const auto& metric : metrics) arguments += " --metric " + shell_quoted(metric);
  FUSELINE_TRY(json, ask(worker_command, arguments));
  ChipMetrics result;
  FUSELINE_CHECK(FieldReader(JsonView(json, kSource))
                     .required("chip", result.chip)
                     .optional("cupti", result.cupti)
                     .optional("metrics", result.metrics)
                     .optional("sets", result.sets)
                     .optional("requested", result.requested)
                     .result());
  result.json = std::move(json);
  return result;
}

Result<std::vector<std::string>> counter_chips(const std::string& worker_command) {
  FUSELINE_TRY(json, ask(worker_command, " --counters-of list"));
  std::vector<std::string> chips;
  FUSELINE_CHECK(FieldReader(JsonView(json, kSource)).required("chips", chips).result());
  return chips;
}

}  // namespace fuseline::tuner
