#include "tuner/plot/axis.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "tuner/plot/label_placer.hpp"
#include "tuner/report/describe.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> labels(const Axis& axis, double pixels) {
  std::vector<std::string> result;
  for (const Tick& tick : axis.ticks(pixels)) {
    if (!tick.label.empty()) result.push_back(tick.label);
  }
  return result;
}

TEST(Axis, MapsValuesToPixelsAndBack) {
  const Axis linear{Scale::linear, 0, 200, 100, 500};
  EXPECT_DOUBLE_EQ(linear.pixel(50), 200);
  EXPECT_DOUBLE_EQ(linear.value(200), 50);
  const Axis log{Scale::log, 0.1, 1000, 400, 0};  // Pixels descend, as a y axis does.
  EXPECT_NEAR(log.pixel(1), 300, 1e-9);
  EXPECT_NEAR(log.value(100), 100, 1e-9);
}

TEST(Axis, LogScalePutsWhatIsNotPositiveAtItsLowEnd) {
  const Axis log{Scale::log, 0.1, 10, 0, 100};
  EXPECT_EQ(log.pixel(0), 0);
  EXPECT_EQ(log.pixel(-3), 0);
}

TEST(Axis, LinearTicksAreRoundNumbers) {
  EXPECT_THAT(labels({Scale::linear, 0, 100, 0, 400}, 60), ElementsAre("0", "20", "40", "60", "80", "100"));
  EXPECT_THAT(labels({Scale::linear, 0.5, 0.9, 0, 400}, 90), ElementsAre("0.5", "0.6", "0.7", "0.8", "0.9"));
  EXPECT_THAT(labels({Scale::linear, -1, 1, 0, 300}, 70), ElementsAre("-1.0", "-0.5", "0.0", "0.5", "1.0"));
  EXPECT_THAT(labels({Scale::linear, 0, 1, 0, 400}, 95), ElementsAre("0.00", "0.25", "0.50", "0.75", "1.00"));
}

TEST(Axis, LogTicksThinOutWithTheRoom) {
  EXPECT_THAT(labels({Scale::log, 1, 100, 0, 800}, 40),
              ElementsAre("1", "2", "3", "5", "7", "10", "20", "30", "50", "70", "100"));
  EXPECT_THAT(labels({Scale::log, 1, 100, 0, 300}, 40), ElementsAre("1", "2", "5", "10", "20", "50", "100"));
  EXPECT_THAT(labels({Scale::log, 1, 1e4, 0, 300}, 40), ElementsAre("1", "10", "100", "1,000", "10,000"));
}

TEST(Axis, LogTicksBecomeLinearStepsWithinADecade) {
  EXPECT_THAT(labels({Scale::log, 0.5, 0.62, 0, 400}, 60),
              ElementsAre("0.50", "0.52", "0.54", "0.56", "0.58", "0.60", "0.62"));
}

TEST(Axis, LabelsKeepTheirDistance) {
  for (const double high : {2.0, 7.0, 30.0, 900.0, 2e6}) {
    for (const Scale scale : {Scale::linear, Scale::log}) {
      const Axis axis{scale, 1, high, 0, 350};
      double last = -1e9;
      for (const Tick& tick : axis.ticks(45)) {
        if (tick.label.empty()) continue;
        EXPECT_GE(axis.pixel(tick.value) - last, 44.9) << high << " " << tick.label;
        last = axis.pixel(tick.value);
      }
    }
  }
}

TEST(Axis, ARangeThatMakesNoSenseHasNoTicks) {
  EXPECT_TRUE((Axis{Scale::linear, 1, 1, 0, 100}).ticks(30).empty());
  EXPECT_TRUE((Axis{Scale::log, 0, 10, 0, 100}).ticks(30).empty());
  EXPECT_TRUE((Axis{Scale::linear, 0, std::nan(""), 0, 100}).ticks(30).empty());
}

