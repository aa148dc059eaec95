// fuseline distil: the few configurations that serve many shapes.
#include "tuner/run/distil.hpp"

#include <spdlog/spdlog.h>

#include <memory>
#include <string>
#include <vector>

#include "app/cli/common.hpp"
#include "tuner/base/files.hpp"
#include "tuner/base/json.hpp"
#include "tuner/formats/distil_json.hpp"
#include "tuner/report/distil_text.hpp"

namespace fuseline::app {
namespace {

using tuner::Result;

struct DistilOptions {
  std::vector<std::string> runs;
  std::string db, output;
  std::size_t most = tuner::DistilRules{}.most;
  bool json = false;
};

Result<void> distil_runs(const DistilOptions& options, bool quiet) {
  FUSELINE_CHECK(check_outputs({options.output}));
  FUSELINE_TRY(runs, load_runs(options.db, options.runs));
  tuner::DistilRules rules;
  rules.most = options.most;
  FUSELINE_TRY(distillation, tuner::distil(runs, rules));
  for (const std::string& warning : distillation.warnings) spdlog::warn("{}", warning);
  const bool to_stdout = options.json || options.output == "-";
  const std::string json = tuner::json_text(tuner::distil_json(distillation));
  if (!options.output.empty() && options.output != "-") FUSELINE_CHECK(tuner::write_file(options.output, json));
  if (to_stdout) {
    print_data(json);
  } else if (!quiet) {
    print(tuner::distil_text(distillation, use_colour(1)));
  }
  return {};
}

}  // namespace

void add_distil(CLI::App& app, Context& context) {
  auto options = std::make_shared<DistilOptions>();
  CLI::App* command =
      app.add_subcommand("distil", "Find the few configurations that serve all shapes of a problem best");
  add_runs_options(*command, options->runs, options->db, "Several shapes of a problem are wanted");
  command->add_option("--max", options->most, "Configurations, at most")
      ->capture_default_str()
      ->type_name("N")
      ->check(quiet_range(1, 1000));
  command->add_flag("--json", options->json, "JSON on standard output in place of the tables");
  command->add_option("-o,--output", options->output, "Write the same JSON into a file (- for standard output)")
      ->type_name("FILE");
  command->footer(
      "Each shape takes the fastest of the chosen. The geometric mean over the shapes of time over best time is "
      "minimised; a configuration\n"
      "counts for a shape only where its run measured it. Runs are grouped by problem, dtype and device.\n"
      "Examples:\n"
      "  fuseline distil 12 13 14 15 --max 2\n"
      "  fuseline distil best.f32.*.t4.json --max 3 -o few.json\n");
  command->callback([options, &context] {
    context.task = [options, &context] {
      const auto result = distil_runs(*options, context.quiet);
      return result ? kDone : fail(result.error());
    };
  });
}

}  // namespace fuseline::app
