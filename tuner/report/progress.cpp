// The progress line of a sweep.
#include <fmt/format.h>

#include <algorithm>

#include "tuner/base/text.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/table.hpp"
#include "tuner/run/figures.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::size_t kBar = 20;

std::string bar(std::uint64_t done, std::uint64_t planned) {
  const double share = planned > 0 ? std::min(1.0, static_cast<double>(done) / static_cast<double>(planned)) : 0.0;
  const auto filled = static_cast<std::size_t>(share * kBar);
  return "[" + std::string(filled, '#') + std::string(kBar - filled, '.') + "]";
}

std::string best_text(const Snapshot& snapshot, bool bandwidth) {
  if (!snapshot.best) return "";
  const Figures figures = figures_of(snapshot.info, *snapshot.best);
  std::string text = "best " + format_ms(figures.time_ms) + " ms";
  if (!bandwidth || !(figures.gbps > 0)) return text;
  text += " " + grouped(figures.gbps) + " GB/s";
  if (figures.of_copy > 0) text += " " + percent_text(figures.of_copy) + " of copy";
  return text;
}

std::uint64_t failed(const Snapshot& snapshot) {
  std::uint64_t count = 0;
  for (const auto& [outcome, number] : snapshot.outcomes) count += outcome == Outcome::ok ? 0 : number;
  return count;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    if (!part.empty()) text += (text.empty() ? "" : "  ") + part;
  }
  return text;
}

/// printable() leaves UTF-8 alone; a terminal line that is cut by bytes must not have any.
std::string ascii(const std::string& text) {
  std::string result = printable(text);
  std::replace_if(
      result.begin(), result.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return result;
}

}  // namespace

std::string progress_line(const Snapshot& snapshot, std::size_t width) {
  const std::uint64_t done = snapshot.evaluated;
  const std::string count =
      snapshot.planned > 0 ? fmt::format("{}/{}", done, snapshot.planned) : fmt::format("{} evaluated", done);
  const std::string failures = failed(snapshot) > 0 ? fmt::format("{} failed", failed(snapshot)) : "";
  const std::string left = snapshot.remaining_s ? format_duration(*snapshot.remaining_s) + " left" : "";
  const bool busy_otherwise = snapshot.state != SessionState::running && snapshot.state != SessionState::paused;
  const std::string activity = snapshot.state == SessionState::paused ? "paused"
                               : busy_otherwise                       ? ascii(snapshot.activity)
                                                                      : "";
  const std::string full = best_text(snapshot, true), brief = best_text(snapshot, false),
                    meter = snapshot.planned > 0 ? bar(done, snapshot.planned) : "";
  const std::vector<std::vector<std::string>> choices = {{meter, count, full, failures, left, activity},
                                                         {meter, count, full, failures, left},
                                                         {count, full, failures, left},
                                                         {count, brief, failures, left},
                                                         {count, brief, left},
                                                         {count, brief},
                                                         {count}};
  for (const auto& choice : choices) {
    std::string line = joined(choice);
    if (line.size() <= width) return line;
  }
  return count.substr(0, width);
}

}  // namespace fuseline::tuner
