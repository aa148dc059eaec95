// What every picture owes its reader.
#pragma once

#include <gtest/gtest.h>

#include "tests/tuner/plot/recording_canvas.hpp"

namespace fuseline::tuner {

/// Every text within the canvas, no two over each other, each to be read on what it lies on (WCAG 2: 4.5 to 1), no clip
/// left open.
inline void expect_tidy(const RecordingCanvas& canvas) {
  EXPECT_EQ(canvas.open_clips, 0);
  for (const auto& text : canvas.texts) {
    for (const Vec2& corner : corners(text.box)) {
      EXPECT_GE(corner.x, 0) << text.text;
      EXPECT_LE(corner.x, canvas.size().x) << text.text;
      EXPECT_GE(corner.y, 0) << text.text;
      EXPECT_LE(corner.y, canvas.size().y) << text.text;
    }
    EXPECT_GE(contrast(over(text.ground, text.colour), text.ground), 4.5) << text.text;
  }
  for (std::size_t i = 0; i < canvas.texts.size(); ++i) {
    for (std::size_t j = i + 1; j < canvas.texts.size(); ++j) {
      EXPECT_FALSE(overlap(canvas.texts[i].box, canvas.texts[j].box))
          << canvas.texts[i].text << " | " << canvas.texts[j].text;
    }
  }
}

}  // namespace fuseline::tuner
