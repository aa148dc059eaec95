#include "tuner/report/measured_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "tuner/check/trivial_answers.hpp"
#include "tuner/formats/counters_json.hpp"
#include "tuner/formats/parts.hpp"
#include "tuner/formats/t4.hpp"
#include "tuner/report/answer.hpp"
#include "tuner/report/explanation.hpp"
#include "tuner/run/figures.hpp"
#include "tuner/run/steadiness.hpp"

namespace fuseline::tuner {
namespace {

constexpr const char* kSchema = "fuseline/measured_check/1";
/// Enough for 25 rounds of a kernel of a millisecond beside its baseline; a slower one is told apart by fewer.
constexpr double kCheckFinalsSeconds = 0.3;

const char* status_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok:
      return "ok";
    case Outcome::compile_error:
      return "compile_error";
    case Outcome::incorrect:
      return "incorrect";
    case Outcome::timeout:
      return "timeout";
    case Outcome::launch_error:
    case Outcome::crashed:
      return "crashed";
    case Outcome::skipped:
      return "invalid";
  }
  return "invalid";
}

/// What most of those that are checked came to; of equals what comes first in Outcome.
const char* failed_status(const Run& run, const std::string& baseline) {
  std::map<Outcome, std::size_t> counts;
  for (const Evaluation& evaluation : run.evaluations) {
    if (evaluation.configuration.variant != baseline) ++counts[evaluation.measurement.outcome];
  }
  const auto most =
      std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == counts.end() ? "invalid" : status_of(most->first);
}

const Evaluation* first_of(const Run& run, const std::string& baseline, bool of_baseline) {
  for (const Evaluation* evaluation : run.ranked()) {
    if ((!baseline.empty() && evaluation->configuration.variant == baseline) == of_baseline) return evaluation;
  }
  return nullptr;
}

struct Ratio {
  double value = 1;
  Interval interval;
  bool interleaved = false;
};

/// Time of `a` over that of `b`, one of which is the best of the run.
Ratio ratio_of(const Run& run, const Evaluation& a, const Evaluation& b) {
  const FinalTiming *final_a = run.final_of(a), *final_b = run.final_of(b);
  if (final_a != nullptr && final_b != nullptr && final_b->sequence == run.info.finals.front().sequence)
    return {final_a->ratio, final_a->ratio_interval, true};
  if (final_a != nullptr && final_b != nullptr && final_b->ratio > 0)
    return {1 / final_b->ratio, {1 / final_b->ratio_interval.high, 1 / final_b->ratio_interval.low}, true};
  const Summary time_a = run.time_of(a), time_b = run.time_of(b);
  return {time_a.median / time_b.median, {time_a.p25 / time_b.p75, time_a.p75 / time_b.p25}, false};
}

OrderedJson against(const Run& run, const Evaluation* best, const std::string& baseline) {
  if (baseline.empty()) return nullptr;
  const Evaluation* other = first_of(run, baseline, true);
  OrderedJson json;
  json["baseline"] = baseline;
  if (best == nullptr || other == nullptr) {
    json["verdict"] = nullptr;
    json["reason"] = other == nullptr ? "the baseline did not work" : "there is nothing to compare with it";
    return json;
  }
  const Ratio ratio = ratio_of(run, *best, *other);
  json["verdict"] = ratio.interval.high < 1 ? "faster" : ratio.interval.low > 1 ? "slower" : "cannot tell";
  json["time_ratio"] = finite_or_null(ratio.value);
  json["interval"] = {finite_or_null(ratio.interval.low), finite_or_null(ratio.interval.high)};
  json["timed"] = ratio.interleaved ? "interleaved" : "one after the other";
  json["time_ms"] = time_object(run.time_of(*other));
  json["configuration"] = other->configuration.key();
  return json;
}

OrderedJson correctness_of(const RunInfo& info, const Evaluation* evaluation, const std::vector<TrivialAnswer>& trivial,
                           bool looked) {
  OrderedJson json;
  json["draws"] = evaluation != nullptr ? OrderedJson(info.draws) : OrderedJson(nullptr);
  json["max_absolute_error"] = json["max_relative_error"] = json["tolerance_share"] = nullptr;
  if (evaluation != nullptr && evaluation->measurement.verification) {
    const Verification& verification = *evaluation->measurement.verification;
    json["max_absolute_error"] = finite_or_null(verification.max_absolute_error);
    json["max_relative_error"] = finite_or_null(verification.max_relative_error);
    if (verification.tolerance_share) json["tolerance_share"] = finite_or_null(*verification.tolerance_share);
  }
  json["would_pass"] = nullptr;
  if (!looked) return json;
  json["would_pass"] = OrderedJson::array();
  for (const TrivialAnswer& answer : trivial) {
    if (answer.any())
      json["would_pass"].push_back({{"output", answer.output},
                                    {"zeros", answer.zeros},
                                    {"constant", answer.constant},
                                    {"copies_of", answer.inputs}});
  }
  return json;
}

