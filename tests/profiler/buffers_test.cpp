#include "profiler/measure/buffers.hpp"

#include <gtest/gtest.h>

namespace fuseline::profiler {
namespace {

tuner::Tensor tensor(const char* name, tuner::TensorRole role, std::int64_t elements,
                     tuner::Dtype dtype = tuner::Dtype::f32) {
  tuner::Tensor made;
  made.name = name;
  made.role = role;
  made.elements = elements;
  made.dtype = dtype;
  return made;
}

TEST(SetLayout, OutputsLieBetweenGuardBandsThatBeginAtTheNextByte) {
  const SetLayout layout =
      lay_out({tensor("x", tuner::TensorRole::input, 3), tensor("out", tuner::TensorRole::output, 5, tuner::Dtype::f16),
               tensor("sum", tuner::TensorRole::output, 1, tuner::Dtype::f64)});
  ASSERT_EQ(layout.offsets.size(), 3U);
  ASSERT_EQ(layout.guards.size(), 4U);
  EXPECT_EQ(layout.guards[0].offset + layout.guards[0].bytes, layout.offsets[1]);
  EXPECT_EQ(layout.guards[1].offset, layout.offsets[1] + 10);
  EXPECT_EQ(layout.guards[3].offset, layout.offsets[2] + 8);
  for (const auto& guard : layout.guards) EXPECT_GE(guard.bytes, kGuardBytes);
  for (const std::size_t offset : layout.offsets) EXPECT_EQ(offset % kAlignment, 0U);
  EXPECT_EQ(layout.bytes, layout.guards[3].offset + layout.guards[3].bytes);
  EXPECT_EQ(layout.bytes % kAlignment, 0U);
}

TEST(SetLayout, HoldsMoreThanFourGigabytes) {
  const std::int64_t elements = std::int64_t{3} << 30;
  const SetLayout layout =
      lay_out({tensor("x", tuner::TensorRole::input, elements), tensor("out", tuner::TensorRole::output, elements)});
  EXPECT_GE(layout.offsets[1], static_cast<std::size_t>(elements) * 4);
  EXPECT_GT(layout.bytes, static_cast<std::size_t>(elements) * 8);
}

}  // namespace
}  // namespace fuseline::profiler
