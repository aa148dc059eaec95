// fuseline export: runs in another program's format, or as a package that runs their best.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "app/cli/common.hpp"
#include "app/cli/compile_progress.hpp"
#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"
#include "tuner/formats/formats.hpp"
#include "tuner/package/packages.hpp"
#include "tuner/report/documents.hpp"
#include "tuner/session/images.hpp"
#include "tuner/session/session.hpp"
#include "tuner/session/target_fit.hpp"

namespace fuseline::app {
namespace {

using tuner::Result;

struct ExportOptions {
  std::vector<std::string> runs;
  std::string db, format, output = "-", target, worker;
  std::vector<int> capabilities;
  std::size_t distil = 0;
};

/// Projects the run, and learns which of its configurations the target can run, as far as a compiler here can tell.
Result<void> go_to_target(tuner::Run& run, const tuner::Catalog& catalog, const ExportOptions& options, bool quiet) {
  FUSELINE_CHECK(project_on(options.target, run.info));
  CompileProgress progress(quiet);
  tuner::TargetImages images;
  images.build = tuner::image_stream(options.worker);
  images.progress = [&](std::size_t done, std::size_t total) { progress.show(done, total); };
  const auto messages = tuner::learn_target_fit(run, catalog, images);
  progress.clear();
  for (const std::string& message : messages) spdlog::warn("{}", message);
  return {};
}

Result<void> export_file(const ExportOptions& options, const Context& context) {
  if (options.runs.size() > 1)
    return tuner::bad_input(
        fmt::format("--format {} writes one run; {} are named", options.format, options.runs.size()));
  if (!options.capabilities.empty() || options.distil > 0) {
    return tuner::bad_input(
        fmt::format("--cc and --distil belong to packages, such as --format torch, not to {}", options.format));
  }
  if (!options.worker.empty() && options.target.empty())
    return tuner::bad_input("--worker", "", "compiles for packages and for a --target: neither is asked for");
  FUSELINE_CHECK(check_outputs({options.output}));
  FUSELINE_TRY(runs, load_runs(options.db, options.runs));
  tuner::Run& run = runs.front();
  tuner::Catalog catalog;  // A format alone needs no problems, which take a while to read.
  if (!options.target.empty() || tuner::document_named(options.format) != nullptr) {
    FUSELINE_TRY(loaded, load_catalog(context, run.info.problem));
    catalog = std::move(loaded);
  }
  if (!options.target.empty()) FUSELINE_CHECK(go_to_target(run, catalog, options, context.quiet));
  FUSELINE_TRY(text, tuner::file_text(options.format, {&run, &catalog}));
  if (options.output == "-") {
    print_data(text);
    return {};
  }
  return tuner::write_file(options.output, text);
}

Result<void> export_package(const ExportOptions& options, const Context& context, const tuner::PackageKind& kind) {
  if (options.output == "-")
    return tuner::bad_input(fmt::format("--format {} writes a folder: name it by -o", kind.id));
  tuner::PackageRequest request;
  request.folder = options.output;
  FUSELINE_TRY(data, require_data());
  FUSELINE_TRY(catalog, load_catalog(context));
  FUSELINE_TRY(runs, load_runs(options.db, options.runs));
  FUSELINE_TRY(targets, tuner::package_targets(data, options.target.empty() ? tuner::kPackageTarget : options.target,
                                               options.capabilities));
  FUSELINE_TRY(build, tuner::image_builder(options.worker));
  request.data = data;
  request.catalog = &catalog;
  request.runs = &runs;
  request.targets = std::move(targets);
  request.distil = options.distil;
  request.build = std::move(build);
  FUSELINE_TRY(exported, kind.write(request));
  for (const std::string& warning : exported.warnings) spdlog::warn("{}", warning);
  spdlog::info("{}: {} entries written, {} images in all", tuner::printable(options.output), exported.entries,
               exported.images);
  return {};
}

Result<void> export_runs(const ExportOptions& options, const Context& context) {
  const tuner::PackageKind* package = tuner::package_kind(options.format);
  return package != nullptr ? export_package(options, context, *package) : export_file(options, context);
}

}  // namespace

void add_export(CLI::App& app, Context& context) {
  auto options = std::make_shared<ExportOptions>();
  CLI::App* command = app.add_subcommand("export", "Write runs in another program's format, or as a package to call");
  add_runs_options(*command, options->runs, options->db, "A package takes several");
  command
      ->add_option("--format", options->format,
                   tuner::formats_help() + "; " + tuner::documents_help() + "; " + tuner::package_kinds_help())
      ->required()
      ->check([](const std::string& id) {
        if (tuner::package_kind(id) != nullptr || tuner::document_named(id) != nullptr) return std::string();
        auto others = tuner::document_ids();
        for (const std::string& package : tuner::package_ids()) others.push_back(package);
        const auto format = tuner::format_named(id, others);
        return format ? std::string() : format.error().reason;
      });
  command
      ->add_option("-o,--output", options->output, "File to write (default: standard output); of a package, its folder")
      ->type_name("FILE|FOLDER");
  command
      ->add_option(
          "--target", options->target,
          fmt::format(
              "GPU that times are projected on, in place of the run's target: configurations are compiled for it "
              "where that can be done, and what spills there is not named; of a package the GPU that it "
              "is made for beside the one measured (default: {})",
              tuner::kPackageTarget))
      ->type_name("NAME");
  command
      ->add_option("--cc", options->capabilities,
                   "Of a package: compute capabilities that it is made for as well, such as 80,86")
      ->delimiter(',')
      ->check(CLI::Range(50, 150))
      ->type_name("N,...");
  command
      ->add_option("--distil", options->distil,
                   "Of a package: shapes that were not tuned run one of so many configurations, at most, that serve "
                   "those of the runs best (see fuseline distil; default: that of the nearest shape)")
      ->type_name("N")
      ->check(quiet_range(1, 1000));
  command
      ->add_option("--worker", options->worker,
                   "Of a package, or for --target: command that starts the worker that compiles")
      ->type_name("CMD");
  command->footer(
      "Examples:\n  fuseline export --format csv -o run.csv\n  fuseline export 12 --format json\n  fuseline export "
      "--format convergence-csv -o search.csv\n  fuseline export --format brief -o brief.md      what a kernel's "
      "writer is "
      "given\n  fuseline export 12 13 forward.t4.json --format torch -o fused_ops\n"
      "  fuseline export wide.f32.*.t4.json --format torch -o fused_ops --distil 3\n"
      "  fuseline export 12 13 --format cpp -o fused_kernels\n");
  command->callback([options, &context] {
    context.task = [options, &context] {
      const auto result = export_runs(*options, context);
      return result ? kDone : fail(result.error());
    };
  });
}

}  // namespace fuseline::app
