// fuseline problems: what can be tuned.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "app/cli/common.hpp"
#include "tuner/device/device.hpp"
#include "tuner/report/problem_report.hpp"

namespace fuseline::app {
namespace {

using tuner::Result;

struct ProblemsOptions {
  std::string name, target = "rtx4090";
  bool json = false;
};

Result<std::vector<std::shared_ptr<const tuner::CatalogEntry>>> chosen_entries(const tuner::Catalog& catalog,
                                                                               const std::string& name) {
  if (name.empty()) return catalog.entries();
  FUSELINE_TRY(entry, catalog.find(name));
  return std::vector{entry};
}

Result<std::string> problems(const ProblemsOptions& options, const Context& context) {
  FUSELINE_TRY(data, require_data());
  FUSELINE_TRY(catalog, load_catalog(context, options.name));
  FUSELINE_TRY(target, tuner::find_target(data, options.target));
  FUSELINE_TRY(entries, chosen_entries(catalog, options.name));
  std::vector<tuner::ProblemReport> reports;
  for (const auto& entry : entries) {
    FUSELINE_TRY(report, tuner::problem_report(*entry, target.limits));
    reports.push_back(std::move(report));
  }
  if (options.json) {
    tuner::OrderedJson json;
    json["sized_for_target"] = target.name;
    json["problems"] = tuner::OrderedJson::array();
    for (const auto& report : reports) json["problems"].push_back(to_json(report));
    return tuner::json_text(json);
  }
  if (!options.name.empty()) return tuner::problem_text(reports.front(), use_colour(1));
  return tuner::problems_text(reports, use_colour(1)) +
         fmt::format("\nSizes of the spaces are for the default shape and dtype on an {}.\n", target.title);
}

}  // namespace

void add_problems(CLI::App& app, Context& context) {
  auto options = std::make_shared<ProblemsOptions>();
  CLI::App* command = app.add_subcommand("problems", "List problems, their variants, parameters and sizes of spaces");
  command->add_option("name", options->name, "Show everything about this problem")->type_name("PROBLEM");
  command->add_flag("--json", options->json, "Print JSON");
  command->add_option("--target", options->target, "GPU whose limits the sizes of spaces are for")
      ->capture_default_str()
      ->type_name("NAME");
  command->footer(
      "Examples:\n  fuseline problems\n  fuseline problems layernorm_gelu_scale\n  fuseline problems --json "
      "--preset-path my-problems\n");
  command->callback([options, &context] {
    context.task = [options, &context] {
      const auto text = problems(*options, context);
      if (!text) return fail(text.error());
      options->json ? print_data(*text) : print(*text);
      return static_cast<int>(kDone);
    };
  });
}

}  // namespace fuseline::app
