// What a memory chart says: bytes, rates, hits and how busy each level was, of one configuration.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tuner/base/text.hpp"
#include "tuner/plot/captions.hpp"
#include "tuner/plot/hardware_plots.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/table.hpp"
#include "tuner/run/memory.hpp"

namespace fuseline::tuner {
namespace {

/// Decimal, as rates are.
std::string amount_text(double bytes) {
  if (bytes >= 1e9) return fmt::format("{:.4g} GB", bytes / 1e9);
  if (bytes >= 1e6) return fmt::format("{:.4g} MB", bytes / 1e6);
  return bytes >= 1e3 ? fmt::format("{:.4g} kB", bytes / 1e3) : fmt::format("{:.0f} B", bytes);
}

struct ChartWriter {
  const MemoryFigures& figures;

  [[nodiscard]] MemoryBox box(std::string name, const std::optional<double>& busy, const char* of,
                              std::string explanation) const {
    const std::string text = busy ? percent_text(*busy) + " " + of : std::string("utilization not read");
    return {std::move(name), busy, text, {}, std::move(explanation)};
  }

  [[nodiscard]] MemoryBox sms() const {
    const MemoryTraffic& traffic = figures.traffic;
    MemoryBox made = box("SM", traffic.sm_busy ? traffic.sm_busy : traffic.issue_busy,
                         traffic.sm_busy ? "of peak" : "of issue slots",
                         "The busiest part of the streaming multiprocessors as a share of what it sustains.");
    if (traffic.sm_busy && traffic.issue_busy) made.lines.push_back("issue slots " + percent_text(*traffic.issue_busy));
    if (traffic.warps_active) made.lines.push_back("active warps " + percent_text(*traffic.warps_active));
    return made;
  }

  [[nodiscard]] MemoryBox l1() const {
    const MemoryTraffic& traffic = figures.traffic;
    MemoryBox made = box("L1 / shared", traffic.shared_busy, "of shared's peak",
                         "L1 and shared memory are one memory of an SM. The share is of shared memory's data path.");
    if (traffic.bank_conflicts) made.lines.push_back("bank conflicts " + grouped(*traffic.bank_conflicts));
    rate(made, traffic.l1_bytes, 0);
    return made;
  }

  [[nodiscard]] MemoryBox l2() const {
    const MemoryTraffic& traffic = figures.traffic;
    MemoryBox made = box("L2", traffic.l2_busy, "of peak",
                         "The busiest part of L2 as a share of what it sustains; hits are of the 32-byte sectors that "
                         "were asked for, and a write is a hit.");
    if (traffic.l2_hits) made.lines.push_back("hit rate " + percent_text(*traffic.l2_hits));
    rate(made, traffic.l2_bytes, figures.l2_gbps);
    return made;
  }

  [[nodiscard]] MemoryBox dram() const {
    const MemoryTraffic& traffic = figures.traffic;
    MemoryBox made = box("DRAM", traffic.dram_busy, "of peak",
                         "The busiest part of the memory interface as a share of what it sustains. A copy does not "
                         "reach 100 % of it.");
    if (traffic.dram_read && traffic.dram_written)
      rate(made, *traffic.dram_read + *traffic.dram_written, figures.copy_gbps);
    return made;
  }

  void rate(MemoryBox& made, const std::optional<double>& bytes, double measured_gbps) const {
    if (!bytes || !(figures.rate(*bytes) > 0)) return;
    made.lines.push_back(bandwidth_text(figures.rate(*bytes)));
    if (measured_gbps > 0)
      made.lines.push_back(fmt::format("{} of {}", percent_text(figures.rate(*bytes) / measured_gbps),
                                       made.name == "DRAM" ? "copy" : "measured reads"));
  }

  [[nodiscard]] static MemoryArrow arrow(MemoryArrow::Way way, const std::optional<double>& bytes, const char* what,
                                         double wanted, const char* of) {
    MemoryArrow made{way, bytes, {}, {}, {}};
    made.text = bytes ? fmt::format("{}{}", amount_text(*bytes), what) : fmt::format("not read{}", what);
    if (bytes && wanted > 0) made.detail = fmt::format("{:.2f} \u00d7 {}", *bytes / wanted, of);
    made.explanation = bytes ? fmt::format("{} bytes", grouped(*bytes)) : "This counter was not read.";
    if (bytes && wanted > 0) made.explanation += fmt::format("; {} needs {} bytes", of, grouped(wanted));
    return made;
  }
};

}  // namespace

Result<const Evaluation*> plotted_evaluation(const Run& run, const std::vector<std::uint64_t>& selected) {
  if (!selected.empty()) {
    const auto found = std::find_if(run.evaluations.begin(), run.evaluations.end(),
                                    [&](const Evaluation& each) { return each.sequence == selected.back(); });
    if (found != run.evaluations.end()) return &*found;
    return bad_input("--configuration", "",
                     fmt::format("the run has no configuration {}; it has {}", selected.back(),
                                 run.evaluations.empty() ? std::string("none")
                                                         : fmt::format("{} to {}", run.evaluations.front().sequence,
                                                                       run.evaluations.back().sequence)));
  }
  const auto ranked = run.ranked();
  if (ranked.empty()) return bad_input("no configuration of the run worked, so there is nothing to draw");
  return ranked.front();
}

MemoryModel memory_model(const RunInfo& info, const Evaluation& evaluation) {
  const MemoryFigures figures = memory_figures(info, evaluation);
  MemoryModel model;
  model.title = plot_title(info, "memory traffic");
  model.subtitle = fmt::format("#{}  \u00b7  {}  \u00b7  {}  \u00b7  {}", evaluation.sequence,
                               evaluation.configuration.key(), instance_text(info), time_text(figures.time_ms));
  const MemoryTraffic& traffic = figures.traffic;
  if (traffic.empty()) return model;
  const ChartWriter writer{figures};
  model.boxes = {writer.sms(), writer.l1(), writer.l2(), writer.dram()};
  using Way = MemoryArrow::Way;
  const double all = figures.compulsory_bytes();
  model.arrows = {
      {ChartWriter::arrow(Way::both, traffic.l1_bytes, "", all, "compulsory")},
      {ChartWriter::arrow(Way::both, traffic.l2_bytes, "", all, "compulsory")},
      {ChartWriter::arrow(Way::to_sm, traffic.dram_read, " read", figures.parts.inputs, "the inputs"),
       ChartWriter::arrow(Way::from_sm, traffic.dram_written, " written", figures.parts.outputs, "the outputs")}};
  model.notes.push_back(origin_text(info) +
                        ". Bytes and shares by hardware counters, rates by the time outside the "
                        "profiler.");
  model.notes.emplace_back(
      "Between the SMs, L1 and L2 reads and writes are counted together; L1's hit rate is in no set of counters.");
  if (!traffic.not_read.empty())
    model.notes.push_back(fmt::format("Not read of this configuration: {}.", fmt::join(traffic.not_read, ", ")));
  return model;
}

}  // namespace fuseline::tuner
