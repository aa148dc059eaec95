#include "app/gui/platform/fonts.hpp"

#include <cmath>
#include <filesystem>
#include <system_error>
#include <vector>

#include "tuner/base/files.hpp"

namespace fuseline::app::gui {
namespace {

namespace fs = std::filesystem;

tuner::Result<std::string> find_font(const std::string& name, const std::string& built_with) {
  std::vector<fs::path> places;
  if (const fs::path data = tuner::data_folder(); !data.empty()) places.push_back(data / "fonts" / name);
  places.emplace_back(built_with);
  for (const char* folder : {"/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/TTF", "/usr/share/fonts/dejavu"})
    places.push_back(fs::path(folder) / name);
  for (const fs::path& place : places) {
    std::error_code error;
    if (fs::is_regular_file(place, error)) return place.string();
  }
  return tuner::io_error(name, "the font was not found; install the DejaVu fonts (Debian: fonts-dejavu-core)");
}

/// Latin, Greek, and the arrows, marks and symbols that panels use.
const ImWchar* glyphs() {
  static const ImWchar ranges[] = {0x20,   0x17F,  0x391,  0x3C9,  0x2010, 0x2027, 0x2030,
                                   0x2044, 0x2070, 0x209C, 0x2190, 0x21FF, 0x2200, 0x2265,
                                   0x25A0, 0x25FF, 0x2600, 0x26AF, 0x2700, 0x27BF, 0};
  return ranges;
}

}  // namespace

ImFont* Fonts::nearest(double size, bool bold_face) const {
  if (size > 16.5) return title;
  if (size > 13) return bold_face ? bold : regular;
  return bold_face ? small_bold : small;
}

tuner::Result<Fonts> load_fonts(float scale) {
  FUSELINE_TRY(regular, find_font("DejaVuSans.ttf", FUSELINE_FONT));
  FUSELINE_TRY(bold, find_font("DejaVuSans-Bold.ttf", FUSELINE_FONT_BOLD));
  FUSELINE_TRY(mono, find_font("DejaVuSansMono.ttf", FUSELINE_FONT_MONO));
  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  atlas.Clear();
  const auto add = [&](const std::string& file, float size) {
    ImFontConfig config;
    config.OversampleH = 2;
    config.PixelSnapH = false;
    return atlas.AddFontFromFileTTF(file.c_str(), std::round(size * scale), &config, glyphs());
  };
  Fonts fonts{add(regular, Fonts::kRegular),
              add(regular, Fonts::kSmall),
              add(bold, Fonts::kRegular),
              add(bold, Fonts::kSmall),
              add(bold, Fonts::kTitle),
              add(mono, Fonts::kMono),
              scale,
              {}};
  if (fonts.regular == nullptr || fonts.bold == nullptr || fonts.mono == nullptr)
    return tuner::io_error(regular, "the font could not be read");
  fonts.sprites.reserve(atlas, scale);
  fonts.sprites.paint(atlas);
  return fonts;
}

Fonts built_in_fonts(float scale) {
  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  atlas.Clear();
  const auto add = [&](float size) {
    ImFontConfig config;
    config.SizePixels = std::round(size * scale);
    return atlas.AddFontDefault(&config);
  };
  Fonts fonts{add(Fonts::kRegular),
              add(Fonts::kSmall),
              add(Fonts::kRegular),
              add(Fonts::kSmall),
              add(Fonts::kTitle),
              add(Fonts::kMono),
              scale,
              {}};
  fonts.sprites.reserve(atlas, scale);
  fonts.sprites.paint(atlas);
  return fonts;
}

}  // namespace fuseline::app::gui
