#include "app/gui/platform/cut_text.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "app/gui/platform/imgui_compat.hpp"

#if IMGUI_VERSION_NUM < 19200
#include <imgui_internal.h>
#endif

namespace fuseline::app::gui {

#if IMGUI_VERSION_NUM < 19200
namespace {

constexpr float kRounding = 1.5F;  ///< Pixels that a letter may stand over without anybody seeing it.

/// Letters of every font by the place of their picture in the texture.
class Letters {
 public:
  Letters() {
    for (const ImFont* font : ImGui::GetIO().Fonts->Fonts) {
      for (const ImFontGlyph& glyph : font->Glyphs) {
        if (glyph.Visible != 0) letters_[{glyph.U0, glyph.V0}] = &glyph;
      }
    }
  }
  [[nodiscard]] const ImFontGlyph* at(ImVec2 from) const {
    const auto found = letters_.find({from.x, from.y});
    return found == letters_.end() ? nullptr : found->second;
  }

 private:
  std::map<std::pair<float, float>, const ImFontGlyph*> letters_;
};

struct Letter {
  unsigned codepoint = 0;
  ImVec2 low{0, 0}, high{0, 0};
  bool cut = false, seen = false;
};

float height_of(const Letter& letter) { return letter.high.y - letter.low.y; }

/// Which ways what does not fit can be brought into view.
struct Scrolls {
  explicit Scrolls(const ImGuiWindow* window) {
    for (; window != nullptr; window = window->ParentWindow) {
      across = across || window->ScrollMax.x > 0;
      down = down || window->ScrollMax.y > 0;
      if ((window->Flags & ImGuiWindowFlags_ChildWindow) == 0) break;
    }
  }
  bool across = false, down = false;
};

std::optional<Letter> letter_of(const Letters& letters, const ImDrawVert* corners, const ImVec4& clip,
                                const Scrolls& scrolls) {
  const ImFontGlyph* glyph = letters.at(corners[0].uv);
  if (glyph == nullptr) return std::nullopt;
  Letter letter{glyph->Codepoint, corners[0].pos, corners[2].pos, false, false};
  if (letter.low.x > letter.high.x || letter.low.y > letter.high.y) return std::nullopt;  // Turned: of a plot.
  letter.seen =
      letter.high.x > clip.x && letter.low.x < clip.z && letter.high.y > clip.y + 1 && letter.low.y < clip.w - 1;
  // ImGui cuts the picture itself where a label is too long for its button.
  const bool across =
      letter.low.x < clip.x - kRounding || letter.high.x > clip.z + kRounding || corners[2].uv.x < glyph->U1 - 1e-6F;
  const bool down = letter.low.y < clip.y - kRounding || letter.high.y > clip.w + kRounding;
  letter.cut = (across && !scrolls.across) || (down && !scrolls.down);
  return letter;
}

void append(std::string& text, unsigned codepoint) {
  char bytes[5] = {};
  ImTextCharToUtf8(bytes, codepoint);
  text += bytes;
}

/// Letters that follow each other make up a piece of text.
class Pieces {
 public:
  explicit Pieces(const char* window) : window_(window) {}
  void add(const Letter& letter) {
    const float height = std::max(height_of(letter), 4.F);
    const bool goes_on = !letters_.empty() && letter.low.x >= letters_.back().low.x &&
                         letter.low.x - letters_.back().high.x < 1.5F * height &&
                         std::abs(letter.high.y - letters_.back().high.y) < height;
    if (!goes_on) end();
    letters_.push_back(letter);
  }
  /// Of the piece that is being read.
  void end() {
    const bool cut = std::any_of(letters_.begin(), letters_.end(), [](const Letter& each) { return each.cut; });
    const bool seen = std::any_of(letters_.begin(), letters_.end(), [](const Letter& each) { return each.seen; });
    if (cut && seen) found_.push_back(piece());
    letters_.clear();
  }
  [[nodiscard]] std::vector<CutText> take() {
    end();
    return std::move(found_);
  }

 private:
  [[nodiscard]] CutText piece() const {
    CutText piece{window_, "", {}};
    ImVec2 low = letters_.front().low, high = letters_.front().high;
    for (std::size_t i = 0; i < letters_.size(); ++i) {
      const Letter& each = letters_[i];
      const float height = i == 0 ? 0 : std::max(height_of(each), height_of(letters_[i - 1]));
      if (i > 0 && each.low.x - letters_[i - 1].high.x > 0.3F * height) piece.text += ' ';
      append(piece.text, each.codepoint);
      low = ImVec2(std::min(low.x, each.low.x), std::min(low.y, each.low.y));
      high = ImVec2(std::max(high.x, each.high.x), std::max(high.y, each.high.y));
    }
    piece.box = {low.x, low.y, high.x - low.x, high.y - low.y};
    return piece;
  }

  const char* window_;
  std::vector<Letter> letters_;
  std::vector<CutText> found_;
};

std::vector<CutText> cut_texts_of(const ImGuiWindow& window, const Letters& letters) {
  Pieces pieces(window.Name);
  const Scrolls scrolls(&window);
  const ImDrawList& list = *window.DrawList;
  for (const ImDrawCmd& command : list.CmdBuffer) {
    if (command.UserCallback != nullptr) continue;
    // A letter is two triangles over four corners of its own.
    for (unsigned i = 0; i + 6 <= command.ElemCount;) {
      const ImDrawIdx* index = list.IdxBuffer.Data + command.IdxOffset + i;
      const ImDrawVert* corners = list.VtxBuffer.Data + command.VtxOffset + index[0];
      const bool quad = index[1] == index[0] + 1 && index[2] == index[0] + 2 && index[3] == index[0] &&
                        index[4] == index[0] + 2 && index[5] == index[0] + 3;
      const auto letter = quad ? letter_of(letters, corners, command.ClipRect, scrolls) : std::nullopt;
      if (letter) pieces.add(*letter);
      i += quad ? 6 : 3;
    }
  }
  return pieces.take();
}

}  // namespace

std::vector<CutText> cut_texts() {
  std::vector<CutText> all;
  const Letters letters;
  for (const ImGuiWindow* window : ImGui::GetCurrentContext()->Windows) {
    if (!window->Active || window->Hidden || window->DrawList == nullptr) continue;
    for (CutText& each : cut_texts_of(*window, letters)) all.push_back(std::move(each));
  }
  return all;
}
#else
std::vector<CutText> cut_texts() { return {}; }
#endif

}  // namespace fuseline::app::gui
