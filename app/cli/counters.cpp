// fuseline counters: the hardware counters of a chip and the passes they take, with no GPU needed.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/cli/common.hpp"
#include "tuner/report/chip_report.hpp"

namespace fuseline::app {
namespace {

using tuner::Result;

struct CountersOptions {
  std::string chip, worker;
  std::vector<std::string> metrics;
  bool json = false;
};

Result<std::string> counters(const CountersOptions& options) {
  if (options.chip.empty()) {
    FUSELINE_TRY(chips, tuner::counter_chips(options.worker));
    if (options.json) return tuner::json_text(tuner::OrderedJson{{"chips", chips}});
    return fmt::format("{}\n", fmt::join(chips, "\n"));
  }
  FUSELINE_TRY(chip, tuner::chip_metrics(options.worker, options.chip, options.metrics));
  if (options.json) return tuner::json_text(chip.json);
  return chip_metrics_text(chip, use_colour(1));
}

}  // namespace

void add_counters(CLI::App& app, Context& context) {
  auto options = std::make_shared<CountersOptions>();
  CLI::App* command =
      app.add_subcommand("counters", "List the hardware counters of a chip and the passes they take; needs no GPU");
  command->add_option("--chip", options->chip, "AD102 (RTX 4090), GH100 (H100, H200), ...; default: list the chips")
      ->type_name("CHIP");
  command->add_option("--metric", options->metrics, "How many passes do these take together (repeatable)")
      ->type_name("M")
      ->allow_extra_args(false)
      ->needs("--chip");
  command->add_option("--worker", options->worker, "Command of a worker, such as \"ssh gpubox fuseline-worker\"")
      ->type_name("CMD");
  command->add_flag("--json", options->json, "Print JSON");
  command->footer(
      "Examples:\n"
      "  fuseline counters --chip GH100\n"
      "  fuseline counters --chip AD102 --metric dram__bytes_read.sum --metric lts__t_sector_hit_rate.pct\n");
  command->callback([options, &context] {
    context.task = [options] {
      const auto text = counters(*options);
      if (!text) return fail(text.error());
      options->json ? print_data(*text) : print(*text);
      return static_cast<int>(kDone);
    };
  });
}

}  // namespace fuseline::app
