#include "app/gui/models/lines_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tuner/base/text.hpp"
#include "tuner/counters/metric_sets.hpp"
#include "tuner/counters/names.hpp"
#include "tuner/counters/stall_reasons.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/lines_report.hpp"

namespace fuseline::app::gui {
namespace {

constexpr double kLeastShown = 0.0005;
constexpr std::size_t kReasonsTold = 5;

double share_of(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string count_cell(double count) { return count == 0 ? "" : tuner::count_text(count); }

/// "98.8 %  global memory (long scoreboard)", and what that means.
std::string reasons_text(const std::vector<tuner::StallSamples>& stalls, std::uint64_t of) {
  std::string text;
  for (std::size_t i = 0; i < std::min(stalls.size(), kReasonsTold); ++i) {
    const tuner::StallReason* reason = tuner::find_stall_reason(stalls[i].reason);
    text += fmt::format("\n{}  {}{}{}", tuner::percent_text(share_of(stalls[i].samples, of)),
                        tuner::printable(tuner::stall_text(stalls[i].reason)), reason == nullptr ? "" : ": ",
                        reason == nullptr ? "" : reason->meaning);
  }
  return text;
}

std::vector<tuner::StallSamples> stalls_of(const tuner::SampledInstruction& instruction) {
  std::vector<tuner::StallSamples> stalls;
  for (const auto& [reason, samples] : instruction.samples) {
    if (samples > 0 && tuner::is_stalled(reason)) stalls.push_back({reason, samples});
  }
  std::stable_sort(stalls.begin(), stalls.end(),
                   [](const tuner::StallSamples& a, const tuner::StallSamples& b) { return a.samples > b.samples; });
  return stalls;
}

}  // namespace

void LinesModel::show(LinesSubject subject, LinesSubject other) {
  *this = LinesModel();
  subject_ = std::move(subject);
  other_ = std::move(other);
  if (!subject_.profile) return;
  const tuner::SourceProfile& profile = *subject_.profile;
  all_ = tuner::sample_sums(profile).all;
  sums_.reserve(profile.instructions.size());
  for (const tuner::SampledInstruction& each : profile.instructions) {
    if (each.line > 0) first_.try_emplace({each.file, each.line}, sums_.size());
    sums_.push_back(tuner::sample_sums(each));
    longest_text_ = std::max(longest_text_, each.text.size());
  }
  for (tuner::LineProfile& line : tuner::line_profiles(profile)) {
    if (line.line <= 0) continue;
    highest_share_ = std::max(highest_share_, line.share);
    by_file_[line.file].emplace(line.line, std::move(line));
  }
  hottest_ = tuner::hottest_lines(profile, kHottest);
  counts_ = tuner::opcode_counts(profile);
  if (other_.profile) diff_ = tuner::opcode_diff(profile, *other_.profile);
  mix_ = tuner::mix_text(tuner::instruction_mix(profile));
  samples_ = tuner::samples_text(profile);
}

const std::map<int, tuner::LineProfile>* LinesModel::lines_of(const std::string& file) const {
  if (!subject_.missing.empty()) return nullptr;
  const auto found = by_file_.find(file);
  return found == by_file_.end() ? nullptr : &found->second;
}

double LinesModel::instruction_share(std::size_t i) const { return share_of(sums_[i].all, all_); }

std::pair<std::string, int> LinesModel::place_of(std::size_t i) const {
  const tuner::SampledInstruction& instruction = subject_.profile->instructions[i];
  return {instruction.file, instruction.line};
}

InstructionCells LinesModel::instruction(std::size_t i) const {
  const tuner::SampledInstruction& instruction = subject_.profile->instructions[i];
  InstructionCells cells;
  cells.offset = fmt::format("{:05x}", instruction.offset);
  cells.text = instruction.text.empty() ? "not disassembled" : tuner::printable(instruction.text);
  const double share = instruction_share(i);
  if (sums_[i].all > 0) cells.samples = tuner::grouped(static_cast<double>(sums_[i].all));
  if (share >= kLeastShown) cells.share = tuner::percent_text(share);
  const auto executed = instruction.metrics.find(tuner::metric::kSassExecuted);
  if (executed != instruction.metrics.end()) cells.executed = tuner::count_text(executed->second);
  if (instruction.line > 0) cells.place = tuner::printable(tuner::place_text(instruction.file, instruction.line));
  const auto stalls = stalls_of(instruction);
  if (!stalls.empty()) cells.waits = tuner::printable(tuner::stall_text(stalls.front().reason));
  return cells;
}

std::string LinesModel::instruction_tooltip(std::size_t i) const {
  if (sums_[i].all == 0) return "";
  return fmt::format("{} of all samples ({}); of its waiting warps:", tuner::percent_text(instruction_share(i)),
                     tuner::grouped(static_cast<double>(sums_[i].all))) +
         reasons_text(stalls_of(subject_.profile->instructions[i]), sums_[i].stalled);
}

std::optional<std::size_t> LinesModel::first_of(const std::string& file, int line) const {
  const auto found = first_.find({file, line});
  return found == first_.end() ? std::nullopt : std::optional(found->second);
}

std::size_t LinesModel::opcodes() const { return diff_ ? diff_->opcodes.size() : counts_.size(); }

OpcodeCells LinesModel::opcode(std::size_t i) const {
  if (!diff_) {
    const tuner::OpcodeCount& count = counts_[i];
    return {tuner::printable(count.opcode), count_cell(count.executed.value_or(count.in_code)), "", ""};
  }
  const tuner::OpcodeDifference& each = diff_->opcodes[i];
  const double by = each.difference();
  return {tuner::printable(each.opcode), count_cell(each.here), count_cell(each.there),
          by == 0 ? "" : (by > 0 ? "+" : "-") + tuner::count_text(std::abs(by))};
}

std::string LinesModel::counts_of() const {
  const bool executed = diff_ ? diff_->executed : !counts_.empty() && counts_.front().executed.has_value();
  return executed ? "warp instructions that a launch executed" : "instructions in the code";
}

std::string LinesModel::listing() const {
  std::string text;
  for (std::size_t i = 0; i < instructions(); ++i) {
    const InstructionCells cells = instruction(i);
    text += fmt::format("{}  {:>7}  {}{}{}\n", cells.offset, cells.share, cells.text,
                        cells.place.empty() ? "" : "  // ", cells.place);
  }
  return text;
}

HotLineCells hot_line_cells(const tuner::LineProfile& line) {
  return {tuner::percent_text(line.share), tuner::printable(tuner::place_text(line.file, line.line)),
          tuner::stalls_text(line, 2)};
}

std::string gutter_text(const tuner::LineProfile& line) {
  return line.share < kLeastShown ? "" : tuner::percent_text(line.share);
}

std::string line_tooltip(const tuner::LineProfile& line) {
  std::string text = fmt::format("{} of all samples ({})", tuner::percent_text(line.share),
                                 tuner::grouped(static_cast<double>(line.samples)));
  if (line.stalled > 0) text += "; of its waiting warps:" + reasons_text(line.stalls, line.stalled);
  text += fmt::format("\n{} instruction{} in the code", line.instructions, line.instructions == 1 ? "" : "s");
  if (line.executed) text += fmt::format(", {} executed by warps in a launch", tuner::count_text(*line.executed));
  if (line.excess_sectors)
    text += fmt::format("\n{} sectors of 32 bytes beyond the fewest that its accesses need",
                        tuner::count_text(*line.excess_sectors));
  if (line.bank_conflicts)
    text += fmt::format("\n{} turns of shared memory beyond the fewest (bank conflicts)",
                        tuner::count_text(*line.bank_conflicts));
  return text;
}

}  // namespace fuseline::app::gui
