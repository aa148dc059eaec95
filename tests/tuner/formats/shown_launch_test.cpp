// Of several launches every export shows the same one.
#include <gtest/gtest.h>

#include "tests/tuner/support/sample_run.hpp"
#include "tuner/formats/csv.hpp"
#include "tuner/formats/ncu.hpp"
#include "tuner/formats/result.hpp"

namespace fuseline::tuner {
namespace {

TEST(ShownLaunch, IsTheOneThatEveryExportShows) {
  tuner::Run run = testing::sample_run();
  const std::uint64_t best = run.ranked().front()->sequence;
  for (Evaluation& evaluation : run.evaluations) {
    if (evaluation.sequence != best) continue;
    evaluation.measurement.launches = {{{11, 1, 1}, {32, 1, 1}, 0}, {{77, 1, 1}, {64, 1, 1}, 128}};
    evaluation.measurement.shown_launch = 1;
  }
  const auto result = result_json(run);
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->at("best").at("launch").at("grid").at(0), 77);
  EXPECT_EQ(result->at("best").at("launches").at(0).at("grid").at(0), 11);
  const auto ncu = ncu_json(run);
  ASSERT_TRUE(ncu) << ncu.error().message();
  bool shown = false;
  for (const auto& kernel : ncu->items()) shown = shown || kernel.value().value("launch__grid_size", 0) == 77;
  EXPECT_TRUE(shown) << ncu->dump(1);
  const std::string table = csv(run);
  EXPECT_NE(table.find(",77,1,1,64,1,1,128"), std::string::npos) << table;
}

}  // namespace
}  // namespace fuseline::tuner
