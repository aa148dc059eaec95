#include "app/gui/models/colours.hpp"

#include <cmath>
#include <utility>

#include "tuner/plot/style.hpp"

namespace fuseline::app::gui {
namespace {

constexpr Colours kDark = {0x0e1115, 0x14181d, 0x1f252d, 0x2a3139, 0xe8ebee, 0xb4bcc5, 0x98a3ae,
                           0x5cb4f0, 0x06121c, 0x173348, 0x2fcda2, 0xff8a82, 0xf0c24b, true};
constexpr Colours kLight = {0xedf0f3, 0xffffff, 0xf3f6f8, 0xd5dbe1, 0x1b2027, 0x4c5660, 0x58626c,
                            0x00619a, 0xffffff, 0xdcecf7, 0x006b50, 0xb52020, 0x7d4f00, false};

double channel(Rgb colour, int shift) { return static_cast<double>((colour >> shift) & 0xFFU); }

Rgb mixed(Rgb a, Rgb b, double share) {
  Rgb out = 0;
  for (const int shift : {16, 8, 0}) {
    const double x = channel(a, shift), y = channel(b, shift);
    out |= static_cast<Rgb>(std::lround(x + share * (y - x))) << shift;
  }
  return out;
}

tuner::Colour colour_of(Rgb value) {
  return {static_cast<std::uint8_t>(value >> 16), static_cast<std::uint8_t>(value >> 8),
          static_cast<std::uint8_t>(value)};
}

Rgb rgb_of(const tuner::Colour& colour) {
  return (static_cast<Rgb>(colour.r) << 16) | (static_cast<Rgb>(colour.g) << 8) | static_cast<Rgb>(colour.b);
}

using Named = std::pair<const char*, Rgb>;

void add_text(std::vector<TextOnGround>& all, const Named& text, const std::string& ground, Rgb behind) {
  all.push_back({text.first, ground, contrast(text.second, behind)});
}

/// Over panels and the marked line: what was found, with each colour of code on it.
void add_code(const Colours& c, std::vector<TextOnGround>& all) {
  for (const auto& [ground, behind] : {Named("panel", c.panel), Named("a marked line", c.raised)}) {
    for (const Named& text : {Named("text", c.text), Named("muted", c.muted), Named("faint", c.faint),
                              Named("accent", c.accent), Named("good", c.good), Named("warning", c.warning)})
      add_text(all, text, std::string("found on ") + ground, mixed(behind, c.warning, static_cast<double>(kFoundWash)));
  }
  add_text(all, {"text", c.text}, "a parameter that was found",
           mixed(c.accent_soft, c.warning, static_cast<double>(kFoundWash)));
  for (const auto& [ground, wash] : {Named("a line taken away", c.bad), Named("a line added", c.good)}) {
    const Rgb behind = mixed(c.panel, wash, static_cast<double>(kChangedWash));
    add_text(all, {"text", c.text}, ground, behind);
    add_text(all, {"faint", c.faint}, ground, behind);
  }
}

/// What lies over rows of tables and lists: bars of heat, the target's figures.
void add_rows(const Colours& c, const Grounds& g, std::vector<TextOnGround>& all) {
  const Rgb target = rgb_of(tuner::style_of(c.dark ? tuner::Theme::dark : tuner::Theme::light).target);
  for (const auto& [ground, behind] :
       {Named("panel", c.panel),
        Named("every other row", mixed(c.panel, c.dark ? 0xffffff : 0, static_cast<double>(kOtherRow))),
        Named("popup", g.popup), Named("selected", c.accent_soft), Named("a row under the pointer", g.row_hovered),
        Named("a pressed row", g.row_active), Named("a marked line", c.raised)}) {
    add_text(all, {"text", c.text}, std::string("heat on ") + ground,
             mixed(behind, c.warning, static_cast<double>(kHeatWash)));
    add_text(all, {"the target", target}, ground, behind);
    add_text(all, {"text", c.text}, std::string("the place for a panel on ") + ground,
             mixed(behind, c.accent, static_cast<double>(kDropWash)));
  }
}

void add_disabled(const Colours& c, const Grounds& g, std::vector<TextOnGround>& all) {
  for (const auto& [ground, behind] :
       {Named("panel", c.panel), Named("raised", c.raised), Named("popup", g.popup), Named("button", g.button)}) {
    const Rgb seen = mixed(behind, c.text, static_cast<double>(kDisabledShare));
    all.push_back({"disabled text", ground, contrast(seen, behind), true});
  }
}

}  // namespace

const Colours& colours_of(bool dark) { return dark ? kDark : kLight; }

Grounds grounds_of(const Colours& c) {
  Grounds grounds;
  grounds.popup = mixed(c.panel, c.raised, c.dark ? 0.25 : 0);
  grounds.field_hovered = mixed(c.raised, c.accent, 0.06);
  grounds.field_active = mixed(c.raised, c.accent, 0.10);
  grounds.button = mixed(c.raised, c.text, 0.03);
  grounds.button_hovered = mixed(c.raised, c.accent, 0.10);
  grounds.button_active = mixed(c.raised, c.accent, 0.15);
  grounds.row_hovered = mixed(c.panel, c.accent, 0.11);
  grounds.row_active = mixed(c.panel, c.accent, 0.16);
  grounds.tab_hovered = mixed(c.panel, c.accent, 0.12);
  grounds.primary_hovered = mixed(c.panel, c.accent, 0.92);
  grounds.primary_active = mixed(c.panel, c.accent, 0.85);
  return grounds;
}

double contrast(Rgb a, Rgb b) { return tuner::contrast(colour_of(a), colour_of(b)); }

std::vector<TextOnGround> texts_on_grounds(const Colours& c) {
  const Grounds g = grounds_of(c);
  std::vector<TextOnGround> all;
  // Any of these may come to lie on any of those: a good outcome in a selected row, a shortcut in a menu's line.
  for (const auto& [ground, behind] :
       {std::pair("window", c.window), std::pair("panel", c.panel), std::pair("raised", c.raised),
        std::pair("popup", g.popup), std::pair("a field under the pointer", g.field_hovered),
        std::pair("a field typed in", g.field_active), std::pair("button", g.button),
        std::pair("a button under the pointer", g.button_hovered), std::pair("a pressed button", g.button_active),
        std::pair("selected", c.accent_soft), std::pair("a row under the pointer", g.row_hovered),
        std::pair("a pressed row", g.row_active), std::pair("a tab under the pointer", g.tab_hovered)}) {
    for (const auto& [text, colour] :
         {std::pair("text", c.text), std::pair("muted", c.muted), std::pair("faint", c.faint),
          std::pair("accent", c.accent), std::pair("good", c.good), std::pair("bad", c.bad),
          std::pair("warning", c.warning)})
      all.push_back({text, ground, contrast(colour, behind)});
  }
  for (const auto& [ground, behind] :
       {std::pair("the primary button", c.accent), std::pair("the primary button under the pointer", g.primary_hovered),
        std::pair("the pressed primary button", g.primary_active)})
    all.push_back({"accent_text", ground, contrast(c.accent_text, behind)});
  add_code(c, all);
  add_rows(c, g, all);
  add_disabled(c, g, all);
  return all;
}

}  // namespace fuseline::app::gui
