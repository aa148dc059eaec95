// What every panel is drawn with, and the panels themselves: one file each. Panels show models and run actions; they
// hold no logic.
#pragma once

#include <imgui.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/gui/models/app.hpp"
#include "app/gui/panels/state.hpp"
#include "app/gui/platform/fonts.hpp"
#include "app/gui/platform/theme.hpp"
#include "app/gui/plot/relations_drawing.hpp"
#include "app/gui/plot/roofline_drawing.hpp"

namespace fuseline::app::gui {

/// Where things were drawn in the last frame, in pixels: for scripts that check.
struct DrawnFacts {
  std::map<std::string, Box>
      boxes;                    ///< Panels in front, by id; "splitter.left" and the like; "roofline.plot"; "field.N".
  std::set<std::string> items;  ///< Those boxes that are one item, a line of text or a button: lower than an area.
  struct Mark {
    std::uint64_t sequence = 0;
    float x = 0, y = 0;
  };
  std::vector<Mark> marks;               ///< Of the roofline.
  std::map<std::string, double> gauges;  ///< Readings that the counters panel shows, by metric.
};

/// The roofline's state between frames: the pointer needs what was drawn.
struct RooflineInput {
  RooflinePicture picture;
  bool boxing = false;
  ImVec2 box_from{0, 0};
};

/// That of the plots of relations.
struct RelationsInput {
  RelationsPicture picture;
  std::optional<std::size_t> brushing;  ///< The axis that is dragged along.
  ImVec2 from{0, 0};
};

struct Ui {
  App& app;
  const Fonts& fonts;
  const Palette& palette;
  float scale = 1;
  DrawnFacts& drawn;
  RooflineInput& roofline;
  RelationsInput& relations;
  PanelState& state;
  bool second = false;  ///< It is the second window that is drawn.

  [[nodiscard]] float px(float at_scale_1) const { return at_scale_1 * scale; }
  [[nodiscard]] const tuner::Style& plot() const { return plot_style(app.settings.dark); }
};

/// The whole window, and the one that panels are torn off into.
void draw_program(Ui& ui);
void draw_second_window(Ui& ui);

// Parts of the frame.
void draw_area(Ui& ui, Area area, const Box& box);
/// What shows where a dragged tab would go; takes it there when it is let go. `whole`: all areas.
void draw_tab_drag(Ui& ui, const Box& whole);
void draw_menu_bar(Ui& ui);
void draw_run_bar(Ui& ui);
void draw_status_bar(Ui& ui);
void draw_toasts(Ui& ui);
void draw_palette(Ui& ui);
void draw_dialogs(Ui& ui);

// Panels.
#define FUSELINE_PANEL(id, title, area, draw) void draw(Ui& ui);
#include "app/gui/models/panels.def"
#undef FUSELINE_PANEL

void draw_welcome(Ui& ui);

}  // namespace fuseline::app::gui
