#include "tuner/counters/hot_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "tuner/counters/names.hpp"
#include "tuner/counters/stall_reasons.hpp"

namespace fuseline::tuner {
namespace {

using Place = std::pair<std::string, int>;
using ByReason = std::map<std::string, std::uint64_t>;

std::vector<StallSamples> ranked(const ByReason& samples) {
  std::vector<StallSamples> list;
  for (const auto& [reason, count] : samples) {
    if (count > 0) list.push_back({reason, count});
  }
  std::stable_sort(list.begin(), list.end(),
                   [](const StallSamples& a, const StallSamples& b) { return a.samples > b.samples; });
  return list;
}

void add(std::optional<double>& sum, std::optional<double> value) {
  if (value) sum = sum.value_or(0) + *value;
}

std::optional<double> metric_of(const SampledInstruction& instruction, const std::string& name) {
  const auto found = instruction.metrics.find(name);
  if (found == instruction.metrics.end() || !std::isfinite(found->second)) return std::nullopt;
  return found->second;
}

/// What was moved beyond the fewest that the accesses need; nothing where one of the two was not read.
std::optional<double> beyond_ideal(const SampledInstruction& instruction, const std::string& name) {
  const auto moved = metric_of(instruction, name), ideal = metric_of(instruction, name + metric::kSassIdeal);
  if (!moved || !ideal) return std::nullopt;
  return std::max(0.0, *moved - *ideal);
}

void add_instruction(const SampledInstruction& instruction, LineProfile& line, ByReason& waits) {
  const SampleSums sums = sample_sums(instruction);
  line.samples += sums.all;
  line.stalled += sums.stalled;
  ++line.instructions;
  for (const auto& [reason, count] : instruction.samples) {
    if (is_stalled(reason)) waits[reason] += count;
  }
  add(line.executed, metric_of(instruction, metric::kSassExecuted));
  add(line.excess_sectors, beyond_ideal(instruction, metric::kSassSectorsGlobal));
  add(line.excess_sectors, beyond_ideal(instruction, metric::kSassSectorsLocal));
  add(line.bank_conflicts, beyond_ideal(instruction, metric::kSassWavefronts));
}

}  // namespace

SampleSums sample_sums(const SampledInstruction& instruction) {
  SampleSums sums;
  for (const auto& [reason, count] : instruction.samples) {
    sums.all += count;
    if (is_stalled(reason)) sums.stalled += count;
  }
  return sums;
}

SampleSums sample_sums(const SourceProfile& profile) {
  SampleSums sums;
  for (const SampledInstruction& instruction : profile.instructions) {
    const SampleSums each = sample_sums(instruction);
    sums.all += each.all;
    sums.stalled += each.stalled;
  }
  return sums;
}

std::vector<LineProfile> line_profiles(const SourceProfile& profile) {
  std::map<Place, std::pair<LineProfile, ByReason>> by_place;
  for (const SampledInstruction& instruction : profile.instructions) {
    auto& [line, waits] = by_place[{instruction.file, instruction.line}];
    line.file = instruction.file;
    line.line = instruction.line;
    add_instruction(instruction, line, waits);
  }
  const auto all = static_cast<double>(sample_sums(profile).all);
  std::vector<LineProfile> lines;
  lines.reserve(by_place.size());
  for (auto& each : by_place) {
    auto& [line, waits] = each.second;
    line.share = all > 0 ? static_cast<double>(line.samples) / all : 0;
    line.stalls = ranked(waits);
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<LineProfile> hottest_lines(const SourceProfile& profile, std::size_t count) {
  std::vector<LineProfile> lines = line_profiles(profile);
  std::erase_if(lines, [](const LineProfile& line) { return line.samples == 0; });
  std::stable_sort(lines.begin(), lines.end(),
                   [](const LineProfile& a, const LineProfile& b) { return a.samples > b.samples; });
  if (lines.size() > count) lines.resize(count);
  return lines;
}

std::vector<StallSamples> stall_totals(const SourceProfile& profile) {
  ByReason totals;
  for (const SampledInstruction& instruction : profile.instructions) {
    for (const auto& [reason, count] : instruction.samples) totals[reason] += count;
  }
  return ranked(totals);
}

std::vector<HotWait> hot_waits(const SourceProfile& profile, double least) {
  const SampleSums sums = sample_sums(profile);
  std::vector<HotWait> waits;
  if (sums.stalled < kEnoughSamples) return waits;
  for (const LineProfile& line : line_profiles(profile)) {
    if (line.line <= 0) continue;
    for (const StallSamples& stall : line.stalls) {
      const auto samples = static_cast<double>(stall.samples);
      const double of_stalled = samples / static_cast<double>(sums.stalled);
      if (of_stalled < least) continue;
      waits.push_back(
          {line.file, stall.reason, line.line, stall.samples, of_stalled, samples / static_cast<double>(sums.all)});
    }
  }
  std::stable_sort(waits.begin(), waits.end(),
                   [](const HotWait& a, const HotWait& b) { return a.samples > b.samples; });
  return waits;
}

std::string place_text(const std::string& file, int line) {
  return line > 0 ? fmt::format("{}:{}", file, line) : "no line";
}

}  // namespace fuseline::tuner
