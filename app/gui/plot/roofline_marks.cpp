#include "app/gui/plot/roofline_marks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tuner/report/describe.hpp"

namespace fuseline::app::gui {
namespace {

using tuner::Emphasis;
using tuner::Rect;
using tuner::Vec2;

constexpr double kStripWidth = 210, kStripMinimum = 620;
constexpr std::size_t kMany = 10'000;  ///< Marks, from where on thinning is worth it ...
constexpr double kFiner = 4,
                 kFinest = 1e5;  ///< ... for views up to so much closer, as long as whole cells can be counted.

bool same_rect(const Rect& a, const Rect& b) {
  return a.x == b.x && a.y == b.y && a.width == b.width && a.height == b.height;
}
bool same_range(const tuner::ValueRange& a, const tuner::ValueRange& b) { return a.low == b.low && a.high == b.high; }

/// Which pixels have a mark of which colour, tied or not: a hash table with open addressing, as most of many marks are
/// found in it and few are added.
class Occupied {
 public:
  /// False where one that looks the same is there already. On the target half of all marks may be tied.
  bool take(Vec2 at, std::uint16_t colour, bool tied) {
    if (2 * (size_ + 1) > slots_.size()) grow();
    const auto look = static_cast<std::uint16_t>(tied ? colour ^ kTied : colour);
    const bool added = insert((cell(at.x) << 40U) | (cell(at.y) << 16U) | look);
    size_ += added ? 1 : 0;
    return added;
  }

 private:
  static constexpr std::uint64_t kFree = ~std::uint64_t{0};
  static constexpr unsigned kTied = 0x4000;  // No colour has this bit but the one that stands for none, which has all.
  static std::uint64_t cell(double pixel) {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(std::floor(pixel * 1.5 + 0.5))) & 0xFFFFFF;
  }

  bool insert(std::uint64_t key) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = static_cast<std::size_t>((key * 0x9E3779B97F4A7C15ULL) >> 20U) &
                       mask;  // Fibonacci hashing (Knuth, TAOCP 3, 6.4).
    while (slots_[slot] != kFree && slots_[slot] != key) slot = (slot + 1) & mask;
    if (slots_[slot] == key) return false;
    slots_[slot] = key;
    return true;
  }
  void grow() {
    std::vector<std::uint64_t> before(4 * slots_.size(), kFree);
    before.swap(slots_);
    for (const std::uint64_t key : before) {
      if (key != kFree) insert(key);
    }
  }

  std::vector<std::uint64_t> slots_ = std::vector<std::uint64_t>(4096, kFree);
  std::size_t size_ = 0;
};

/// What tuner::RooflinePlace::at gives, from logarithms.
class LogPlace {
 public:
  explicit LogPlace(const tuner::RooflinePlace& place) : x_(place.panel.x, 1), y_(place.panel.y, place.unit) {}
  [[nodiscard]] Vec2 at(const SceneMark& mark) const {
    return {x_.pixel(mark.log_intensity), y_.pixel(mark.log_gflops)};
  }
  /// Pixels for each natural logarithm.
  [[nodiscard]] double pixels_x() const { return std::abs(x_.slope); }
  [[nodiscard]] double pixels_y() const { return std::abs(y_.slope); }

 private:
  struct Line {
    Line(const tuner::Axis& axis, double unit) {
      slope = (axis.pixel_high - axis.pixel_low) / std::log(axis.high / axis.low);
      offset = axis.pixel_low - std::log(axis.low * unit) * slope;
    }
    [[nodiscard]] double pixel(double log_value) const { return offset + slope * log_value; }
    double slope = 0, offset = 0;
  };
  Line x_, y_;
};

PlacedMark placed(const SceneMark& mark, Vec2 at) {
  return {at, mark.row, mark.colour, mark.best ? Emphasis::best : mark.tied ? Emphasis::tied : Emphasis::none};
}

/// Range of "% of copy" that shows the better half well.
tuner::ValueRange strip_range(const RunData& data, const std::vector<SceneMark>& marks) {
  // A thousand of them, evenly taken, with the best among them, say where the range lies.
  const std::size_t step = 1 + marks.size() / 1000;
  std::vector<tuner::RooflineMark> shares;
  for (std::size_t i = 0; i < marks.size(); i += step) shares.emplace_back().of_copy = marks[i].of_copy;
  if (const Row* best = data.best_row()) shares.emplace_back().of_copy = best->of_copy;
  return tuner::of_copy_range(shares);
}

