// The result of a sweep as people read it.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "tuner/base/text.hpp"
#include "tuner/device/roofline.hpp"
#include "tuner/report/counters_report.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/table.hpp"
#include "tuner/report/varying.hpp"
#include "tuner/run/columns.hpp"
#include "tuner/run/projected.hpp"
#include "tuner/run/steadiness.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::size_t kFailuresShown = 3;

std::string paint(const std::string& text, const char* code, bool colour) {
  return colour ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
}

VaryingParameters varying_in(const Run& run) {
  VaryingParameters varying;
  for (const Evaluation& evaluation : run.evaluations) varying.add(evaluation.configuration);
  return varying;
}

std::string gbps_text(double gbps) {
  return gbps >= 100 ? grouped(gbps) : gbps > 0 ? fmt::format("{:.3g}", gbps) : "-";
}

std::string share(double part) { return part > 0 ? percent_text(part) : "-"; }

std::string heading(const RunInfo& info, bool colour) {
  const std::string name = info.problem.empty() ? "a recorded problem" : printable(info.problem);
  std::string text =
      paint(name + (info.problem_title.empty() ? "" : ": " + printable(info.problem_title)), "1", colour) + "\n" +
      instance_text(info);
  if (info.compulsory_bytes > 0)
    text += ", " + format_bytes(static_cast<double>(info.compulsory_bytes)) + " compulsory";
  return text + "\n";
}

/// What launches followed where that is not as usual, and what the clocks did.
std::string timing_line(const RunInfo& info) {
  std::string text;
  if (info.after != Predecessor::clean) text = after_text(info.after) + ".";
  if (const std::string clocks = info.clocks ? clocks_text(*info.clocks) : ""; !clocks.empty())
    text += (text.empty() ? "" : " ") + clocks + ".";
  return text.empty() ? "" : text + "\n";
}

std::string circumstances(const Run& run, bool colour) {
  const RunInfo& info = run.info;
  const std::string origin = printable(origin_text(info)) + ".";
  std::string text = (info.backend == Backend::replay ? paint(origin, "33", colour) : origin) + "\n";
  if (const double copy = copy_gbps(info); copy > 0)
    text += fmt::format("Copy {} GB/s, {}. ", grouped(copy),
                        info.copy_gbps > 0 ? "measured in the same run" : "the ceiling kept for the device");
  text +=
      fmt::format("{} search, seed {}: {}", printable(info.request.strategy), info.request.seed, outcomes_text(run));
  text +=
      fmt::format("; {}{}{}.\n", info.backend == Backend::replay ? "recorded time " : "", format_duration(info.seconds),
                  info.stop_reason.empty() ? "" : ", " + printable(info.stop_reason));
  if (info.cards.size() > 1) text += "Timed on " + cards_text(info) + ".\n";
  text += timing_line(info);
  if (info.backend == Backend::cuda && info.seconds > 0) {
    const double rate = static_cast<double>(run.evaluations.size()) / info.seconds;
    text += fmt::format("{:.{}f} configurations a second, start to finish", rate, rate < 10 ? 2 : 0);
    if (const auto busy = gpu_busy_share(info))
      text += "; GPU busy " + percent_text(*busy) + " of the time after the first outcome";
    text += ".\n";
  }
  return text;
}

std::vector<std::string> row(const Run& run, const Evaluation& evaluation, std::size_t rank,
                             const VaryingParameters& varying) {
  const Figures figures = figures_of(run.info, evaluation);
  const Summary time = run.time_of(evaluation);
  const Boxed<StaticFacts>& facts = evaluation.measurement.facts;
  std::string mark = rank == 1 ? "best" : figures.tied ? "tied" : "";
  return {std::to_string(rank),
          std::move(mark),
          evaluation.configuration.variant,
          varying.of(evaluation.configuration),
          format_ms(time.median),
          format_ms(time.p25),
          format_ms(time.p75),
          cell_text({&run.info, evaluation, figures}, "against_best"),
          run.info.finals.empty() ? "" : cell_text({&run.info, evaluation, figures}, "timed_in"),
          cell_text({&run.info, evaluation, figures}, "shift"),
          gbps_text(figures.gbps),
          share(figures.of_copy),
          share(figures.of_peak),
          facts ? std::to_string(facts->registers) : "-",
          facts ? fmt::format("{:.0f} %", facts->occupancy * 100) : "-"};
}

