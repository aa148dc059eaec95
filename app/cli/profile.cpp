// fuseline profile: one configuration, verified, timed and with its hardware counters.
#include "tuner/session/profile.hpp"

#include <spdlog/spdlog.h>

#include "app/cli/common.hpp"
#include "app/cli/interrupt.hpp"
#include "app/cli/progress.hpp"
#include "app/cli/request.hpp"
#include "tuner/base/files.hpp"
#include "tuner/counters/metric_sets.hpp"
#include "tuner/formats/ncu.hpp"
#include "tuner/report/counters_report.hpp"

namespace fuseline::app {
namespace {

using tuner::Result;

struct ProfileOptions {
  tuner::SweepRequest request;
  Choices choices;
  std::vector<std::string> metrics;
  std::string variant, set = "full", json, format = "text";
  bool source = false;
};

Result<tuner::SweepRequest> request_of(const ProfileOptions& options) {
  tuner::SweepRequest request = options.request;
  FUSELINE_CHECK(add_choices(options.choices, request));
  if (!options.variant.empty()) request.variants = {options.variant};
  request.source_profile = options.source;
  request.metrics = options.metrics;
  if (options.metrics.empty() && options.set != "full") {
    FUSELINE_TRY(metrics, tuner::metric_set(options.set));
    request.metrics = std::move(metrics);
  }
  return request;
}

Result<std::string> formatted(const tuner::Run& run, const tuner::Evaluation& evaluation,
                              const tuner::Explanation& explanation, const tuner::Catalog& catalog,
                              const std::string& format) {
  if (format == "json") return tuner::json_text(tuner::profile_json(run, evaluation, explanation, &catalog));
  if (format == "text") return tuner::profile_text(run, evaluation, explanation, use_colour(1), &catalog);
  FUSELINE_TRY(json, tuner::ncu_json(run));
  return tuner::json_text(json);
}

Result<int> profile(const ProfileOptions& options, const Context& context) {
  catch_interrupts();
  FUSELINE_TRY(request, request_of(options));
  FUSELINE_CHECK(check_outputs({options.json}));
  FUSELINE_TRY(data, require_data());
  FUSELINE_TRY(catalog, load_catalog(context, request.problem));
  tuner::SessionEnvironment environment;
  environment.catalog = &catalog;
  environment.data = data;
  FUSELINE_TRY(session, tuner::start_profile(request, environment));
  FUSELINE_TRY(run, follow(*session, context.quiet));
  if (run.info.state == tuner::RunState::interrupted) return static_cast<int>(kInterrupted);
  FUSELINE_TRY(evaluation, tuner::profiled(run));
  // A recording that has none is known at once; what a device gave besides is worth showing first.
  const auto complete = tuner::check_source_profile(run, *evaluation, session->snapshot()->messages);
  if (!complete && run.info.backend == tuner::Backend::replay) return tl::unexpected(complete.error());
  const tuner::Explanation explanation = tuner::explain_profile(run, *evaluation, data);
  if (!options.json.empty() && options.json != "-")
    FUSELINE_CHECK(tuner::write_file(options.json,
                                     tuner::json_text(tuner::profile_json(run, *evaluation, explanation, &catalog))));
  FUSELINE_TRY(text, formatted(run, *evaluation, explanation, catalog, options.json == "-" ? "json" : options.format));
  const bool asked = options.format != "text" || options.json == "-";
  if (asked) {
    print_data(text);
  } else if (!context.quiet) {
    print(text);
  }
  FUSELINE_CHECK(complete);
  return static_cast<int>(kDone);
}

void add_choice_options(CLI::App& command, ProfileOptions& options) {
  tuner::SweepRequest& request = options.request;
  command.add_option("problem", request.problem, "Name of the problem; may be left out with --device replay:FILE")
      ->type_name("PROBLEM");
  command.add_option("--variant", options.variant, "Variant (may be left out where there is one)")->type_name("V");
  command.add_option("--param", options.choices.parameters, "Value of a parameter, as in block=128 (repeatable)")
      ->type_name("P=v")
      ->allow_extra_args(false);
  command.add_option("--shape", request.shape, "Named shape (default: the problem's first)")->type_name("NAME");
  add_number_options(command, options.choices);
  command.add_option("--dtype", request.dtype, "f32, f16 or bf16 (default: the problem's first)")->type_name("DTYPE");
}

}  // namespace

void add_profile(CLI::App& app, Context& context) {
  auto options = std::make_shared<ProfileOptions>();
  CLI::App* command = app.add_subcommand(
      "profile", "Verify, time and profile one configuration: its hardware counters, what bounds it and what to try");
  add_choice_options(*command, *options);
  command->add_option("--device", options->request.device, "auto, cuda:N, replay:NAME or replay:FILE")
      ->capture_default_str()
      ->type_name("DEVICE");
  command
      ->add_option("--worker", options->request.workers, "Command of a worker, such as \"ssh gpubox fuseline-worker\"")
      ->type_name("CMD")
      ->expected(1);
  command->add_option("--set", options->set, "Metrics to read")
      ->capture_default_str()
      ->check(CLI::IsMember({"fast", "full"}));
  command
      ->add_option("--metric", options->metrics,
                   "Read this metric, in place of a set (repeatable; see fuseline counters)")
      ->type_name("M")
      ->allow_extra_args(false)
      ->excludes("--set");
  command->add_flag("--source", options->source,
                    "Also sample where in its code the warps are and count what each instruction does (on a device; a "
                    "recording shows what it has)");
  command
      ->add_option("--json", options->json,
                   "Write the profile as JSON as well (- for standard output, in place of the text)")
      ->type_name("FILE");
  command->add_option("--format", options->format, "On standard output: text, json, or ncu (Nsight Compute's names)")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "json", "ncu"}));
  command->footer(
      "Examples:\n"
      "  fuseline profile layernorm_gelu_scale --variant V --param block=256 --param P=v\n"
      "  fuseline profile layernorm_gelu_scale --variant V --param block=256 --param P=v --source\n"
      "  fuseline profile layernorm_gelu_scale --variant V --param P=v --device replay:h200 --format ncu\n");
  command->callback([options, &context] {
    context.task = [options, &context] {
      const auto code = profile(*options, context);
      return code ? *code : fail(code.error());
    };
  });
}

}  // namespace fuseline::app
