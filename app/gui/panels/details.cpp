// The selected configuration, or the best: times, bandwidths, resources, verification.
#include <fmt/format.h>

#include "app/gui/panels/widgets.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/table.hpp"

namespace fuseline::app::gui {
namespace {

void against_baseline(Ui& ui, const Row& row) {
  const auto& baseline = ui.app.data.baseline();
  if (!baseline) return;
  if (ui.app.data.is_baseline(row)) return pair(ui, "baseline", "it is the baseline");
  const auto ratio = ui.app.data.against_baseline(row);
  if (!ratio) return;
  pair(ui, "to baseline", against_text(*ratio),
       fmt::format("Its time against that of {}, with the 95 % interval. {}", baseline->name,
                   ratio->paired ? "Of the rounds of the finals that both were in."
                                 : "Of the medians in the sweeps, which were measured apart: what drifts is in it."));
}

void times(Ui& ui, const Row& row) {
  const tuner::Measurement& measurement = row.evaluation->measurement;
  const auto place = row.finalist ? std::optional(row.standing.place) : std::nullopt;
  const tuner::Summary time = tuner::time_of(ui.app.data.info(), *row.evaluation, place);
  heading(ui, "TIME");
  pair(ui, row.finalist ? "finals" : "median", tuner::time_text(row.time_ms),
       (row.finalist ? "The best's median in the interleaved finals times the paired ratio to it. " : "Median. ") +
           tuner::after_text(measurement.after) + ".");
  if (row.finalist) {
    pair(ui, "against best", column_text(row, "against_best"), "Paired ratio in the rounds that both were in");
    pair(ui, "in the sweep", tuner::time_text(measurement.time_ms.median));
  } else if (ui.app.data.info().finals.empty()) {
    pair(ui, "finals", "none in this run", "Times are medians of the sweep: a few percent apart they say little");
  }
  against_baseline(ui, row);
  pair(ui, "quartiles", fmt::format("{} to {} ms", tuner::format_ms(time.p25), tuner::format_ms(time.p75)));
  pair(ui, "shortest", tuner::time_text(time.minimum));
  pair(ui, "runs", fmt::format("{}{}", time.samples, measurement.abandoned ? ", cut short: hopelessly slow" : ""));
  pair(ui, "L2 before", column_text(row, "after"), tuner::after_text(measurement.after) + ".");
  if (row.shift && row.shift->counts())
    pair(ui, "moved by", column_text(row, "shift") + " %",
         fmt::format("From run {} on: a drift or a jump of its own runs", row.shift->at + 1));
  if (row.cycles > 0)
    pair(ui, "cycles", fmt::format("{} at {} MHz", column_text(row, "cycles"), tuner::grouped(row.sm_mhz)),
         "Of the SM clock, in the time: what stays when the clock moves");
}

void bandwidth(Ui& ui, const Row& row) {
  if (!(row.gbps > 0)) return;
  heading(ui, "BANDWIDTH");
  pair(ui, "achieved", tuner::bandwidth_text(row.gbps), "Compulsory bytes over time");
  if (row.of_copy > 0)
    pair(ui, "of copy", tuner::percent_text(row.of_copy), "Of a device-to-device copy measured in the same run");
  if (row.of_peak > 0) pair(ui, "of peak", tuner::percent_text(row.of_peak), "Of the data sheet's DRAM bandwidth");
}

/// Of the whole run, beside its best.
void steadiness(Ui& ui) {
  const tuner::RunInfo& info = ui.app.data.info();
  const auto& effect = ui.app.data.place_effect();
  const std::string clocks = info.clocks ? tuner::clocks_text(*info.clocks) : "";
  if (!effect && clocks.empty() && ui.app.data.warnings().empty()) return;
  heading(ui, "HOW STEADY");
  if (!clocks.empty()) pair(ui, "clocks", clocks, "While the run was timed");
  if (effect) pair(ui, "place in round", tuner::percent_text(effect->range), tuner::place_effect_text(*effect) + ".");
  ImGui::PushTextWrapPos(0);
  for (const std::string& warning : ui.app.data.warnings()) coloured(ui.palette.warning, warning);
  ImGui::PopTextWrapPos();
}

void resources(Ui& ui, const tuner::Measurement& measurement) {
  if (measurement.launches.empty() && !measurement.facts) return;
  heading(ui, "LAUNCH");
  for (const tuner::Launch& launch : measurement.launches) {
    pair(ui, "grid", fmt::format("{} x {} x {}", launch.grid[0], launch.grid[1], launch.grid[2]));
    pair(ui, "block", fmt::format("{} x {} x {}", launch.block[0], launch.block[1], launch.block[2]));
    if (launch.shared_bytes > 0)
      pair(ui, "dynamic shared", tuner::format_bytes(static_cast<double>(launch.shared_bytes)));
  }
  if (!measurement.facts) return;
  const tuner::StaticFacts& facts = *measurement.facts;
  pair(ui, "registers", fmt::format("{} a thread", facts.registers));
  pair(ui, "spills", facts.spill_bytes == 0 ? "none" : fmt::format("{} bytes a thread", facts.spill_bytes),
       "Registers that did not fit and went to local memory");
  pair(ui, "occupancy", facts.occupancy_text(),
       "Warps resident over warps an SM can hold: more hide more latency, up to a point");
  pair(ui, "waves", fmt::format("{:.2f}", facts.waves),
       "Blocks of the grid over blocks that the device holds at once: a little over a whole number leaves SMs idle at "
       "the end");
}

void verification(Ui& ui, const tuner::Measurement& measurement) {
  if (!measurement.verification) return;
  const tuner::Verification& check = *measurement.verification;
  heading(ui, "AGAINST THE REFERENCE");
  pair(ui, "largest error", fmt::format("{:.2e}, relative {:.2e}", check.max_absolute_error, check.max_relative_error));
  constexpr double kNone = 1e30;  // Unwritten, or no number.
  if (check.tolerance_share && *check.tolerance_share < kNone)
    pair(ui, "of tolerance", tuner::percent_text(*check.tolerance_share),
         "The largest error as a share of what is allowed there: over 100 % is wrong");
  if (check.mismatches > 0)
    pair(ui, "wrong",
         fmt::format("{} elements; worst {}[{}]: {:g} for {:g}", tuner::grouped(static_cast<double>(check.mismatches)),
                     check.worst_tensor, check.worst_index, check.got, check.expected));
}

/// In a line; the panel Counters has all of it.
void what_bounds_it(Ui& ui, const Row& row) {
  const tuner::Headline* bound = ui.app.bound.of(ui.app.data, row);
  if (bound == nullptr) return;
  heading(ui, "WHAT BOUNDS IT");
  ImGui::PushTextWrapPos(0);
  coloured(ui.palette.accent, bound->text);
  ImGui::PopTextWrapPos();
  muted(ui, bound->reading);
  hint(ui, "Counters has what to try.");
  note_item(ui, "details.bound");
}

/// On the GPU that nothing was measured on, and whether its space has the configuration.
void on_target(Ui& ui, const Row& row) {
  const tuner::RunInfo& info = ui.app.data.info();
  if (!info.target) return;
  const std::string note =
      tuner::target_note(info, row.evaluation->sequence, ui.app.data.best().value_or(row.evaluation->sequence));
  const auto projection = ui.app.data.projection_of(row);
  if (note.empty() && !projection) return;
  heading(ui, fmt::format("ON {}, PROJECTED", tuner::short_device_name(info.target->label())).c_str());
  note_item(ui, "details.target");
  if (projection) {
    const std::string whole = tuner::projection_text(*projection, info.target->label());
    pair(ui, "time", tuner::time_text(projection->time_ms), whole);
    pair(ui, "80 % interval",
         fmt::format("{} to {} ms", tuner::format_ms(projection->low_ms), tuner::format_ms(projection->high_ms)),
         "In 80 of 100 cases the measured time would lie in it.\n\n" + whole);
    pair(ui, "bound by", std::string(tuner::to_string(projection->bound)), whole);
  }
  if (!note.empty()) muted(ui, note);
}

}  // namespace

void draw_details(Ui& ui) {
  App& app = ui.app;
  const Row* row = app.row_on_show();
  if (row == nullptr)
    return empty_state(ui, "Nothing selected",
                       "Click a point or a row. Until then the best is shown here, once there is one.");
  const tuner::Measurement& measurement = row->evaluation->measurement;
  const bool best = app.data.best() == row->evaluation->sequence;
  strong(ui, fmt::format("#{}  {}", row->evaluation->sequence, row->evaluation->configuration.variant));
  if (const std::size_t selected = app.selection.items().size(); selected > 1)
    muted(ui, fmt::format("The last of {} selected.", selected));
  if (!app.results.shows(*row)) coloured(ui.palette.warning, "The table's filter leaves it out.");
  if (best || row->tied) {
    if (app.selection.items().size() <= 1) ImGui::SameLine();
    coloured(ui.palette.accent, best ? "\u2605 best" : "\u25CE tied with the best");
  }
  if (measurement.outcome != tuner::Outcome::ok) {
    coloured(ui.palette.bad, std::string(tuner::to_string(measurement.outcome)));
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(measurement.reason.c_str());
    ImGui::PopTextWrapPos();
  } else {
    what_bounds_it(ui, *row);
  }
  on_target(ui, *row);
  if (measurement.outcome == tuner::Outcome::ok) times(ui, *row);
  heading(ui, "PARAMETERS");
  for (const tuner::NamedValue& value : row->evaluation->configuration.values)
    pair(ui, value.name.str().c_str(), value.value.to_string());
  if (measurement.outcome == tuner::Outcome::ok) bandwidth(ui, *row);
  if (best) steadiness(ui);
  resources(ui, measurement);
  verification(ui, measurement);
  ImGui::Dummy(ImVec2(0, ui.px(4)));
  const bool pinned = app.pins.has(app.data.info(), row->evaluation->sequence);
  if (ImGui::Button(pinned ? "Unpin" : "Pin")) act(ui, "pin.configuration");
  hint(ui, "Keeps it at hand to be compared with, whatever run is on show; the first is the baseline (Ctrl+K)");
  if (!app.selection.primary()) return;
  ImGui::SameLine();
  if (ImGui::Button("Copy command")) act(ui, "copy.command");
  hint(ui, "The fuseline command that measures this configuration again (Ctrl+Alt+C)");
}

}  // namespace fuseline::app::gui
