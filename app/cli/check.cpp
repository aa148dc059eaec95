// fuseline check: what is wrong with problems, known without a GPU.
#include "tuner/check/check.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <optional>
#include <utility>

#include "app/cli/common.hpp"
#include "app/cli/compile_progress.hpp"
#include "app/cli/interrupt.hpp"
#include "app/cli/kernel_options.hpp"
#include "app/cli/progress.hpp"
#include "app/cli/request.hpp"
#include "tuner/base/files.hpp"
#include "tuner/report/answer.hpp"
#include "tuner/report/check_report.hpp"
#include "tuner/report/measured_check.hpp"
#include "tuner/session/host_check.hpp"
#include "tuner/session/images.hpp"
#include "tuner/session/instances.hpp"

namespace fuseline::app {
namespace {

using tuner::Result;

struct CheckCommand {
  std::vector<std::string> problems, dtypes = {"all"}, shapes = {"all"};
  std::vector<int> capabilities = {89, 90};
  std::string json, worker;
  std::size_t at_most = 0;
  bool no_compile = false;
  bool host = false;
  int host_seconds = 0;
  // Of a check that measures.
  bool measure = false;
  tuner::MeasuredCheckRequest measured;
  Choices choices;
  std::string full;
  KernelOptions kernel;  ///< Of a kernel's file that is held against a reference.

