// Hardware counters of the selected configuration and of the newest, beside the readings given with the problem.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "app/gui/models/counters_model.hpp"
#include "app/gui/panels/widgets.hpp"
#include "tuner/counters/metric_sets.hpp"
#include "tuner/counters/names.hpp"
#include "tuner/report/describe.hpp"

namespace fuseline::app::gui {
namespace {

struct Gauge {
  const char* metric;
  const char* title;
  const char* explanation;
  bool percent = true;
};
constexpr std::array<Gauge, 5> kGauges = {
    Gauge{tuner::metric::kSmThroughput, "SM throughput",
          "How busy the busiest part of the SMs is: near 100 % arithmetic, special functions or shared memory bound "
          "the kernel.",
          true},
    Gauge{tuner::metric::kDramThroughput, "DRAM throughput",
          "How much of the DRAM's peak bandwidth is in use: above about 90 % memory is the bound.", true},
    Gauge{tuner::metric::kWarpsActive, "Active warps",
          "Achieved occupancy: warps resident on average over those an SM can hold.", true},
    Gauge{tuner::metric::kL2HitRate, "L2 hit rate",
          "Accesses to L2 that found their sector there; streaming kernels that touch everything once have about half "
          "from writes.",
          true},
    Gauge{tuner::metric::kGridSize, "Grid size", "Blocks of the launch.", false},
};

/// Rows that have counters, oldest first: the history behind the gauges.
std::vector<double> history_of(const RunData& data, const std::string& metric) {
  std::vector<double> values;
  const auto& rows = data.rows();
  const std::size_t first = rows.size() > 400 ? rows.size() - 400 : 0;
  for (std::size_t i = first; i < rows.size(); ++i) {
    const auto& counters = rows[i].evaluation->measurement.counters;
    const auto found = counters.find(metric);
    if (found != counters.end()) values.push_back(found->second);
  }
  return values;
}

std::optional<double> reading(const Row& row, const Gauge& gauge) {
  const tuner::Measurement& measurement = row.evaluation->measurement;
  const auto found = measurement.counters.find(gauge.metric);
  if (found != measurement.counters.end()) return found->second;
  const tuner::Launch* launch = tuner::shown_launch(measurement);
  if (gauge.percent || launch == nullptr) return std::nullopt;
  const auto& grid = launch->grid;
  return static_cast<double>(grid[0]) * static_cast<double>(grid[1]) * static_cast<double>(grid[2]);
}

std::string number(const Gauge& gauge, std::optional<double> value) {
  if (!value) return "not read";
  return gauge.percent ? fmt::format("{:.1f} %", *value) : tuner::grouped(*value);
}

const tuner::GivenReading* given_of(const App& app) {
  const auto entry = app.shown_entry();
  if (!entry) return nullptr;
  for (const tuner::GivenReading& given : entry->problem.given) {
    if (given.dtype == tuner::to_string(app.data.info().dtype)) return &given;
  }
  return entry->problem.given.empty() ? nullptr : &entry->problem.given.front();
}

std::optional<double> given_value(const tuner::GivenReading* given, const Gauge& gauge) {
  if (given == nullptr) return std::nullopt;
  const auto found = given->counters.find(gauge.metric);
  return found == given->counters.end() ? std::nullopt : std::optional(found->second);
}

void bar(Ui& ui, const Gauge& gauge, std::optional<double> value, std::optional<double> given) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x, height = ui.px(8);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled(at, ImVec2(at.x + width, at.y + height), ui.palette.raised, height / 2);
  const auto share = [](double percent) { return static_cast<float>(std::clamp(percent / 100, 0.0, 1.0)); };
  if (value)
    list.AddRectFilled(at, ImVec2(at.x + std::max(height, width * share(*value)), at.y + height), ui.palette.accent,
                       height / 2);
  if (given) {
    const float x = at.x + width * share(*given);
    list.AddRectFilled(ImVec2(x - ui.px(1), at.y - ui.px(3)), ImVec2(x + ui.px(1), at.y + height + ui.px(3)),
                       packed(ui.plot().target));
  }
  ImGui::Dummy(ImVec2(width, height + ui.px(2)));
  hint(ui, gauge.explanation);
}

void sparkline(Ui& ui, const Gauge& gauge) {
  const auto values = history_of(ui.app.data, gauge.metric);
  if (values.size() < 2) return;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x, height = ui.px(22);
  const double high = gauge.percent ? 100 : *std::max_element(values.begin(), values.end());
  ImVec2 before{0, 0};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const ImVec2 now(at.x + width * static_cast<float>(i) / static_cast<float>(values.size() - 1),
                     at.y + height * (1 - static_cast<float>(high > 0 ? values[i] / high : 0)));
    if (i > 0) ImGui::GetWindowDrawList()->AddLine(before, now, faded(ui.palette.accent, 0.6F));
    before = now;
  }
  ImGui::Dummy(ImVec2(width, height));
}

void gauge_line(Ui& ui, const Gauge& gauge, const Row* shown, const tuner::GivenReading* given) {
  const auto value = shown == nullptr ? std::nullopt : reading(*shown, gauge);
  const auto other = given_value(given, gauge);
  if (value) ui.drawn.gauges[gauge.metric] = *value;
  ImGui::TextUnformatted(gauge.title);
  const tuner::MetricInfo* known = tuner::find_metric(gauge.metric);
  hint(ui, std::string(known == nullptr ? std::string_view(gauge.explanation) : known->explanation) + "\n\n" +
               gauge.metric);
  const std::string text = number(gauge, value);
  ImGui::SameLine(right_edge() - ImGui::CalcTextSize(text.c_str()).x);
  coloured(value ? ui.palette.text : ui.palette.faint, text);
  if (gauge.percent) {
    bar(ui, gauge, value, other);
    sparkline(ui, gauge);
  }
  if (other) muted(ui, "given kernel: " + number(gauge, other));
  ImGui::Dummy(ImVec2(0, ui.px(3)));
}

