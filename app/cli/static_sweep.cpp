// fuseline sweep --device static:NAME: what a space is on a GPU that is not there.
#include "tuner/session/static_sweep.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "app/cli/compile_progress.hpp"
#include "app/cli/sweep.hpp"
#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"
#include "tuner/report/static_report.hpp"
#include "tuner/session/images.hpp"

namespace fuseline::app {
namespace {

using tuner::Result;
using tuner::StaticState;

/// Options of a sweep that are about measuring, or about what is kept of it.
constexpr const char* kOfMeasuring[] = {"--target",   "--strategy", "--budget", "--seed",       "--draws",
                                        "--counters", "--source",   "--after",  "--warm",       "--abandon",
                                        "--record",   "--trace",    "--timing", "--rank",       "--resume",
                                        "--db",       "--host",     "--slurm",  "--slurm-args", "--slurm-script"};

Result<void> check_options(const CLI::App& command, const SweepOptions& options, bool several) {
  const std::string& device = options.request.each.device;
  for (const char* name : kOfMeasuring) {
    if (command.get_option(name)->count() == 0) continue;
    return tuner::bad_input(
        name, "", fmt::format("has no meaning with --device {}: nothing is measured there", tuner::printable(device)));
  }
  if (options.request.each.workers.size() > 1) return tuner::bad_input("--worker", "", "one worker compiles");
  if (options.files.json == "-" && options.files.csv == "-")
    return tuner::bad_input("--csv", "", "standard output takes one of --json and --csv");
  for (const auto& [name, file] : {std::pair{"--json", &options.files.json}, {"--csv", &options.files.csv}}) {
    if (several && *file == "-")
      return tuner::bad_input(name, "", "one table goes to standard output: name a file for several");
  }
  return {};
}

Result<void> write(const std::string& file, const std::string& text) {
  if (file.empty()) return {};
  if (file != "-") return tuner::write_file(file, text);
  print_data(text);
  return {};
}

Result<tuner::StaticSpace> look(const tuner::SweepRequest& request, const tuner::Catalog& catalog,
                                const std::filesystem::path& data, bool quiet) {
  CompileProgress progress(quiet);
  tuner::StaticMeans means;
  means.catalog = &catalog;
  means.data = data;
  means.build = tuner::image_stream(request.workers.empty() ? "" : request.workers.front());
  means.progress = [&](std::size_t done, std::size_t total) { progress.show(done, total); };
  return tuner::static_sweep(request, means);
}

Result<void> tell(const tuner::StaticSpace& space, const SweepFiles& files, const SweepOptions& options, bool quiet) {
  FUSELINE_CHECK(write(files.json, files.json.empty() ? "" : tuner::json_text(tuner::static_json(space))));
  FUSELINE_CHECK(write(files.csv, files.csv.empty() ? "" : tuner::static_csv(space)));
  if (!quiet && files.json != "-" && files.csv != "-") print(tuner::static_text(space, options.shown(), use_colour(1)));
  return {};
}

/// Why nothing of it runs; empty where something does.
std::string fault_of(const Result<tuner::StaticSpace>& space) {
  if (!space) return tuner::printable(space.error().message());
  const bool runs =
      space->count(StaticState::fits) + space->count(StaticState::open) + space->count(StaticState::spills) > 0;
  return runs ? "" : tuner::nothing_runs_text(*space);
}

/// The exit code; `fault`: the first there was, of this many.
int conclude(const std::string& fault, std::size_t faults) {
  if (faults == 0) return kDone;
  spdlog::error("{}{}", fault, faults > 1 ? fmt::format("; and {} more", faults - 1) : "");
  return kNothingWorked;
}

/// Every shape, dtype and choice of dimensions in turn.
Result<int> each_in_turn(const tuner::CampaignRequest& request, const SweepOptions& options, const Context& context,
                         const tuner::Catalog& catalog, const std::filesystem::path& data) {
  FUSELINE_TRY(instances, tuner::list_instances(request, catalog));
  std::string first;
  std::size_t faults = 0;
  for (const tuner::CampaignInstance& instance : instances) {
    const SweepFiles files = files_of(options.files, instance);
    FUSELINE_CHECK(check_outputs({files.json, files.csv}));
    auto space = instance.refusal ? Result<tuner::StaticSpace>(tl::unexpected(*instance.refusal))
                                  : look(instance.request, catalog, data, context.quiet);
    // What would meet the next one too.
    if (!space && space.error().kind == tuner::ErrorKind::worker) return tl::unexpected(space.error());
    const std::string fault = fault_of(space);
    if (!fault.empty()) spdlog::warn("{}: {}", instance.name, fault);
    if (!fault.empty() && faults++ == 0) first = instance.name + ": " + fault;
    if (space) FUSELINE_CHECK(tell(*space, files, options, context.quiet));
    if (space && !context.quiet) print("\n");
  }
  return conclude(first, faults);
}

}  // namespace

Result<int> run_static_sweep(const CLI::App& command, const tuner::CampaignRequest& request,
                             const SweepOptions& options, const Context& context) {
  const bool several = tuner::is_campaign(request);
  FUSELINE_CHECK(check_options(command, options, several));
  FUSELINE_TRY(data, require_data());
  FUSELINE_TRY(catalog, load_catalog(context, request.each.problem));
  if (several) return each_in_turn(request, options, context, catalog, data);
  FUSELINE_CHECK(check_outputs({options.files.json, options.files.csv}));
  const auto space = look(tuner::single_request(request), catalog, data, context.quiet);
  if (!space) return tl::unexpected(space.error());
  FUSELINE_CHECK(tell(*space, options.files, options, context.quiet));
  const std::string fault = fault_of(space);
  return conclude(fault, fault.empty() ? 0 : 1);
}

}  // namespace fuseline::app
