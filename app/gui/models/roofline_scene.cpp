#include "app/gui/models/roofline_scene.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "app/gui/models/results_model.hpp"
#include "tuner/device/roofline.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/run/figures.hpp"
#include "tuner/run/memory.hpp"

namespace fuseline::app::gui {
namespace {

constexpr std::size_t kCategories = 6;  ///< More values than this lie on a ramp, where they are numbers.

/// As the analysis of counters calls it.
std::string_view level_name(Level level) { return level == Level::dram ? "DRAM" : level == Level::l2 ? "L2" : "L1"; }

/// Where an evaluation lies at a level: operations of the definition by compulsory bytes, or operations executed by
/// the bytes that counters saw.
struct LevelPoint {
  double intensity = 0, gflops = 0;
};

std::optional<LevelPoint> point_at(const RunData& data, const Row& row, Level level) {
  if (level == Level::compulsory) {
    const double bytes = static_cast<double>(data.info().compulsory_bytes);
    if (!tuner::says_bytes_and_operations(data.info())) return std::nullopt;
    return LevelPoint{data.info().flops / bytes, row.gflops};
  }
  if (row.evaluation->measurement.counters.empty()) return std::nullopt;
  const auto measured = tuner::measured_levels(data.info(), *row.evaluation, row.time_ms);
  if (!measured || !(measured->gflops > 0)) return std::nullopt;
  for (const tuner::MemoryLevel& each : measured->levels) {
    if (each.name == level_name(level)) return LevelPoint{each.intensity, measured->gflops};
  }
  return std::nullopt;
}

std::optional<tuner::InstructionPoint> instruction_point(const RunData& data, const Row& row) {
  if (!row.ok() || row.evaluation->measurement.counters.empty()) return std::nullopt;
  const tuner::MemoryFigures figures = tuner::memory_figures(data.info(), *row.evaluation);
  return figures.instructions_over(figures.dram_bytes());
}

tuner::RooflineModel without_evaluations(tuner::RooflineModel model) {
  model.marks.erase(std::remove_if(model.marks.begin(), model.marks.end(),
                                   [](const tuner::RooflineMark& mark) { return mark.evaluated; }),
                    model.marks.end());
  return model;
}

/// What the frame is made from: the run without its evaluations but the best, and the best in the target's space, whose
/// projection it shows.
tuner::RooflineModel frame_of(const RunData& data, bool units) {
  tuner::Run run{data.info(), {}};
  if (const Row* best = data.best_row()) run.evaluations.push_back(*best->evaluation);
  const auto& fit = data.info().target_fit;
  const bool another = fit && fit->best && fit->best != data.best();
  if (const Row* there = another ? data.by_sequence(*fit->best) : nullptr)
    run.evaluations.push_back(*there->evaluation);
  return without_evaluations(tuner::roofline_model(run, {.units = units}));
}

/// Another target's roofs, and what the best may be expected to do there, as target `number` of the frame.
void add_target(const RunData& data, const tuner::Target& target, std::size_t number, tuner::RooflineModel& frame) {
  tuner::Run run{data.info(), {}};
  tuner::set_target(run.info, target);
  if (const Row* best = data.best_row()) run.evaluations.push_back(*best->evaluation);
  tuner::RooflineModel there = without_evaluations(tuner::roofline_model(run));
  for (tuner::Roof& roof : there.roofs) {
    roof.target_number = number;
    if (roof.target) frame.roofs.push_back(std::move(roof));
  }
  for (tuner::RooflineMark& mark : there.marks) {
    mark.target_number = number;
    if (mark.provenance == tuner::Provenance::projected) frame.marks.push_back(std::move(mark));
  }
}

/// The same on the target, of the one that comes first there.
tuner::RooflineModel target_frame_of(const RunData& data, const Row* first,
                                     const std::vector<tuner::GivenReading>& given) {
  tuner::Run run{data.info(), {}};
  if (first != nullptr) run.evaluations.push_back(*first->evaluation);
  return without_evaluations(tuner::target_roofline_model(run, given));
}

/// Roofs, and the best by the levels beside DRAM.
tuner::RooflineModel instruction_frame_of(const RunData& data) {
  tuner::Run run{data.info(), {}};
  if (const Row* best = data.best_row()) run.evaluations.push_back(*best->evaluation);
  tuner::RooflineModel model = tuner::instruction_roofline_model(run);
  std::erase_if(model.marks, [](const tuner::RooflineMark& mark) { return mark.best; });
  return model;
}

constexpr std::array kViewNames = {std::pair("measured", tuner::RooflineView::measured),
                                   std::pair("target", tuner::RooflineView::target),
                                   std::pair("instructions", tuner::RooflineView::instructions)};

}  // namespace

std::string view_name(tuner::RooflineView view) {
  for (const auto& [name, known] : kViewNames) {
    if (known == view) return name;
  }
  return "";
}

std::optional<tuner::RooflineView> view_named(const std::string& name) {
  for (const auto& [known, view] : kViewNames) {
    if (known == name) return view;
  }
  return std::nullopt;
}

std::string_view to_string(Level level) {
  switch (level) {
    case Level::compulsory:
      return "compulsory bytes";
    case Level::dram:
      return "DRAM bytes";
    case Level::l2:
      return "L2 bytes";
    case Level::l1:
      return "L1 bytes";
  }
  return "";
}

void RooflineScene::colour_by(const std::string& id) {
  if (id == colour_by_) return;
  colour_by_ = id;
  stale_ = true;
}

void RooflineScene::set_level(Level level) {
  if (level == level_) return;
  level_ = level;
  stale_ = true;
}

void RooflineScene::set_view(tuner::RooflineView view) {
  if (view == chosen_view_) return;
  chosen_view_ = view;
  stale_ = true;
}

void RooflineScene::set_units(bool shown) {
  if (shown == units_) return;
  units_ = shown;
  stale_ = true;
}

void RooflineScene::set_also(std::vector<tuner::Target> targets) {
  const auto same = [](const tuner::Target& a, const tuner::Target& b) { return a.name == b.name; };
  if (std::equal(also_.begin(), also_.end(), targets.begin(), targets.end(), same)) return;
  also_ = std::move(targets);
  stale_ = true;
}

void RooflineScene::find_choices(const RunData& data) {
  choices_ = {{"variant", "variant"}};
  std::set<std::string> parameters, counters;
  available_ = {true, false, false, false};
  for (const Row& row : data.rows()) {
    for (const tuner::NamedValue& value : row.evaluation->configuration.values) {
      if (parameters.insert(value.name).second) choices_.push_back({"param:" + value.name, value.name});
    }
    for (const auto& [name, value] : row.evaluation->measurement.counters) counters.insert(name);
    for (const Level level : {Level::dram, Level::l2, Level::l1}) {
      bool& there = available_[static_cast<std::size_t>(level)];
      there = there || (row.ok() && point_at(data, row, level));
    }
  }
  choices_.push_back({"registers", "registers a thread"});
  choices_.push_back({"occupancy", "occupancy"});
  for (const std::string& name : counters) choices_.push_back({"counter:" + name, name});
}

void RooflineScene::find_views(const RunData& data) {
  const auto any = [&](const auto& has) { return std::any_of(data.rows().begin(), data.rows().end(), has); };
  const bool target = any([&](const Row& row) { return data.projection_of(row).has_value(); });
  const bool instructions = any([&](const Row& row) { return instruction_point(data, row).has_value(); });
  views_ = {tuner::says_bytes_and_operations(data.info()), target, instructions};
  using View = tuner::RooflineView;
  view_ = has(chosen_view_) ? chosen_view_ : !has(View::measured) && instructions ? View::instructions : View::measured;
  if (on_target()) level_ = Level::compulsory;
}

std::string RooflineScene::point_text(const RunData& data, const Row& row) const {
  const auto point = by_instructions() ? instruction_point(data, row) : std::nullopt;
  return point ? tuner::instruction_point_text(*point, "DRAM") : "";
}

void RooflineScene::find_colours(const RunData& data) {
  legend_.clear();
  const bool always_ramp =
      colour_by_ == "registers" || colour_by_ == "occupancy" || colour_by_.rfind("counter:", 0) == 0;
  std::map<std::string, double> values;  // Text to number, for order.
  ramp_ = {1e300, -1e300};
  bool numbers = true;
  for (const Row& row : data.rows()) {
    if (!row.ok()) continue;
    const auto number = column_number(row, colour_by_);
    if (number) ramp_ = {std::min(ramp_.first, *number), std::max(ramp_.second, *number)};
    if (always_ramp) continue;
    const std::string text = column_text(row, colour_by_);
    if (text.empty()) continue;
    numbers = numbers && number;
    if (values.size() < 64) values.emplace(text, number.value_or(0));
  }
  if (!(ramp_.first <= ramp_.second)) ramp_ = {0, 1};
  on_ramp_ = always_ramp || (numbers && values.size() > kCategories);
  if (on_ramp_) return;
  std::vector<std::pair<double, std::string>> sorted;
  sorted.reserve(values.size());
  for (const auto& [text, number] : values) sorted.emplace_back(number, text);
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [number, text] : sorted) legend_.push_back({text, static_cast<std::uint16_t>(legend_.size())});
}

