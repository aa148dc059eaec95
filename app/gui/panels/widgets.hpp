// Small things that panels are made of.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "app/gui/panels/ui.hpp"

namespace fuseline::app::gui {

void heading(Ui& ui, const char* text);
void muted(
    Ui& ui, std::string_view text,
    float wrap_at = 0);  ///< Wrapped, in the small font; at the window's edge, or at `wrap_at` in its coordinates.
void strong(Ui& ui, std::string_view text);  ///< In bold.
void coloured(ImU32 colour, std::string_view text);
/// A tooltip for the item before, wrapped.
void hint(Ui& ui, const std::string& text);
void tooltip(Ui& ui, const std::string& text);
/// "label        value", the value at the right edge of a column that is `label_width` at scale 1.
void pair(Ui& ui, const char* label, const std::string& value, const std::string& tooltip = {},
          float label_width = 110);
/// A toggle with rounded ends; true where it was clicked.
bool chip(Ui& ui, const std::string& id, const std::string& text, bool on,
          bool beside_buttons = false);  ///< As high as buttons where it stands beside them.
bool checkbox(Ui& ui, const char* label, bool& on);
/// The popup that is begun next opens above or below the last item, wherever there is more room, so that the item stays
/// in view. Returns that room.
float popup_beside_item(const Ui& ui);
/// A round choice with an outline like that of a checkbox.
bool round_choice(Ui& ui, const char* label, bool on);
/// Takes the table's filter and its outcomes back: every configuration is shown again, in the plots too.
void clear_filter_button(Ui& ui);
/// What a panel says in its middle where the table's filter leaves nothing, with that button.
void nothing_passes(Ui& ui, const std::string& text);
/// `text` in the current font, shortened to `width` pixels with an ellipsis where it is cut.
enum class Elide { end, start, middle };
[[nodiscard]] std::string elided(const std::string& text, float width, Elide where = Elide::end);
/// Goes to the next line where `width` pixels would not fit any more beside the item before.
void flow(float width);
/// Of the room that lines have, in the window's own coordinates, as SameLine takes it.
[[nodiscard]] float right_edge();
bool primary_button(Ui& ui, const char* label, bool enabled, ImVec2 size = ImVec2(0, 0));
bool plain_button(Ui& ui, const char* label, bool enabled, const std::string& tooltip = {}, ImVec2 size = ImVec2(0, 0));
/// A centred text with a line below, for a panel that has nothing to show.
void empty_state(Ui& ui, const char* title, const std::string& text);
/// Runs an action and reports where it fails.
void act(Ui& ui, const std::string& id, const std::string& argument = {});
/// A menu's line for an action.
void action_item(Ui& ui, const char* id, const char* title = nullptr);
bool combo(Ui& ui, const char* id, const std::string& shown,
           const std::vector<std::pair<std::string, std::string>>& items, std::string& chosen, float width);
/// An editable line of text; true, with the new text, where Enter was pressed or it lost the focus after a change, Tab
/// included. `text` is what is shown while nobody edits.
bool edit_line(Ui& ui, const char* id, const char* placeholder, std::string& text, float width);
/// `open` as it is; where a menu or popup is, its place is kept among what was drawn by that name, for checks.
bool noted(Ui& ui, bool open, const std::string& name);
/// Where something was drawn in this window, in pixels of the screen, for checks. Everything that is noted comes here.
void note_area(Ui& ui, const std::string& name, ImVec2 corner, ImVec2 size);
/// The same of the item drawn last: "button.NAME".
void note_item(Ui& ui, const std::string& name);
/// The same of the window or child that is being drawn.
void note_window(Ui& ui, const std::string& name);
/// An evaluation as its tooltip: configuration, times, resources.
void evaluation_tooltip(Ui& ui, const Row& row, const std::string& place = "");
/// Where a plot that scrolls was drawn.
class PlotPlace {
 public:
  PlotPlace(ImVec2 origin, ImVec2 after) : origin_(origin), after_(after) {}
  /// A part of it that the mouse and the keyboard can press; `box` on the plot's canvas.
  [[nodiscard]] bool clicked(Ui& ui, int id, const tuner::Rect& box) const;
  void end() const;  ///< Goes on below the plot.

 private:
  ImVec2 origin_, after_;
};
/// Width of a plot over the whole panel, at scale 1.
[[nodiscard]] double plot_width(const Ui& ui);
/// A plot as wide as the panel and `height` high (at scale 1); `draw` gets the canvas, the plot's area and the part of
/// it in view. Shows tooltips.
[[nodiscard]] PlotPlace scrolled_plot(
    Ui& ui, const char* id, double height,
    const std::function<void(tuner::Canvas&, const tuner::Rect&, const tuner::ValueRange&)>& draw);
void font(ImFont* chosen);
[[nodiscard]] ImU32 outcome_colour(const Ui& ui, tuner::Outcome outcome);

}  // namespace fuseline::app::gui
