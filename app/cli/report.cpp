// fuseline report: runs as one HTML page.
#include <utility>

#include "app/cli/common.hpp"
#include "tuner/base/files.hpp"
#include "tuner/page/page.hpp"

namespace fuseline::app {
namespace {

using tuner::Result;

struct ReportOptions {
  std::vector<std::string> runs;
  std::string db, output, target;
};

Result<void> write_report(const ReportOptions& options, const Context& context) {
  FUSELINE_CHECK(check_outputs({options.output}));
  FUSELINE_TRY(runs, load_runs(options.db, options.runs));
  for (tuner::Run& run : runs) {
    if (!options.target.empty()) FUSELINE_CHECK(project_on(options.target, run.info));
  }
  FUSELINE_TRY(catalog, load_catalog(context));
  tuner::PageRequest request;
  for (const tuner::Run& run : runs) request.runs.push_back(&run);
  request.catalog = &catalog;
  request.preset_paths.assign(context.preset_paths.begin(), context.preset_paths.end());
  FUSELINE_TRY(page, tuner::html_report(request));
  if (options.output != "-") return tuner::write_file(options.output, page);
  print(page);
  return {};
}

}  // namespace

void add_report(CLI::App& app, Context& context) {
  auto options = std::make_shared<ReportOptions>();
  CLI::App* command = app.add_subcommand(
      "report", "Write a run, or several, as one HTML page: plots, the best, what bounds it, its source");
  add_runs_options(*command, options->runs, options->db, "Several, such as those of a campaign, have a table first");
  command->add_option("-o,--output", options->output, "File to write; - is standard output")
      ->required()
      ->type_name("FILE");
  command->add_option("--target", options->target, "GPU that times are projected on, in place of each run's target")
      ->type_name("NAME");
  command->footer(
      "The page holds all that it needs: no script, and nothing from elsewhere.\n\n"
      "Examples:\n  fuseline report -o report.html\n  fuseline report 12 13 14 -o campaign.html\n"
      "  fuseline report best.t4.json --target rtx4090 -o there.html\n");
  command->callback([options, &context] {
    context.task = [options, &context] {
      const auto result = write_report(*options, context);
      return result ? kDone : fail(result.error());
    };
  });
}

}  // namespace fuseline::app
