// What windows within the window are made of.
#pragma once

#include <imgui.h>

#include <string>

#include "app/gui/panels/ui.hpp"

namespace fuseline::app::gui {

/// `width` at scale 1. True where its content is to be drawn, and ImGui::EndPopup() called.
bool begin_dialog(Ui& ui, const char* title, bool& open, float width);
/// A button that Enter presses too, where the keyboard is at it.
bool answer(Ui& ui, const char* label, bool primary = false, bool enabled = true);
/// The line of text that a dialog is about: it has the keyboard at first, all of it selected. True where Enter was
/// pressed in it.
bool enter_line(Ui& ui, const char* id, const char* placeholder, std::string& text, ImGuiInputTextFlags more = 0,
                ImGuiInputTextCallback callback = nullptr, void* data = nullptr);

// Parts of draw_dialogs().
void draw_queue_dialogs(Ui& ui);
void draw_workers_dialog(Ui& ui);

}  // namespace fuseline::app::gui
