// fuseline sweep: a search over the space of a problem, live or replayed.
#include "app/cli/sweep.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <charconv>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "app/cli/interrupt.hpp"
#include "app/cli/progress.hpp"
#include "app/cli/request.hpp"
#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"
#include "tuner/report/table.hpp"
#include "tuner/search/strategy.hpp"
#include "tuner/session/device_choice.hpp"
#include "tuner/session/images.hpp"
#include "tuner/session/kept_runs.hpp"
#include "tuner/session/session.hpp"
#include "tuner/session/static_sweep.hpp"
#include "tuner/session/timeline.hpp"

namespace fuseline::app {
namespace {

using tuner::Result;
using tuner::Session;

Result<tuner::CampaignRequest> request_of(const SweepOptions& options) {
  tuner::CampaignRequest request = options.request;
  FUSELINE_CHECK(add_choices(options.choices, request));
  request.each.counters = tuner::counter_mode_from_string(options.counters).value_or(tuner::CounterMode::none);
  return request;
}

int conclude(const tuner::Run& run, const SweepOptions& options, const Context& context) {
  // What stands on stdout is the table, unless a file of results was asked for there.
  const bool table =
      !context.quiet && options.files.json != "-" && options.files.record != "-" && options.files.csv != "-";
  if (table) print(tuner::result_text(run, options.shown(), use_colour(1), options.by()));
  const bool kept = options.db != ":memory:" && run.info.id > 0;
  if (run.info.state == tuner::RunState::interrupted) {
    const std::string after = fmt::format("interrupted after {} evaluations, ", run.evaluations.size());
    tell_end(context, after + (kept ? "all kept; to go on: " + resume_command(context.arguments)
                                    : "which were not kept (--db :memory:)"));
    return kInterrupted;
  }
  if (const auto written = write_results(run, options.files); !written) return fail(written.error());
  if (kept)
    spdlog::info("kept as run {0}; draw it with: fuseline plot {0} -o roofline.svg{1}", run.info.id,
                 options.db.empty() ? "" : " --db " + options.db);
  return run.ranked().empty() ? fail(nothing_worked(run)) : kDone;
}

Result<int> sweep_one(const tuner::SweepRequest& request, const SweepOptions& options, const Context& context,
                      tuner::SessionEnvironment environment) {
  FUSELINE_CHECK(check_outputs({options.files.json, options.files.record, options.files.trace, options.files.csv}));
  Trace trace(options.files.trace);
  FUSELINE_CHECK(trace.check());
  environment.on_evaluation = [&trace](const tuner::Evaluation& evaluation) { trace.add(evaluation); };
  FUSELINE_TRY(session, Session::start(request, environment));
  FUSELINE_TRY(run, follow(*session, context.quiet));
  const int code = conclude(run, options, context);
  return code == kDone && trace.failed() ? static_cast<int>(kBadInput) : code;
}

/// Of a sweep that was interrupted or failed too.
Result<void> write_timing(tuner::Timeline& timeline, const std::string& file) {
  FUSELINE_CHECK(tuner::write_file(file, timeline.chrome_json().dump() + "\n"));
  spdlog::info("wrote where the time went to {}: open it in https://ui.perfetto.dev or chrome://tracing", file);
  return {};
}

/// GPUs of different kinds are a campaign: one run each.
Result<void> add_kinds(tuner::CampaignRequest& request, const tuner::SessionEnvironment& environment) {
  FUSELINE_TRY(kinds, tuner::split_by_kind(request.each, environment));
  if (kinds.size() < 2) return {};
  for (tuner::KindOfGpu& kind : kinds)
    request.gpus.push_back({kind.name, std::move(kind.request.device), std::move(kind.request.workers)});
  spdlog::info("the GPUs are of {} kinds, whose times do not compare: one run each", kinds.size());
  return {};
}

/// Asking workers elsewhere for their kinds starts each of them once more: where one run is wanted, that it cannot be
/// one is found out as they greet.
Result<int> run(tuner::CampaignRequest request, const SweepOptions& options, const Context& context,
                const tuner::SessionEnvironment& environment) {
  const bool ask = tuner::is_campaign(request) || request.each.workers.size() < 2;
  if (ask) FUSELINE_CHECK(add_kinds(request, environment));
  if (tuner::is_campaign(request)) return run_campaign(request, options, context, environment);
  auto code = sweep_one(tuner::single_request(request), options, context, environment);
  if (code || ask || !tuner::is_of_mixed_kinds(code.error())) return code;
  FUSELINE_CHECK(add_kinds(request, environment));
  return run_campaign(request, options, context, environment);
}

Result<int> sweep(const CLI::App& command, const SweepOptions& options, const Context& context) {
  if (tuner::is_static(options.request.each.device)) {
    FUSELINE_TRY(request, request_of(options));
    return run_static_sweep(command, request, options, context);
  }
  // From the very start: an interrupt while files load or the worker greets must not lose its way.
  catch_interrupts();
  FUSELINE_TRY(request, request_of(options));
  if (!options.elsewhere.slurm_script.empty()) {
    FUSELINE_CHECK(write_slurm_script(options.elsewhere, context));
    return kDone;
  }
  FUSELINE_TRY(data, require_data());
  FUSELINE_TRY(catalog, load_catalog(context, options.request.each.problem));
  FUSELINE_TRY(store, tuner::open_store(options.db));
  FUSELINE_CHECK(add_workers(options.elsewhere, request.each));
  tuner::SessionEnvironment environment;
  environment.catalog = &catalog;
  environment.data = data;
  environment.store = store.get();
  environment.resume = options.resume;
  environment.follow_evaluations = false;
  environment.on_waiting = waiting_report();
  // By our own worker: one of the user's may wait for a GPU that is taken.
  environment.target_images.build = tuner::image_stream("");
  environment.target_images.all = options.by() == tuner::RankBy::target;
  environment.target_images.in_replay = environment.target_images.all || command.get_option("--target")->count() > 0;
  FUSELINE_CHECK(check_outputs({options.files.timing}));
  if (!options.files.timing.empty()) environment.timeline = std::make_shared<tuner::Timeline>();
  const auto timeline = environment.timeline;
  auto code = run(std::move(request), options, context, environment);
  if (timeline) FUSELINE_CHECK(write_timing(*timeline, options.files.timing));
  return code;
}

std::string strategy_names() {
  std::string text;
  for (const auto& strategy : tuner::strategies()) text += (text.empty() ? "" : ", ") + strategy.name;
  return text;
}

/// A number that the parser would otherwise wrap round or cut down to fit.
CLI::Validator whole_number() {
  return CLI::Validator(
      [](const std::string& text) {
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        const bool whole = error == std::errc() && end == text.data() + text.size();
        return whole ? std::string()
                     : fmt::format("'{}' is no whole number from 0 to {}", tuner::printable(text), UINT64_MAX);
      },
      "");
}

void add_space_options(CLI::App& command, SweepOptions& options) {
  tuner::SweepRequest& request = options.request.each;
  command
      .add_option("problem", request.problem,
                  "Name of the problem (see fuseline problems); may be left out with --device replay:FILE")
      ->type_name("PROBLEM");
  command
      .add_option("--shape", options.choices.shapes,
                  "Named shape, several of them, or all, each in turn (default: the problem's first)")
      ->type_name("NAME,...");
  add_number_options(command, options.choices, true);
  command
      .add_option("--dtype", options.choices.dtypes,
                  "f32, f16 or bf16, several of them, or all, each in turn (default: the problem's first)")
      ->type_name("DTYPE,...");
  command.add_option("--variant", request.variants, "Only this variant (repeatable)")
      ->type_name("V")
      ->allow_extra_args(false);
  command
      .add_option("--param", options.choices.parameters,
                  "Only these values of a parameter, as in block=128,256 (repeatable)")
      ->type_name("P=v1,v2")
      ->allow_extra_args(false);
  command.add_flag("--full", request.full, "The full space instead of the staged one");
}

void add_measuring_options(CLI::App& command, SweepOptions& options) {
  tuner::SweepRequest& request = options.request.each;
  command
      .add_option("--device", request.device,
                  "auto, cuda:N, cuda:N,M or all (a worker on each GPU), replay:NAME or replay:FILE; static:NAME or "
                  "static:FILE.json compiles for a GPU that "
                  "is not there, "
                  "and measures nothing")
      ->capture_default_str()
      ->type_name("DEVICE");
  command
      .add_option(
          "--target", request.target,
          "GPU whose limits are drawn and that times are projected on: a name that fuseline devices lists, or a "
          "file that fuseline devices --share wrote. The best is compiled for it (in a replay where this is given), "
          "and "
          "what spills there is not named")
      ->capture_default_str()
      ->type_name("NAME");
  command.add_option("--strategy", request.strategy, "How to search: " + strategy_names())
      ->capture_default_str()
      ->type_name("NAME");
  command.add_option("--budget", request.budget, "Evaluations (200), time (30s, 5m) or auto; default: the whole space")
      ->type_name("BUDGET");
  command.add_option("--draws", request.draws, "Draws of the inputs that what comes close to the best is verified on")
      ->capture_default_str()
      ->type_name("N");
  command.add_option("--seed", request.seed, "Seed of the strategy and of the inputs")
      ->capture_default_str()
      ->type_name("N")
      ->check(whole_number());
  command
      .add_option("--counters", options.counters,
                  "Hardware counters: of none, all of the best (after they are timed again), or a fast set of every "
                  "configuration as well")
      ->capture_default_str()
      ->check(CLI::IsMember({"none", "best", "all"}));
  command.add_flag("--source", request.source_profile,
                   "At the end, where the warps of the best are, by line of source (see fuseline profile --source)");
  command
      .add_option("--worker", request.workers,
                  "Command of a worker, such as \"ssh gpubox fuseline-worker\" (repeatable)")
      ->type_name("CMD")
      ->allow_extra_args(false);
  command
      .add_option("--after", request.after,
                  "What each timed launch follows: clean (the configuration itself, then a read of 1.5 times L2's "
                  "size), producer (a kernel that has just written the inputs) or itself (L2 as the launch before left "
                  "it); default: what the problem asks for, else clean")
      ->type_name("WHAT");
  command
      .add_flag_callback(
          "--warm", [&request] { request.after = "itself"; }, "The same as --after itself")
      ->excludes("--after");
  command
      .add_option("--abandon", request.abandon_factor,
                  "Stop sampling what is slower than the best by this factor, and after three samples what is too slow "
                  "for the finals; 0: sample everything alike")
      ->capture_default_str()
      ->type_name("FACTOR");
}

void add_output_options(CLI::App& command, SweepOptions& options) {
  command
      .add_option("--json", options.files.json,
                  "Write the result as JSON (- for standard output, in place of the table)")
      ->type_name("FILE");
  command
      .add_option("--record", options.files.record, "Write every evaluation as a recording that can be replayed (T4)")
      ->type_name("FILE");
  command.add_option("--csv", options.files.csv, "Write every evaluation as a row of a table (- for standard output)")
      ->type_name("FILE");
  command.add_option("--trace", options.files.trace, "Write one JSON object an evaluation as it comes")
      ->type_name("FILE");
  command
      .add_option("--timing", options.files.timing,
                  "Write where the time went, of this program and of every worker, as a trace for Perfetto or "
                  "chrome://tracing")
      ->type_name("FILE");
  command
      .add_option("--top", options.top,
                  "Configurations in the table (default: 10); of a campaign, a table for each instance as well")
      ->type_name("N")
      ->check(quiet_range(1, 100000));
  command
      .add_option("--rank", options.rank,
                  "Order of the table: times on the device, or times projected on the target, of what it can run: what "
                  "comes first "
                  "there is compiled for it, and what spills is left out")
      ->capture_default_str()
      ->check(CLI::IsMember({"device", "target"}));
  command.add_flag("--resume", options.resume,
                   "Continue the latest interrupted run of the same request, or campaign of the same choices");
  add_db_option(command, options.db);
}

}  // namespace

void add_sweep(CLI::App& app, Context& context) {
  auto options = std::make_shared<SweepOptions>();
  CLI::App* command = app.add_subcommand("sweep", "Compile, verify, time and rank the configurations of a problem");
  add_space_options(*command, *options);
  add_measuring_options(*command, *options);
  add_elsewhere_options(*command, options->elsewhere);
  add_output_options(*command, *options);
  command->footer(
      "Examples:\n"
      "  fuseline sweep layernorm_gelu_scale --json best.json\n"
      "  fuseline sweep softmax_bias_scale_sigmoid --dtype f16 --strategy random --budget 30s\n"
      "  fuseline sweep layernorm_gelu_scale --host gpubox:4 --host other       every worker measures on a GPU of its "
      "own\n"
      "  fuseline sweep layernorm_gelu_scale --slurm 8 --slurm-args \"--partition=gpu --time=1:00:00\"\n"
      "  fuseline sweep layernorm_gelu_scale --slurm 8 --slurm-script job.sh && sbatch job.sh\n"
      "  fuseline sweep layernorm_gelu_scale --counters all     which are bound by DRAM, and does the fusion hold\n"
      "  fuseline sweep layernorm_gelu_scale --full --budget auto\n"
      "  fuseline sweep layernorm_gelu_scale --after producer   as in a model, where the layer before has just run\n"
      "  fuseline sweep layernorm_gelu_scale --device replay:h200 --db :memory:\n"
      "  fuseline sweep softmax_bias_scale_sigmoid --counters all --target rtx4090 --rank target\n"
      "  fuseline sweep layernorm_gelu_scale --device static:rtx4090 --csv space.csv   registers, spills, occupancy\n"
      "  fuseline sweep rmsnorm_residual --shape all --dtype f32,bf16 --json best.json   each in turn\n"
      "Lists make a campaign: every shape with every dtype and every choice of dimensions, one after the other. The "
      "files "
      "of --json, --record and\n"
      "--trace get dtype and shape into their names: best.f32.wide.json. An instance that is refused or fails costs "
      "itself alone. --resume goes on\n"
      "with the instance that was cut off and skips those that are done. Exit codes of a campaign: 0 every instance "
      "has "
      "a best; 2 bad request, or\n"
      "every instance refused; 4 some instance was refused or failed, or no worker starts; 130 interrupted.\n"
      "--device static:NAME takes a target that fuseline devices lists, or a device file, and needs no GPU: kernels "
      "are "
      "compiled for it,\n"
      "and their registers, spills, shared memory, occupancy and bytes in flight say what can be left out. Options "
      "about "
      "measuring are refused.\n"
      "--strategy auto measures everything, in order, where the budget allows it; else a model of what was measured "
      "chooses.\n"
      "--budget auto stops when the best reaches the bandwidth of the device within noise, or when the model has "
      "expected less than 0.5 % of gain\n"
      "for 20 evaluations in a row, after 40 at least. Strategies without a model (all but auto and surrogate) stop at "
      "the bandwidth, else go through\n"
      "the whole space.\n");
  command->callback([options, command, &context] {
    context.task = [options, command, &context] {
      const auto code = sweep(*command, *options, context);
      return code ? *code : fail(code.error());
    };
  });
}

}  // namespace fuseline::app
