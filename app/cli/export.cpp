// fuseline export: a run in another program's format.
#include "app/cli/common.hpp"
#include "tuner/base/files.hpp"
#include "tuner/formats/formats.hpp"

namespace fuseline::app {
namespace {

using tuner::Result;

struct ExportOptions {
  std::string run, db, format, output = "-";
};

Result<void> export_run(const ExportOptions& options) {
  FUSELINE_TRY(format, tuner::format_named(options.format));
  FUSELINE_CHECK(check_outputs({options.output}));
  FUSELINE_TRY(run, load_run(options.db, options.run));
  FUSELINE_TRY(text, format->write(run));
  if (options.output == "-") {
    print_data(text);
    return {};
  }
  return tuner::write_file(options.output, text);
}

}  // namespace

void add_export(CLI::App& app, Context& context) {
  auto options = std::make_shared<ExportOptions>();
  CLI::App* command = app.add_subcommand("export", "Write a run in another program's format");
  add_run_options(*command, options->run, options->db);
  command->add_option("--format", options->format, tuner::formats_help())->required()->check([](const std::string& id) {
    const auto format = tuner::format_named(id);
    return format ? std::string() : format.error().reason;
  });
  command->add_option("-o,--output", options->output, "File to write (default: standard output)")->type_name("FILE");
  command->footer(
      "Examples:\n  fuseline export --format csv -o run.csv\n  fuseline export 12 --format json\n  fuseline export "
      "--format convergence-csv -o search.csv\n");
  command->callback([options, &context] {
    context.task = [options] {
      const auto result = export_run(*options);
      return result ? kDone : fail(result.error());
    };
  });
}

}  // namespace fuseline::app
