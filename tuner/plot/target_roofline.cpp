// The roofline as on the run's target, where nothing was measured: its roofs, and what every configuration may be
// expected to do there.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "tuner/device/roofline.hpp"
#include "tuner/plot/captions.hpp"
#include "tuner/plot/roofline_plot.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/run/projected.hpp"

namespace fuseline::tuner {
namespace {

/// Operations a second where the special functions of a call take all the time; 0 where their number or the target's
/// rate is not known.
double special_gflops(const RunInfo& info, const Evaluation& evaluation) {
  const Target& target = *info.target;
  const ObservedWork work = observed_work(info, evaluation, 1);
  const double a_second = target.limits.sm_count * target.sm_mhz * 1e6 * target.special_per_clock;
  const double functions = work.special_instructions * kWarpLanes;
  return functions > 0 ? info.flops / functions * a_second / 1e9 : 0.0;
}

void add_special_roof(const RunInfo& info, const Evaluation& first, RooflineModel& model) {
  const double gflops = special_gflops(info, first);
  if (!(gflops > 0)) return;
  const std::string label = fmt::format("{} special functions {} (by clock and counters of the first)",
                                        short_device_name(info.target->label()), flops_text(gflops));
  model.roofs.push_back({label, label, kNoSlope, gflops, false, true});
}

RooflineMark mark_of(const RunInfo& info, const Evaluation& evaluation, const Projection& projection) {
  const double bytes = static_cast<double>(info.compulsory_bytes);
  const auto share = [&](double ms) { return achieved_gbps(bytes, ms) / projection.streaming.gbps; };
  const Figures here = figures_of(info, evaluation);
  RooflineMark mark;
  mark.intensity = info.flops / bytes;
  mark.gflops = projection.gflops;
  mark.of_copy = share(projection.time_ms);
  mark.of_copy_low = share(projection.high_ms);
  mark.of_copy_high = share(projection.low_ms);
  mark.series = evaluation.configuration.variant;
  mark.provenance = Provenance::projected;
  mark.label = fmt::format("{}: projected {} on {}, in 80 of 100 cases {} to {}, bound by {}, not measured; {} here",
                           evaluation.configuration.key(), time_text(projection.time_ms),
                           short_device_name(info.target->label()), time_text(projection.low_ms),
                           time_text(projection.high_ms), to_string(projection.bound), time_text(here.time_ms));
  return mark;
}

/// "DRAM 180, issue 14", the most frequent first.
std::string bounds_text(const std::vector<Projection>& projections) {
  std::map<std::string_view, std::size_t> counts;
  for (const Projection& projection : projections) ++counts[to_string(projection.bound)];
  std::vector<std::pair<std::size_t, std::string_view>> order;
  order.reserve(counts.size());
  for (const auto& [bound, count] : counts) order.emplace_back(count, bound);
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string text;
  for (const auto& [count, bound] : order)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", bound, grouped(static_cast<double>(count)));
  return text;
}

void add_notes(const Run& run, const TargetRanking& there, RooflineModel& model) {
  const RunInfo& info = run.info;
  const std::string name = short_device_name(info.target->label());
  const StreamingRate& streaming = there.projections.front().streaming;
  model.notes.push_back(origin_text(info) + ".");
  model.notes.push_back(fmt::format(
      "Projected, not measured: nothing ran on {}. {} of {} that worked have a projection, bound there by "
      "{}; the first {} cannot be told apart. A bar is meant to hold 80 of 100 cases.",
      name, grouped(static_cast<double>(there.order.size())), grouped(static_cast<double>(run.ranked().size())),
      bounds_text(there.projections), grouped(static_cast<double>(there.together))));
  model.notes.push_back(fmt::format("Copies {} {} there. {}", streaming.measured ? "reach" : "are taken to reach",
                                    bandwidth_text(streaming.gbps), compulsory_caption(info)));
}

}  // namespace

std::vector<Roof> target_roofs(const Target& target, RooflineView view) {
  const std::string name = short_device_name(target.label());
  std::vector<Roof> roofs;
  std::string compute_label = target.fp32_gflops > 0
                                  ? fmt::format("{} FP32 {} ({})", name, flops_text(target.fp32_gflops),
                                                target.measured_at.empty() ? "data sheet" : "measured there")
                                  : "";
  const auto add = [&](const char* what, double gbps, std::string_view known_by) {
    if (!(gbps > 0)) return;
    roofs.push_back({fmt::format("{} {} {} ({})", name, what, bandwidth_text(gbps), known_by), compute_label, gbps,
                     target.fp32_gflops, false, true});
    compute_label.clear();
  };
  if (view == RooflineView::target) {
    const StreamingRate streaming = streaming_rate(target);
    add("copy", streaming.gbps, streaming.measured ? target.known_by("copy_gbps") : "estimated");
  }
  add("DRAM", target.dram_gbps, "data sheet");
  add("L2", target.l2_gbps, target.known_by("l2_gbps"));
  return roofs;
}

std::vector<RooflineMark> given_marks(const RunInfo& info, const std::vector<GivenReading>& given) {
  std::vector<RooflineMark> marks;
  if (!info.target || info.compulsory_bytes <= 0) return marks;
  const double intensity = info.flops / static_cast<double>(info.compulsory_bytes);
  const double copy = streaming_rate(*info.target).gbps;
  for (const GivenReading& reading : given) {
    const double gbps = given_dram_gbps(info, reading);
    if (!(gbps > 0)) continue;
    RooflineMark mark;
    mark.intensity = intensity;
    mark.gflops = intensity * gbps;
    mark.of_copy = copy > 0 ? gbps / copy : 0;
    mark.provenance = Provenance::given;
    mark.evaluated = false;
    mark.callout = fmt::format("{} ({})", reading.kernel, short_device_name(info.target->title));
    mark.label = fmt::format(
        "{} on {}: {:.1f} % of the DRAM peak = {}, a reading given with the problem. Drawn as though all its traffic "
        "were compulsory: its useful work is no higher.",
        reading.kernel, short_device_name(info.target->title), 100 * gbps / info.target->dram_gbps,
        bandwidth_text(gbps));
    marks.push_back(std::move(mark));
  }
  return marks;
}

RooflineModel target_roofline_model(const Run& run, const std::vector<GivenReading>& given,
                                    const std::optional<std::vector<std::uint64_t>>& passing) {
  const RunInfo& info = run.info;
  RooflineModel model;
  model.view = RooflineView::target;
  if (!info.target) return model;
  const std::string name = short_device_name(info.target->label());
  model.title = fmt::format("{} on {}, projected from {}",
                            info.problem_title.empty() ? info.problem : info.problem_title, info.target->label(),
                            info.device.name.empty() ? "an unnamed device" : short_device_name(info.device.name));
  model.subtitle = plot_subtitle(run);
  if (!says_bytes_and_operations(info)) return model;
  const TargetRanking there = rank_on_target(run);
  if (there.order.empty()) return model;
  model.roofs = target_roofs(*info.target, RooflineView::target);
  model.copy_gbps = streaming_rate(*info.target).gbps;
  model.copy_name = name + " copy";
  add_special_roof(info, run.evaluations[there.order.front()], model);
  add_notes(run, there, model);
  if (passing) model.notes.push_back(filtered_text(run, passing));
  for (std::size_t i = there.order.size(); i-- > 0;) {
    const std::uint64_t sequence = run.evaluations[there.order[i]].sequence;
    if (passing && std::find(passing->begin(), passing->end(), sequence) == passing->end()) continue;
    RooflineMark mark = mark_of(info, run.evaluations[there.order[i]], there.projections[i]);
    mark.best = i == 0;
    mark.tied = i < there.together;
    if (mark.best) mark.callout = first_there_text(there.projections[i]);
    model.marks.push_back(std::move(mark));
  }
  for (RooflineMark& mark : given_marks(info, given)) model.marks.push_back(std::move(mark));
  return model;
}

}  // namespace fuseline::tuner
