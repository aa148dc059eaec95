// Whether the first piece of advice would have led to a faster configuration, as recordings tell. Advice is worked out
// from two of three runs of each configuration, and judged by the third ones, which it has not seen; and, where there
// is a recording of the other 16-bit type, by that sweep, of which it has seen nothing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tuner/base/error.hpp"
#include "tuner/formats/read_run.hpp"
#include "tuner/report/explanation.hpp"
#include "tuner/run/figures.hpp"

namespace fuseline::tuner::testing {

struct FollowedAdvice {
  std::string recording, configuration, text, reading;
  std::uint64_t sequence = 0;
  std::optional<std::uint64_t> advised = {};  ///< Sequence; empty where the advice names no measured configuration.
  double behind = 0;        ///< Of the configuration chosen: its time over the least of the sweep, in runs not seen.
  double ratio = 0;         ///< Time after over before, in runs not seen; 0 where the advice names no measured one.
  double behind_after = 0;  ///< As `behind`, of the advised; 0 likewise.
  double elsewhere = 0;     ///< `ratio` in the sweep of the other 16-bit type; 0 where there is none or it lacks them.
};
struct FollowedDraw {
  std::vector<FollowedAdvice> followed;  ///< Those whose first advice names a measured configuration.
  std::size_t drawn = 0;                 ///< Of so many.
};

/// Two of three runs of each configuration, or the third ones, without the finals.
inline Run part_of(Run run, bool seen) {
  run.info.finals.clear();
  run.info.final_rounds.clear();
  for (Evaluation& evaluation : run.evaluations) {
    std::vector<double> kept;
    const auto& samples = evaluation.measurement.samples_ms;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if ((i % 3 != 2) == seen) kept.push_back(samples[i]);
    }
    evaluation.measurement.samples_ms = std::move(kept);
    if (!evaluation.measurement.samples_ms.empty())
      evaluation.measurement.time_ms = summarize(evaluation.measurement.samples_ms);
  }
  return run;
}

inline FollowedAdvice follow(const Run& run, std::size_t place) {
  const Run seen = part_of(run, true), unseen = part_of(run, false);
  const auto ms = [&](std::size_t each) { return unseen.evaluations[each].measurement.time_ms.median; };
  double least = ms(place);
  for (std::size_t each = 0; each < run.evaluations.size(); ++each) {
    if (worked(run.evaluations[each].measurement)) least = std::min(least, ms(each));
  }
  const Explanation explanation = explain(seen, seen.evaluations[place]);
  FollowedAdvice followed;
  followed.configuration = run.evaluations[place].configuration.key();
  followed.sequence = run.evaluations[place].sequence;
  followed.behind = ms(place) / least;
  if (explanation.advice.empty()) return followed;
  const Advice& first = explanation.advice.front();
  followed.text = first.text;
  followed.reading = first.reading;
  followed.advised = first.measured;
  if (!first.measured) return followed;
  for (std::size_t each = 0; each < run.evaluations.size(); ++each) {
    if (run.evaluations[each].sequence != *first.measured) continue;
    followed.ratio = ms(each) / ms(place);
    followed.behind_after = ms(each) / least;
  }
  return followed;
}

/// What following the advice did in the sweep of the other 16-bit type.
inline double ratio_elsewhere(const std::filesystem::path& file, const Run& run, const FollowedAdvice& followed,
                              std::uint64_t advised) {
  std::string name = file.filename().string();
  const bool bf16 = name.find(".bf16.") != std::string::npos;
  const std::string own = bf16 ? ".bf16." : ".f16.", other = bf16 ? ".f16." : ".bf16.";
  const std::size_t at = name.find(own);
  if (at == std::string::npos) return 0;
  const auto sibling = read_run(file.parent_path() / name.replace(at, own.size(), other));
  if (!sibling) return 0;
  const auto ms = [&](const std::string& key) {
    for (const Evaluation& each : sibling->evaluations) {
      if (each.configuration.key() == key && worked(each.measurement)) return each.measurement.time_ms.median;
    }
    return 0.0;
  };
  double after = 0;
  for (const Evaluation& each : run.evaluations) {
    if (each.sequence == advised) after = ms(each.configuration.key());
  }
  const double before = ms(followed.configuration);
  return before > 0 && after > 0 ? after / before : 0;
}

/// Configurations that were timed to the end, drawn by `seed` from all recordings in `folder`: a recording each time,
/// then one of its configurations, each with equal chance, until the first advice of `count` names a measured one.
/// Error: none is there, one does not read.
inline Result<FollowedDraw> follow_advice(const std::filesystem::path& folder, std::size_t count, std::uint32_t seed) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().string().find(".t4.json") != std::string::npos) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) return bad_input(folder.string(), "", "has no recording");
  std::mt19937 random(seed);  // Its numbers are the same everywhere, those of distributions are not.
  FollowedDraw draw;
  while (draw.followed.size() < count) {
    const std::filesystem::path& file = files[random() % files.size()];
    FUSELINE_TRY(run, read_run(file));
    const std::size_t place = random() % run.evaluations.size();
    const Measurement& measurement = run.evaluations[place].measurement;
    if (!worked(measurement) || measurement.abandoned) continue;
    FollowedAdvice followed = follow(run, place);
    ++draw.drawn;
    if (!followed.advised) continue;
    followed.recording = file.filename().string();
    followed.elsewhere = ratio_elsewhere(file, run, followed, *followed.advised);
    draw.followed.push_back(std::move(followed));
  }
  return draw;
}

}  // namespace fuseline::tuner::testing