MeasuredCheck unloaded(const std::vector<Finding>& findings) {
  MeasuredCheck check;
  check.answer["schema"] = kSchema;
  check.answer["status"] = "invalid";
  check.answer["errors"] = OrderedJson::array();
  for (const Finding& finding : findings)
    check.answer["errors"].push_back({{"outcome", "invalid"}, {"count", 1}, {"reason", to_string(finding)}});
  return check;
}

Result<void> add_baseline(const CatalogEntry& entry, MeasuredCheckRequest& request) {
  if (request.baseline.empty()) return {};
  if (const auto found = find_variant(entry.variants, request.baseline); !found)
    return bad_input("--baseline", "", found.error().reason);
  auto& variants = request.sweep.variants;
  const bool named = std::find(variants.begin(), variants.end(), request.baseline) != variants.end();
  if (!variants.empty() && !named) variants.push_back(request.baseline);
  if ((named && variants.size() == 1) || (variants.empty() && entry.variants.size() == 1))
    return bad_input("--baseline", "", fmt::format("there is no variant beside {}", request.baseline));
  return {};
}

OrderedJson answer_of(const Run& run, const std::string& baseline, const std::vector<TrivialAnswer>& trivial,
                      bool looked) {
  const Evaluation* best = first_of(run, baseline, false);
  OrderedJson json;
  json["schema"] = kSchema;
  json["status"] = best == nullptr ? failed_status(run, baseline) : is_vacuous(trivial) ? "vacuous" : "ok";
  json["problem"] = problem_answer(run.info);
  json["device"] = device_answer(run.info);
  json["outcomes"] = outcomes_answer(run);
  json["errors"] = failures_answer(run);
  json["correctness"] = correctness_of(run.info, best, trivial, looked);
  json["configuration"] = best == nullptr ? OrderedJson(nullptr) : configuration_answer(run, *best);
  json["against"] = against(run, best, baseline);
  if (best == nullptr) return json;
  const Explanation explanation = explain(run, *best);
  json.update(explanation_json(explanation));
  json["time_ms"] = time_object(run.time_of(*best));
  json["projection"] = projection_json(run.info, explanation.projection);
  json["warnings"] = timing_warnings(run.info, *best);
  return json;
}

}  // namespace

std::string MeasuredCheck::verdict() const {
  const auto found = answer.find("against");
  if (found == answer.end() || !found->is_object() || !found->at("verdict").is_string()) return "";
  return found->at("verdict").get<std::string>();
}

Result<MeasuredCheck> measured_check(const CheckedProblems& problems, MeasuredCheckRequest request,
                                     SessionEnvironment environment,
                                     const std::function<Result<Run>(Session&)>& follow) {
  if (!problems.findings.empty()) return unloaded(problems.findings);
  if (problems.entries.size() != 1)
    return bad_input(fmt::format("one problem is measured; {} are named", problems.entries.size()));
  const CatalogEntry& entry = *problems.entries.front();
  FUSELINE_CHECK(add_baseline(entry, request));
  request.sweep.problem = entry.problem.name;
  request.sweep.counters = CounterMode::best;
  if (request.sweep.budget.empty()) request.sweep.budget = kCheckBudget;
  environment.catalog = &problems.catalog;
  environment.store = nullptr;
  environment.deadlines.verify_s = request.hang_s;
  environment.ends_at_losses = true;
  environment.finals_s = kCheckFinalsSeconds;
  environment.counted = 1;  // The answer is of the best alone.
  FUSELINE_TRY(session, Session::start(request.sweep, environment));
  FUSELINE_TRY(run, follow(*session));
  // Reading the files again is for what is right.
  const bool looked = entry.problem.reference_from_files() && first_of(run, request.baseline, false) != nullptr;
  std::vector<TrivialAnswer> trivial;
  if (looked) {
    FUSELINE_TRY(instance, instantiate(entry.problem, "", run.info.dims, run.info.dtype, run.info.scalars));
    FUSELINE_TRY(answers, trivial_answers(instance));
    trivial = std::move(answers);
  }
  MeasuredCheck check;
  check.answer = answer_of(run, request.baseline, trivial, looked);
  check.recording = t4_text(run);
  return check;
}

OrderedJson bounded_answer(MeasuredCheck check, const std::filesystem::path& file, std::size_t bytes) {
  return kept_answer(std::move(check.answer), file, check.recording, bytes);
}

}  // namespace fuseline::tuner
