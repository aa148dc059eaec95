// Where panels are: six areas of tabs in three columns, with splitters between, and a second window; what is empty
// gives its room away.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace fuseline::app::gui {

/// The last is a window of its own, with tabs like the others.
enum class Area { left_top, left_bottom, centre_top, centre_bottom, right_top, right_bottom, second_window };
inline constexpr std::size_t kAreas = 7, kTiles = 6;  ///< All, and those of the main window, which come first.
[[nodiscard]] std::string to_string(Area area);
[[nodiscard]] bool area_from_string(const std::string& text, Area& area);

struct PanelPlace {
  std::string id;     ///< "roofline"
  std::string title;  ///< "Roofline"
  Area area = Area::centre_top;
  bool shown = true;
  Area home = area;  ///< Where it goes back to from the second window.
};

/// Every panel of panels.def with its place at first.
[[nodiscard]] std::vector<PanelPlace> default_panels();

/// A rectangle in pixels.
struct Box {
  float x = 0, y = 0, width = 0, height = 0;
};

enum class Splitter { left, right, left_rows, centre_rows, right_rows };

/// What is where at a given size.
struct Arrangement {
  std::array<Box, kTiles> areas;  ///< Width 0: the area is empty.
  struct Handle {
    Splitter splitter = Splitter::left;
    Box box;
    bool vertical = true;  ///< Dragged sideways.
  };
  std::vector<Handle> handles;
};

/// Where a panel that is dragged may be let go.
struct DropTarget {
  Area area = Area::centre_top;
  Box box;  ///< What the panel would get of an empty area, else the area.
};

class Layout {
 public:
  explicit Layout(std::vector<PanelPlace> defaults) : defaults_(defaults), panels_(std::move(defaults)) {
    choose_active();
  }

  [[nodiscard]] const std::vector<PanelPlace>& panels() const { return panels_; }
  /// In a window too small for three columns, what is at the left shares one area (left_top) and everything else
  /// another (centre_top).
  void set_compact(bool compact);
  [[nodiscard]] bool compact() const { return compact_; }
  /// Whether a window of this size is too small for three columns.
  [[nodiscard]] static bool is_small(const Box& box, float scale) {
    return box.width < 900 * scale || box.height < 420 * scale;
  }
  [[nodiscard]] std::vector<const PanelPlace*> shown_in(Area area) const;
  [[nodiscard]] bool shown(const std::string& panel) const;
  /// Shows or hides; showing brings it to the front of its area.
  void show(const std::string& panel, bool shown);
  void toggle(const std::string& panel) { show(panel, !shown(panel)); }
  /// Brings a panel to the front, showing it.
  void activate(const std::string& panel);
  [[nodiscard]] const std::string& active(Area area) const { return active_[static_cast<std::size_t>(area)]; }
  void move(const std::string& panel, Area area);
  /// From the second window to where it was before; `home` where another place is known.
  void put_back(const std::string& panel);
  void put_all_back();
  /// Where a panel in the second window came from.
  void set_home(const std::string& panel, Area area);
  /// Every area of the main window, the empty ones first: they lie over what would give them room.
  [[nodiscard]] std::vector<DropTarget> drop_targets(const Box& box, float scale) const;
  [[nodiscard]] static std::optional<Area> target_at(const std::vector<DropTarget>& targets, float x, float y);
  void reset();

  /// Areas and splitters within `box`; sizes are shares of it, each area with room to be used at `scale`.
  [[nodiscard]] Arrangement arrange(const Box& box, float scale) const;
  /// Moves a splitter to a share of the width or height, 0.08 to 0.92.
  void set_split(Splitter splitter, float share);
  [[nodiscard]] float split(Splitter splitter) const { return splits_[static_cast<std::size_t>(splitter)]; }

 private:
  void choose_active();
  /// Where a panel is seen now.
  [[nodiscard]] Area seen_in(Area area) const;
  [[nodiscard]] PanelPlace* find(const std::string& panel);

  static constexpr std::array<float, 5> kSplits = {0.235F, 0.245F, 0.5F, 0.58F, 0.52F};
  std::vector<PanelPlace> defaults_, panels_;
  std::array<std::string, kAreas> active_;
  std::array<float, 5> splits_ = kSplits;
  bool compact_ = false;
};

}  // namespace fuseline::app::gui
