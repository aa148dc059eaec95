#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "tuner/plot/captions.hpp"
#include "tuner/plot/why_plots.hpp"
#include "tuner/report/describe.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::size_t kDrawnUnasked = 6;
constexpr double kTooFarApart = 8;  ///< All sets together over the widest one.

struct Gathered {
  ValueEffect effect;
  std::optional<double> number;
  std::vector<double> times;
  Standing best;
};

struct ParameterTable {
  std::string name;
  std::vector<Gathered> values;
  std::unordered_map<std::string, std::size_t> places =
      {};  ///< A recording may have a value of its own for every configuration.

  Gathered& at(const std::string& text, std::optional<double> number) {
    const auto [place, added] = places.emplace(text, values.size());
    if (!added) return values[place->second];
    values.push_back({});
    values.back().effect.value = text;
    values.back().number = number;
    return values.back();
  }
};

void count(Gathered& gathered, const TimedConfiguration& timed, bool of_best) {
  ValueEffect& effect = gathered.effect;
  ++effect.evaluated;
  effect.of_best = effect.of_best || of_best;
  const Standing& standing = timed.standing;
  if (!(standing.value > 0)) return;
  ++effect.ok;
  gathered.times.push_back(standing.value);
  if (effect.best_ms == 0 || standing < gathered.best) {
    gathered.best = standing;
    effect.best_ms = standing.value;
    effect.best_sequence = timed.sequence;
  }
}

/// Between the values, of all.
double explained(const std::vector<Gathered>& values) {
  double sum = 0, squares = 0, between = 0;
  std::size_t all = 0;
  for (const Gathered& value : values) {
    double own = 0;
    for (const double ms : value.times) own += std::log(ms), squares += std::log(ms) * std::log(ms);
    if (!value.times.empty()) between += own * own / static_cast<double>(value.times.size());
    sum += own;
    all += value.times.size();
  }
  if (all < 2) return 0;
  const double mean = sum * sum / static_cast<double>(all), total = squares - mean;
  return total > 1e-12 ? std::clamp((between - mean) / total, 0.0, 1.0) : 0;
}

ParameterEffect finish(ParameterTable& table) {
  ParameterEffect effect{table.name, {}, 0, 0};
  const bool numbers = std::all_of(table.values.begin(), table.values.end(),
                                   [](const Gathered& value) { return value.number.has_value(); });
  if (numbers)
    std::stable_sort(table.values.begin(), table.values.end(),
                     [](const Gathered& a, const Gathered& b) { return *a.number < *b.number; });
  double first = 0, highest = 0;
  Standing best;
  for (Gathered& value : table.values) {
    if (!value.times.empty()) value.effect.median_ms = median(value.times);
    if (value.effect.ok > 0) {
      if (first == 0 || value.best < best) first = value.effect.best_ms, best = value.best;
      highest = std::max(highest, value.effect.best_ms);
    }
    effect.values.push_back(std::move(value.effect));
  }
  effect.explained = explained(table.values);
  effect.influence = first > 0 ? std::max(highest, first) / first - 1 : 0;
  return effect;
}

const Evaluation* evaluation_of(const Run& run, std::uint64_t sequence) {
  const auto found = std::find_if(run.evaluations.begin(), run.evaluations.end(),
                                  [&](const Evaluation& evaluation) { return evaluation.sequence == sequence; });
  return found == run.evaluations.end() ? nullptr : &*found;
}

}  // namespace

std::vector<ParameterEffect> parameter_effects(std::span<const TimedConfiguration> configurations,
                                               std::optional<std::uint64_t> best, std::string_view variant) {
  std::vector<ParameterTable> tables = {{"variant", {}, {}}};
  const auto table_of = [&](const std::string& name) -> ParameterTable& {
    for (ParameterTable& table : tables) {
      if (table.name == name) return table;
    }
    return tables.emplace_back(ParameterTable{name, {}, {}});
  };
  for (const TimedConfiguration& timed : configurations) {
    const bool of_best = best == timed.sequence;
    count(tables.front().at(timed.configuration->variant, std::nullopt), timed, of_best);
    if (!variant.empty() && timed.configuration->variant != variant) continue;
    for (const NamedValue& value : timed.configuration->values)
      count(table_of(value.name).at(value.value.to_string(), value.value.number()), timed, of_best);
  }
  std::vector<ParameterEffect> effects;
  for (ParameterTable& table : tables) {
    if (table.values.size() > 1) effects.push_back(finish(table));
  }
  std::stable_sort(effects.begin(), effects.end(), [](const ParameterEffect& a, const ParameterEffect& b) {
    if ((a.name == "variant") != (b.name == "variant")) return a.name == "variant";
    return a.explained > b.explained;
  });
  return effects;
}

