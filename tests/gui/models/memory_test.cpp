// What a run on show takes, exactly: every byte that is allocated and not given back, counted.
#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>

#include "app/gui/models/results_model.hpp"
#include "app/gui/models/roofline_scene.hpp"
#include "app/gui/models/run_data.hpp"
#include "tests/gui/models/support.hpp"
#include "tuner/base/sanitized.hpp"
#include "tuner/formats/read_run.hpp"
#include "tuner/formats/t4.hpp"

namespace {

std::atomic<std::int64_t> bytes_held{0}, most_held{0};

}  // namespace

// A sanitizer has operators of its own, which look at more than their size.
#ifndef FUSELINE_SANITIZED_BUILD

namespace {

void took(std::int64_t bytes) {
  const std::int64_t now = bytes_held += bytes;
  std::int64_t most = most_held;
  while (now > most && !most_held.compare_exchange_weak(most, now)) {
  }
}

}  // namespace

void* operator new(std::size_t size) {
  void* const made = std::malloc(size == 0 ? 1 : size);
  if (made == nullptr) throw std::bad_alloc();
  took(static_cast<std::int64_t>(malloc_usable_size(made)));
  return made;
}
void operator delete(void* gone) noexcept {
  bytes_held -= static_cast<std::int64_t>(malloc_usable_size(gone));
  std::free(gone);
}
void operator delete(void* gone, std::size_t) noexcept { operator delete(gone); }

#endif

namespace fuseline::app::gui {
namespace {

constexpr std::size_t kRows = 10'000;

/// As a sweep measures: verified, with facts, clocks and eight parameters, two of them texts.
tuner::Evaluation measured(std::uint64_t i) {
  tuner::Evaluation made = testing::evaluation(i, i % 2 == 0 ? "row_group" : "row_block", 64 << (i % 4),
                                               0.5 + std::sin(static_cast<double>(i)) * 0.1);
  auto& values = made.configuration.values;
  for (const char* name : {"unroll", "vector_width", "rows_per_block", "stages", "keep"})
    values.push_back({name, static_cast<int>(i % 7)});
  values.push_back({"index", static_cast<std::int64_t>(i)});
  made.measurement.verification = tuner::Verification{1e-6, 1e-5, 0, "y", 17, 0.5, 0.5, false, 0.1};
  made.measurement.clocks.emplace().add(tuner::ClockReading{1980, 3201, 600, 50, 0, 700});
  made.measurement.source_sha256 = std::string(64, 'a');
  return made;
}

std::string file_of(tuner::Evaluation (*make)(std::uint64_t)) {
  std::vector<tuner::Evaluation> evaluations;
  for (std::uint64_t i = 0; i < kRows; ++i) evaluations.push_back(make(i));
  return tuner::t4_text(testing::run_of(std::move(evaluations)));
}

/// That was only timed, as the benchmark's are.
tuner::Evaluation timed(std::uint64_t i) {
  tuner::Evaluation made = testing::evaluation(i, "row_group", 128, 0.5 + 1e-6 * static_cast<double>(i));
  made.configuration.values = {{"block", 128}, {"unroll", 2}, {"index", static_cast<std::int64_t>(i)}};
  made.measurement.facts.reset();
  made.measurement.launches.clear();
  return made;
}

/// Bytes a row that the window holds of a run read from a file: evaluations, rows, the table's order and the marks.
std::int64_t bytes_a_row(tuner::Evaluation (*make)(std::uint64_t)) {
  const std::string text = file_of(make);
  const std::int64_t before = bytes_held;
  auto read = tuner::run_from_text(text, "run.t4.json");
  EXPECT_TRUE(read) << read.error().message();
  if (!read) return 0;
  const auto run = std::make_shared<const tuner::Run>(std::move(*read));
  RunData data;
  data.show(run);
  ResultsModel results;
  results.update(data);
  RooflineScene scene;
  scene.update(data, {}, &results);
  EXPECT_EQ(scene.marks().size(), kRows);
  return (bytes_held - before) / static_cast<std::int64_t>(kRows);
}

TEST(Memory, ARowThatWasOnlyTimedTakesUnderNineHundredAndFiftyBytes) {
  if (tuner::kSanitized) GTEST_SKIP() << "a sanitizer allocates by its own rules";
  const std::int64_t bytes = bytes_a_row(timed);
  EXPECT_GT(bytes, 300);  // Else nothing was counted.
  EXPECT_LT(bytes, 950);
}

TEST(Memory, ARowAsASweepMeasuresItTakesUnderSixteenHundredBytes) {
  if (tuner::kSanitized) GTEST_SKIP() << "a sanitizer allocates by its own rules";
  const std::int64_t bytes = bytes_a_row(measured);
  EXPECT_GT(bytes, 600);
  EXPECT_LT(bytes, 1600);
}

// Of a large file the text goes as it is read (see forget_start), and what reading needs beside must not take its
// place.
TEST(Memory, ReadingTakesLittleMoreThanWhatIsRead) {
  if (tuner::kSanitized) GTEST_SKIP() << "a sanitizer allocates by its own rules";
  const std::string text = file_of(timed);
  const std::int64_t before = bytes_held;
  most_held = before;
  const auto read = tuner::run_from_text(text, "run.t4.json");
  ASSERT_TRUE(read) << read.error().message();
  const std::int64_t kept = (bytes_held - before) / static_cast<std::int64_t>(kRows);
  const std::int64_t beside = (most_held - bytes_held) / static_cast<std::int64_t>(kRows);
  EXPECT_GT(kept, 300);
  EXPECT_GT(beside, 0);
  EXPECT_LT(beside, 110) << "of a row, beside " << kept << " that stay";
}

}  // namespace
}  // namespace fuseline::app::gui