std::uint16_t RooflineScene::colour_of(const Row& row) const {
  if (on_ramp_) {
    const auto number = column_number(row, colour_by_);
    const double span = ramp_.second - ramp_.first;
    return number && span > 0 ? static_cast<std::uint16_t>(std::clamp(255 * (*number - ramp_.first) / span, 0.0, 255.0))
                              : std::uint16_t{0};
  }
  const std::string text = column_text(row, colour_by_);
  for (const LegendItem& item : legend_) {
    if (item.text == text) return item.colour;
  }
  return 0xFFFF;
}

SceneMark RooflineScene::mark_at(const RunData& data, const Row& row, double intensity, double gflops) const {
  SceneMark mark;
  mark.intensity = intensity;
  mark.gflops = gflops;
  mark.log_intensity = std::log(mark.intensity);
  mark.log_gflops = std::log(mark.gflops);
  mark.row = static_cast<std::uint32_t>(&row - data.rows().data());
  mark.colour = colour_of(row);
  return mark;
}

std::optional<SceneMark> RooflineScene::mark_of(const RunData& data, const Row& row) const {
  if (!row.ok()) return std::nullopt;
  if (by_instructions()) {
    const auto point = instruction_point(data, row);
    if (!point) return std::nullopt;
    SceneMark mark = mark_at(data, row, point->per_transaction, point->gips);
    mark.tied = row.tied;
    return mark;
  }
  const auto point = point_at(data, row, level_);
  if (!point || !(point->intensity > 0)) return std::nullopt;
  SceneMark mark = mark_at(data, row, point->intensity, point->gflops);
  mark.of_copy = row.of_copy;
  mark.tied = row.tied;
  return mark;
}