EffectsModel effects_model(const Run& run, const std::optional<std::vector<std::uint64_t>>& passing) {
  EffectsModel model{plot_title(run.info, "effect of each parameter"), plot_subtitle(run), {}, 0, {}};
  const auto ranked = run.ranked();
  std::vector<TimedConfiguration> timed;
  for (const Evaluation& evaluation : run.evaluations) {
    if (passing && std::find(passing->begin(), passing->end(), evaluation.sequence) == passing->end()) continue;
    timed.push_back({&evaluation.configuration, figures_of(run.info, evaluation).standing, evaluation.sequence});
  }
  if (!ranked.empty()) model.variant = ranked.front()->configuration.variant;
  model.parameters =
      parameter_effects(timed, ranked.empty() ? std::nullopt : std::optional(ranked.front()->sequence), model.variant);
  if (!ranked.empty()) model.best_ms = run.time_of(*ranked.front()).median;
  model.notes = {origin_text(run.info) + ".",
                 fmt::format("Bars are what is lost to the run's best, from 0 to +{:.0f} %; what loses more is broken. "
                             "Beside them how many worked, and the best. Parameters are within the variant {}.",
                             100 * effects_axis(model), model.variant.empty() ? "of each" : model.variant),
                 "A parameter explains so much of the variance of log time by itself; \"up to\" is the worst of its "
                 "values' bests over the best of them."};
  if (passing) model.notes.push_back(filtered_text(run, passing));
  return model;
}

namespace {

/// The best and what is tied with it.
std::vector<std::uint64_t> drawn_unasked(const Run& run) {
  std::vector<std::uint64_t> sequences;
  for (const Evaluation* evaluation : run.ranked()) {
    const FinalTiming* timing = run.final_of(*evaluation);
    if (sequences.size() < kDrawnUnasked && (sequences.empty() || (timing != nullptr && timing->tied)))
      sequences.push_back(evaluation->sequence);
  }
  return sequences;
}

/// What ran before `sequence` in each round.
std::vector<std::string> predecessors(const std::vector<FinalRound>& rounds, std::uint64_t sequence) {
  std::vector<std::string> follows;
  for (const FinalRound& round : rounds) {
    const auto found = std::find(round.order.begin(), round.order.end(), static_cast<std::int64_t>(sequence));
    if (found == round.order.end()) break;
    if (found == round.order.begin()) {
      follows.emplace_back();
    } else {
      const std::int64_t before = *std::prev(found);
      follows.push_back(before == FinalRound::copy ? "the copy" : fmt::format("#{}", before));
    }
  }
  return follows;
}

}  // namespace

RoundsModel rounds_model(const Run& run, std::vector<std::uint64_t> sequences) {
  if (sequences.empty()) {
    for (const FinalTiming& timing : run.info.finals) sequences.push_back(timing.sequence);
    sequences.resize(std::min(sequences.size(), kDrawnUnasked));
  }
  RoundsModel model{plot_title(run.info, "the finals by round"),
                    plot_subtitle(run),
                    {},
                    run.info.final_rounds,
                    run.info.backend == Backend::replay ? Provenance::replayed : Provenance::measured,
                    {origin_text(run.info) + "."}};
  model.notes.emplace_back(
      "In each round every finalist and the copy run once, in an order that is drawn anew. A finalist whose line ends "
      "early dropped out.");
  for (const std::uint64_t sequence : sequences) {
    const Evaluation* evaluation = evaluation_of(run, sequence);
    const FinalTiming* timing = evaluation != nullptr ? run.final_of(*evaluation) : nullptr;
    if (timing == nullptr || timing->samples_ms.empty()) continue;
    model.series.push_back({fmt::format("#{}  {}", sequence, evaluation->configuration.key()), sequence,
                            timing->samples_ms, predecessors(run.info.final_rounds, sequence)});
  }
  return model;
}

SamplesModel samples_model(const Run& run, std::vector<std::uint64_t> sequences) {
  if (sequences.empty()) sequences = drawn_unasked(run);
  SamplesModel model{plot_title(run.info, "run times"),
                     plot_subtitle(run),
                     {},
                     run.info.backend == Backend::replay ? Provenance::replayed : Provenance::measured,
                     {origin_text(run.info) + "."}};
  if (!run.info.finals.empty())
    model.notes.emplace_back(
        "Medians are of each one's own runs. Finalists that dropped out early had fewer rounds: "
        "what compares is their ratio to the best.");
  for (const std::uint64_t sequence : sequences) {
    const Evaluation* evaluation = evaluation_of(run, sequence);
    if (evaluation == nullptr || evaluation->measurement.samples_ms.empty()) continue;
    SampleSet set{fmt::format("#{}  {}", sequence, evaluation->configuration.key()),
                  sequence,
                  evaluation->measurement.samples_ms,
                  {},
                  {}};
    if (const FinalTiming* timing = run.final_of(*evaluation)) set.finals_ms = timing->samples_ms;
    set.summary = summarize(set.finals_ms.empty() ? set.sweep_ms : set.finals_ms);
    model.sets.push_back(std::move(set));
  }
  return model;
}

bool drawn_as_deviations(const std::vector<SampleSet>& sets) {
  double low = 0, high = 0, widest = 0;
  for (const SampleSet& set : sets) {
    double own_low = set.summary.median, own_high = set.summary.median;
    for (const auto* samples : {&set.sweep_ms, &set.finals_ms}) {
      for (const double ms : *samples) own_low = std::min(own_low, ms), own_high = std::max(own_high, ms);
    }
    low = low > 0 ? std::min(low, own_low) : own_low;
    high = std::max(high, own_high);
    widest = std::max(widest, own_high - own_low);
  }
  return sets.size() > 1 && widest > 0 && high - low > kTooFarApart * widest;
}

}  // namespace fuseline::tuner
