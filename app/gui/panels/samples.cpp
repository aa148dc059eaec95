// The single runs of the selected configurations: how steady they are, and whether they differ.
#include <fmt/format.h>

#include <algorithm>

#include "app/gui/panels/widgets.hpp"
#include "app/gui/platform/canvas.hpp"
#include "tuner/plot/axis.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/table.hpp"

namespace fuseline::app::gui {
namespace {

struct Shown {
  ImDrawList& list;
  ImVec2 at, size;
  double low = 0, high = 1;
  [[nodiscard]] float x(double ms) const { return at.x + size.x * static_cast<float>((ms - low) / (high - low)); }
};

void one(Ui& ui, const SampleSet& set, std::size_t index, double low, double high) {
  const tuner::Colour colour = tuner::series_colour(ui.plot(), index % ui.plot().series.size());
  strong(ui, set.label);
  ImGui::SameLine();
  coloured(ui.palette.muted, fmt::format("{}, {} runs{}", tuner::time_text(set.summary.median), set.summary.samples, set.finals_ms.empty() ? "" : " in the finals"));
  const float height = ui.px(40);
  const Shown shown{*ImGui::GetWindowDrawList(), ImGui::GetCursorScreenPos(), ImVec2(ImGui::GetContentRegionAvail().x, height), low, high};
  ImGui::Dummy(shown.size);
  const float middle = shown.at.y + height / 2;
  shown.list.AddLine(ImVec2(shown.at.x, middle), ImVec2(shown.at.x + shown.size.x, middle), ui.palette.line);
  const auto dots = [&](const std::vector<double>& samples, float y, bool hollow) {
    for (std::size_t i = 0; i < samples.size(); ++i) {
      // Spread over three rows, so that equal times are seen.
      const ImVec2 centre(shown.x(samples[i]), y + ui.px(3) * (static_cast<float>(i % 3) - 1));
      const ImU32 fill = faded(packed(colour), hollow ? 0.45F : 0.8F);
      if (hollow) shown.list.AddCircle(centre, ui.px(2.4F), fill);
      if (!hollow) shown.list.AddCircleFilled(centre, ui.px(2.4F), fill);
    }
  };
  dots(set.sweep_ms, middle - ui.px(8), !set.finals_ms.empty());
  dots(set.finals_ms, middle + ui.px(8), false);
  const float left = shown.x(set.summary.p25), right = shown.x(set.summary.p75), median = shown.x(set.summary.median);
  shown.list.AddRectFilled(ImVec2(left, middle - ui.px(2)), ImVec2(std::max(right, left + 1), middle + ui.px(2)), faded(packed(colour), 0.5F));
  shown.list.AddRectFilled(ImVec2(median - ui.px(1), middle - ui.px(15)), ImVec2(median + ui.px(1), middle + ui.px(15)), packed(colour));
}

}  // namespace

void draw_samples(Ui& ui) {
  std::vector<std::uint64_t> wanted = ui.app.selection.items();
  if (wanted.empty() && ui.app.data.best()) wanted.push_back(*ui.app.data.best());
  if (wanted.size() > 6) wanted.erase(wanted.begin(), wanted.end() - 6);
  const auto sets = sample_sets(ui.app.data, wanted);
  if (sets.empty()) return empty_state(ui, "No samples", "Select configurations that worked: every timed run is drawn, with median and quartiles.");
  double low = 1e300, high = 0;
  for (const SampleSet& set : sets) {
    for (const auto* samples : {&set.sweep_ms, &set.finals_ms}) {
      for (const double ms : *samples) low = std::min(low, ms), high = std::max(high, ms);
    }
  }
  const double margin = std::max((high - low) * 0.06, high * 1e-4);
  muted(ui, fmt::format("{} to {} ms. Line: median; bar: quartiles; hollow: the sweep's runs, where the finals timed it again.", tuner::format_ms(low), tuner::format_ms(high)));
  for (std::size_t i = 0; i < sets.size(); ++i) one(ui, sets[i], i, low - margin, high + margin);
}

}  // namespace fuseline::app::gui
