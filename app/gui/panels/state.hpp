// What panels remember from frame to frame and no model has: owned by the program, so that two windows or two tests
// share nothing.
#pragma once

#include <imgui.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "app/gui/models/app.hpp"

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
  std::uint64_t selection_seen = 0;  ///< The selection's revision that the table has scrolled to.

  std::string space_of;  ///< The problem that the space was drawn of.

  /// Of the run on show, looked up when its rows changed.
  [[nodiscard]] const std::vector<std::string>& variants_of(const App& app) {
    if (std::exchange(variants_revision, app.data.revision()) != app.data.revision()) variants = app.variants_on_show();
    return variants;
  }
  std::uint64_t variants_revision = ~std::uint64_t{0};
  std::vector<std::string> variants;

  int menu_frames = 0;  ///< Since a menu was asked for.
  PaletteState palette;
};

}  // namespace fuseline::app::gui
