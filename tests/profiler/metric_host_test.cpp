// Schedules of the metric sets for chips that are not here: CUPTI's host side needs no GPU.
#include "profiler/counters/metric_host.hpp"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>

#include "profiler/counters/counter_listing.hpp"
#include "profiler/counters/cupti_library.hpp"
#include "tests/profiler/support.hpp"
#include "tuner/counters/metric_sets.hpp"
#include "tuner/session/chip_metrics.hpp"

namespace fuseline::profiler {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Expected {
  const char* chip;
  const char* set;
  std::size_t passes_at_most;
};
void PrintTo(const Expected& expected, std::ostream* out) { *out << expected.chip << ' ' << expected.set; }

class MetricSets : public ::testing::TestWithParam<Expected> {};

TEST_P(MetricSets, AreOfferedWholeInFewPasses) {
  auto host = MetricHost::open(GetParam().chip);
  ASSERT_TRUE(host.has_value()) << host.error().message();
  const auto set = tuner::metric_set(GetParam().set);
  ASSERT_TRUE(set.has_value());
  const auto scheduled = (*host)->schedule(*set);
  ASSERT_TRUE(scheduled.has_value()) << scheduled.error().message();
  EXPECT_THAT((*host)->rejected(), IsEmpty());
  EXPECT_EQ((*host)->metrics().size(), set->size());
  EXPECT_GE((*host)->passes(), 1U);
  EXPECT_LE((*host)->passes(), GetParam().passes_at_most);
}

INSTANTIATE_TEST_SUITE_P(Chips, MetricSets,
                         ::testing::Values(Expected{"AD102", "fast", 2}, Expected{"GH100", "fast", 2},
                                           Expected{"AD102", "full", 10}, Expected{"GH100", "full", 12}),
                         [](const auto& tested) { return std::string(tested.param.chip) + tested.param.set; });

/// A toolkit that the loader does not know has what schedules counters beside CUPTI, which asks for it by name.
TEST(CuptiLibrary, WhatSchedulesCountersIsOpenFromItsOwnFolder) {
  const auto cupti = CuptiLibrary::load();
  ASSERT_TRUE(cupti) << cupti.error().message();
  const auto beside = std::filesystem::path((*cupti)->file).parent_path() / "libnvperf_host.so";
  if (!std::filesystem::exists(beside)) GTEST_SKIP() << "there is none beside " << (*cupti)->file;
  void* library = dlopen("libnvperf_host.so", RTLD_LAZY | RTLD_NOLOAD);
  ASSERT_NE(library, nullptr) << dlerror();
  dlclose(library);
}

TEST(MetricHost, KnowsTheChipsOfTheTargetsMeasuredAndMeant) {
  const auto chips = supported_chips();
  ASSERT_TRUE(chips.has_value()) << chips.error().message();
  EXPECT_THAT(*chips, Contains("AD102"));
  EXPECT_THAT(*chips, Contains("GH100"));
}

TEST(MetricHost, AnUnknownChipIsNamedWithThoseThatAreKnown) {
  const auto host = MetricHost::open("XY999\x1b[31m");
  ASSERT_FALSE(host.has_value());
  EXPECT_THAT(host.error().reason, HasSubstr("XY999"));
  EXPECT_THAT(host.error().reason, HasSubstr("AD102"));
  EXPECT_EQ(host.error().reason.find('\x1b'), std::string::npos);
}

TEST(MetricHost, LeavesOutWhatTheChipDoesNotOffer) {
  auto host = MetricHost::open("GH100");
  ASSERT_TRUE(host.has_value());
  ASSERT_TRUE(
      (*host)
          ->schedule({"dram__bytes_read.sum", "launch__grid_size", "dram__bytes_write.sum", "dram__bytes_read.sum"})
          .has_value());
  EXPECT_THAT((*host)->metrics(), ElementsAre("dram__bytes_read.sum", "dram__bytes_write.sum"));
  EXPECT_THAT((*host)->rejected(), ElementsAre("launch__grid_size"));
  EXPECT_EQ((*host)->passes(), 1U);
}

TEST(MetricHost, NothingOfferedIsAnErrorThatNamesWhatWasAsked) {
  auto host = MetricHost::open("GH100");
  ASSERT_TRUE(host.has_value());
  const auto scheduled = (*host)->schedule({"launch__grid_size"});
  ASSERT_FALSE(scheduled.has_value());
  EXPECT_THAT(scheduled.error().reason, HasSubstr("launch__grid_size"));
}

TEST(CounterListing, DescribesWhatWasAskedForAndCountsItsPasses) {
  const auto listing = list_counters("AD102", {"sm__throughput.avg.pct_of_peak_sustained_elapsed", "nonsense.sum"});
  ASSERT_TRUE(listing.has_value()) << listing.error().message();
  EXPECT_EQ((*listing)["chip"], "AD102");
  EXPECT_EQ((*listing)["sets"]["fast"]["passes"], 2);
  const auto& requested = (*listing)["requested"];
  EXPECT_EQ(requested["invalid"], nlohmann::json::array({"nonsense.sum"}));
  EXPECT_EQ(requested["metrics"], nlohmann::json::array({"sm__throughput.avg.pct_of_peak_sustained_elapsed"}));
  EXPECT_EQ((*listing)["metrics"][0]["unit"], "percent");
  EXPECT_EQ(requested["passes"], 6);
}

TEST(CounterListing, ListsThousandsOfMetricsWithTheirDescriptions) {
  const auto listing = list_counters("GH100", {});
  ASSERT_TRUE(listing.has_value()) << listing.error().message();
  EXPECT_GT((*listing)["metrics"].size(), 1000U);
  EXPECT_FALSE((*listing)["metrics"][0]["name"].get<std::string>().empty());
}

TEST(CounterListing, IsUnderstoodByWhoAsksTheWorker) {
  const auto asked = tuner::chip_metrics(testing::kWorkerProgram, "AD102", {"dram__bytes_read.sum", "nonsense.sum"});
  ASSERT_TRUE(asked.has_value()) << asked.error().message();
  EXPECT_EQ(asked->chip, "AD102");
  EXPECT_THAT(asked->requested.metrics, ElementsAre("dram__bytes_read.sum"));
  EXPECT_THAT(asked->requested.invalid, ElementsAre("nonsense.sum"));
  EXPECT_EQ(asked->requested.passes, 1);
  ASSERT_EQ(asked->metrics.size(), 1U);
  EXPECT_FALSE(asked->metrics[0].description.empty());
  EXPECT_EQ(asked->sets.at("fast").passes, 2);
  const auto unknown = tuner::chip_metrics(testing::kWorkerProgram, "XY999", {});
  ASSERT_FALSE(unknown.has_value());
  EXPECT_THAT(unknown.error().message(), HasSubstr("XY999"));
}

}  // namespace
}  // namespace fuseline::profiler
