#include "tuner/run/columns.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tests/tuner/support/sample_run.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::tuner {
namespace {

using testing::sample_run;

class Columns : public ::testing::Test {
 protected:
  [[nodiscard]] ColumnSource source(std::size_t i) {
    figures_ = figures_of(run.info, run.evaluations[i]);
    return {&run.info, run.evaluations[i], figures_};
  }
  tuner::Run run = sample_run();

 private:
  Figures figures_;
};

TEST_F(Columns, HaveIdsAndHeadingsOfTheirOwn) {
  std::set<std::string_view> ids, headings;
  for (const Column& column : fixed_columns()) {
    EXPECT_TRUE(ids.insert(column.id).second) << column.id;
    EXPECT_TRUE(column.csv.empty() || headings.insert(column.csv).second) << column.csv;
    EXPECT_EQ(find_column(column.id), &column);
    EXPECT_FALSE(column.title.empty() || column.meaning.empty()) << column.id;
    EXPECT_EQ(column.numeric, column.number != nullptr) << column.id;
    EXPECT_TRUE(column.number != nullptr || column.text != nullptr) << column.id;
  }
  EXPECT_EQ(find_column("nonsense"), nullptr);
}

TEST_F(Columns, AreSharesInFilesAndPercentForPeople) {
  const double share = figures_of(run.info, run.evaluations[1]).of_copy;
  EXPECT_EQ(cell_number(source(1), "of_copy"), 100 * share);
  EXPECT_EQ(cell_text(source(1), "of_copy"), "100.0");
  EXPECT_EQ(exact_cell(source(1), "of_copy").text, fmt::format("{}", share));
}

TEST_F(Columns, SayWhichShareOfTheToleranceTheLargestErrorIs) {
  EXPECT_EQ(cell_text(source(1), "tolerance_share"), "") << "results of before have none";
  Measurement& measurement = run.evaluations[1].measurement;
  ASSERT_TRUE(measurement.verification);
  measurement.verification->tolerance_share = 0.25;
  EXPECT_EQ(exact_cell(source(1), "tolerance_share").text, "0.25");
  const OrderedJson json = to_json(measurement);
  const auto read = measurement_from_json(JsonView(json, "m.json"));
  ASSERT_TRUE(read) << read.error().message();
  ASSERT_TRUE(read->verification);
  EXPECT_EQ(read->verification->tolerance_share, 0.25);
}

TEST_F(Columns, SayHowFarAFinalistIsFromTheBest) {
  EXPECT_EQ(cell_text(source(1), "against_best"), "1.0000");
  EXPECT_EQ(cell_text(source(0), "against_best"), "1.0004 (0.9994-1.0014)");
  EXPECT_EQ(cell_text(source(0), "timed_in"), "finals");
  EXPECT_EQ(cell_text(source(2), "against_best"), "");
  EXPECT_EQ(cell_text(source(2), "timed_in"), "sweep");
  EXPECT_EQ(cell_text(source(3), "timed_in"), "") << "it was not timed";
}

TEST_F(Columns, SayHowARunWasTimed) {
  EXPECT_EQ(cell_text(source(1), "after"), "unsettled");
  for (const char* id : {"sm_mhz", "cycles", "shift"}) EXPECT_EQ(cell_text(source(1), id), "") << id;
  run = testing::sample_timed_run();
  EXPECT_EQ(cell_text(source(1), "timing"), "cold");
  EXPECT_EQ(cell_text(source(1), "after"), "producer");
  EXPECT_EQ(cell_text(source(1), "sm_mhz"), "1980");
  EXPECT_EQ(cell_text(source(1), "shift"), "+4.0");
  EXPECT_NEAR(*find_column("shift")->number(source(1)), 0.04, 0.001) << "a share in files";
  EXPECT_EQ(cell_text(source(0), "shift"), "") << "its runs were steady";
  const double cycles = *cell_number(source(0), "cycles");
  EXPECT_EQ(cycles, figures_of(run.info, run.evaluations[0]).time_ms * 1980e3);
  EXPECT_EQ(cell_text(source(0), "cycles"), grouped(cycles));
  EXPECT_EQ(cell_text(source(3), "after"), "") << "it was not timed";
  run.evaluations[0].measurement.after = Predecessor::itself;
  EXPECT_EQ(cell_text(source(0), "timing"), "warm");
  EXPECT_EQ(cell_text(source(0), "after"), "itself");
}

TEST_F(Columns, OfParametersAndCountersGoByTheirNames) {
  EXPECT_EQ(cell_number(source(1), parameter_column("block")), 256);
  EXPECT_EQ(cell_text(source(1), "param:gelu"), "erf");
  EXPECT_TRUE(exact_cell(source(1), "param:gelu").is_text);
  EXPECT_FALSE(exact_cell(source(1), "param:block").is_text);
  EXPECT_EQ(cell_number(source(1), counter_column("dram__bytes_read.sum")), 1.07e9);
  EXPECT_EQ(cell_text(source(0), counter_column("dram__bytes_read.sum")), "");
  EXPECT_EQ(cell_text(source(0), "param:nonsense"), "");
  EXPECT_FALSE(cell_number(source(0), "nonsense"));
}

TEST_F(Columns, OfTheRunAreEmptyWhereNoneIsAtHand) {
  const Figures figures = figures_of(run.info, run.evaluations[1]);
  EXPECT_EQ(cell_text({nullptr, run.evaluations[1], figures}, "device"), "");
  EXPECT_EQ(cell_text(source(1), "device"), "NVIDIA H200");
}

}  // namespace
}  // namespace fuseline::tuner