tuner::Panel strip_panel(const std::vector<SceneMark>& marks, const tuner::ValueRange& range, const Rect& area) {
  tuner::Panel panel;
  panel.x = {tuner::Scale::linear, 0, 1, area.x + tuner::kPanelLeft - 8, area.x + area.width};
  panel.y = {tuner::Scale::linear, range.low, range.high, area.y + area.height - tuner::kPanelBottom,
             area.y + tuner::kPanelTop};
  panel.x_ticks = false;
  panel.heading = "% of copy";
  const auto below =
      std::count_if(marks.begin(), marks.end(), [&](const SceneMark& mark) { return 100 * mark.of_copy < range.low; });
  if (below > 0) panel.x_title = fmt::format("{} below {:g} %", tuner::grouped(static_cast<double>(below)), range.low);
  return panel;
}

}  // namespace

bool RooflineMarks::same(const Key& a, const Key& b) {
  return a.scene == b.scene && a.strip == b.strip && same_rect(a.area, b.area);
}
bool RooflineMarks::same(const tuner::RooflineRanges& a, const tuner::RooflineRanges& b) {
  return same_range(a.intensity, b.intensity) && same_range(a.gflops, b.gflops);
}

bool RooflineMarks::update(const RooflineDrawing& drawing, const Rect& area) {
  const Key key{drawing.scene.revision(), area, drawing.strip};
  const bool changed = !key_ || !same(*key_, key), moved = changed || !same(ranges_, drawing.ranges);
  if (!moved && selection_ == drawing.selection.revision()) return false;
  if (changed) {
    thinned_.reset();
    const auto& marks = drawing.scene.marks();
    const bool copies = std::any_of(marks.begin(), marks.end(), [](const SceneMark& mark) { return mark.of_copy > 0; });
    strip_.reset();
    if (drawing.strip && copies && area.width >= kStripMinimum)
      place_strip(drawing, {area.x + area.width - kStripWidth, area.y, kStripWidth, area.height});
    beside_strip_ = area;
    if (strip_) beside_strip_.width -= kStripWidth;
  }
  // Not in a sweep that goes on, where each scene is drawn once or twice.
  if (!changed && moved && !thinned_) thin(drawing.scene);
  if (moved) place_marks(drawing, beside_strip_);
  place_halos(drawing);
  key_ = key;
  ranges_ = drawing.ranges;
  selection_ = drawing.selection.revision();
  return true;
}

void RooflineMarks::thin(const RooflineScene& scene) {
  const LogPlace log_place(place_);
  Thinned thinned{kFiner * log_place.pixels_x(), kFiner * log_place.pixels_y(), {}};
  if (scene.marks().size() < kMany || !(thinned.pixels_x < kFinest && thinned.pixels_y < kFinest)) return;
  Occupied occupied;
  for (const SceneMark& mark : scene.marks()) {
    const Vec2 at{mark.log_intensity * thinned.pixels_x, mark.log_gflops * thinned.pixels_y};
    if (occupied.take(at, mark.colour, mark.tied) || mark.best) thinned.marks.push_back(mark);
  }
  thinned_ = std::move(thinned);
}

const std::vector<SceneMark>& RooflineMarks::marks_to_place(const RooflineScene& scene) const {
  const LogPlace log_place(place_);
  const bool fine =
      thinned_ && log_place.pixels_x() <= thinned_->pixels_x && log_place.pixels_y() <= thinned_->pixels_y;
  return fine ? thinned_->marks : scene.marks();
}

