// fuseline problems: what can be tuned.
#include <fmt/format.h>

#include <cstdint>
#include <optional>

#include "app/cli/common.hpp"
#include "app/cli/request.hpp"
#include "tuner/device/device.hpp"
#include "tuner/report/problem_report.hpp"

namespace fuseline::app {
namespace {

using tuner::Result;

Result<std::vector<std::shared_ptr<const tuner::CatalogEntry>>> chosen_entries(const tuner::Catalog& catalog,
                                                                               const std::string& name) {
  if (name.empty()) return catalog.entries();
  FUSELINE_TRY(entry, catalog.find(name));
  return std::vector{entry};
}

struct ProblemsOptions {
  std::string name, target = "rtx4090";
  Choices choices;
  tuner::ProblemChoice choice;
  std::optional<std::uint64_t> limit;
  bool json = false, list = false, memory = false;
};

/// What the sizes are for; one problem must be named where anything of it is chosen.
Result<tuner::ProblemChoice> choice_of(const ProblemsOptions& options) {
  tuner::SweepRequest request;
  FUSELINE_CHECK(add_choices(options.choices, request));
  tuner::ProblemChoice choice = options.choice;
  choice.dims = std::move(request.dims);
  choice.scalars = std::move(request.scalars);
  choice.counts = !options.name.empty();
  const bool chosen = options.list || choice.full || !choice.shape.empty() || !choice.dtype.empty() ||
                      !choice.dims.empty() || !choice.scalars.empty();
  if (chosen && options.name.empty()) return tuner::bad_input("name the problem whose space is meant");
  return choice;
}

std::string text_of(const std::vector<tuner::ProblemReport>& reports, const ProblemsOptions& options,
                    const tuner::Target& target) {
  if (!options.json && !options.name.empty()) return tuner::problem_text(reports.front(), use_colour(1));
  if (!options.json)
    return tuner::problems_text(reports, use_colour(1)) +
           fmt::format("\nSizes of the spaces are for the default shape and dtype on an {}.\n", target.title);
  tuner::OrderedJson json;
  json["sized_for_target"] = target.name;
  json["problems"] = tuner::OrderedJson::array();
  for (const auto& report : reports) json["problems"].push_back(to_json(report));
  return tuner::json_text(json);
}

Result<int> problems(const ProblemsOptions& options, const Context& context) {
  FUSELINE_TRY(choice, choice_of(options));
  FUSELINE_TRY(data, require_data());
  FUSELINE_TRY(catalog, load_catalog(context, options.name));
  FUSELINE_TRY(target, tuner::find_target(data, options.target));
  FUSELINE_TRY(entries, chosen_entries(catalog, options.name));
  if (options.list) {
    FUSELINE_CHECK(tuner::list_configurations(*entries.front(), target.limits, choice, options.limit, options.json,
                                              options.json ? print_data : print));
    return static_cast<int>(kDone);
  }
  if (options.memory) {
    FUSELINE_TRY(table, tuner::memory_table(entries, target.limits, use_colour(1)));
    print(table);
    return static_cast<int>(kDone);
  }
  std::vector<tuner::ProblemReport> reports;
  for (const auto& entry : entries) {
    FUSELINE_TRY(report, tuner::problem_report(*entry, target.limits, choice));
    reports.push_back(std::move(report));
  }
  (options.json ? print_data : print)(text_of(reports, options, target));
  const bool faulty = !options.name.empty() && reports.front().faulty();
  return static_cast<int>(faulty ? kBadInput : kDone);
}

void add_choice_options(CLI::App& command, ProblemsOptions& options) {
  command.add_option("--shape", options.choice.shape, "Sizes for this named shape (default: the problem's first)")
      ->type_name("NAME");
  add_number_options(command, options.choices);
  command.add_option("--dtype", options.choice.dtype, "Sizes for this dtype (default: the problem's first)")
      ->type_name("DTYPE");
  command.add_flag("--full", options.choice.full, "List, and count by constraint, the full space");
  CLI::Option* list = command.add_flag("--list", options.list, "Print the configurations that are left, one a line");
  command.add_option("--limit", options.limit, "List so many at most (default: all)")->type_name("N")->needs(list);
}

}  // namespace

void add_problems(CLI::App& app, Context& context) {
  auto options = std::make_shared<ProblemsOptions>();
  CLI::App* command = app.add_subcommand("problems", "List problems, their variants, parameters and sizes of spaces");
  command->add_option("name", options->name, "Show everything about this problem")->type_name("PROBLEM");
  add_choice_options(*command, *options);
  CLI::Option* json = command->add_flag("--json", options->json, "Print JSON");
  command
      ->add_flag("--memory", options->memory,
                 "GPU memory that measuring takes, for every shape and dtype: as it is wanted, at least, and of 22 GiB")
      ->excludes(json);
  command->add_option("--target", options->target, "GPU whose limits the sizes of spaces are for")
      ->capture_default_str()
      ->type_name("NAME");
  command->footer(
      "Examples:\n"
      "  fuseline problems\n"
      "  fuseline problems layernorm_gelu_scale --dtype f16 --dim W=128   what each constraint removes there\n"
      "  fuseline problems swiglu --list --limit 20 --target h200\n"
      "  fuseline problems --json --preset-path my-problems\n"
      "  fuseline problems swiglu --memory        what a GPU must hold, for every shape and dtype\n"
      "A constraint removes what is left by those before it. Exit code 2: a variant of the problem named has no "
      "configuration,\nor an expression fails. One that is for newer GPUs than the target, or for other sizes by "
      "constraints "
      "that name no\nparameter, is no fault.\n" +
      tuner::expression_help());
  command->callback([options, &context] {
    context.task = [options, &context] {
      const auto code = problems(*options, context);
      return code ? *code : fail(code.error());
    };
  });
}

}  // namespace fuseline::app
