// Tools of runs that are there: what bounds the best, and files for others.
#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "tuner/base/files.hpp"
#include "tuner/formats/formats.hpp"
#include "tuner/mcp/tools.hpp"
#include "tuner/package/packages.hpp"
#include "tuner/report/answer.hpp"
#include "tuner/report/documents.hpp"
#include "tuner/report/explanation.hpp"
#include "tuner/run/neighbours.hpp"
#include "tuner/session/images.hpp"
#include "tuner/session/target_fit.hpp"

namespace fuseline::tuner::mcp {
namespace {

std::vector<ArgumentSpec> run_arguments() {
  using enum ArgumentType;
  return {
      {"run", string_or_integer, "Number of the run, or a file that holds one (default: the latest)"},
      {"target", string, "GPU that times are projected on (default: the run's)"},
  };
}

Result<Answer> explained(const Arguments& arguments, const Workplace& workplace) {
  FUSELINE_TRY(run, workplace.run(arguments.string("run"), arguments.string("target")));
  const auto ranked = run.ranked();
  const std::int64_t rank = arguments.integer("rank", 1);
  if (ranked.empty()) return worker_error("nothing worked in this run");
  if (rank < 1 || static_cast<std::uint64_t>(rank) > ranked.size())
    return argument_error("rank", fmt::format("{} is not among the {} that worked", rank, ranked.size()));
  const Evaluation& evaluation = *ranked[static_cast<std::size_t>(rank) - 1];
  const Explanation explanation = explain(run, evaluation);
  Answer answer;
  answer.summary["problem"] = problem_answer(run.info);
  answer.summary["device"] = device_answer(run.info);
  answer.summary["rank"] = rank;
  answer.summary["configuration"] = configuration_answer(run, evaluation);
  answer.summary.update(explanation_json(explanation));
  answer.summary["neighbours"] = OrderedJson::array();
  for (const Neighbour& neighbour : neighbours(run, evaluation))
    answer.summary["neighbours"].push_back({{"param", neighbour.parameter},
                                            {"here", neighbour.here},
                                            {"there", neighbour.there},
                                            {"time_ratio", neighbour.time.ratio}});
  answer.summary["projection"] = projection_json(run.info, explanation.projection);
  return answer;
}

Result<Answer> written(const std::string& output, const std::string& text) {
  FUSELINE_CHECK(write_file(output, text));
  Answer answer;
  answer.summary = {{"file", std::filesystem::absolute(output).string()}, {"bytes", text.size()}};
  return answer;
}

Result<Answer> export_package(const PackageKind& kind, const Arguments& arguments, const Workplace& workplace,
                              const Catalog& catalog) {
  FUSELINE_TRY(run, workplace.run(arguments.string("run"), ""));
  const std::vector<Run> runs = {std::move(run)};
  PackageRequest request;
  request.folder = arguments.string("output");
  request.data = workplace.data;
  request.catalog = &catalog;
  request.runs = &runs;
  FUSELINE_TRY(targets,
               package_targets(workplace.data, arguments.string("target", kPackageTarget), arguments.integers("cc")));
  request.targets = std::move(targets);
  FUSELINE_TRY(build, image_builder(arguments.string("worker", workplace.worker)));
  request.build = std::move(build);
  FUSELINE_TRY(exported, kind.write(request));
  Answer answer;
  answer.summary = {{"folder", std::filesystem::absolute(request.folder).string()},
                    {"entries", exported.entries},
                    {"images", exported.images},
                    {"warnings", exported.warnings}};
  return answer;
}

Result<Answer> exported(const Arguments& arguments, const Workplace& workplace) {
  const std::string format = arguments.string("format"), output = arguments.string("output");
  if (output.empty() || output == "-") return argument_error("output", "must name a file, or of a package its folder");
  FUSELINE_TRY(catalog, workplace.catalog(arguments.strings("folders")));
  if (const PackageKind* kind = package_kind(format); kind != nullptr)
    return export_package(*kind, arguments, workplace, catalog);
  if (arguments.has("cc")) return argument_error("cc", "belongs to packages, such as torch, not to " + format);
  FUSELINE_TRY(run, workplace.run(arguments.string("run"), arguments.string("target")));
  std::vector<std::string> warnings;
  if (arguments.has("target")) {
    TargetImages images;
    images.build = image_stream(arguments.string("worker", workplace.worker));
    warnings = learn_target_fit(run, catalog, images);
  }
  FUSELINE_TRY(text, file_text(format, {&run, &catalog}));
  FUSELINE_TRY(answer, written(output, text));
  answer.summary["warnings"] = warnings;
  return answer;
}

std::vector<std::string> format_ids() {
  std::vector<std::string> ids = document_ids();
  for (const Format& format : formats()) ids.push_back(format.id);
  for (const std::string& id : package_ids()) ids.push_back(id);
  return ids;
}

}  // namespace

Tool explain_tool(const Workplace& workplace) {
  Tool tool{"explain",
            "Explain",
            "What bounds the best of a run (or another by its rank): floor and share of it, whether the fusion holds, "
            "ranked bounds with their readings, the neighbours in the space, advice, and the projection on a target.",
            run_arguments(),
            true,
            nullptr};
  tool.arguments.push_back({"rank", ArgumentType::integer, "Which configuration, from the best (default: 1)"});
  tool.call = [workplace](const Arguments& arguments, const CallContext&) { return explained(arguments, workplace); };
  return tool;
}

Tool export_tool(const Workplace& workplace) {
  using enum ArgumentType;
  Tool tool{"export",
            "Export",
            fmt::format("Writes a run to a file. {}; {}; {}.", formats_help(), documents_help(), package_kinds_help()),
            run_arguments(),
            false,
            nullptr};
  tool.arguments.push_back({"format", string, "What to write", true, format_ids()});
  tool.arguments.push_back({"output", string, "File to write; of a package its folder", true});
  tool.arguments.push_back({"folders", strings, "Folders with problems of your own"});
  tool.arguments.push_back({"cc", integers, "Of a package: compute capabilities that it is made for as well"});
  tool.arguments.push_back({"worker", string, "Of a package, or for a target: command of the worker that compiles"});
  tool.call = [workplace](const Arguments& arguments, const CallContext&) { return exported(arguments, workplace); };
  return tool;
}

}  // namespace fuseline::tuner::mcp