std::string ranking(const Run& run, const std::vector<const Evaluation*>& ranked, std::size_t count, bool colour) {
  TextTable table{{"#", "", "variant", "configuration", "ms", "p25", "p75", "against best", "timed in", "moved %",
                   "GB/s", "of copy", "of peak", "regs", "occup."},
                  {}};
  const VaryingParameters varying = varying_in(run);
  std::map<std::string, std::string> constant;
  for (std::size_t i = 0; i < std::min(count, ranked.size()); ++i) {
    const Configuration& configuration = ranked[i]->configuration;
    table.rows.push_back(row(run, *ranked[i], i + 1, varying));
    constant[configuration.variant] = varying.constant_of(configuration);
  }
  std::string text = table.without_empty_columns().render(colour);
  for (const auto& [variant, values] : constant) {
    if (!values.empty()) text += printable(fmt::format("Every {}: {}", variant, values)) + "\n";
  }
  return text;
}

/// What the target can run, by projected time.
std::string target_ranking(const Run& run, const TargetRanking& there, const std::vector<const Evaluation*>& ranked,
                           std::size_t count, bool colour) {
  const std::string name = printable(short_device_name(run.info.target->label()));
  if (there.order.empty()) return paint("There is no projection on " + name + ".", "33", colour) + "\n";
  TextTable table{
      {"#", "", "variant", "configuration", "projected ms", "80 % from", "to", "bound", "ms here", "# here"}, {}};
  const VaryingParameters varying = varying_in(run);
  for (std::size_t i = 0; i < std::min(count, there.order.size()); ++i) {
    const Evaluation& evaluation = run.evaluations[there.order[i]];
    const Projection& projection = there.projections[i];
    const auto place = std::find(ranked.begin(), ranked.end(), &evaluation) - ranked.begin();
    table.rows.push_back({std::to_string(i + 1), i < there.together ? "together" : "",
                          printable(evaluation.configuration.variant), printable(varying.of(evaluation.configuration)),
                          format_ms(projection.time_ms), format_ms(projection.low_ms), format_ms(projection.high_ms),
                          std::string(to_string(projection.bound)), format_ms(run.time_of(evaluation).median),
                          std::to_string(place + 1)});
  }
  std::string text = table.without_empty_columns().render(colour);
  text += fmt::format(
      "By projected time on {}, where nothing was measured: {} of {} that worked have a projection there; the first {} "
      "cannot be told apart.\n",
      name, grouped(static_cast<double>(there.order.size())), grouped(static_cast<double>(ranked.size())),
      grouped(static_cast<double>(there.together)));
  const auto compiled = std::count_if(there.order.begin(), there.order.end(), [&](std::size_t place) {
    return run.info.target_fit && run.info.target_fit->compiles(run.evaluations[place].sequence);
  });
  return text + fmt::format("Compiled for it without spills: {}{}.\n", grouped(static_cast<double>(compiled)),
                            static_cast<std::size_t>(compiled) < there.order.size()
                                ? "; whether the others spill there is not known"
                                : "");
}

