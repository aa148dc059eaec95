// What is shown only so often: the first at once, the latest in the end, and few in between.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <thread>

#include "app/gui/models/background.hpp"

namespace fuseline::app::gui {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

/// Frames, each with the results of background jobs, until `done`.
template <class Done>
void frames(Background& background, Done&& done) {
  while (!done()) {
    background.pump();
    std::this_thread::sleep_for(milliseconds(1));
  }
}

TEST(Pace, TheFirstIsDueAtOnceAndTheNextWhenItIsTimeThoughNobodyAsksInBetween) {
  Background background;
  Pace pace(milliseconds(60));
  EXPECT_TRUE(pace.due(background));
  const auto begin = Clock::now();
  EXPECT_FALSE(pace.due(background));
  EXPECT_EQ(background.running(), 1U) << "it wakes the window when it is time";
  frames(background, [&] { return background.running() == 0; });
  EXPECT_TRUE(pace.due(background));
  EXPECT_GE(Clock::now() - begin, milliseconds(50));
  EXPECT_FALSE(pace.due(background));
}

TEST(Pace, WithoutOneEachIsDue) {
  Background background;
  Pace pace(milliseconds(0));
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(pace.due(background));
  EXPECT_EQ(background.running(), 0U);
}

TEST(Pace, APacedValueIsMadeSeldomAndIsTheLatestInTheEnd) {
  Background background;
  Derived<std::uint64_t> value(milliseconds(50));
  std::uint64_t revision = 0;
  int made = 0;
  const auto follow = [&] {
    value.follow(background, revision, [&made, revision] {
      ++made;
      return [revision] { return revision; };
    });
  };
  const auto begin = Clock::now();
  frames(background, [&] {
    ++revision;
    follow();
    return Clock::now() - begin > milliseconds(160);
  });
  frames(background, [&] {
    follow();
    return value.value() != nullptr && *value.value() == revision;
  });
  EXPECT_GE(made, 2);
  EXPECT_LE(made, 2 + (Clock::now() - begin) / milliseconds(50));
}

}  // namespace
}  // namespace fuseline::app::gui
