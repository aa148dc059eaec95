// What racing saves, and that it costs no finalist, on what was measured without it.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "profiler/measure/timer.hpp"
#include "tuner/base/files.hpp"
#include "tuner/formats/read_run.hpp"

namespace fuseline::profiler {
namespace {

TEST(Racing, NeedsSixSamplesAndADistanceThatTheFinalsDoNotTakeIn) {
  const tuner::TimingPolicy policy;
  const BestSoFar best = best_of({1.00, 1.01, 0.99, 1.00, 1.01, 0.99, 1.00, 1.00, 1.01, 0.99});
  EXPECT_DOUBLE_EQ(best.median_ms, 1.00);
  EXPECT_DOUBLE_EQ(best.high_ms, 1.01);
  EXPECT_TRUE(out_of_race({1.05, 1.06, 1.05, 1.06, 1.07, 1.05}, policy, best));
  EXPECT_FALSE(out_of_race({1.05, 1.06, 1.05, 1.06, 1.07}, policy, best)) << "five say too little";
  EXPECT_FALSE(out_of_race({1.05, 1.06, 1.05, 1.06, 1.07, 1.04}, policy, best)) << "one is within 3 % of the bound";
  EXPECT_FALSE(out_of_race({1.05, 1.06, 1.05, 1.06, 1.07, 1.05}, policy, {})) << "there is no best yet";
  tuner::TimingPolicy never;
  never.abandon_factor = 0;
  EXPECT_FALSE(out_of_race({2, 2, 2, 2, 2, 2}, never, best));
}

struct Saved {
  std::size_t samples = 0, saved = 0, finalists = 0, missed = 0, recordings = 0;
};

/// The samples that the timer would have stopped at: three, six where those lag behind, ten, and so on by tens.
std::size_t stops_at(const std::vector<double>& samples, const BestSoFar& best) {
  const tuner::TimingPolicy policy;
  for (std::size_t count = 6; count < samples.size(); count = count < 10 ? 10 : count + 10) {
    if (out_of_race({samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(count)}, policy, best))
      return count;
  }
  return samples.size();
}

void race(const tuner::Run& run, Saved& saved) {
  std::set<std::uint64_t> finalists;
  for (const tuner::FinalTiming& timing : run.info.finals) finalists.insert(timing.sequence);
  saved.finalists += finalists.size();
  ++saved.recordings;
  BestSoFar best;
  for (const tuner::Evaluation& each : run.evaluations) {
    const std::vector<double>& samples = each.measurement.samples_ms;
    if (!tuner::worked(each.measurement)) continue;
    const std::size_t count = stops_at(samples, best);
    saved.samples += samples.size();
    saved.saved += samples.size() - count;
    if (count < samples.size()) {
      saved.missed += finalists.contains(each.sequence) ? 1 : 0;
    } else if (best.median_ms <= 0 || each.measurement.time_ms.median < best.median_ms) {
      best = best_of(samples);
    }
  }
}

TEST(Racing, SavesAThirdOfTheSamplesOfTheRecordingsAndMissesNoFinalist) {
  Saved saved;
  const auto folder = tuner::data_folder() / "presets" / "recordings" / "h200";
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const auto run = tuner::read_run(file.path().string());
    ASSERT_TRUE(run) << run.error().message();
    race(*run, saved);
  }
  EXPECT_GT(saved.finalists, saved.recordings) << "what could be missed";
  EXPECT_EQ(saved.missed, 0U);
  const double share = static_cast<double>(saved.saved) / static_cast<double>(saved.samples);
  RecordProperty("recordings", static_cast<int>(saved.recordings));
  RecordProperty("samples", static_cast<int>(saved.samples));
  RecordProperty("saved", static_cast<int>(saved.saved));
  EXPECT_GT(share, 0.3);
  EXPECT_LT(share, 0.4);
}

}  // namespace
}  // namespace fuseline::profiler
