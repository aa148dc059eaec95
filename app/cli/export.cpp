// fuseline export: a run in another program's format.
#include "tuner/formats/export.hpp"

#include "app/cli/common.hpp"
#include "tuner/base/files.hpp"
#include "tuner/formats/kernel_tuner.hpp"
#include "tuner/plot/plots.hpp"

namespace fuseline::app {
namespace {

using tuner::Result;

struct ExportOptions {
  std::string run, db, format, output = "-";
};

Result<std::string> exported(const tuner::Run& run, const std::string& format) {
  if (format == "t4") return tuner::t4_text(run);
  if (format == "csv") return tuner::csv(run);
  if (format == "convergence") return tuner::convergence_table(run);
  if (format == "kernel-tuner") return tuner::kernel_tuner_text(run);
  auto json = format == "ncu" ? tuner::ncu_json(run) : tuner::result_json(run);
  if (!json) return tl::unexpected(std::move(json).error());
  return json->dump(2, ' ', false, tuner::OrderedJson::error_handler_t::replace) + "\n";
}

Result<void> export_run(const ExportOptions& options) {
  FUSELINE_CHECK(check_outputs({options.output}));
  FUSELINE_TRY(run, load_run(options.db, options.run));
  FUSELINE_TRY(text, exported(run, options.format));
  if (options.output == "-") {
    print_data(text);
    return {};
  }
  return tuner::write_file(options.output, text);
}

}  // namespace

void add_export(CLI::App& app, Context& context) {
  auto options = std::make_shared<ExportOptions>();
  CLI::App* command = app.add_subcommand("export",
                                         "Write a run as result JSON, T4, CSV, a table of convergence, Nsight Compute "
                                         "style JSON or a Kernel Tuner cache file");
  add_run_options(*command, options->run, options->db);
  command
      ->add_option("--format", options->format,
                   "json (the result), t4 (every evaluation, the auto-tuning community's format), csv, convergence "
                   "(best so far and expected random search, as CSV), ncu or kernel-tuner (a cache file)")
      ->required()
      ->check(CLI::IsMember({"json", "t4", "csv", "convergence", "ncu", "kernel-tuner"}));
  command->add_option("-o,--output", options->output, "File to write (default: standard output)")->type_name("FILE");
  command->footer(
      "Examples:\n  fuseline export --format csv -o run.csv\n  fuseline export 12 --format json\n  fuseline export "
      "--format convergence -o search.csv\n");
  command->callback([options, &context] {
    context.task = [options] {
      const auto result = export_run(*options);
      return result ? kDone : fail(result.error());
    };
  });
}

}  // namespace fuseline::app
