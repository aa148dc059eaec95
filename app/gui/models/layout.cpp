#include "app/gui/models/layout.hpp"

#include <algorithm>

namespace fuseline::app::gui {
namespace {

constexpr std::array<const char*, kAreas> kNames = {"left_top",  "left_bottom",  "centre_top",   "centre_bottom",
                                                    "right_top", "right_bottom", "second_window"};
constexpr float kGap = 6;

std::size_t index(Area area) { return static_cast<std::size_t>(area); }

/// Splits a column into its two rows, or gives one all of it.
void split_rows(Arrangement& arrangement, const Box& column, Area top, Area bottom, bool has_top, bool has_bottom,
                float share, Splitter splitter, float gap) {
  if (!has_top || !has_bottom) {
    if (has_top) arrangement.areas[index(top)] = column;
    if (has_bottom) arrangement.areas[index(bottom)] = column;
    return;
  }
  const float upper = std::max(40.F, (column.height - gap) * share);
  const float lower = std::max(0.F, column.height - gap - upper);
  arrangement.areas[index(top)] = {column.x, column.y, column.width, upper};
  arrangement.areas[index(bottom)] = {column.x, column.y + upper + gap, column.width, lower};
  arrangement.handles.push_back({splitter, {column.x, column.y + upper, column.width, gap}, false});
}

}  // namespace

std::string to_string(Area area) { return kNames[index(area)]; }

bool area_from_string(const std::string& text, Area& area) {
  const auto found = std::find(kNames.begin(), kNames.end(), text);
  if (found == kNames.end()) return false;
  area = static_cast<Area>(found - kNames.begin());
  return true;
}

PanelPlace* Layout::find(const std::string& panel) {
  const auto found =
      std::find_if(panels_.begin(), panels_.end(), [&](const PanelPlace& place) { return place.id == panel; });
  return found == panels_.end() ? nullptr : &*found;
}

std::vector<const PanelPlace*> Layout::shown_in(Area area) const {
  std::vector<const PanelPlace*> found;
  for (const PanelPlace& place : panels_) {
    if (place.shown && seen_in(place.area) == area) found.push_back(&place);
  }
  return found;
}

Area Layout::seen_in(Area area) const {
  if (!compact_ || area == Area::second_window) return area;
  return area == Area::left_top || area == Area::left_bottom ? Area::left_top : Area::centre_top;
}

void Layout::set_compact(bool compact) {
  if (compact == compact_) return;
  compact_ = compact;
  choose_active();
}

bool Layout::shown(const std::string& panel) const {
  return std::any_of(panels_.begin(), panels_.end(),
                     [&](const PanelPlace& place) { return place.id == panel && place.shown; });
}

void Layout::choose_active() {
  for (std::size_t area = 0; area < kAreas; ++area) {
    const auto shown = shown_in(static_cast<Area>(area));
    const bool there =
        std::any_of(shown.begin(), shown.end(), [&](const PanelPlace* place) { return place->id == active_[area]; });
    if (!there) active_[area] = shown.empty() ? "" : shown.front()->id;
  }
}

void Layout::show(const std::string& panel, bool shown) {
  PanelPlace* place = find(panel);
  if (place == nullptr) return;
  place->shown = shown;
  if (shown) active_[index(seen_in(place->area))] = panel;
  choose_active();
}

void Layout::activate(const std::string& panel) { show(panel, true); }

void Layout::move(const std::string& panel, Area area) {
  PanelPlace* place = find(panel);
  if (place == nullptr) return;
  if (place->area != Area::second_window) place->home = place->area;
  place->area = area;
  place->shown = true;
  active_[index(seen_in(area))] = panel;
  choose_active();
}

void Layout::put_back(const std::string& panel) {
  const PanelPlace* place = find(panel);
  if (place == nullptr || place->area != Area::second_window) return;
  const bool shown = place->shown;
  move(panel, place->home);
  if (!shown) show(panel, false);
}

void Layout::put_all_back() {
  // The one in front there comes last, and so is in front again.
  const std::string front = active(Area::second_window);
  for (const PanelPlace& place : std::vector<PanelPlace>(panels_)) {
    if (place.id != front) put_back(place.id);
  }
  put_back(front);
}

void Layout::set_home(const std::string& panel, Area area) {
  PanelPlace* place = find(panel);
  if (place != nullptr && area != Area::second_window) place->home = area;
}

namespace {

/// What an empty column would get.
constexpr float kColumnShare = 0.14F;
/// What an empty area would get of the other one of its column.
constexpr float kRowShare = 0.3F;

struct AreaColumn {
  Area top, bottom;
  float x = 0;  ///< Where it would stand, as a share of the width that is left.
};
constexpr std::array<AreaColumn, 3> kColumns = {AreaColumn{Area::left_top, Area::left_bottom, 0},
                                                AreaColumn{Area::right_top, Area::right_bottom, 1},
                                                AreaColumn{Area::centre_top, Area::centre_bottom, 0.5F}};

bool holds(const Box& box, float x, float y) {
  return x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height;
}

}  // namespace

std::vector<DropTarget> Layout::drop_targets(const Box& box, float scale) const {
  const Arrangement arrangement = arrange(box, scale);
  std::vector<DropTarget> empty, there;
  for (std::size_t i = 0; i < kTiles; ++i) {
    if (arrangement.areas[i].width > 0) there.push_back({static_cast<Area>(i), arrangement.areas[i]});
  }
  if (compact_) return there;
  for (const AreaColumn& column : kColumns) {
    const Box &top = arrangement.areas[index(column.top)], &bottom = arrangement.areas[index(column.bottom)];
    if (top.width > 0 && bottom.width > 0) continue;
    if (top.width > 0) {
      const float height = top.height * kRowShare;
      empty.push_back({column.bottom, {top.x, top.y + top.height - height, top.width, height}});
    } else if (bottom.width > 0) {
      empty.push_back({column.top, {bottom.x, bottom.y, bottom.width, bottom.height * kRowShare}});
    } else {
      const float width = box.width * kColumnShare, x = box.x + (box.width - width) * column.x;
      empty.push_back({column.top, {x, box.y, width, box.height / 2}});
      empty.push_back({column.bottom, {x, box.y + box.height / 2, width, box.height / 2}});
    }
  }
  empty.insert(empty.end(), there.begin(), there.end());
  return empty;
}

std::optional<Area> Layout::target_at(const std::vector<DropTarget>& targets, float x, float y) {
  const auto found =
      std::find_if(targets.begin(), targets.end(), [&](const DropTarget& target) { return holds(target.box, x, y); });
  return found == targets.end() ? std::nullopt : std::optional(found->area);
}

void Layout::reset() {
  panels_ = defaults_;
  active_ = {};
  splits_ = kSplits;
  choose_active();
}

void Layout::set_split(Splitter splitter, float share) {
  splits_[static_cast<std::size_t>(splitter)] = std::clamp(share, 0.08F, 0.92F);
}

Arrangement Layout::arrange(const Box& box, float scale) const {
  Arrangement arrangement;
  const float gap = kGap * scale;
  const auto has = [this](Area area) { return !shown_in(area).empty(); };
  const bool left = has(Area::left_top) || has(Area::left_bottom),
             right = has(Area::right_top) || has(Area::right_bottom);
  const bool centre = has(Area::centre_top) || has(Area::centre_bottom);
  // Side columns keep a readable width, and leave the centre at least a third.
  const float widest = box.width / (compact_ && centre ? 2.F
                                    : centre           ? 3.F
                                                       : 1.F),
              least = std::min(250.F * scale, compact_ ? box.width * 0.45F : widest);
  float left_width = left ? std::clamp(box.width * split(Splitter::left), least, widest) : 0.F;
  float right_width = right ? std::clamp(box.width * split(Splitter::right), least, widest) : 0.F;
  if (!centre && left) left_width = right ? (box.width - gap) * 0.5F : box.width;
  if (!centre && right) right_width = left ? box.width - gap - left_width : box.width;
  Box middle = box;
  if (left) {
    split_rows(arrangement, {box.x, box.y, left_width, box.height}, Area::left_top, Area::left_bottom,
               has(Area::left_top), has(Area::left_bottom), split(Splitter::left_rows), Splitter::left_rows, gap);
    middle.x += left_width + gap;
    middle.width -= left_width + gap;
    if (centre) arrangement.handles.push_back({Splitter::left, {box.x + left_width, box.y, gap, box.height}, true});
  }
  if (right) {
    const float x = box.x + box.width - right_width;
    split_rows(arrangement, {x, box.y, right_width, box.height}, Area::right_top, Area::right_bottom,
               has(Area::right_top), has(Area::right_bottom), split(Splitter::right_rows), Splitter::right_rows, gap);
    middle.width -= right_width + gap;
    if (centre) arrangement.handles.push_back({Splitter::right, {x - gap, box.y, gap, box.height}, true});
  }
  if (centre) {
    split_rows(arrangement, middle, Area::centre_top, Area::centre_bottom, has(Area::centre_top),
               has(Area::centre_bottom), split(Splitter::centre_rows), Splitter::centre_rows, gap);
  }
  return arrangement;
}

}  // namespace fuseline::app::gui
