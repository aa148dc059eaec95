#include "tuner/report/lines_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "tuner/base/text.hpp"
#include "tuner/counters/metric_sets.hpp"
#include "tuner/counters/stall_reasons.hpp"
#include "tuner/formats/parts.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/table.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::size_t kLongestLine = 60;  // Of a source in a table.
constexpr std::size_t kStallsOfLine = 2;  // Named in a table.
constexpr std::size_t kMostClasses = 8;   // Of the mix in a text; the others are few instructions.
constexpr double kLeastStall = 0.05;      // Of a line's waiting warps, to be named beside the first.
constexpr double kLeastShare = 0.001;

double share_of(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string known_count(const std::optional<double>& count) { return count ? count_text(*count) : ""; }

std::string short_line(std::string text) {
  text = printable(text);
  if (text.size() <= kLongestLine) return text;
  std::size_t end = kLongestLine - 3;
  // No character is cut in two.
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "...";
}

OrderedJson known(const std::optional<double>& value) { return value ? finite_or_null(*value) : OrderedJson(nullptr); }

OrderedJson stalls_json(const std::vector<StallSamples>& stalls) {
  OrderedJson list = OrderedJson::array();
  for (const StallSamples& stall : stalls) {
    OrderedJson item;
    item["reason"] = stall.reason;
    item["samples"] = stall.samples;
    list.push_back(std::move(item));
  }
  return list;
}

OrderedJson line_json(const LineProfile& line, const KernelTexts& texts) {
  const std::string text = texts.line(line.file, line.line);
  OrderedJson json;
  json["file"] = line.line > 0 ? OrderedJson(line.file) : OrderedJson(nullptr);
  json["line"] = line.line > 0 ? OrderedJson(line.line) : OrderedJson(nullptr);
  json["text"] = text.empty() ? OrderedJson(nullptr) : OrderedJson(text);
  json["samples"] = line.samples;
  json["share"] = line.share;
  json["stalled"] = line.stalled;
  json["stalls"] = stalls_json(line.stalls);
  json["instructions"] = line.instructions;
  json["executed"] = known(line.executed);
  json["excess_sectors"] = known(line.excess_sectors);
  json["bank_conflicts"] = known(line.bank_conflicts);
  return json;
}

OrderedJson mix_json(const InstructionMix& mix) {
  OrderedJson json;
  json["executed"] = mix.executed;
  json["total"] = mix.total;
  json["classes"] = OrderedJson::array();
  for (const ClassCount& each : mix.classes) {
    OrderedJson item;
    item["class"] = to_string(each.of);
    item["count"] = each.count;
    item["share"] = each.share;
    json["classes"].push_back(std::move(item));
  }
  return json;
}

OrderedJson opcodes_json(const SourceProfile& profile) {
  OrderedJson list = OrderedJson::array();
  for (const OpcodeCount& each : opcode_counts(profile)) {
    OrderedJson item;
    item["opcode"] = each.opcode;
    item["in_code"] = each.in_code;
    item["executed"] = known(each.executed);
    list.push_back(std::move(item));
  }
  return list;
}

}  // namespace

std::string samples_text(const SourceProfile& profile) {
  const SampleSums sums = sample_sums(profile);
  if (sums.all == 0) return "no samples of " + printable(profile.kernel);
  std::string text = fmt::format("{} samples of {}", grouped(static_cast<double>(sums.all)), printable(profile.kernel));
  if (profile.period_cycles > 0) text += fmt::format(", one in {} cycles of an SM", grouped(profile.period_cycles));
  text += fmt::format("; {} of warps that waited", percent_text(share_of(sums.stalled, sums.all)));
  if (profile.dropped > 0)
    text += fmt::format("; {} were lost to a full buffer", grouped(static_cast<double>(profile.dropped)));
  return text;
}

std::string stalls_text(const LineProfile& line, std::size_t count) {
  std::vector<std::string> texts;
  for (const StallSamples& stall : line.stalls) {
    const double share = share_of(stall.samples, line.stalled);
    if (texts.size() == count || (!texts.empty() && share < kLeastStall)) break;
    texts.push_back(fmt::format("{} {:.0f} %", printable(stall_text(stall.reason)), 100 * share));
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::string mix_text(const InstructionMix& mix) {
  if (mix.classes.empty()) return "not known, as nothing disassembled the kernel";
  std::vector<std::string> texts;
  for (const ClassCount& each : mix.classes) {
    if (texts.size() == kMostClasses || each.share < kLeastShare) break;
    texts.push_back(fmt::format("{} {}", to_string(each.of), percent_text(each.share)));
  }
  return fmt::format(
      "{} ({} {})", fmt::join(texts, ", "), count_text(mix.total),
      mix.executed ? "warp instructions executed by a launch" : "instructions in the code, not weighted");
}

std::vector<HotLineRow> hot_line_rows(const SourceProfile& profile, const KernelTexts& texts, std::size_t count) {
  std::vector<HotLineRow> rows;
  for (const LineProfile& line : hottest_lines(profile, count)) {
    rows.push_back({percent_text(line.share), printable(place_text(line.file, line.line)),
                    stalls_text(line, kStallsOfLine), known_count(line.executed), known_count(line.excess_sectors),
                    known_count(line.bank_conflicts), short_line(texts.line(line.file, line.line))});
  }
  return rows;
}

std::string hot_lines_text(const SourceProfile& profile, const KernelTexts& texts, bool colour) {
  std::string text = "Hot lines: " + samples_text(profile) + ".\n";
  // The source comes last: it is what a narrow terminal may break.
  TextTable table{{"samples", "line", "executed", "excess sectors", "bank conflicts", "waits for", "source"}, {}};
  for (HotLineRow& row : hot_line_rows(profile, texts, kHotLines))
    table.rows.push_back({std::move(row.share), std::move(row.place), std::move(row.executed),
                          std::move(row.excess_sectors), std::move(row.bank_conflicts), std::move(row.waits),
                          std::move(row.text)});
  if (!table.rows.empty()) {
    text += table.without_empty_columns().render(colour);
    text += "Executed: warp instructions of a launch. A warp waits where a value is used: the load is before that.\n";
  }
  if (!texts.missing.empty()) text += "No text of the lines: " + printable(texts.missing) + ".\n";
  text += "Instruction mix: " + mix_text(instruction_mix(profile)) + ".\n";
  for (const std::string& remark : profile.remarks) text += "- " + printable(remark) + "\n";
  return text;
}

OrderedJson hot_lines_json(const SourceProfile& profile, const KernelTexts& texts) {
  OrderedJson json;
  json["lines"] = OrderedJson::array();
  for (const LineProfile& line : hottest_lines(profile, std::numeric_limits<std::size_t>::max()))
    json["lines"].push_back(line_json(line, texts));
  json["stalls"] = stalls_json(stall_totals(profile));
  json["mix"] = mix_json(instruction_mix(profile));
  json["opcodes"] = opcodes_json(profile);
  json["text_missing"] = texts.missing.empty() ? OrderedJson(nullptr) : OrderedJson(texts.missing);
  return json;
}

}  // namespace fuseline::tuner
