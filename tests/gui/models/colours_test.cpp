// Everything written in the window can be read: WCAG 2 asks for 4.5 to 1.
#include "app/gui/models/colours.hpp"

#include <gtest/gtest.h>

#include "tuner/plot/style.hpp"

namespace fuseline::app::gui {
namespace {

constexpr double kReadable = 4.5;
constexpr double kMadeOut = 3;  ///< What WCAG 2 asks of large text, and we of what is disabled.

Rgb packed(const tuner::Colour& colour) {
  return (static_cast<Rgb>(colour.r) << 16) | (static_cast<Rgb>(colour.g) << 8) | static_cast<Rgb>(colour.b);
}

TEST(Colours, ContrastIsThatOfTheStandard) {
  EXPECT_NEAR(contrast(0x000000, 0xffffff), 21, 1e-9);
  EXPECT_NEAR(contrast(0x777777, 0xffffff), 4.48, 0.01) << "the grey that just fails";
  EXPECT_DOUBLE_EQ(contrast(0x123456, 0xabcdef), contrast(0xabcdef, 0x123456));
}

TEST(Colours, EveryTextCanBeReadOnEveryGroundInBothThemes) {
  for (const bool dark : {true, false}) {
    const auto texts = texts_on_grounds(colours_of(dark));
    EXPECT_GT(texts.size(), 90U);
    for (const TextOnGround& each : texts)
      EXPECT_GE(each.contrast, each.disabled ? kMadeOut : kReadable)
          << (dark ? "dark: " : "light: ") << each.text << " on " << each.ground;
  }
}

TEST(Colours, TextsOfPlotsCanBeReadOnTheirGrounds) {
  for (const tuner::Theme theme : {tuner::Theme::dark, tuner::Theme::light}) {
    const tuner::Style& style = tuner::style_of(theme);
    for (const tuner::Colour& text : {style.text, style.muted}) {
      EXPECT_GE(contrast(packed(text), packed(style.panel)), kReadable);
      EXPECT_GE(contrast(packed(text), packed(style.background)), kReadable);
    }
  }
}

}  // namespace
}  // namespace fuseline::app::gui
