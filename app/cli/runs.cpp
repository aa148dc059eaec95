// fuseline runs: what the store holds.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <limits>

#include "app/cli/common.hpp"
#include "tuner/base/json.hpp"
#include "tuner/base/text.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/table.hpp"
#include "tuner/session/kept_runs.hpp"

namespace fuseline::app {
namespace {

using tuner::Result;

struct RunsOptions {
  std::string db, find, title, tags;
  std::int64_t run = 0;
  std::size_t count = 20;
  bool json = false, removed = false, restore = false;
  const CLI::Option *titled = nullptr, *tagged = nullptr;
};

/// Changes what is asked for; the run must be named then.
Result<void> change(const RunsOptions& options) {
  const bool titled = options.titled->count() > 0, tagged = options.tagged->count() > 0;
  if (!titled && !tagged && !options.restore) return {};
  if (options.run == 0) return tuner::bad_input("name the run that is meant: fuseline runs 12 --title TEXT");
  FUSELINE_TRY(store, tuner::open_store(options.db));
  if (options.restore) FUSELINE_CHECK(store->restore(options.run));
  if (titled) FUSELINE_CHECK(store->rename(options.run, options.title));
  if (!tagged) return {};
  std::vector<std::string> tags = tuner::split(options.tags, ' ');
  std::erase(tags, std::string());
  return store->set_tags(options.run, tags);
}

tuner::OrderedJson json_of(const tuner::RunSummary& run) {
  tuner::OrderedJson json = {{"run", run.id},
                             {"title", run.title},
                             {"tags", run.tags},
                             {"note", run.note},
                             {"started_at", run.started_at},
                             {"problem", run.problem},
                             {"shape", run.shape},
                             {"dtype", tuner::to_string(run.dtype)},
                             {"device", run.device},
                             {"backend", tuner::to_string(run.backend)},
                             {"strategy", run.strategy},
                             {"state", tuner::to_string(run.state)},
                             {"evaluated", run.evaluations}};
  json["best_ms"] = run.best_ms ? tuner::OrderedJson(*run.best_ms) : tuner::OrderedJson();
  return json;
}

std::string text_of(const std::vector<tuner::RunSummary>& runs) {
  tuner::TextTable table{
      {"run", "started", "problem", "shape", "dtype", "device", "state", "evaluated", "best (ms)", "title", "tags"},
      {}};
  for (const tuner::RunSummary& run : runs) {
    table.rows.push_back(
        {std::to_string(run.id), run.started_at.substr(0, 16), run.problem.empty() ? "(foreign run)" : run.problem,
         run.shape, std::string(tuner::to_string(run.dtype)),
         tuner::short_device_name(run.device) + (run.backend == tuner::Backend::replay ? " (replayed)" : ""),
         std::string(tuner::to_string(run.state)), std::to_string(run.evaluations),
         run.best_ms ? tuner::format_ms(*run.best_ms) : "-", run.title, fmt::format("{}", fmt::join(run.tags, " "))});
  }
  return table.without_empty_columns().render(use_colour(1));
}

Result<int> runs(const RunsOptions& options) {
  FUSELINE_CHECK(change(options));
  FUSELINE_TRY(store, tuner::read_store(options.db));
  FUSELINE_TRY(list, options.removed ? store->removed() : store->runs());
  std::erase_if(list, [&](const tuner::RunSummary& run) {
    return !tuner::has_words(run, options.find) || (options.run != 0 && run.id != options.run);
  });
  if (options.run != 0 && list.empty()) return tuner::bad_input(fmt::format("there is no run {}", options.run));
  const std::size_t all = list.size();
  if (options.count > 0) list.resize(std::min(all, options.count));
  if (options.json) {
    tuner::OrderedJson json = tuner::OrderedJson::array();
    for (const tuner::RunSummary& run : list) json.push_back(json_of(run));
    print_data(tuner::json_text(json));
    return kDone;
  }
  if (list.empty()) {
    print(options.find.empty() ? "No run is kept.\n" : "No run has all of these words.\n");
    return kDone;
  }
  print(text_of(list));
  if (list.size() < all) print(fmt::format("\n{} more: --count 0 shows all.\n", all - list.size()));
  return kDone;
}

}  // namespace

void add_runs(CLI::App& app, Context& context) {
  auto options = std::make_shared<RunsOptions>();
  CLI::App* command = app.add_subcommand("runs", "List the runs that are kept, with their titles and tags; name them");
  command->add_option("run", options->run, "This run alone")
      ->type_name("RUN")
      ->option_text(" ")
      ->check(quiet_range<std::int64_t>(1, std::numeric_limits<std::int64_t>::max()));
  add_db_option(*command, options->db);
  command
      ->add_option("--find", options->find,
                   "Those with every one of these words in number, title, problem, shape, element type, device, "
                   "strategy, date, tags or note; tag:NAME is a tag")
      ->type_name("WORDS");
  command->add_option("--count", options->count, "The newest of them; 0: all")->capture_default_str()->type_name("N");
  options->titled = command->add_option("--title", options->title, "Name the run; an empty one takes the name away")
                        ->type_name("TEXT");
  options->tagged =
      command->add_option("--tags", options->tags, "Its tags in place of those it has, as in \"baseline paper\"")
          ->type_name("TAGS");
  command->add_flag("--removed", options->removed, "Those that were deleted less than 7 days ago");
  command->add_flag("--restore", options->restore, "Bring a deleted run back");
  command->add_flag("--json", options->json, "As JSON");
  command->footer(
      "Examples:\n  fuseline runs --find \"softmax f16 tag:baseline\"\n  fuseline runs 12 --title \"before the "
      "rewrite\" --tags \"baseline paper\"\n  fuseline runs 12 --restore\n");
  command->callback([options, &context] {
    context.task = [options] {
      const auto result = runs(*options);
      return result ? *result : fail(result.error());
    };
  });
}

}  // namespace fuseline::app
