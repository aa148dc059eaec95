// fuseline compare: two result files against each other.
#include "tuner/formats/compare.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "app/cli/common.hpp"
#include "tuner/base/text.hpp"
#include "tuner/formats/result.hpp"
#include "tuner/report/table.hpp"

namespace fuseline::app {
namespace {

using tuner::Result;

struct CompareOptions {
  std::string a, b, threshold = "3%";
};

std::string comparison_text(const tuner::Comparison& comparison, const CompareOptions& options, double threshold) {
  tuner::TextTable table{
      {"", "file", "ms", "device", "configuration"},
      {{"A", options.a, tuner::format_ms(comparison.a_ms), comparison.device_a, comparison.configuration_a},
       {"B", options.b, tuner::format_ms(comparison.b_ms), comparison.device_b, comparison.configuration_b}}};
  const double percent = 100 * comparison.change;
  const std::string verdict = comparison.regression ? fmt::format("a regression (threshold {:g} %)", 100 * threshold)
                              : comparison.change < -threshold ? "faster"
                                                               : fmt::format("within {:g} %", 100 * threshold);
  return fmt::format("{}, {}\n{}\nB is {:.2f} % {} than A: {}.\nBest and tied with it: {} in A, {} in B, {} in both.\n",
                     tuner::printable(comparison.problem), tuner::printable(comparison.dtype),
                     table.render(use_colour(1)), percent < 0 ? -percent : percent, percent < 0 ? "faster" : "slower",
                     verdict, comparison.tied_a, comparison.tied_b, comparison.tied_in_both);
}

Result<tuner::OrderedJson> result_of(const std::string& file) {
  FUSELINE_TRY(run, read_file_of_run(file));
  return tuner::result_json(run);
}

Result<int> compare_files(const CompareOptions& options, bool quiet) {
  FUSELINE_TRY(threshold, parse_share("--threshold", options.threshold));
  FUSELINE_TRY(a, result_of(options.a));
  FUSELINE_TRY(b, result_of(options.b));
  FUSELINE_TRY(comparison, tuner::compare(a, options.a, b, options.b, threshold));
  for (const std::string& warning : comparison.warnings) spdlog::warn("{}", tuner::printable(warning));
  if (!quiet) print(comparison_text(comparison, options, threshold));
  return comparison.regression ? kRegression : kDone;
}

}  // namespace

void add_compare(CLI::App& app, Context& context) {
  auto options = std::make_shared<CompareOptions>();
  CLI::App* command = app.add_subcommand(
      "compare", "Compare the best of two files that hold runs (results, recordings); exit 3 where B is slower");
  command->add_option("A", options->a, "Result, recording or Kernel Tuner cache to compare with")
      ->required()
      ->type_name("FILE");
  command->add_option("B", options->b, "The same, to judge")->required()->type_name("FILE");
  command->add_option("--threshold", options->threshold, "How much slower B may be")
      ->capture_default_str()
      ->type_name("SHARE");
  command->footer("Example:\n  fuseline compare yesterday.json today.json --threshold 2%\n");
  command->callback([options, &context] {
    context.task = [options, &context] {
      const auto code = compare_files(*options, context.quiet);
      return code ? *code : fail(code.error());
    };
  });
}

}  // namespace fuseline::app