/// Of the fastest here. `ranking`: of the table above, where that is by the target.
std::string target_text(const Run& run, const Evaluation& best, const std::optional<TargetRanking>& ranking,
                        bool colour) {
  const RunInfo& info = run.info;
  if (!info.target) return "";
  const std::string name = printable(info.target->label());
  const Evaluation* there = run.best_for_target();
  std::string text;
  if (there != &best) {
    text = fmt::format("The best is not in the space of {}: {}.", name, printable(info.target_fit->misfit));
    if (there == nullptr) return paint(text + " Nor is any other that was looked at.", "33", colour) + "\n";
    const double slower = run.time_of(*there).median / run.time_of(best).median - 1;
    text += fmt::format(" The best that is takes {} here, {} more: {}\n", time_text(run.time_of(*there).median),
                        percent_text(slower), printable(there->configuration.key()));
  }
  if (const auto projection = projected(info, *there)) {
    if (ranking) {
      const auto place = static_cast<std::size_t>(there - run.evaluations.data());
      const auto row = std::find(ranking->order.begin(), ranking->order.end(), place);
      if (row != ranking->order.end())
        text += fmt::format("The fastest here that is in its space is number {} there. ",
                            grouped(static_cast<double>(row - ranking->order.begin() + 1)));
    }
    text += projection_text(*projection, name) + "\n";
    text += info.target_fit && info.target_fit->compiles(there->sequence)
                ? "Compiled for it, it does not spill registers.\n"
                : "Whether it spills registers there is not known: it was not compiled for it.\n";
  }
  if (text.empty()) return "";
  text.pop_back();
  return paint(text, "33", colour) + "\n";
}

std::string failures(const Run& run) {
  std::string text;
  std::size_t shown = 0, all = 0;
  for (const Evaluation& evaluation : run.evaluations) {
    const Measurement& measurement = evaluation.measurement;
    if (measurement.outcome == Outcome::ok || measurement.outcome == Outcome::skipped) continue;
    ++all;
    if (shown == kFailuresShown) continue;
    ++shown;
    std::string reason = printable(measurement.reason.substr(0, measurement.reason.find('\n')));
    if (reason.size() > 160) reason = reason.substr(0, 157) + "...";
    text += fmt::format("  {} {}{}{}\n", to_string(measurement.outcome), printable(evaluation.configuration.key()),
                        reason.empty() ? "" : ": ", reason);
  }
  if (all == 0) return "";
  return (all > shown ? fmt::format("Failed ({} of {}):\n", shown, all) : std::string("Failed:\n")) + text;
}

}  // namespace

std::string result_text(const Run& run, std::size_t count, bool colour, RankBy by) {
  const auto ranked = run.ranked();
  std::string text = heading(run.info, colour) + circumstances(run, colour) + "\n";
  if (ranked.empty()) return text + paint("No configuration worked.", "31", colour) + "\n" + failures(run);
  std::vector<const Evaluation*> rows(ranked.begin(),
                                      ranked.begin() + static_cast<std::ptrdiff_t>(std::min(count, ranked.size())));
  std::optional<TargetRanking> there;
  if (by == RankBy::target && run.info.target) {
    there = rank_on_target(run);
    text += target_ranking(run, *there, ranked, count, colour) + "\n";
    rows.clear();
    for (std::size_t i = 0; i < std::min(count, there->order.size()); ++i)
      rows.push_back(&run.evaluations[there->order[i]]);
  }
  if (by == RankBy::device) text += ranking(run, ranked, count, colour) + "\n";
  text += finals_text(run.info) + ".\n";
  if (!run.info.objective.is_time())
    text += paint("Ranked " + objective_text(run.info.objective) + ", as the recording names it.", "33", colour) + "\n";
  const Evaluation& best = *ranked.front();
  const double copy = copy_gbps(run.info);
  if (copy > 0 && run.info.compulsory_bytes > 0) {
    text += fmt::format("Floor, the compulsory bytes at the copy bandwidth: {}.\n",
                        time_text(floor_ms(0, static_cast<double>(run.info.compulsory_bytes), copy, 1)));
  }
  if (const auto& checked = best.measurement.verification; checked && checked->tolerance_share)
    text += fmt::format("Largest error of the best: {} of the tolerance{}.\n", percent_text(*checked->tolerance_share),
                        run.info.draws > 1 ? fmt::format(", on {} draws of the inputs", run.info.draws) : "");
  if (const auto effect = place_effect(run.info)) text += place_effect_text(*effect) + ".\n";
  for (const std::string& warning : timing_warnings(run.info, best)) text += paint(warning, "33", colour) + "\n";
  if (const auto counters = counters_text(run, rows, colour); !counters.empty()) text += "\n" + counters + "\n";
  return text + target_text(run, best, there, colour) + failures(run);
}

}  // namespace fuseline::tuner
