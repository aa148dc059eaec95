// The desktop tool's settings with its layout, its scripts and its sessions: an input is tried as each.
// Promises: settings that are read are within bounds, place every panel in the window, and are read again as they are
// written; so is a session.
#include <cmath>

#include "app/gui/models/layout.hpp"
#include "app/gui/models/script.hpp"
#include "app/gui/models/session_file.hpp"
#include "app/gui/models/settings.hpp"
#include "tests/fuzz/checks.hpp"
#include "tests/fuzz/targets.hpp"

namespace fuseline::fuzz {
namespace {

namespace models = app::gui;

void require_tidy(models::Layout& layout, const models::Settings& settings) {
  const models::Box window{0, 0, static_cast<float>(settings.width), static_cast<float>(settings.height)};
  layout.set_compact(models::Layout::is_small(window, settings.scale));
  for (const models::Box& area : layout.arrange(window, settings.scale).areas) {
    const bool finite =
        std::isfinite(area.x) && std::isfinite(area.y) && std::isfinite(area.width) && std::isfinite(area.height);
    require(finite && area.width >= 0 && area.x >= -0.01F && area.x + area.width <= window.width + 0.5F,
            "an area outside its window");
  }
}

void use_settings(const std::filesystem::path& file) {
  models::Settings settings;
  models::Layout layout(models::default_panels());
  const auto read = models::load_settings(file, settings, layout);
  if (!read) return require_shown_safely(read.error());
  require(settings.scale >= 0.5F && settings.scale <= 4 && settings.width > 0 && settings.height > 0,
          "settings out of bounds");
  const auto kept = place("kept.json", "");
  require(models::save_settings(kept, models::settings_text(settings, layout)).has_value(), "settings cannot be kept");
  models::Settings again;
  models::Layout layout_again(models::default_panels());
  const auto reread = models::load_settings(kept, again, layout_again);
  require(reread.has_value(), "kept settings are not read", reread ? "" : reread.error().message());
  require(again.width == settings.width && again.height == settings.height && again.dark == settings.dark,
          "kept settings differ");
  require_tidy(layout, settings);
}

void use_session(std::string_view input) {
  const auto session = models::session_from_text(input, "session.json");
  if (!session) return require_shown_safely(session.error());
  const auto text = models::session_text(*session);
  require(text.has_value(), "a session cannot be written", text ? "" : text.error().message());
  const auto again = models::session_from_text(*text, "session.json");
  require(again.has_value(), "a written session is not read", again ? "" : again.error().message());
  require(again->run.evaluations.size() == session->run.evaluations.size() && again->selection == session->selection &&
              again->view.filter == session->view.filter,
          "a written session differs");
}

}  // namespace

void gui(std::string_view input) {
  const auto file = place("gui.json", input);
  use_settings(file);
  use_session(input);
  const auto script = models::load_script(file.string());
  if (!script) return require_shown_safely(script.error());
  for (const auto& step : *script) require(step.a >= 0 && step.b >= 0, "a step's number is out of bounds");
}

}  // namespace fuseline::fuzz
