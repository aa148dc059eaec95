// Tools about problems: what there is, and what is wrong with it.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "tuner/check/check.hpp"
#include "tuner/mcp/tools.hpp"
#include "tuner/report/check_report.hpp"
#include "tuner/report/measured_check.hpp"
#include "tuner/report/problem_report.hpp"
#include "tuner/session/images.hpp"
#include "tuner/session/instances.hpp"
#include "tuner/session/new_problem.hpp"

namespace fuseline::tuner::mcp {
namespace {

OrderedJson listed(const CatalogEntry& entry) {
  OrderedJson json;
  json["name"] = entry.problem.name;
  json["title"] = entry.problem.title;
  json["dtypes"] = OrderedJson::array();
  for (const Dtype dtype : entry.problem.dtypes) json["dtypes"].push_back(to_string(dtype));
  json["shapes"] = OrderedJson::array();
  for (const ShapePreset& shape : entry.problem.shapes) json["shapes"].push_back(shape.name);
  json["variants"] = OrderedJson::array();
  for (const Variant& variant : entry.variants) json["variants"].push_back(variant.name);
  return json;
}

/// With the least that tells them apart, so that all of them fit an answer.
Answer all_problems(const Catalog& catalog) {
  OrderedJson full = OrderedJson::array(), names = OrderedJson::array();
  for (const auto& entry : catalog.entries()) {
    full.push_back(listed(*entry));
    names.push_back({{"name", entry->problem.name}, {"title", entry->problem.title}});
  }
  OrderedJson unloaded = OrderedJson::array();
  for (const UnloadedFolder& folder : catalog.unloaded())
    unloaded.push_back({{"folder", folder.folder.string()}, {"reason", folder.error.message()}});
  Answer answer;
  answer.full = json_text({{"problems", std::move(full)}, {"unloaded", unloaded}});
  answer.summary = {{"problems", std::move(names)}, {"unloaded", std::move(unloaded)}};
  return answer;
}

OrderedJson space_of(const VariantReport& report) {
  OrderedJson json;
  json["variant"] = report.variant->name;
  json["configurations"] = report.size;
  if (!report.unavailable.empty()) json["unavailable"] = report.unavailable;
  json["params"] = OrderedJson::object();
  for (const ParameterSpec& parameter : report.variant->parameters) {
    OrderedJson values = OrderedJson::array();
    for (const Value& value : parameter.values) values.push_back(OrderedJson(value.to_json()));
    json["params"][parameter.name] = std::move(values);
  }
  return json;
}

Answer one_problem(const ProblemReport& report, const Target& target) {
  const Problem& problem = report.entry->problem;
  const ProblemInstance& instance = report.instance;
  OrderedJson json = listed(*report.entry);
  json.erase("variants");
  json["formula"] = problem.formula;
  json["sized_for"] = {{"shape", instance.shape}, {"dtype", to_string(instance.dtype)}, {"target", target.name}};
  json["dims"] = OrderedJson::object();
  for (const Dimension& dimension : instance.dims) json["dims"][dimension.name] = dimension.value;
  json["compulsory_bytes"] = instance.compulsory_bytes;
  json["configurations"] = report.size;
  json["space"] = OrderedJson::array();
  for (const VariantReport& variant : report.variants) json["space"].push_back(space_of(variant));
  Answer answer;
  answer.summary = std::move(json);
  answer.full = json_text(to_json(report));
  return answer;
}

Result<Answer> problems(const Arguments& arguments, const Workplace& workplace) {
  FUSELINE_TRY(catalog, workplace.catalog(arguments.strings("folders")));
  const std::string name = arguments.string("problem");
  if (name.empty()) return all_problems(catalog);
  FUSELINE_TRY(entry, catalog.find(name));
  FUSELINE_TRY(target, find_target(workplace.data, arguments.string("target", SweepRequest().target)));
  ProblemChoice choice;
  choice.shape = arguments.string("shape");
  choice.dtype = arguments.string("dtype");
  choice.dims = arguments.dimensions("dims");
  choice.scalars = arguments.scalars("scalars");
  choice.counts = true;
  FUSELINE_TRY(report, problem_report(*entry, target.limits, choice));
  return one_problem(report, target);
}

Result<CheckOptions> check_options(const Arguments& arguments, const Workplace& workplace, const CallContext& context) {
  CheckOptions options;
  if (arguments.has("shape")) options.selection.shapes = {arguments.string("shape")};
  if (arguments.has("dtype")) {
    FUSELINE_TRY(dtype, named_dtype(arguments.string("dtype")));
    options.selection.dtypes = {dtype};
  }
  const std::vector<int> capabilities = arguments.has("cc") ? arguments.integers("cc") : std::vector<int>{89, 90};
  FUSELINE_TRY(devices, check_devices(workplace.data, capabilities));
  options.devices = std::move(devices);
  options.compile = arguments.boolean("compile", true);
  if (!options.compile) return options;
  options.images.at_most = static_cast<std::size_t>(std::max<std::int64_t>(1, arguments.integer("at_most", 8)));
  options.images.build = image_stream(arguments.string("worker", workplace.worker));
  options.images.progress = [&context](std::size_t done, std::size_t total) {
    context.progress(static_cast<double>(done), static_cast<double>(total), "compiling");
  };
  return options;
}

/// The problem named, which may lie in one of the folders; else all of the folders'.
Result<CheckedProblems> named_problems(const Arguments& arguments, const Workplace& workplace) {
  const std::vector<std::string> folders = arguments.strings("folders");
  if (!arguments.has("problem")) return checked_problems(workplace.data, workplace.preset_paths, folders);
  std::vector<std::filesystem::path> paths = workplace.preset_paths;
  paths.insert(paths.end(), folders.begin(), folders.end());
  return checked_problems(workplace.data, paths, {arguments.string("problem")});
}

Result<Answer> checked(const Arguments& arguments, const Workplace& workplace, const CallContext& context) {
  FUSELINE_TRY(options, check_options(arguments, workplace, context));
  FUSELINE_TRY(problems, named_problems(arguments, workplace));
  FUSELINE_TRY(report, check_problems(problems, std::move(options)));
  OrderedJson full = check_json(report);
  Answer answer;
  answer.summary["clean"] = report.clean();
  answer.summary["findings_in_all"] = report.findings.size();
  answer.summary["findings"] = full.at("findings");
  answer.summary["warnings"] = report.warnings;
  answer.summary["not_compiled"] = report.not_compiled;
  answer.summary["problems"] = OrderedJson::array();
  for (const ProblemCheck& problem : report.problems) {
    OrderedJson variants = OrderedJson::array();
    for (const VariantCheck& variant : problem.variants) {
      variants.push_back({{"variant", variant.name},
                          {"compiled", variant.images.compiled},
                          {"failed", variant.images.failed},
                          {"most_registers", variant.images.most_registers},
                          {"spilling", variant.images.spilling},
                          {"remarks", variant.remarks}});
    }
    answer.summary["problems"].push_back({{"name", problem.name}, {"variants", std::move(variants)}});
  }
  answer.full = json_text(full);
  return answer;
}

/// Of a kernel's file that is held against a reference, in place of a problem.
Result<ScratchProblem> kernel_problem(const Arguments& arguments, const Workplace& workplace) {
  for (const char* other : {"problem", "folders"}) {
    if (arguments.has(other)) return argument_error(other, "is said in place of 'kernel', not with it");
  }
  NewProblem request;
  request.draft.file = arguments.string("kernel");
  request.reference = arguments.string("reference");
  if (request.reference.empty()) return argument_error("reference", "is needed with 'kernel'");
  request.baseline = arguments.string("baseline");
  if (arguments.has("dtype")) {
    FUSELINE_TRY(dtype, named_dtype(arguments.string("dtype")));
    request.draft.choices.dtypes = {dtype};
  }
  return make_scratch_problem(std::move(request), *workplace.references);
}

Result<Answer> measured(const Arguments& arguments, const Workplace& workplace, const CallContext& context) {
  MeasuredCheckRequest request;
  request.sweep = request_of(arguments, workplace);
  request.baseline = arguments.string("baseline");
  request.sweep.budget = arguments.string("budget");
  if (arguments.has("timeout_s"))
    request.hang_s = std::max(1.0, static_cast<double>(arguments.integer("timeout_s", 0)));
  std::optional<ScratchProblem> made;  // There until everything was measured.
  if (arguments.has("kernel")) {
    FUSELINE_TRY(problem, kernel_problem(arguments, workplace));
    made.emplace(std::move(problem));
    if (!request.baseline.empty()) request.baseline = kBaselineVariant;
  }
  FUSELINE_TRY(problems, made ? checked_problems(workplace.data, {}, {made->folder.string()})
                              : named_problems(arguments, workplace));
  SessionEnvironment environment;
  environment.data = workplace.data;
  FUSELINE_TRY(verdict, measured_check(problems, std::move(request), environment,
                                       [&context](Session& session) { return follow(session, context); }));
  return Answer{std::move(verdict.answer), std::move(verdict.recording), ".t4.json"};
}

}  // namespace

Tool problems_tool(const Workplace& workplace) {
  using enum ArgumentType;
  Tool tool{"problems",
            "Problems",
            "Lists the problems that can be tuned. With 'problem': its formula, dimensions, dtypes, shapes, and the "
            "space of every variant with the number of configurations on the target.",
            {},
            true,
            nullptr};
  for (const ArgumentSpec& spec : measuring_arguments()) {
    if (spec.name != "device" && spec.name != "worker" && spec.name != "variants" && spec.name != "params")
      tool.arguments.push_back(spec);
  }
  tool.call = [workplace](const Arguments& arguments, const CallContext&) { return problems(arguments, workplace); };
  return tool;
}

Tool check_tool(const Workplace& workplace) {
  using enum ArgumentType;
  Tool tool{
      "check",
      "Check",
      "Looks for mistakes in problems and their kernels without a GPU: manifests, constraints, arguments, what the "
      "compiler says, registers and spills. With measure=true it verifies and times the kernels on the device and "
      "answers with a status (ok, incorrect, vacuous, compile_error, crashed, timeout, invalid), the time, the "
      "comparison with 'baseline', floor, bounds and advice.",
      measuring_arguments(),
      true,
      nullptr};
  tool.arguments.push_back({"cc", integers, "Compute capabilities to compile for, without measure (default: 89, 90)"});
  tool.arguments.push_back({"compile", boolean, "Compile, without measure (default: true)"});
  tool.arguments.push_back(
      {"at_most", integer, "Configurations of a variant to compile, without measure (default: 8)"});
  tool.arguments.push_back({"measure", boolean, "Verify and time on the device (default: false)"});
  tool.arguments.push_back({"kernel", string, "File of a CUDA kernel to measure against 'reference', with no problem"});
  tool.arguments.push_back(
      {"reference", string, "With kernel: Python file with Model, get_inputs and get_init_inputs; it is run"});
  tool.arguments.push_back(
      {"baseline", string, "Measured: the variant, or of a kernel the file, to compare with, timed interleaved"});
  tool.arguments.push_back({"timeout_s", integer,
                            fmt::format("Measured: seconds that a launch and its verification may take (default: {})",
                                        MeasuredCheckRequest{}.hang_s)});
  tool.arguments.push_back({"budget", string, "With measure: evaluations (20), time (30s) or auto (default: 64)"});
  tool.call = [workplace](const Arguments& arguments, const CallContext& context) -> Result<Answer> {
    if (arguments.has("reference") && !arguments.has("kernel"))
      return argument_error("reference", "is said with 'kernel' alone");
    const bool measure = arguments.boolean("measure", false) || arguments.has("kernel");
    return measure ? measured(arguments, workplace, context) : checked(arguments, workplace, context);
  };
  return tool;
}

}  // namespace fuseline::tuner::mcp