TEST(Numbers, AreGroupedAndShort) {
  EXPECT_EQ(grouped(4245), "4,245");
  EXPECT_EQ(grouped(-1234567.5, 1), "-1,234,567.5");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(tick_label(2e6), "2e+06");
  EXPECT_EQ(bandwidth_text(4245), "4.25 TB/s");
  EXPECT_EQ(bandwidth_text(918.4), "918 GB/s");
  EXPECT_EQ(flops_text(82600), "82.6 TFLOP/s");
  EXPECT_EQ(time_text(0.5), "0.5000 ms");
  EXPECT_EQ(short_device_name("NVIDIA GeForce RTX 4090"), "RTX 4090");
}

TEST(Boxes, TurnedBoxesOverlapOnlyWhereTheyDo) {
  const TurnedBox level{{0, 0}, 100, 10, 0};
  EXPECT_TRUE(overlap(level, {{0, 0}, 100, 10, 90}));
  EXPECT_FALSE(overlap(level, {{0, 20}, 100, 10, 0}));
  EXPECT_FALSE(overlap(level, {{45, 45}, 100, 10, 45})) << "their upright bounds overlap, they do not";
  EXPECT_TRUE(crosses(level, {-60, -10}, {60, 10}));
  EXPECT_FALSE(crosses(level, {-60, 6}, {60, 6}));
  EXPECT_FALSE(crosses(level, {60, 0}, {90, 0}));
}

TEST(LabelPlacer, LabelsOfNearLinesDoNotCollide) {
  LabelPlacer placer({0, 0, 400, 300});
  const Segment lower{{10, 250}, {390, 60}}, upper{{10, 243}, {390, 53}};
  placer.add(lower);
  placer.add(upper);
  const auto first = placer.along(lower, {120, 12}, 2, 0.3), second = placer.along(upper, {120, 12}, 2, 0.3);
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(overlap(*first, *second));
  for (const auto& box : {*first, *second}) {
    EXPECT_FALSE(crosses(box, lower.from, lower.to));
    EXPECT_FALSE(crosses(box, upper.from, upper.to));
  }
}

TEST(LabelPlacer, TheWayToAMarkCrossesNoOtherLabel) {
  // A corridor, closed at the left: room is only to the right of the mark, behind what stands there.
  const auto corridor = [] {
    LabelPlacer placer({0, 38, 400, 44});
    placer.add(TurnedBox{{25, 60}, 50, 120, 0});
    return placer;
  };
  LabelPlacer placer = corridor();
  const auto first = placer.near({60, 60}, {90, 40}, 12);
  ASSERT_TRUE(first);
  EXPECT_FALSE(placer.near({60, 60}, {60, 12}, 12, 300)) << "its line would go through the first label";
  LabelPlacer other = corridor();
  other.add(*first);
  EXPECT_TRUE(other.near({60, 60}, {60, 12}, 12, 300)) << "past marks a line may go";
}

TEST(LabelPlacer, SaysWhereThereIsNoRoom) {
  LabelPlacer placer({0, 0, 50, 50});
  EXPECT_FALSE(placer.along({{0, 25}, {50, 25}}, {120, 12}, 2, 0.5));
  EXPECT_FALSE(placer.near({25, 25}, {120, 12}, 4));
}

TEST(Axis, EndsThatDoublesHardlyHoldGiveFewTicksOrNone) {
  const double tiny = std::numeric_limits<double>::denorm_min(), huge = std::numeric_limits<double>::max();
  for (const Scale scale : {Scale::linear, Scale::log}) {
    for (const auto& [low, high] :
         {std::pair{1e-300, 1e300}, {tiny, huge}, {tiny, 2 * tiny}, {1.0, 1.0 + 1e-15}, {1e-308, 2e-308}}) {
      const Axis axis{scale, low, high, 0, 500};
      EXPECT_LE(axis.ticks(60).size(), 2000U) << low << " to " << high;
      for (const Tick& tick : axis.ticks(60)) EXPECT_TRUE(std::isfinite(tick.value)) << low << " to " << high;
    }
  }
}

}  // namespace
}  // namespace fuseline::tuner