void RooflineScene::add_marks(const RunData& data, const ResultsModel* results) {
  // A run that is there at once has no room to spare; one that grows takes its room in doubles.
  if (marks_.empty()) marks_.reserve(data.rows().size());
  for (; seen_ < data.rows().size(); ++seen_) {
    if (results != nullptr && !results->passes(seen_)) continue;
    if (const auto mark = mark_of(data, data.rows()[seen_])) marks_.push_back(*mark);
  }
  for (SceneMark& mark : marks_) mark.best = data.best() == data.rows()[mark.row].evaluation->sequence;
  const Row* best = data.best_row();
  callout_ = best == nullptr ? ""
             : by_instructions()
                 ? tuner::best_instructions_text(best->time_ms)
                 : "best " + tuner::time_text(best->time_ms) +
                       (best->of_copy > 0 ? "\n" + tuner::percent_text(best->of_copy) + " of copy" : "");
}

/// Afresh with every outcome: each may change the order of all.
void RooflineScene::add_projected_marks(const RunData& data, const ResultsModel* results) {
  marks_.clear();
  seen_ = data.rows().size();
  callout_.clear();
  const double bytes = static_cast<double>(data.info().compulsory_bytes);
  if (!tuner::says_bytes_and_operations(data.info())) return;
  if (ranked_ != data.revision()) {
    there_ = tuner::rank_on_target(data.info(), data.rows().size(), [&](std::size_t i) -> const tuner::Evaluation& {
      return *data.rows()[i].evaluation;
    });
    ranked_ = data.revision();
  }
  for (std::size_t i = 0; i < there_.order.size(); ++i) {
    const tuner::Projection& projection = there_.projections[i];
    if (results != nullptr && !results->passes(there_.order[i])) continue;
    const auto share = [&](double ms) { return tuner::achieved_gbps(bytes, ms) / projection.streaming.gbps; };
    SceneMark mark = mark_at(data, data.rows()[there_.order[i]], data.info().flops / bytes, projection.gflops);
    mark.of_copy = share(projection.time_ms);
    mark.of_copy_low = share(projection.high_ms);
    mark.of_copy_high = share(projection.low_ms);
    mark.place = static_cast<std::uint32_t>(i + 1);
    mark.best = i == 0;
    mark.tied = i < there_.together;
    marks_.push_back(mark);
  }
  if (!there_.order.empty()) callout_ = tuner::first_there_text(there_.projections.front());
}

