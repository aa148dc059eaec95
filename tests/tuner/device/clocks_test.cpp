#include "tuner/device/clocks.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tuner/base/json.hpp"
#include "tuner/device/device_json.hpp"

namespace fuseline::tuner {
namespace {

Clocks read(std::initializer_list<double> sm_mhz) {
  Clocks clocks;
  for (const double mhz : sm_mhz) clocks.add(ClockReading{mhz, 3201, 0, 0, 0});
  return clocks;
}

TEST(ClockReadings, AreJoinedToTheirMeanAndRange) {
  Clocks clocks;
  clocks.add(ClockReading{1980, 3201, 400, 45, 0x1});
  clocks.add(ClockReading{1700, 3201, 460, 44, 0x4});
  clocks.add(ClockReading{1960, 2619, 450, 46, 0});
  EXPECT_EQ(clocks.readings, 3U);
  EXPECT_DOUBLE_EQ(clocks.sm_mhz, 1880);
  EXPECT_EQ(clocks.sm_mhz_lowest, 1700);
  EXPECT_EQ(clocks.sm_mhz_highest, 1980);
  EXPECT_EQ(clocks.memory_mhz_lowest, 2619);
  EXPECT_EQ(clocks.memory_mhz_highest, 3201);
  EXPECT_EQ(clocks.power_w, 460);
  EXPECT_EQ(clocks.temperature_c, 46);
  EXPECT_EQ(clocks.reasons, 0x5U);
}

TEST(Clocks, JoinedAreAsIfAllHadBeenReadTogether) {
  Clocks joined = read({1980, 1960}), retaken;
  joined.add(read({1700}));
  const Clocks together = read({1980, 1960, 1700});
  EXPECT_NEAR(joined.sm_mhz, together.sm_mhz, 1e-9) << "weighted by the readings";
  EXPECT_EQ(joined.readings, 3U);
  EXPECT_EQ(joined.sm_mhz_lowest, 1700);
  Clocks onto_nothing;
  onto_nothing.add(together);
  EXPECT_NEAR(onto_nothing.sm_mhz, together.sm_mhz, 1e-9);
  EXPECT_EQ(onto_nothing.sm_mhz_lowest, 1700) << "nothing known is not the lowest";
  retaken.retaken = 3;
  joined.retaken = 1;
  joined.add(retaken);
  EXPECT_EQ(joined.retaken, 4U);
  EXPECT_NEAR(joined.sm_mhz, together.sm_mhz, 1e-9) << "without readings there is nothing to join";
}

TEST(Clocks, MovedByMoreThanTwoPercent) {
  EXPECT_FALSE(Clocks{}.moved());
  EXPECT_FALSE(read({1980}).moved());
  EXPECT_FALSE(read({1980, 1965}).moved()) << "one step of 15 MHz";
  EXPECT_FALSE(read({1980, 1950}).moved()) << "two";
  EXPECT_TRUE(read({1980, 1935}).moved());
  Clocks memory = read({1980});
  memory.add(ClockReading{1980, 2619, 0, 0, 0});
  EXPECT_TRUE(memory.moved());
  Clocks partly = read({1980});
  partly.add(ClockReading{0, 0, 0, 0, 0});
  EXPECT_FALSE(partly.moved()) << "what was not told is no clock of zero";
}

TEST(ThrottleReasons, AreThoseThatHoldClocksDown) {
  EXPECT_FALSE(is_throttled(0));
  EXPECT_FALSE(is_throttled(0x1 | 0x2 | 0x10 | 0x100)) << "idle, set by the user, synchronised, display";
  for (const std::uint64_t reason : {0x04, 0x08, 0x20, 0x40, 0x80}) {
    EXPECT_TRUE(is_throttled(reason | 0x1)) << reason;
    ASSERT_EQ(throttle_names(reason).size(), 1U);
    EXPECT_EQ(throttle_reasons(throttle_names(reason)), reason);
  }
  EXPECT_EQ(throttle_names(0x20), std::vector<std::string>{"sw_thermal_slowdown"});
  EXPECT_EQ(throttle_names(~std::uint64_t{0}).size(), 5U);
  EXPECT_EQ(throttle_reasons({"sw_power_cap", "of a later driver"}), 0x04U);
}

TEST(Clocks, SurviveJson) {
  Clocks clocks = read({1980, 1700});
  clocks.add(ClockReading{1900, 3201, 460, 45, 0x4 | 0x40});
  clocks.retaken = 2;
  const auto json = parse_json(to_json(clocks).dump(), "test");
  Clocks back;
  ASSERT_TRUE(read_value(JsonView(*json, "test"), back));
  EXPECT_EQ(to_json(back), to_json(clocks));
  EXPECT_EQ(back.reasons, clocks.reasons);
  EXPECT_EQ(back.readings, 3U);
  const auto wrong = parse_json(R"({"sm_mhz": "fast"})", "test");
  EXPECT_FALSE(read_value(JsonView(*wrong, "test"), back));
}

}  // namespace
}  // namespace fuseline::tuner