void sentence(ImU32 colour, const std::string& text) {
  ImGui::PushTextWrapPos(0);
  coloured(colour, text);
  ImGui::PopTextWrapPos();
}

void traffic(Ui& ui, const tuner::CounterAnalysis& analysis) {
  const tuner::RunInfo& info = ui.app.data.info();
  if (analysis.intensity && info.compulsory_bytes > 0) {
    heading(ui, "TRAFFIC");
    for (const tuner::MemoryLevel& level : analysis.intensity->levels) {
      pair(ui, level.name.c_str(),
           fmt::format("{:.3f} x compulsory", level.bytes / static_cast<double>(info.compulsory_bytes)),
           "Bytes that this level of memory moved, over the compulsory ones; 1 reads every input once and writes every "
           "output once",
           60);
    }
  }
  if (!analysis.fusion) return;
  heading(ui, "FUSION");
  coloured(analysis.fusion->pass ? ui.palette.good : ui.palette.bad, analysis.fusion->pass ? "holds" : "is broken");
  muted(ui, analysis.fusion->text);
}

void bounds(Ui& ui, const tuner::CounterAnalysis& analysis) {
  if (analysis.bounds.empty()) return;
  heading(ui, "WHAT BOUNDS IT");
  for (std::size_t i = 0; i < analysis.bounds.size() && i < 4; ++i) {
    const tuner::Bound& bound = analysis.bounds[i];
    strong(ui, fmt::format("{}  {:.0f} %", tuner::to_string(bound.kind), 100 * bound.share));
    ImGui::SameLine();
    coloured(bound.level == tuner::BoundLevel::limits    ? ui.palette.bad
             : bound.level == tuner::BoundLevel::presses ? ui.palette.warning
                                                         : ui.palette.muted,
             tuner::to_string(bound.level));
    muted(ui, bound.text);
  }
}

void occupancy(Ui& ui, const Row& row, const tuner::CounterAnalysis& analysis) {
  if (!row.evaluation->measurement.facts) return;
  const tuner::StaticFacts& facts = *row.evaluation->measurement.facts;
  heading(ui, "OCCUPANCY");
  pair(ui, "theoretical", facts.occupancy_text(), "Warps that fit an SM at once, over those it can hold");
  if (analysis.occupancy) sentence(ui.palette.muted, analysis.occupancy->text);
}

/// Everything that was read, with a sentence for each.
void all_counters(Ui& ui, const Row& row) {
  const auto& counters = row.evaluation->measurement.counters;
  if (counters.empty() || !ImGui::CollapsingHeader(fmt::format("All {} counters", counters.size()).c_str())) return;
  for (const auto& [name, value] : counters) {
    const tuner::MetricInfo* known = tuner::find_metric(name);
    const std::string label(known == nullptr ? std::string_view(name) : known->label);
    pair(ui, label.c_str(), tuner::metric_text(name, value),
         known == nullptr ? name : std::string(known->explanation) + "\n\n" + name, 150);
  }
}

}  // namespace

void draw_counters(Ui& ui) {
  const App& app = ui.app;
  if (app.data.rows().empty())
    return empty_state(
        ui, "No counters yet",
        "Hardware counters of the newest and of the selected configuration, beside the given kernel's readings.");
  const auto primary = app.selection.primary();
  const Row* row = primary                                  ? app.data.by_sequence(*primary)
                   : app.control.active() && app.watching() ? app.data.newest()
                                                            : app.data.best_row();
  const tuner::GivenReading* given = given_of(app);
  if (row != nullptr)
    strong(ui, fmt::format("#{}  {}", row->evaluation->sequence,
                           primary                    ? "selected"
                           : row == app.data.newest() ? "newest"
                                                      : "best"));
  if (row != nullptr && row->evaluation->measurement.counters.empty()) {
    muted(ui, app.data.replayed() ? "The recording has no counters for it."
              : app.data.info().request.counters == tuner::CounterMode::none
                  ? "Counters were not asked for: Search > Hardware counters."
                  : "Not read for this configuration.");
  }
  tuner::CounterAnalysis& analysis = ui.state.analysis;
  if (row != nullptr) {
    // Worked out again when another row is shown, not every frame.
    const std::pair key(row->evaluation.get(), app.data.rebuilt());
    if (ui.state.analysed != key) analysis = analyse(app.data, *row);
    ui.state.analysed = key;
    bounds(ui, analysis);
  }
  ImGui::Dummy(ImVec2(0, ui.px(3)));
  for (const Gauge& gauge : kGauges) gauge_line(ui, gauge, row, given);
  if (given != nullptr) {
    const tuner::Target* chip_of = app.devices.target(given->device);
    ImGui::PushStyleColor(ImGuiCol_Text, packed(ui.plot().target));
    ImGui::TextUnformatted("\u25AE");
    ImGui::PopStyleColor();
    ImGui::SameLine(0, ui.px(4));
    muted(ui, fmt::format("{} on {}, {}: a reading given with the problem, not measured here", given->kernel,
                          chip_of == nullptr ? given->device : tuner::short_device_name(chip_of->title), given->dtype));
  }
  if (row == nullptr) return;
  traffic(ui, analysis);
  occupancy(ui, *row, analysis);
  all_counters(ui, *row);
}

}  // namespace fuseline::app::gui
