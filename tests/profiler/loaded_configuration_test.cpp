#include "profiler/measure/loaded_configuration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "profiler/measure/verifier.hpp"
#include "tuner/problem/variant.hpp"

namespace fuseline::profiler {
namespace {

using ::testing::HasSubstr;

tuner::ResolvedLaunch launch(std::int64_t grid_x, std::int64_t block_x, std::int64_t shared_bytes = 0) {
  tuner::ResolvedLaunch made;
  made.kernel = "k";
  made.launch.grid[0] = grid_x;
  made.launch.block[0] = block_x;
  made.launch.shared_bytes = shared_bytes;
  return made;
}

TEST(Launches, AreCheckedAgainstTheDevice) {
  tuner::DeviceLimits limits;
  limits.shared_bytes_per_block = std::int64_t{99} * 1024;
  EXPECT_TRUE(check_launch(launch(1, 1024), limits).has_value());
  EXPECT_EQ(check_launch(launch(0, 128), limits).error().outcome, tuner::Outcome::launch_error);
  EXPECT_EQ(check_launch(launch(std::int64_t{1} << 31, 128), limits).error().outcome, tuner::Outcome::launch_error);
  EXPECT_EQ(check_launch(launch(1, 2048), limits).error().outcome, tuner::Outcome::launch_error);
  const auto shared = check_launch(launch(1, 128, std::int64_t{100} * 1024), limits);
  EXPECT_EQ(shared.error().outcome, tuner::Outcome::skipped);
  EXPECT_THAT(shared.error().reason, HasSubstr("102400 bytes"));
  auto flat = launch(1, 32);
  flat.launch.block[1] = 32;
  flat.launch.block[2] = 2;
  EXPECT_EQ(check_launch(flat, limits).error().outcome, tuner::Outcome::skipped);
  for (const std::size_t axis : {0U, 1U, 2U}) {
    auto wide = launch(1, 32);
    wide.launch.grid[axis] = tuner::kGridLimits[axis];
    EXPECT_TRUE(check_launch(wide, limits).has_value());
    ++wide.launch.grid[axis];
    EXPECT_EQ(check_launch(wide, limits).error().outcome, tuner::Outcome::launch_error);
  }
}

BlockComparison block(std::int64_t index, double score, std::uint64_t mismatches) {
  BlockComparison made;
  made.worst_index = index;
  made.worst_score = score;
  made.mismatches = mismatches;
  made.max_absolute = score / 100;
  made.got = static_cast<double>(index);
  return made;
}

TEST(CheckResult, KeepsTheWorstElementOfAllBlocks) {
  const BlockComparison blocks[] = {block(7, 0.5, 0), block(-1, 0, 0), block(3, 9, 2), block(2, 9, 1)};
  CheckResult check;
  check.elements = 100;
  join_blocks(check, blocks, 4, "out");
  EXPECT_EQ(check.verification.mismatches, 3);
  EXPECT_EQ(check.verification.worst_index, 2);
  EXPECT_EQ(check.verification.worst_tensor, "out");
  EXPECT_DOUBLE_EQ(check.verification.max_absolute_error, 0.09);
  EXPECT_EQ(check.verification.tolerance_share, 9);
  EXPECT_FALSE(check.correct());
  EXPECT_THAT(check.reason(), HasSubstr("3 of 100 elements wrong"));
}

TEST(CheckResult, ShowsTheTensorThatIsWrong) {
  const BlockComparison good[] = {block(1, 0.1, 0)};
  const BlockComparison bad[] = {block(5, 3, 1)};
  CheckResult check;
  join_blocks(check, good, 1, "dx");
  EXPECT_TRUE(check.correct());
  join_blocks(check, bad, 1, "dgamma");
  EXPECT_EQ(check.verification.worst_tensor, "dgamma");
  join_blocks(check, good, 1, "dbeta");
  EXPECT_EQ(check.verification.tolerance_share, 3);
  EXPECT_EQ(check.verification.worst_tensor, "dgamma");
}

TEST(CheckResult, SaysWhatElseIsWrong) {
  CheckResult check;
  EXPECT_TRUE(check.reason().empty());
  check.inputs_changed = true;
  EXPECT_THAT(check.reason(), HasSubstr("inputs"));
  check.verification.guard_overwritten = true;
  EXPECT_THAT(check.reason(), HasSubstr("guard band"));
}

}  // namespace
}  // namespace fuseline::profiler