  [[nodiscard]] bool of_a_kernel() const { return !kernel.problem.reference.empty(); }
};

bool is_all(const std::vector<std::string>& names) { return names.size() == 1 && names.front() == tuner::kEvery; }

Result<tuner::CheckSelection> selection_of(const CheckCommand& options) {
  tuner::CheckSelection selection;
  if (!is_all(options.shapes)) selection.shapes = options.shapes;
  for (const std::string& name : is_all(options.dtypes) ? std::vector<std::string>{} : options.dtypes) {
    FUSELINE_TRY(dtype, tuner::named_dtype(name));
    selection.dtypes.push_back(dtype);
  }
  return selection;
}

tuner::HostCheckOptions host_options(const CheckCommand& options, const tuner::CheckOptions& check,
                                     const std::filesystem::path& data, bool quiet) {
  tuner::HostCheckOptions host{check.selection, check.devices, data};
  if (options.at_most > 0) host.at_most = options.at_most;
  if (options.host_seconds > 0) host.time = std::chrono::seconds(options.host_seconds);
  host.progress = [shown = std::make_shared<CompileProgress>(quiet, "ran")](std::size_t done, std::size_t total) {
    shown->show(done, total);
    if (done == total) shown->clear();
  };
  host.stop = interrupted;
  return host;
}

Result<tuner::CheckReport> report_of(const CheckCommand& options, const Context& context) {
  FUSELINE_CHECK(check_outputs({options.json}));
  FUSELINE_TRY(data, require_data());
  tuner::CheckOptions check;
  FUSELINE_TRY(selection, selection_of(options));
  check.selection = std::move(selection);
  FUSELINE_TRY(devices, tuner::check_devices(data, options.capabilities));
  check.devices = std::move(devices);
  check.compile = !options.no_compile && !options.host;
  FUSELINE_TRY(problems, tuner::checked_problems(data, {context.preset_paths.begin(), context.preset_paths.end()},
                                                 options.problems));
  CompileProgress progress(context.quiet);
  if (check.compile) {
    check.images.at_most = options.at_most;
    check.images.build = tuner::image_stream(options.worker);
    check.images.progress = [&](std::size_t done, std::size_t total) { progress.show(done, total); };
  }
  if (!options.host) return tuner::check_problems(problems, std::move(check));
  const tuner::HostCheckOptions host = host_options(options, check, data, context.quiet);
  // What is chosen is run. A variant or value that is for other shapes and dtypes is not at fault.
  check.selection = {};
  FUSELINE_TRY(report, tuner::check_problems(problems, std::move(check)));
  catch_interrupts();
  FUSELINE_CHECK(tuner::check_on_host(problems, host, report));
  return report;
}

/// Of a list that a check without a GPU takes; one that measures takes one of each.
Result<std::string> single(const std::string& option, const std::vector<std::string>& names) {
  if (is_all(names)) return std::string();
  if (names.size() == 1) return names.front();
  return tuner::bad_input(option, "", "--measure takes one");
}

int exit_code_of(const tuner::MeasuredCheck& check) {
  if (check.status() == "invalid") return kBadInput;
  if (check.status() != "ok") return kNothingWorked;
  return check.verdict() == "slower" ? kRegression : kDone;
}

/// A problem of the kernel's file that was named, which is measured in its place.
Result<tuner::ScratchProblem> make_kernel_problem(CheckCommand& options, const std::filesystem::path& data) {
  if (options.problems.size() != 1)
    return tuner::bad_input("--reference", "",
                            "is for one kernel's file, as in fuseline check k.cu --reference ref.py");
  KernelOptions& kernel = options.kernel;
  kernel.parameters = std::exchange(options.choices.parameters, {});
  if (!is_all(options.dtypes)) kernel.dtypes = options.dtypes;
  FUSELINE_CHECK(read_choices(kernel));
  kernel.problem.draft.file = options.problems.front();
  kernel.problem.baseline = options.measured.baseline;
  kernel.problem.draws = options.measured.sweep.draws;
  if (!options.measured.baseline.empty()) options.measured.baseline = tuner::kBaselineVariant;
  tuner::ReferenceProgram program(data);
  FUSELINE_TRY(made, tuner::make_scratch_problem(kernel.problem, program));
  options.problems = {made.folder.string()};
  return made;
}

Result<int> run_measured(CheckCommand options, const Context& context) {
  catch_interrupts();
  const std::string json = options.json.empty() ? "-" : options.json;
  FUSELINE_CHECK(check_outputs({json, options.full}));
  FUSELINE_TRY(data, require_data());
  std::optional<tuner::ScratchProblem> made;  // There until everything was measured.
  if (options.of_a_kernel()) {
    FUSELINE_TRY(problem, make_kernel_problem(options, data));
    made.emplace(std::move(problem));
  }
  tuner::MeasuredCheckRequest request = options.measured;
  FUSELINE_CHECK(add_choices(options.choices, request.sweep));
  FUSELINE_TRY(shape, single("--shape", options.shapes));
  FUSELINE_TRY(dtype, single("--dtype", options.dtypes));
  request.sweep.shape = shape;
  request.sweep.dtype = dtype;
  if (!options.worker.empty()) request.sweep.workers = {options.worker};
  FUSELINE_TRY(problems, tuner::checked_problems(data, {context.preset_paths.begin(), context.preset_paths.end()},
                                                 options.problems));
  tuner::SessionEnvironment environment;
  environment.data = data;
  FUSELINE_TRY(check, tuner::measured_check(problems, std::move(request), environment,
                                            [&](tuner::Session& session) { return follow(session, context.quiet); }));
  const int code = exit_code_of(check);
  std::filesystem::path file = options.full;
  if (file.empty()) file = tuner::answers_folder() / fmt::format("check-{}.t4.json", getpid());
  const std::string text = tuner::json_text(tuner::bounded_answer(std::move(check), file));
  if (json == "-") {
    print_data(text);
  } else {
    FUSELINE_CHECK(tuner::write_file(json, text));
  }
  return code;
}

Result<int> run_check(const CheckCommand& options, const Context& context) {
  if (options.measure || options.of_a_kernel()) return run_measured(options, context);
  FUSELINE_TRY(report, report_of(options, context));
  for (const std::string& warning : report.warnings) spdlog::warn("{}", warning);
  for (const std::string& what : report.not_run) spdlog::error("not run: {}", what);
  if (!report.not_compiled.empty()) spdlog::warn("{}; --no-compile looks at the rest alone", report.not_compiled);
  const std::string json = tuner::json_text(tuner::check_json(report));
  if (!options.json.empty() && options.json != "-") FUSELINE_CHECK(tuner::write_file(options.json, json));
  if (options.json == "-") {
    print_data(json);
  } else {
    print(tuner::check_text(report, use_colour(1), context.quiet));
  }
  return report.clean() ? kDone : kBadInput;
}

/// Options that say something to a check that measures alone.
constexpr const char* kMeasuring[] = {"--variant", "--param",  "--dim",  "--scalar",  "--baseline", "--device",
                                      "--target",  "--budget", "--full", "--timeout", "--draws"};

Result<void> check_measuring(const CLI::App& command, const CheckCommand& options) {
  if (options.measure || options.of_a_kernel()) return {};
  for (const char* name : kMeasuring) {
    if (command.get_option(name)->count() > 0) return tuner::bad_input(name, "", "needs --measure or --reference");
  }
  return {};
}

void add_measuring_options(CLI::App& command, CheckCommand& options) {
  command.add_flag(
      "--measure", options.measure,
      "Verify and time the kernels of one problem on the device, and answer with one JSON object of at most 4 KB");
  add_launch_options(command, options.kernel, add_reference_options(command, options.kernel));
  command
      .add_option("--kernel", options.kernel.problem.draft.kernel,
                  "With --reference: which __global__ function (default: the only one)")
      ->type_name("F")
      ->needs("--reference");
  tuner::SweepRequest& request = options.measured.sweep;
  command.add_option("--variant", request.variants, "Measured: only this variant (repeatable)")
      ->type_name("V")
      ->allow_extra_args(false);
  command
      .add_option("--param", options.choices.parameters,
                  "Measured: only these values of a parameter, as in block=128,256 (repeatable)")
      ->type_name("P=v1,v2")
      ->allow_extra_args(false);
  add_number_options(command, options.choices);
  command
      .add_option("--baseline", options.measured.baseline,
                  "Measured: the variant, or with --reference the kernel's file, to compare with, timed interleaved: "
                  "faster, slower, or cannot tell")
      ->type_name("V|OLD.cu");
  command.add_option("--device", request.device, "Measured: auto, cuda:N, replay:NAME or replay:FILE")
      ->capture_default_str()
      ->type_name("DEVICE");
  command.add_option("--target", request.target, "Measured: GPU that times are projected on")
      ->capture_default_str()
      ->type_name("NAME");
  command
      .add_option("--budget", request.budget,
                  fmt::format("Measured: evaluations (20), time (30s) or auto (default: {})", tuner::kCheckBudget))
      ->type_name("BUDGET");
  command.add_option("--draws", request.draws, "Measured: draws of the inputs that the best is verified on")
      ->capture_default_str()
      ->check(quiet_range(1, 16))
      ->type_name("N");
  command
      .add_option("--timeout", options.measured.hang_s,
                  "Measured: seconds that a launch and its verification may take; then it is ended as hung")
      ->capture_default_str()
      ->type_name("S")
      ->check(quiet_range(0.1, 3600.0));
  command
      .add_option("--full", options.full,
                  "Measured: file of everything that was measured, a recording (default: one below " +
                      tuner::answers_folder().string() + ")")
      ->type_name("FILE");
}

}  // namespace

void add_check(CLI::App& app, Context& context) {
  auto options = std::make_shared<CheckCommand>();
  CLI::App* command = app.add_subcommand(
      "check", "Look for mistakes in problems and their kernels, without a GPU; with --measure, verify and time them");
  command
      ->add_option("problem", options->problems,
                   "Names of problems, folders of problems, or folders of such folders (default: every problem of "
                   "--preset-path and $FUSELINE_PATH; where there are none, the built-in ones)")
      ->type_name("PROBLEM|FOLDER...")
      ->option_text(" ");
  command->add_option("--cc", options->capabilities, "Compute capabilities that kernels are compiled for")
      ->delimiter(',')
      ->capture_default_str()
      ->check(quiet_range(50, 150))
      ->type_name("N,...");
  command->add_option("--dtype", options->dtypes, "all, or some of f32, f16, bf16")
      ->delimiter(',')
      ->capture_default_str()
      ->type_name("DTYPE,...");
  command
      ->add_option("--shape", options->shapes,
                   "all, or some of the problem's shapes; with --host kernels alone are bound to them")
      ->delimiter(',')
      ->capture_default_str()
      ->type_name("SHAPE,...");
  command
      ->add_option("--at-most", options->at_most,
                   "Compile, or run, so many of a variant's configurations, spread evenly (default: every one that "
                   "differs in " +
                       fmt::format("what is compiled; with --host {} a dtype, which reach as many values of its "
                                   "parameters as they can)",
                                   tuner::kHostSample))
      ->type_name("N")
      ->check(quiet_range(1, 1000000));
  CLI::Option* const no_compile =
      command->add_flag("--no-compile", options->no_compile, "Look at manifests and sources alone: seconds");
  CLI::Option* const host = command->add_flag(
      "--host", options->host,
      "Run some configurations of every variant on the CPU, without a GPU, and compare them with the reference; "
      "nothing "
      "is compiled for a GPU. The kernels' sources are compiled by your g++ and run with your rights");
  host->excludes(no_compile);
  command->add_option("--host-seconds", options->host_seconds, "With --host: time for everything (default: 600)")
      ->type_name("S")
      ->check(quiet_range(1, 1000000))
      ->needs(host);
  command->add_option("--json", options->json, "Write the findings and figures as JSON (- for standard output)")
      ->type_name("FILE");
  command->add_option("--worker", options->worker, "Command that starts the worker that compiles")->type_name("CMD");
  add_measuring_options(*command, *options);
  host->excludes(command->get_option("--measure"))->excludes(command->get_option("--reference"));
  command->footer(
      "Every configuration of the staged space is looked at, for every shape, dtype and capability: expressions, "
      "PARAM_ names,\n"
      "kernel names and arguments, what constraints remove, registers and spills. What is wrong is a line with file "
      "and place,\n"
      "and the exit code is 2.\n"
      "Examples:\n"
      "  fuseline check my-problem --no-compile            manifests and sources, at once\n"
      "  fuseline check my-problem --cc 90 --at-most 20    compile some of each variant, for an H100 or H200\n"
      "  fuseline check my-problem --host --shape small    out-of-bounds accesses, missing barriers, wrong results: on "
      "the CPU\n"
      "  fuseline check my-problems --json check.json      a folder of problems, with everything found as JSON\n"
      "  fuseline check my-problem --measure --baseline old --json -    is it right, is it faster, what bounds it\n"
      "  fuseline check k.cu --reference ref.py --baseline old.cu --json -    the same of a kernel's file\n"
      "With --host manifests are looked at whole, and kernels run on the shapes and dtypes chosen, in several orders "
      "of "
      "threads,\n"
      "with cp.async as late as it may land and at once. What cannot run there is said. FUSELINE_CXX names another "
      "g++.\n"
      "With --reference a problem is made of the kernel as fuseline new does, measured, and thrown away.\n"
      "Exit codes of what is measured: 0 ok; 2 bad input; 3 slower than the baseline; 4 incorrect, vacuous, not "
      "compiled, "
      "crashed or timed out.\n");
  command->callback([command, options, &context] {
    context.task = [command, options, &context] {
      const auto code = check_measuring(*command, *options).and_then([&] { return run_check(*options, context); });
      return code ? *code : fail(code.error());
    };
  });
}

}  // namespace fuseline::app
