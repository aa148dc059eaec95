#include "tuner/formats/convergence_csv.hpp"

#include <gtest/gtest.h>

#include "tests/tuner/plot/samples.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::tuner {
namespace {

std::vector<std::vector<std::string>> cells(const std::string& table) {
  std::vector<std::vector<std::string>> rows;
  for (std::string& line : split(table, '\n')) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!line.empty()) rows.push_back(split(line, ','));
  }
  return rows;
}

TEST(ConvergenceCsv, HasTheBestSoFarBesideRandomSearch) {
  // Ended at 0, 0.1, 0.2, 0.3 and 0.4 s.
  const auto rows = cells(convergence_csv(samples::run({0, 0.4, 0.6, 0.3, 0.5})).value());
  ASSERT_EQ(rows.size(), 6U);
  EXPECT_EQ(rows[0], (std::vector<std::string>{"evaluation", "elapsed_s", "outcome", "time_ms", "best_ms",
                                               "random_best_ms_after_evaluations", "random_best_ms_after_seconds"}));
  EXPECT_EQ(rows[1], (std::vector<std::string>{"1", "0", "incorrect", "", "", "0.45", ""}))
      << "nothing has worked yet; one draw is the mean";
  EXPECT_EQ(rows[4], (std::vector<std::string>{"4", "0.30000000000000004", "ok", "0.3", "0.3", "0.32", rows[3][5]}))
      << "0.3 s are three evaluations of 0.08 s";
  EXPECT_EQ(rows[5], (std::vector<std::string>{"5", "0.4", "ok", "0.5", "0.3", "0.3", "0.3"}));
}

TEST(ConvergenceCsv, StandsWithoutTimes) {
  auto run = samples::run({0, 0.4});
  for (auto& evaluation : run.evaluations) evaluation.elapsed_s = 0;
  const auto rows = cells(convergence_csv(run).value());
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[2].back(), "");
  EXPECT_EQ(cells(convergence_csv(samples::run({0, 0})).value()).size(), 3U);
}

}  // namespace
}  // namespace fuseline::tuner
