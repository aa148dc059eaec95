#include "tuner/counters/metric_sets.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tuner/counters/names.hpp"

namespace fuseline::tuner {
namespace {

TEST(MetricSets, EveryMetricOfASetIsExplained) {
  for (const auto set : metric_set_names()) {
    const auto metrics = metric_set(set);
    ASSERT_TRUE(metrics);
    EXPECT_FALSE(metrics->empty());
    EXPECT_EQ(std::set<std::string>(metrics->begin(), metrics->end()).size(), metrics->size()) << set;
    for (const auto& name : *metrics) {
      const auto* info = find_metric(name);
      ASSERT_NE(info, nullptr) << name;
      EXPECT_FALSE(info->label.empty()) << name;
      EXPECT_EQ(info->explanation.back(), '.') << name;
      EXPECT_LE(info->explanation.size(), 96U) << "fits a table's cell";
    }
  }
}

TEST(MetricSets, TheFullSetHoldsTheFastOne) {
  const auto fast = *metric_set("fast"), full = *metric_set("full");
  for (const auto& name : fast) EXPECT_NE(std::find(full.begin(), full.end(), name), full.end()) << name;
}

TEST(MetricSets, TheGridSizeIsNotAskedOfTheHardware) {
  const auto full = *metric_set("full");
  for (const auto& name : full) EXPECT_NE(name, metric::kGridSize);
  EXPECT_NE(find_metric(metric::kGridSize), nullptr);
}

TEST(MetricSets, NoMetricIsKnownTwice) {
  std::set<std::string_view> names;
  for (const auto& info : known_metrics()) EXPECT_TRUE(names.insert(info.name).second) << info.name;
}

TEST(MetricSets, AnUnknownSetNamesThoseThatThereAre) {
  const auto set = metric_set("fastest");
  ASSERT_FALSE(set);
  EXPECT_NE(set.error().reason.find("fast, full"), std::string::npos);
}

TEST(MetricSets, ValuesAreWrittenInTheirUnits) {
  EXPECT_EQ(metric_text(metric::kDramRead, 1.0737e9), "1.074 GB");
  EXPECT_EQ(metric_text(metric::kDuration, 508200), "508.2 us");
  EXPECT_EQ(metric_text(metric::kL2HitRate, 50.034), "50.03 %");
  EXPECT_EQ(metric_text(metric::kGridSize, 524288), "524,288");
  EXPECT_EQ(metric_text(metric::kInstructions, 117722368), "117.7 M");
  EXPECT_EQ(metric_text(metric::kFfma, 4.294967296e9), "4.295 G");
  EXPECT_EQ(metric_text(metric::kFfma, 2.5e13), "25 T");
  EXPECT_EQ(metric_text(metric::kStallBarrier, 9.2), "9.20 warps");
  EXPECT_EQ(metric_text("made__up", 2.5), "2.5");
}

}  // namespace
}  // namespace fuseline::tuner
