// What panels remember from frame to frame and no model has: owned by the program, so that two windows or two tests
// share nothing.
#pragma once

#include <imgui.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/gui/models/app.hpp"
#include "app/gui/models/table_cursor.hpp"
#include "app/gui/plot/recorded_drawing.hpp"

namespace fuseline::app::gui {

/// Of the action palette.
struct PaletteState {
  std::string query;
  std::size_t chosen = 0;
  bool opened = false, moved = false;
  bool released = false;           ///< Enter was let go since the action asked: the press that chose it is no answer.
  const Action* asking = nullptr;  ///< An action that takes an argument, which is being typed.
  std::string argument;
};

/// The progress plot as it was drawn last: a hundred thousand samples are looked at once.
struct ConvergenceState {
  struct Look {
    std::shared_ptr<const tuner::ConvergenceModel> model;
    float width = 0, height = 0, scale = 0;
    bool dark = false;
    friend bool operator==(const Look&, const Look&) = default;
  };
  Look look;
  RecordedDrawing drawing;
};

/// Of the table of configurations.
struct TableState {
  TableCursor cursor;
  bool has_keyboard = false;         ///< The arrows are the cursor's.
  bool was_here = false;             ///< Its area had the focus in the frame before, or it had the keyboard.
  bool rows_focused = false;         ///< The rows were clicked.
  std::uint64_t selection_seen = 0;  ///< The selection's revision that the table has scrolled to.
};

/// A tab that is dragged.
struct TabDrag {
  std::string panel, title;  ///< Empty: none is.
  bool second = false;       ///< It began in the second window.
  bool given_up = false;     ///< By Escape, until the button is let go.
  ImVec2 last{0, 0};         ///< Where the pointer was seen last.
};

struct PanelState {
  /// What is being typed, by field: Tab takes the focus away before the field is drawn again. Two may be in it at once,
  /// the one left and the one entered.
  std::map<ImGuiID, std::string> drafts;

  // Dialogs: one at a time is open.
  bool enter_released = false;  ///< Since the one in front appeared: the press that opened it is no answer.
  bool focus_line = false;      ///< Its line takes the keyboard again.
  int dialogs_opened = 0;       ///< So that a line's caret and selection are of this dialog alone.
  std::string completed_of;     ///< The text that `completions` go on with.
  std::vector<std::string> completions;

  // The table.
  std::string columns_query;
  std::uint64_t outcomes_counted = ~std::uint64_t{0};  ///< The data's revision that `outcomes` are of.
  std::map<tuner::Outcome, std::size_t> outcomes;
  TableState table;

  std::string space_of;  ///< The problem that the space was drawn of.

  /// Of the run on show, looked up when its rows changed.
  [[nodiscard]] const std::vector<std::string>& variants_of(const App& app) {
    if (std::exchange(variants_revision, app.data.revision()) != app.data.revision()) variants = app.variants_on_show();
    return variants;
  }
  std::uint64_t variants_revision = ~std::uint64_t{0};
  std::vector<std::string> variants;

  ImVec2 tooltip{0, 0};  ///< The size of a configuration's tooltip in the frame before.
  ConvergenceState convergence;
  TabDrag drag;
  std::string entered;      ///< The panel that an action gave the keyboard to in this frame.
  int menu_frames = 0;      ///< Since a menu was asked for.
  std::string open_menu;    ///< Of the bar, in the frame before.
  bool in_submenu = false;  ///< The keyboard was at or in a menu of that menu.
  PaletteState palette;
};

}  // namespace fuseline::app::gui
