#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/gui/models/support.hpp"

namespace fuseline::app::gui {
namespace {

using ::testing::HasSubstr;

const Box kWindow{6, 80, 1268, 690};

bool apart(const Box& a, const Box& b) {
  return a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
}

void expect_tidy(const Arrangement& arrangement, const Box& window) {
  for (std::size_t i = 0; i < kTiles; ++i) {
    const Box& a = arrangement.areas[i];
    if (a.width <= 0) continue;
    EXPECT_GE(a.x, window.x);
    EXPECT_LE(a.x + a.width, window.x + window.width + 0.01F);
    EXPECT_LE(a.y + a.height, window.y + window.height + 0.01F);
    for (std::size_t j = i + 1; j < kTiles; ++j) {
      EXPECT_TRUE(arrangement.areas[j].width <= 0 || apart(a, arrangement.areas[j])) << i << " and " << j;
    }
  }
}

TEST(Layout, AreasFillTheWindowWithoutOverlap) {
  Layout layout(default_panels());
  for (const float scale : {1.F, 2.F}) expect_tidy(layout.arrange(kWindow, scale), kWindow);
  layout.set_split(Splitter::left, 0.9F);
  layout.set_split(Splitter::right, 0.9F);
  expect_tidy(layout.arrange(kWindow, 1), kWindow);
}

TEST(Layout, HiddenPanelsGiveTheirRoomAway) {
  Layout layout(default_panels());
  const float before = layout.arrange(kWindow, 1).areas[static_cast<std::size_t>(Area::centre_top)].width;
  for (const char* id : {"details", "counters", "why", "samples", "compare"}) layout.show(id, false);
  const Arrangement arrangement = layout.arrange(kWindow, 1);
  EXPECT_EQ(arrangement.areas[static_cast<std::size_t>(Area::right_top)].width, 0);
  EXPECT_GT(arrangement.areas[static_cast<std::size_t>(Area::centre_top)].width, before + 200);
  expect_tidy(arrangement, kWindow);
  layout.show("why", true);
  EXPECT_EQ(layout.active(Area::right_bottom), "why");
  layout.reset();
  EXPECT_TRUE(layout.shown("details"));
}

TEST(Layout, WithoutACentreTheSidesTakeItAll) {
  Layout layout(default_panels());
  for (const PanelPlace& place : default_panels())
    layout.show(place.id, place.area == Area::left_top || place.area == Area::right_top);
  const Arrangement arrangement = layout.arrange(kWindow, 1);
  expect_tidy(arrangement, kWindow);
  EXPECT_NEAR(arrangement.areas[static_cast<std::size_t>(Area::left_top)].width +
                  arrangement.areas[static_cast<std::size_t>(Area::right_top)].width,
              kWindow.width, 10);
}

TEST(Layout, ASmallWindowHasTwoAreasWithEveryPanelInOneOfThem) {
  Layout layout(default_panels());
  const Box small{12, 160, 1256, 560};
  EXPECT_TRUE(Layout::is_small(small, 2));
  EXPECT_FALSE(Layout::is_small(kWindow, 1));
  layout.set_compact(true);
  expect_tidy(layout.arrange(small, 2), small);
  EXPECT_EQ(layout.shown_in(Area::left_top).size() + layout.shown_in(Area::centre_top).size(), default_panels().size());
  layout.activate("why");
  EXPECT_EQ(layout.active(Area::centre_top), "why");
  layout.set_compact(false);
  EXPECT_EQ(layout.active(Area::centre_top), "roofline");
}

TEST(Layout, PanelsMoveAndTheFrontTabFollows) {
  Layout layout(default_panels());
  layout.move("why", Area::left_top);
  EXPECT_EQ(layout.active(Area::left_top), "why");
  EXPECT_EQ(layout.active(Area::right_bottom), "samples");
  layout.show("why", false);
  EXPECT_EQ(layout.active(Area::left_top), "problem");
  layout.activate("nothing of this name");
}

TEST(Layout, APanelThatWasTornOffGoesBackToWhereItWas) {
  Layout layout(default_panels());
  layout.move("why", Area::left_top);
  layout.activate("problem");
  layout.move("why", Area::second_window);
  layout.move("counters", Area::second_window);
  EXPECT_EQ(layout.active(Area::second_window), "counters");
  expect_tidy(layout.arrange(kWindow, 1), kWindow);
  for (const PanelPlace* place : layout.shown_in(Area::left_top)) EXPECT_NE(place->id, "why");
  layout.set_compact(true);
  EXPECT_EQ(layout.shown_in(Area::second_window).size(), 2U) << "a small window takes nothing out of the second";
  layout.set_compact(false);
  layout.put_all_back();
  EXPECT_TRUE(layout.shown_in(Area::second_window).empty());
  EXPECT_EQ(layout.active(Area::left_top), "why");
  EXPECT_EQ(layout.active(Area::right_top), "counters");
  layout.put_back("details");  // Was never there: nothing happens.
  EXPECT_EQ(layout.active(Area::right_top), "counters");
}

TEST(Layout, ADraggedTabMayGoToEveryAreaAlsoToAnEmptyOne) {
  Layout layout(default_panels());
  layout.show("space", false);
  layout.show("search", false);
  for (const PanelPlace& place : default_panels()) {
    if (place.area == Area::right_top || place.area == Area::right_bottom) layout.show(place.id, false);
  }
  const auto targets = layout.drop_targets(kWindow, 1);
  for (std::size_t area = 0; area < kTiles; ++area) {
    const auto target = std::find_if(targets.begin(), targets.end(),
                                     [&](const DropTarget& each) { return each.area == static_cast<Area>(area); });
    ASSERT_NE(target, targets.end()) << area;
    const Box& box = target->box;
    EXPECT_GT(box.width * box.height, 0);
    EXPECT_GE(box.x, kWindow.x);
    EXPECT_LE(box.x + box.width, kWindow.x + kWindow.width + 0.01F);
    // Its upper left corner is nobody else's where it is empty.
    if (layout.shown_in(target->area).empty()) {
      EXPECT_EQ(Layout::target_at(targets, box.x + 1, box.y + 1), target->area);
    }
  }
  EXPECT_FALSE(Layout::target_at(targets, kWindow.x - 5, kWindow.y + 5));
}

TEST(Settings, TheSecondWindowIsRemembered) {
  const std::filesystem::path file = std::filesystem::path(::testing::TempDir()) / "gui_second" / "gui.json";
  Settings settings, read;
  Layout layout(default_panels()), placed(default_panels());
  settings.second_width = 1010;
  layout.move("why", Area::left_top);
  layout.move("why", Area::second_window);
  ASSERT_TRUE(save_settings(file, settings_text(settings, layout)));
  const auto loaded = load_settings(file, read, placed);
  ASSERT_TRUE(loaded) << loaded.error().message();
  EXPECT_EQ(read.second_width, 1010);
  EXPECT_EQ(placed.active(Area::second_window), "why");
  placed.put_back("why");
  EXPECT_EQ(placed.active(Area::left_top), "why");
}

TEST(Settings, RoundTrip) {
  const std::filesystem::path file = std::filesystem::path(::testing::TempDir()) / "gui_settings" / "gui.json";
  std::filesystem::remove(file);
  Settings settings, read;
  Layout layout(default_panels()), placed(default_panels());
  ASSERT_TRUE(load_settings(file, read, placed)) << "a missing file is no error";
  settings.dark = false;
  settings.scale = 1.5F;
  settings.last.problem = "layernorm_gelu_scale";
  settings.last.parameters["block"] = {"128"};
  layout.set_split(Splitter::left, 0.3F);
  layout.move("why", Area::left_bottom);
  layout.show("log", false);
  layout.activate("space");
  ASSERT_TRUE(save_settings(file, settings_text(settings, layout)));
  const auto loaded = load_settings(file, read, placed);
  ASSERT_TRUE(loaded) << loaded.error().message();
  EXPECT_FALSE(read.dark);
  EXPECT_FLOAT_EQ(read.scale, 1.5F);
  EXPECT_EQ(read.last.parameters.at("block").front(), "128");
  EXPECT_NEAR(placed.split(Splitter::left), 0.3, 1e-6);
  EXPECT_FALSE(placed.shown("log"));
  EXPECT_EQ(placed.active(Area::left_bottom), "space");
  bool moved = false;
  for (const PanelPlace* place : placed.shown_in(Area::left_bottom)) moved = moved || place->id == "why";
  EXPECT_TRUE(moved);
}

TEST(Settings, WhatIsMalformedChangesNothingAndNamesItsPlace) {
  const std::string file = ::testing::TempDir() + "bad_gui.json";
  Settings settings;
  Layout layout(default_panels());
  std::ofstream(file) << R"({"schema": "fuseline/gui/1", "dark": false, "scale": "large"})";
  const auto loaded = load_settings(file, settings, layout);
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().message(), HasSubstr("/scale"));
  EXPECT_TRUE(settings.dark);
}

TEST(Messages, NotesGoAndErrorsStay) {
  Messages messages;
  messages.add(Severity::note, "a note");
  messages.add(tuner::Error{tuner::ErrorKind::worker, "", "", "no GPU"});
  const auto now = Messages::Clock::now();
  ASSERT_EQ(messages.toasts(now).size(), 2U);
  EXPECT_FALSE(messages.toasts(now)[1].advice.empty()) << "an error says what to do";
  const auto later = messages.toasts(now + std::chrono::minutes(5));
  ASSERT_EQ(later.size(), 1U);
  EXPECT_EQ(later[0].text, "no GPU");
  messages.dismiss(later[0].id);
  EXPECT_TRUE(messages.toasts(now).empty());
  EXPECT_EQ(messages.all().size(), 2U) << "the log keeps them";
}

TEST(Messages, AtMostTwoStandAndErrorsGoFirst) {
  Messages messages;
  messages.add(tuner::Error{tuner::ErrorKind::io, "/a", "", "no such file"});
  for (const char* text : {"one", "two", "three"}) messages.add(Severity::note, text);
  const auto now = Messages::Clock::now();
  ASSERT_EQ(messages.toasts(now).size(), 2U);
  EXPECT_THAT(messages.toasts(now)[0].text, HasSubstr("no such file"));
  EXPECT_EQ(messages.toasts(now)[1].text, "three") << "the newest";
}

TEST(Messages, WhatIsSaidAgainIsOneAndCountsAndWhatIsAlwaysSoIsSaidOnce) {
  Messages messages;
  for (int i = 0; i < 3; ++i) messages.add(Severity::warning, "the disk is slow");
  ASSERT_EQ(messages.toasts(Messages::Clock::now()).size(), 1U);
  EXPECT_EQ(messages.toasts(Messages::Clock::now())[0].times, 3);
  messages.dismiss_all();
  messages.add_once(Severity::note, "no GPU here");
  EXPECT_EQ(messages.toasts(Messages::Clock::now()).size(), 1U);
  messages.dismiss_all();
  messages.add_once(Severity::note, "no GPU here");
  EXPECT_TRUE(messages.toasts(Messages::Clock::now()).empty());
  EXPECT_EQ(messages.all().size(), 5U) << "the log has it each time";
}

TEST(Messages, AdviceFitsTheReason) {
  Messages messages;
  const auto advice = [&](const char* reason) {
    messages.add(tuner::Error{tuner::ErrorKind::io, "/a/file", "", reason});
    return messages.all().back().advice;
  };
  EXPECT_THAT(advice("no such file"), HasSubstr("path"));
  EXPECT_EQ(advice("no such file").find("disk"), std::string::npos);
  EXPECT_THAT(advice("cannot be written: No such file or directory"), HasSubstr("Ctrl+E"));
  EXPECT_THAT(advice("cannot be written: No space left on device"), HasSubstr("Free some space"));
  EXPECT_THAT(advice("cannot be written: Permission denied"), HasSubstr("another folder"));
  EXPECT_EQ(advice("line 3, column 1: holds a NUL byte"), "");
}

}  // namespace
}  // namespace fuseline::app::gui
