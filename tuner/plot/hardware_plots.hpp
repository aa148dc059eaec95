// The plots that show one configuration on the hardware: what memory moved, and what occupancy would be.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tuner/device/occupancy.hpp"
#include "tuner/plot/plots.hpp"
#include "tuner/plot/style.hpp"

namespace fuseline::tuner {

/// The evaluation that such a plot is of: the one selected last, or the best where none is. Error: the run has no such
/// evaluation, nothing worked.
[[nodiscard]] Result<const Evaluation*> plotted_evaluation(const Run& run, const std::vector<std::uint64_t>& selected);

/// A level of memory, or the SMs.
struct MemoryBox {
  std::string name;
  std::optional<double> busy;      ///< 0 to 1 of what it sustains; absent where that was not read.
  std::string busy_text;           ///< "86.2 % of peak throughput", "utilization not read".
  std::vector<std::string> lines;  ///< Hit rate, rate, ...
  std::string explanation;         ///< Tooltip.
};
/// Bytes that went from one box to the next.
struct MemoryArrow {
  enum class Way { both, to_sm, from_sm } way = Way::both;
  std::optional<double> bytes;
  std::string text, detail;  ///< "1.074 GB read", "1.000 x the inputs"
  std::string explanation;
};
struct MemoryModel {
  std::string title, subtitle;
  std::vector<MemoryBox> boxes;                  ///< From the SMs to DRAM.
  std::vector<std::vector<MemoryArrow>> arrows;  ///< After each box but the last.
  std::vector<std::string> notes;
};
/// No boxes where no level's bytes were read.
[[nodiscard]] MemoryModel memory_model(const RunInfo& info, const Evaluation& evaluation);

/// Occupancy as one need of a block varies, on one device.
struct OccupancyCurve {
  std::string name;  ///< "H200"
  bool target = false;
  std::vector<OccupancyStep> steps;
  double own = 0;  ///< Of the configuration.
};
struct OccupancyPanel {
  BlockNeed need = BlockNeed::registers;
  std::string heading, x_title;
  double own = 0;   ///< The configuration's, in the axis' unit.
  double unit = 1;  ///< Of the steps in the axis' unit: 1024 where the axis counts KiB.
  std::vector<OccupancyCurve> curves;
};
struct OccupancyModel {
  std::string title, subtitle;
  std::vector<OccupancyPanel> panels;
  Provenance provenance = Provenance::measured;
  std::vector<std::string> notes;
};
/// Of the device measured and of the run's target, each where its limits are known. No panels where neither is, or
/// where registers or the launch are not.
[[nodiscard]] OccupancyModel occupancy_model(const RunInfo& info, const Evaluation& evaluation);

// Panels in an area of a canvas. Each is as high as its height says for the area's width.

void draw_memory_panel(Canvas& canvas, const Style& style, const MemoryModel& model, const Rect& area);
[[nodiscard]] double memory_height(const MemoryModel& model, double width);
void draw_occupancy_panel(Canvas& canvas, const Style& style, const OccupancyModel& model, const Rect& area);
[[nodiscard]] double occupancy_height(const OccupancyModel& model, double width);

// Whole figures, as files have them.

void draw_memory(Canvas& canvas, const MemoryModel& model, Theme theme);
[[nodiscard]] double memory_figure_height(const MemoryModel& model, double width);
void draw_occupancy(Canvas& canvas, const OccupancyModel& model, Theme theme);
[[nodiscard]] double occupancy_figure_height(const OccupancyModel& model, double width);

}  // namespace fuseline::tuner