void RooflineScene::fit() {
  tuner::RooflineModel model = frame_;
  tuner::RooflineRanges extent{{1e300, 0}, {1e300, 0}};
  for (const SceneMark& mark : marks_) {
    extent.intensity = {std::min(extent.intensity.low, mark.intensity),
                        std::max(extent.intensity.high, mark.intensity)};
    extent.gflops = {std::min(extent.gflops.low, mark.gflops), std::max(extent.gflops.high, mark.gflops)};
  }
  // The corners of the box round the marks stand for all of them.
  for (std::size_t i = 0; i < 2 && !marks_.empty(); ++i) {
    tuner::RooflineMark& corner = model.marks.emplace_back();
    corner.intensity = i == 0 ? extent.intensity.low : extent.intensity.high;
    corner.gflops = i == 0 ? extent.gflops.low : extent.gflops.high;
  }
  fitted_ = tuner::roofline_ranges(model, true);
  fitted_to_marks_ = fitted_;
  if (marks_.empty()) return;
  // A roof far over them would take the room that is to be won.
  constexpr double kNear = 6;
  const double best = extent.gflops.high;
  for (const tuner::Roof& roof : frame_.roofs) {
    const double allowed = tuner::roof_at(roof, extent.intensity.high, 1e300);
    if (!(roof.bandwidth_gbps > 0) || roof.bandwidth_gbps >= tuner::kNoSlope || allowed > kNear * best) continue;
    extent.gflops = {std::min(extent.gflops.low, allowed), std::max(extent.gflops.high, allowed)};
  }
  for (const tuner::RooflineMark& mark : frame_.marks) {
    if (mark.gflops > 0)
      extent.gflops = {std::min(extent.gflops.low, mark.gflops), std::max(extent.gflops.high, mark.gflops)};
  }
  for (const tuner::OverlaidRun& run : frame_.overlaid) {
    if (!(run.intensity > 0) || !(run.best_gflops > 0)) continue;
    extent.intensity = {std::min(extent.intensity.low, run.intensity), std::max(extent.intensity.high, run.intensity)};
    extent.gflops = {std::min(extent.gflops.low, run.gflops.empty() ? run.best_gflops : run.gflops.front()),
                     std::max(extent.gflops.high, run.best_gflops)};
  }
  const double margin = std::pow(extent.gflops.high / extent.gflops.low, 0.12) * 1.1;
  fitted_to_marks_ = {{extent.intensity.low / 2.2, extent.intensity.high * 2.2},
                      {extent.gflops.low / margin, extent.gflops.high * margin}};
}

