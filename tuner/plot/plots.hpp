// The plots of a run, drawn on any canvas: roofline and convergence.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tuner/plot/canvas.hpp"
#include "tuner/session/run.hpp"

namespace fuseline::tuner {

enum class Theme { light, dark };

/// How a point came about; each has its own mark.
enum class Provenance { measured, replayed, projected };

/// One roof: a bandwidth slope and a compute plateau.
struct Roof {
  std::string label;        ///< "H200 copy 4.2 TB/s (measured)"
  double bandwidth_gbps = 0;
  double compute_gflops = 0;
  bool measured = false;    ///< Drawn solid; data-sheet and target roofs are dashed.
  bool target = false;
};
struct RooflineMark {
  double intensity = 0, gflops = 0;
  std::string label;        ///< Tooltip.
  std::string series;       ///< Coloured by it (the variant).
  bool best = false, tied = false;
  Provenance provenance = Provenance::measured;
};
struct RooflineModel {
  std::string title, subtitle;
  std::vector<Roof> roofs;
  std::vector<RooflineMark> marks;
  std::vector<std::string> notes;  ///< Printed below: what was measured, replayed, projected.
};
/// Roofs of the device (measured) and of the target (data sheet), every ok evaluation at the compulsory intensity, and the target's projection of the best.
[[nodiscard]] RooflineModel roofline_model(const Run& run);

struct ConvergencePoint {
  double evaluations = 0, seconds = 0, best_ms = 0;
};
struct ConvergenceModel {
  std::string title, subtitle;
  std::vector<ConvergencePoint> best;            ///< Steps of best-so-far.
  std::vector<ConvergencePoint> samples;         ///< Every ok evaluation.
  std::vector<ConvergencePoint> expected_random;  ///< Expected best of random search without replacement over the run's own times.
  std::optional<double> floor_ms;                ///< Compulsory bytes at copy bandwidth.
};
[[nodiscard]] ConvergenceModel convergence_model(const Run& run);

void draw_roofline(Canvas& canvas, const RooflineModel& model, Theme theme);
void draw_convergence(Canvas& canvas, const ConvergenceModel& model, Theme theme);

/// Draws one plot of `run` into the file format that the name ends with (.svg or .png). `kind`: "roofline" or "convergence".
/// Errors: other ending or kind, nothing to draw, cannot be written.
[[nodiscard]] Result<void> plot_to_file(const Run& run, const std::string& kind, const std::string& file, Theme theme = Theme::light);

}  // namespace fuseline::tuner
