// fuseline plot: a run as a picture.
#include <fmt/format.h>

#include <filesystem>

#include "app/cli/common.hpp"
#include "tuner/plot/plots.hpp"
#include "tuner/session/kept_runs.hpp"

namespace fuseline::app {
namespace {

using tuner::Result;

struct PlotOptions {
  std::string run, db, kind, output, theme = "light", against = "evaluations", view = "measured", target, x, y, variant;
  std::vector<std::uint64_t> configurations;
  std::vector<std::string> with;
  bool hierarchy = false, units = false;
};

/// "run 7", or a file's name.
std::string name_of(const tuner::RunInfo& info, const std::string& as_given) {
  return info.id > 0 ? fmt::format("run {}", info.id) : std::filesystem::path(as_given).filename().string();
}

Result<void> load_overlaid(const PlotOptions& options, const tuner::RunInfo& shown, tuner::PlotOptions& plot) {
  for (const std::string& each : options.with) {
    FUSELINE_TRY(run, load_run(options.db, each));
    FUSELINE_TRY(overlaid, tuner::overlaid_run(run, name_of(run.info, each), shown));
    plot.overlaid.push_back(std::move(overlaid));
  }
  return {};
}

/// The runs that are like the one drawn, which has to be of the store.
Result<void> load_trend(const PlotOptions& options, const tuner::RunInfo& info, tuner::PlotOptions& plot) {
  if (options.kind != "trend" || info.id <= 0) return {};
  FUSELINE_TRY(store, tuner::read_store(options.db));
  FUSELINE_TRY(runs, store->like(info.id));
  plot.trend = std::move(runs);
  return {};
}

Result<void> plot_run(const PlotOptions& options) {
  FUSELINE_CHECK(tuner::check_plot_file(options.output));
  FUSELINE_TRY(run, load_run(options.db, options.run));
  tuner::PlotOptions plot;
  plot.theme = options.theme == "dark" ? tuner::Theme::dark : tuner::Theme::light;
  plot.against = options.against == "seconds" ? tuner::Against::seconds : tuner::Against::evaluations;
  plot.hierarchy = options.hierarchy;
  plot.units = options.units;
  plot.selected = options.configurations;
  plot.one_alone = true;
  plot.view = options.view == "target" ? tuner::RooflineView::target : tuner::RooflineView::measured;
  plot.x = options.x, plot.y = options.y, plot.variant = options.variant;
  FUSELINE_CHECK(load_trend(options, run.info, plot));
  FUSELINE_CHECK(load_overlaid(options, run.info, plot));
  if (!options.target.empty()) FUSELINE_CHECK(project_on(options.target, run.info));
  return tuner::plot_to_file(run, options.kind.empty() ? tuner::plot_kind_for(run) : options.kind, options.output,
                             plot);
}

}  // namespace

void add_plot(CLI::App& app, Context& context) {
  auto options = std::make_shared<PlotOptions>();
  CLI::App* command =
      app.add_subcommand("plot",
                         "Draw a run: where it stands under the roofs, how the search went, what each "
                         "parameter does, how they go together, how steady the best is, what memory moved for it, what "
                         "limits its occupancy");
  add_run_options(*command, options->run, options->db);
  command
      ->add_option(
          "--kind", options->kind,
          "What to draw (default: a roofline; convergence where a recording says nothing of bytes). instructions: the "
          "instruction roofline, warp instructions over memory transactions; heatmap: the "
          "best time by two parameters; parallel: all parameters and time; scatter: a column against another; "
          "importance: how much of the variance of time each parameter explains by itself, and each two "
          "together; trend: the best of every run like this one, by date")
      ->check(CLI::IsMember(tuner::plot_kinds()));
  command->add_option("-o,--output", options->output, "File to write; its ending, .svg or .png, is the format")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--against", options->against,
                   "What convergence is drawn against; as a table: fuseline export --format convergence-csv")
      ->capture_default_str()
      ->check(CLI::IsMember({"evaluations", "seconds"}));
  command->add_option("--theme", options->theme, "Colours")
      ->capture_default_str()
      ->check(CLI::IsMember({"light", "dark"}));
  command->add_flag("--hierarchy", options->hierarchy,
                    "Roofline: the best also by the bytes that DRAM, L2 and L1 moved (hardware counters)");
  command->add_flag("--units", options->units,
                    "Roofline: also the roofs of issue slots, special functions and shared memory for what the best "
                    "executes (hardware counters)");
  command
      ->add_option("--view", options->view,
                   "Roofline: the configurations as they were measured, or as they are projected on the target")
      ->capture_default_str()
      ->check(CLI::IsMember({"measured", "target"}));
  command
      ->add_option(
          "--with", options->with,
          "Roofline: another run over it, by number or file, as squares with its best marked (repeatable). A run "
          "of another GPU is said to be one: the roofs are not its own")
      ->type_name("RUN")
      ->allow_extra_args(false);
  command->add_option("--target", options->target, "GPU that times are projected on, in place of the run's target")
      ->type_name("NAME");
  command
      ->add_option("--configuration", options->configurations,
                   "Memory, occupancy, samples, rounds: the configuration with this sequence, in place of the best (of "
                   "samples and rounds repeatable, of the others one; fuseline export --format csv and the window's # "
                   "list sequences)")
      ->type_name("SEQ")
      ->allow_extra_args(false);
  command
      ->add_option(
          "--x", options->x,
          "heatmap: the parameter from left to right; scatter: the column, a parameter or an id as in a filter "
          "(time, registers, counter:NAME). Default: what says most")
      ->type_name("NAME");
  command->add_option("--y", options->y, "The same from bottom to top")->type_name("NAME");
  command
      ->add_option("--variant", options->variant,
                   "heatmap, parallel, scatter, importance: configurations of this variant alone; * for all. Default: "
                   "the best's, all for scatter")
      ->type_name("NAME");
  command->footer(
      "Examples:\n  fuseline plot --kind memory -o memory.svg\n  fuseline plot --kind roofline -o roofline.svg\n  "
      "fuseline plot --hierarchy --units -o levels.svg\n  "
      "fuseline plot --view target --target rtx4090 -o "
      "there.png\n  fuseline plot 12 --with 9 --with 7 -o runs.svg\n  fuseline plot --kind trend -o trend.svg\n  "
      "fuseline plot 12 --kind convergence --against "
      "seconds --theme dark -o search.png\n  fuseline plot --kind heatmap --x block --y vector_bytes -o pairs.svg\n  "
      "fuseline plot --kind scatter --x registers --y time --variant '*' -o registers.png\n  fuseline plot --kind "
      "importance -o matters.svg\n");
  command->callback([options, &context] {
    context.task = [options] {
      const auto result = plot_run(*options);
      return result ? kDone : fail(result.error());
    };
  });
}

}  // namespace fuseline::app