void RooflineMarks::place_marks(const RooflineDrawing& drawing, const Rect& area) {
  place_ = tuner::roofline_place(drawing.ranges, area);
  on_target_ = drawing.scene.on_target();
  if (drawing.scene.by_instructions()) {
    tuner::name_instruction_axes(place_);
  } else if (drawing.scene.level() != Level::compulsory) {
    std::string byte(to_string(drawing.scene.level()));
    byte.pop_back();  // "DRAM bytes"
    place_.panel.x_title = "Arithmetic intensity (executed operations per " + byte + ")";
  }
  place_.panel.heading.clear();
  const Rect inner = place_.panel.area();
  const LogPlace log_place(place_);
  Occupied occupied;
  marks_.clear();
  bounds_.reset();
  std::optional<PlacedMark> best;
  double left = 1e9, top = 1e9, right = -1e9, bottom = -1e9;
  for (const SceneMark& mark : marks_to_place(drawing.scene)) {
    const Vec2 at = log_place.at(mark);
    if (!inside(inner, at)) continue;
    if (mark.best) best = placed(mark, at);
    if (mark.best || !occupied.take(at, mark.colour, mark.tied)) continue;
    marks_.push_back(placed(mark, at));
    left = std::min(left, at.x), right = std::max(right, at.x), top = std::min(top, at.y),
    bottom = std::max(bottom, at.y);
  }
  if (right >= left) bounds_ = Rect{left, top, right - left, bottom - top};
  if (best) marks_.push_back(*best);
  best_in_view_ = best.has_value();
  place_beside(drawing);
}

void RooflineMarks::place_beside(const RooflineDrawing& drawing) {
  beside_.clear();
  const tuner::RooflineModel& frame = drawing.scene.frame();
  const Rect inner = place_.panel.area();
  const auto add = [&](Vec2 at, double reach, const std::string& text) {
    if (inside(inner, at)) beside_.push_back({at, reach, text});
  };
  for (std::size_t i = 0; i < frame.overlaid.size(); ++i) {
    const tuner::OverlaidRun& run = frame.overlaid[i];
    if (!(run.intensity > 0)) continue;
    const std::string text = tuner::overlaid_text(run);
    for (const double gflops : run.gflops) add(tuner::overlaid_at(place_, run, i, gflops), kMarkRadius, text);
    add(tuner::overlaid_at(place_, run, i, run.best_gflops), 1.8 * kMarkRadius, text + ": its best, " + run.best);
  }
  for (const tuner::RooflineMark& mark : frame.marks)
    add(place_.at(mark.intensity, mark.gflops), 1.8 * kMarkRadius, mark.label);
}

void RooflineMarks::place_target_strip(const RooflineDrawing& drawing, const Rect& area) {
  const auto& all = drawing.scene.marks();
  tuner::ValueRange shares{1, 0};
  std::size_t places = 0;  // Of all, with what a filter leaves out.
  for (const SceneMark& mark : all)
    shares = {std::min(shares.low, mark.of_copy_low), std::max(shares.high, mark.of_copy_high)},
    places = std::max<std::size_t>(places, mark.place);
  StripMarks strip{tuner::target_strip_panel(shares, places, drawing.scene.frame().copy_name, area), true, {}, {}};
  strip.panel.heading = "% of copy there";
  strip.panel.y_title.clear();
  const Rect inner = strip.panel.area();
  if (inner.width <= 20 || inner.height <= 20) return;
  double last = -1;
  for (auto mark = all.rbegin(); mark != all.rend(); ++mark) {
    const Vec2 at{strip.panel.x.pixel(mark->place), strip.panel.y.pixel(100 * mark->of_copy)};
    // More than one a pixel show nothing more.
    if (last >= 0 && last - at.x < 1 && !mark->best) continue;
    last = at.x;
    strip.intervals.push_back({at.x, {mark->of_copy_low, mark->of_copy_high}, mark->colour});
    strip.marks.push_back(placed(*mark, at));
  }
  strip_ = std::move(strip);
}

void RooflineMarks::place_strip(const RooflineDrawing& drawing, const Rect& area) {
  if (drawing.scene.on_target()) return place_target_strip(drawing, area);
  const auto& all = drawing.scene.marks();
  const tuner::ValueRange range = strip_range(drawing.data, all);
  StripMarks strip{strip_panel(all, range, area), range.high >= 100, {}, {}};
  const Rect inner = strip.panel.area();
  if (inner.width <= 20 || inner.height <= 20) return;
  const double step = 2 * kStripRadius + 0.8;
  const auto rows = static_cast<std::size_t>(inner.height / step) + 1;
  const auto columns = std::max(1, static_cast<int>(inner.width / step) - 1);
  const auto row_of = [&](double y) {
    return std::min(rows - 1, static_cast<std::size_t>(std::max(0.0, (y - inner.y) / step)));
  };
  // The middle is free for the best in its row and in those that its star reaches.
  std::vector<int> filled(rows, -1);
  const auto best_mark = std::find_if(all.begin(), all.end(), [](const SceneMark& mark) { return mark.best; });
  if (best_mark != all.end()) {
    const std::size_t at = row_of(strip.panel.y.pixel(100 * best_mark->of_copy));
    for (std::size_t row = at > 0 ? at - 1 : 0; row <= std::min(rows - 1, at + 1); ++row) filled[row] = 0;
  }
  const auto place = [&](const SceneMark& mark) {
    const double share = 100 * mark.of_copy;
    if (!(share > 0) || share < range.low) return;
    const double y = strip.panel.y.pixel(share);
    const int slot = mark.best ? 0 : ++filled[row_of(y)];
    if (slot >= columns) return;  // The row is full: more marks would show nothing more.
    const int away = (slot + 1) / 2;
    strip.marks.push_back(placed(mark, {inner.x + inner.width / 2 + (slot % 2 == 0 ? 1 : -1) * away * step, y}));
  };
  for (const SceneMark& mark : all) {
    if (!mark.best) place(mark);
  }
  if (best_mark != all.end()) place(*best_mark);
  strip_ = std::move(strip);
}

