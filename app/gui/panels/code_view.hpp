// A source on the screen: line numbers, colours, marks of messages and of what was found.
#pragma once

#include "app/gui/panels/ui.hpp"

namespace fuseline::app::gui {

/// The file on show, over the width of the panel and `height` high (0: what is left). A click marks a line, with Shift
/// several.
void code_view(Ui& ui, float height);
/// Text that can be long: only the lines in view are laid out.
void long_text(Ui& ui, const char* id, const std::string& text);
/// Messages of what was compiled; a click on one with a place goes there. `most` lines are in view.
void compiler_messages_view(Ui& ui, const Compiled& compiled, std::size_t most);

}  // namespace fuseline::app::gui