void RooflineScene::make_frame(const RunData& data, const std::vector<tuner::GivenReading>& given) {
  const Row* first = marks_.empty() ? nullptr : &data.rows()[marks_.front().row];
  const Row* best = on_target() ? first : data.best_row();
  std::string best_key = best != nullptr ? std::to_string(best->evaluation->sequence) : "-";
  if (const auto& target_fit = data.info().target_fit)
    best_key += target_fit->best ? " " + std::to_string(*target_fit->best) : " -";
  if (best_key == best_key_ && rebuilt_ == data.rebuilt()) return;
  best_key_ = best_key;
  if (on_target()) {
    frame_ = target_frame_of(data, best, given);
    return;
  }
  if (by_instructions()) {
    frame_ = instruction_frame_of(data);
    return;
  }
  has_units_ = best != nullptr && !tuner::unit_roofs(data.info(), *best->evaluation, best->time_ms).empty();
  frame_ = data.empty() ? tuner::RooflineModel{} : frame_of(data, units_);
  targets_.clear();
  if (data.info().target) targets_.push_back(tuner::short_device_name(data.info().target->label()));
  for (const tuner::Target& target : also_) {
    if (data.empty() || (data.info().target && data.info().target->name == target.name)) continue;
    add_target(data, target, std::max<std::size_t>(1, targets_.size()), frame_);
    targets_.resize(std::max<std::size_t>(1, targets_.size()));
    targets_.push_back(tuner::short_device_name(target.label()));
  }
  for (tuner::RooflineMark& mark : tuner::given_marks(data.info(), given)) frame_.marks.push_back(std::move(mark));
  if (!data.empty() && level_ == Level::compulsory)
    frame_.marks.insert(frame_.marks.end(), beside_.begin(), beside_.end());
  if (!data.empty() && level_ == Level::compulsory) frame_.overlaid = overlaid_;
}

void RooflineScene::set_beside(std::vector<tuner::RooflineMark> marks) {
  if (beside_.empty() && marks.empty()) return;
  beside_ = std::move(marks);
  stale_ = true;
}

void RooflineScene::set_overlaid(std::vector<tuner::OverlaidRun> runs) {
  if (overlaid_.empty() && runs.empty()) return;
  overlaid_ = std::move(runs);
  stale_ = true;
}

bool RooflineScene::only_grows(const RunData& data, const ResultsModel& results) const {
  return !stale_ && filtered_ == results.filtered() && rebuilt_ == data.rebuilt() && seen_ > 0 &&
         revision_ != data.revision();
}

bool RooflineScene::update(const RunData& data, const std::vector<tuner::GivenReading>& given,
                           const ResultsModel* results) {
  if (results != nullptr && std::exchange(filtered_, results->filtered()) != results->filtered()) stale_ = true;
  if (!stale_ && revision_ == data.revision()) return false;
  const bool first_rows = seen_ == 0 && !data.rows().empty();
  if (stale_ || rebuilt_ != data.rebuilt() || first_rows) {
    marks_.clear();
    seen_ = 0;
    best_key_.clear();
    find_choices(data);
    if (std::none_of(choices_.begin(), choices_.end(),
                     [&](const ColourChoice& choice) { return choice.id == colour_by_; }))
      colour_by_ = "variant";
    if (!has(level_)) level_ = Level::compulsory;
    find_views(data);
    find_colours(data);
  }
  // Values that come for the first time need a colour of their own.
  for (std::size_t i = seen_; i < data.rows().size() && !on_ramp_; ++i) {
    if (!data.rows()[i].ok() || colour_of(data.rows()[i]) != 0xFFFF || legend_.size() >= 64) continue;
    const std::string text = column_text(data.rows()[i], colour_by_);
    if (!text.empty()) legend_.push_back({text, static_cast<std::uint16_t>(legend_.size())});
  }
  on_target() ? add_projected_marks(data, results) : add_marks(data, results);
  make_frame(data, given);
  // A projection goes with the best that it is of.
  if (const Row* best = data.best_row(); best != nullptr && results != nullptr && !results->shows(*best)) {
    std::erase_if(frame_.marks,
                  [](const tuner::RooflineMark& mark) { return mark.provenance == tuner::Provenance::projected; });
    best_key_.clear();  // The frame is made anew when the filter lets it in again.
  }
  fit();
  revision_ = data.revision();
  rebuilt_ = data.rebuilt();
  stale_ = false;
  ++scene_revision_;
  return true;
}

}  // namespace fuseline::app::gui