void RooflineMarks::place_halos(const RooflineDrawing& drawing) {
  halos_.clear();
  if (strip_) strip_->halos.clear();
  if (drawing.selection.empty()) return;
  const auto& rows = drawing.data.rows();
  const auto selected = [&](std::uint32_t row) { return drawing.selection.has(rows[row].evaluation->sequence); };
  Occupied occupied;
  const Rect inner = place_.panel.area();
  const LogPlace log_place(place_);
  for (const SceneMark& mark : drawing.scene.marks()) {
    const Vec2 at = log_place.at(mark);
    if (inside(inner, at) && selected(mark.row) && occupied.take(at, 0, false)) halos_.push_back(at);
  }
  if (!strip_) return;
  for (const PlacedMark& mark : strip_->marks) {
    if (selected(mark.row)) strip_->halos.push_back(mark.at);
  }
}

const PlacedMark* RooflineMarks::star_at(Vec2 at) const {
  const auto has = [&](const std::vector<PlacedMark>& list, double radius) {
    return !list.empty() && list.back().emphasis == Emphasis::best &&
           std::hypot(list.back().at.x - at.x, list.back().at.y - at.y) <= radius;
  };
  // There it is a diamond, hardly larger than the others, and small in the strip.
  if (has(marks_, (on_target_ ? 1.35 : 2.0) * kMarkRadius)) return &marks_.back();
  return strip_ && has(strip_->marks, (on_target_ ? 0.8 : 2.0) * kStripRadius) ? &strip_->marks.back() : nullptr;
}

const PlacedBeside* RooflineMarks::beside(Vec2 at) const {
  const PlacedMark* star = star_at(at);
  double nearest = star != nullptr ? std::hypot(star->at.x - at.x, star->at.y - at.y) : 1e9;
  const PlacedBeside* found = nullptr;
  for (const PlacedBeside& each : beside_) {
    const double distance = std::hypot(each.at.x - at.x, each.at.y - at.y);
    if (distance > each.reach || distance > nearest) continue;
    nearest = distance;
    found = &each;
  }
  return found;
}

std::optional<std::uint32_t> RooflineMarks::hit(Vec2 at, double reach) const {
  if (const PlacedMark* star = star_at(at)) return star->row;
  double nearest = reach;
  std::optional<std::uint32_t> found;
  const auto look = [&](const std::vector<PlacedMark>& list) {
    for (const PlacedMark& mark : list) {
      const double distance = std::hypot(mark.at.x - at.x, mark.at.y - at.y);
      if (distance > nearest) continue;
      nearest = distance;
      found = mark.row;
    }
  };
  look(marks_);
  if (strip_) look(strip_->marks);
  return found;
}

std::vector<std::uint32_t> RooflineMarks::within(const RooflineScene& scene, const Rect& box) const {
  std::vector<std::uint32_t> rows;
  const Rect inner = place_.panel.area();
  const LogPlace log_place(place_);
  for (const SceneMark& mark : scene.marks()) {
    const Vec2 at = log_place.at(mark);
    if (inside(inner, at) && inside(box, at)) rows.push_back(mark.row);
  }
  if (strip_) {
    for (const PlacedMark& mark : strip_->marks) {
      if (inside(box, mark.at)) rows.push_back(mark.row);
    }
  }
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

}  // namespace fuseline::app::gui
