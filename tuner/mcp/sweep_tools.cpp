// Tools that measure: a sweep, and one configuration with its counters.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "tuner/formats/counters_json.hpp"
#include "tuner/formats/result.hpp"
#include "tuner/formats/t4.hpp"
#include "tuner/mcp/tools.hpp"
#include "tuner/report/answer.hpp"
#include "tuner/report/counters_report.hpp"
#include "tuner/report/explanation.hpp"
#include "tuner/run/steadiness.hpp"
#include "tuner/session/images.hpp"
#include "tuner/session/kept_runs.hpp"
#include "tuner/session/profile.hpp"

namespace fuseline::tuner::mcp {
namespace {

/// Keys of those that cannot be told apart from the best.
OrderedJson ties_of(const Run& run) {
  OrderedJson list = OrderedJson::array();
  const auto ranked = run.ranked();
  for (const Evaluation* evaluation : ranked) {
    const FinalTiming* timing = run.final_of(*evaluation);
    if (evaluation != ranked.front() && timing != nullptr && timing->tied)
      list.push_back(evaluation->configuration.key());
  }
  return list;
}

void add_best(const Run& run, const Evaluation& best, const Explanation& explanation, OrderedJson& summary) {
  summary["best"] = configuration_answer(run, best);
  summary.update(explanation_json(explanation));
  summary["projection"] = projection_json(run.info, explanation.projection);
}

Result<Answer> answer_of(const Run& run) {
  Answer answer;
  OrderedJson& summary = answer.summary;
  summary["run"] = run.info.id > 0 ? OrderedJson(run.info.id) : OrderedJson(nullptr);
  summary["problem"] = problem_answer(run.info);
  summary["device"] = device_answer(run.info);
  summary["state"] = to_string(run.info.state);
  summary["stop_reason"] = run.info.stop_reason;
  summary["space_size"] = run.info.space_size;
  summary["outcomes"] = outcomes_answer(run);
  const auto ranked = run.ranked();
  summary["best"] = nullptr;
  if (!ranked.empty()) {
    add_best(run, *ranked.front(), explain(run, *ranked.front()), summary);
    summary["tied"] = ties_of(run);
    summary["warnings"] = timing_warnings(run.info, *ranked.front());
  }
  summary["failures"] = failures_answer(run);
  // A result holds the best alone; where nothing else is kept, all of it is wanted.
  if (run.info.id > 0 && !ranked.empty()) {
    FUSELINE_TRY(json, result_json(run));
    answer.full = json_text(json);
  } else {
    answer.full = t4_text(run);
    answer.full_ending = ".t4.json";
  }
  return answer;
}

Result<Answer> sweep(const Arguments& arguments, const Workplace& workplace, const CallContext& context) {
  SweepRequest request = request_of(arguments, workplace);
  request.budget = arguments.string("budget");
  request.strategy = arguments.string("strategy", request.strategy);
  request.full = arguments.boolean("full", false);
  request.counters = counter_mode_from_string(arguments.string("counters", "best")).value_or(CounterMode::best);
  if (const std::int64_t seed = arguments.integer("seed", 1); seed >= 0) {
    request.seed = static_cast<std::uint64_t>(seed);
  } else {
    return argument_error("seed", "is below 0");
  }
  FUSELINE_TRY(catalog, workplace.catalog(arguments.strings("folders")));
  FUSELINE_TRY(store, open_store(workplace.db));
  SessionEnvironment environment;
  environment.catalog = &catalog;
  environment.data = workplace.data;
  environment.store = store.get();
  environment.follow_evaluations = false;
  // By our own worker, as the command line does: one of the client's may wait for a GPU that is taken.
  environment.target_images.build = image_stream("");
  FUSELINE_TRY(session, Session::start(request, environment));
  FUSELINE_TRY(run, follow(*session, context));
  if (workplace.db == ":memory:") run.info.id = 0;
  return answer_of(run);
}

Result<Answer> profile(const Arguments& arguments, const Workplace& workplace, const CallContext& context) {
  FUSELINE_TRY(catalog, workplace.catalog(arguments.strings("folders")));
  SessionEnvironment environment;
  environment.catalog = &catalog;
  environment.data = workplace.data;
  FUSELINE_TRY(session, start_profile(request_of(arguments, workplace), environment));
  FUSELINE_TRY(run, follow(*session, context));
  FUSELINE_TRY(evaluation, profiled(run));
  Answer answer;
  answer.summary["problem"] = problem_answer(run.info);
  answer.summary["device"] = device_answer(run.info);
  const Explanation explanation = explain_profile(run, *evaluation, workplace.data);
  add_best(run, *evaluation, explanation, answer.summary);
  answer.summary["counters"] = counters_json(evaluation->measurement.counters);
  answer.full = json_text(profile_json(run, *evaluation, explanation, &catalog));
  return answer;
}

}  // namespace

Tool sweep_tool(const Workplace& workplace) {
  using enum ArgumentType;
  Tool tool{
      "sweep",
      "Sweep",
      "Compiles, verifies, times and ranks the configurations of a problem, on a GPU or replayed from a recording. "
      "Answers with the best and what is tied with it, floor and share of it, what bounds the best, advice, the "
      "projection on the target, failures by kind, and the run's number for explain and export.",
      measuring_arguments(),
      false,
      nullptr};
  tool.arguments.push_back({"budget", string, "Evaluations (200), time (30s, 5m) or auto (default: the whole space)"});
  tool.arguments.push_back({"strategy", string, "How to search (default: auto)"});
  tool.arguments.push_back({"counters",
                            string,
                            "Hardware counters of none, of the best, or of all (default: best)",
                            false,
                            {"none", "best", "all"}});
  tool.arguments.push_back({"full", boolean, "The full space instead of the staged one (default: false)"});
  tool.arguments.push_back({"seed", integer, "Of the strategy and of the inputs (default: 1)"});
  tool.call = [workplace](const Arguments& arguments, const CallContext& context) {
    return sweep(arguments, workplace, context);
  };
  return tool;
}

Tool profile_tool(const Workplace& workplace) {
  Tool tool{"profile",
            "Profile",
            "Verifies and times one configuration and reads its hardware counters: what bounds it and what they say. "
            "Give one variant and one value for every parameter.",
            measuring_arguments(),
            true,
            nullptr};
  tool.call = [workplace](const Arguments& arguments, const CallContext& context) {
    return profile(arguments, workplace, context);
  };
  return tool;
}

}  // namespace fuseline::tuner::mcp
