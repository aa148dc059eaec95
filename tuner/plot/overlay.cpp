// Other runs in the roofline of one.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "tuner/plot/roofline_plot.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/table.hpp"
#include "tuner/run/figures.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kSquare = 3.4, kBestSquare = 5.6, kAside = 15;

/// Whose numbers another run's may be read beside, and what is not the same.
std::string differences(const RunInfo& info, const RunInfo& shown) {
  std::vector<std::string> parts;
  if (info.problem != shown.problem) parts.push_back(info.problem.empty() ? "a run of another tuner" : info.problem);
  if (instance_text(info) != instance_text(shown)) parts.push_back(instance_text(info));
  if (info.device.name != shown.device.name)
    parts.push_back("on " + (info.device.name.empty() ? std::string("an unnamed GPU") : info.device.name));
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

OverlaidRun overlaid_run(const RunInfo& info, const Evaluation& best, std::vector<double> gflops,
                         const std::string& name, const RunInfo& shown) {
  const Figures figures = figures_of(info, best);
  OverlaidRun run;
  run.name = name;
  run.differs = differences(info, shown);
  run.other_device = info.device.name != shown.device.name;
  run.provenance = info.backend == Backend::replay ? Provenance::replayed : Provenance::measured;
  if (info.compulsory_bytes > 0 && info.flops > 0)
    run.intensity = info.flops / static_cast<double>(info.compulsory_bytes);
  run.gflops = std::move(gflops);
  std::sort(run.gflops.begin(), run.gflops.end());
  run.best_gflops = figures.gflops;
  run.best = fmt::format("#{}, {}", best.sequence, time_text(figures.time_ms));
  return run;
}

Result<OverlaidRun> overlaid_run(const Run& run, const std::string& name, const RunInfo& shown) {
  const auto ranked = run.ranked();
  if (ranked.empty()) return bad_input(name + ": no configuration of it worked, so there is nothing to lay over");
  std::vector<double> gflops;
  gflops.reserve(ranked.size());
  for (const Evaluation* evaluation : ranked) gflops.push_back(figures_of(run.info, *evaluation).gflops);
  OverlaidRun overlaid = overlaid_run(run.info, *ranked.front(), std::move(gflops), name, shown);
  if (!(overlaid.intensity > 0)) return bad_input(name + ": it says nothing of bytes and operations");
  return overlaid;
}

std::string overlaid_text(const OverlaidRun& run) {
  std::string text = fmt::format("{} ({})", run.name, to_string(run.provenance));
  if (!run.differs.empty()) text += ", " + run.differs;
  if (run.other_device) text += ", another GPU";
  return text;
}

Vec2 overlaid_at(const RooflinePlace& place, const OverlaidRun& run, std::size_t position, double gflops) {
  const Vec2 here = place.at(run.intensity, gflops);
  return {here.x + kAside * static_cast<double>(position + 1), here.y};
}

Colour overlaid_colour(const Style& style, std::size_t run) {
  return series_colour(style, style.series.size() - 1 - run % style.series.size());
}

void draw_overlaid_mark(Canvas& canvas, const Style& style, Vec2 at, std::size_t run, const OverlaidRun& of,
                        bool best) {
  draw_square(canvas, at, best ? kBestSquare : kSquare, overlaid_colour(style, run), of.provenance);
  if (best)
    canvas.stroke_rect({at.x - kBestSquare - 1.5, at.y - kBestSquare - 1.5, 2 * kBestSquare + 3, 2 * kBestSquare + 3},
                       {style.text, 1.1, false});
}

void draw_overlaid(Canvas& canvas, const Style& style, const std::vector<OverlaidRun>& runs, const RooflinePlace& place,
                   LabelPlacer& placer) {
  const Rect area = place.panel.area();
  const auto inside = [&](Vec2 at) {
    return at.x >= area.x && at.x <= area.x + area.width && at.y >= area.y && at.y <= area.y + area.height;
  };
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const OverlaidRun& run = runs[i];
    if (!(run.intensity > 0)) continue;
    const auto at = [&](double gflops) { return overlaid_at(place, run, i, gflops); };
    const std::string text = overlaid_text(run);
    canvas.begin_item(text);
    double last = 1e9;
    for (const double gflops : run.gflops) {
      const Vec2 mark = at(gflops);
      // Ascending: y falls. What lies on the pixel of the one before is left out.
      if (!inside(mark) || last - mark.y < 0.5) continue;
      draw_overlaid_mark(canvas, style, mark, i, run, false);
      placer.add(TurnedBox{mark, 3 * kSquare, 3 * kSquare, 0});
      last = mark.y;
    }
    canvas.end_item();
    const Vec2 best = at(run.best_gflops);
    if (!inside(best)) continue;
    // From where it is to where it stands.
    canvas.polyline(std::array<Vec2, 2>{place.at(run.intensity, run.best_gflops), best},
                    {overlaid_colour(style, i), 1.2, false});
    canvas.begin_item(fmt::format("{}: its best, {}", text, run.best));
    draw_overlaid_mark(canvas, style, best, i, run, true);
    canvas.end_item();
    placer.add(TurnedBox{best, 4 * kBestSquare, 4 * kBestSquare, 0});
    RooflineMark callout;
    callout.callout = fmt::format("{}\n{}", run.name, run.best);
    draw_mark_callout(canvas, style, placer, callout, best);
  }
}

}  // namespace fuseline::tuner
