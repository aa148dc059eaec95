// Sums over groups of neighbouring lanes of a warp, and over a block.
//
// Every lane of the warp must call the group functions; values never leave their group, so that a NaN in one row stays
// there.
#pragma once

#include "common/dtype.cuh"

namespace fuseline {

/// How several rows' sums are taken over a group of lanes. `butterfly`: every row by itself. `transposed`: lanes first
/// share the rows out, so that fewer values travel, and hand the totals back at the end.
enum class Reduce { butterfly, transposed };

/// Sum of `value` over each group of `lanes` neighbouring lanes (a power of two up to 32), in all of them, the same
/// bits in each.
template <int lanes>
FUSELINE_DEVICE float group_sum(float value) {
#pragma unroll
  for (int step = lanes / 2; step > 0; step /= 2) value += __shfl_xor_sync(0xffffffffu, value, step);
  return value;
}

namespace detail {

// Halves the rows and the lanes that share them until one row or one lane is left: afterwards values[0] of a lane is
// its row's total.
template <int rows, int lanes>
FUSELINE_DEVICE void scatter_sum(float* values, int lane) {
  if constexpr (lanes == 1) {
    return;
  } else if constexpr (rows == 1) {
    values[0] = group_sum<lanes>(values[0]);
  } else {
    const bool upper = (lane & (lanes / 2)) != 0;
#pragma unroll
    for (int i = 0; i < rows / 2; ++i) {
      const float keep = upper ? values[i + rows / 2] : values[i];
      const float give = upper ? values[i] : values[i + rows / 2];
      values[i] = keep + __shfl_xor_sync(0xffffffffu, give, lanes / 2);
    }
    scatter_sum<rows / 2, lanes / 2>(values, lane);
  }
}

}  // namespace detail

/// Sums of `rows` values over each group of `lanes` lanes, all sums in all lanes.
template <Reduce method, int lanes, int rows>
FUSELINE_DEVICE void group_sums(float (&values)[rows], int lane) {
  constexpr bool can_share = rows > 1 && (rows & (rows - 1)) == 0 && lanes >= rows;
  if constexpr (method == Reduce::transposed && can_share) {
    detail::scatter_sum<rows, lanes>(values, lane);
    const float own = values[0];
    // Bits of the lane, from the top, name the row that it holds.
#pragma unroll
    for (int i = 0; i < rows; ++i) values[i] = __shfl_sync(0xffffffffu, own, i * (lanes / rows), lanes);
  } else {
#pragma unroll
    for (int i = 0; i < rows; ++i) values[i] = group_sum<lanes>(values[i]);
  }
}

/// Sum over the block in every thread. `scratch` holds 32 floats of shared memory and may be used again at once.
template <int threads>
FUSELINE_DEVICE float block_sum(float value, float* scratch) {
  constexpr int warps = threads / 32;
  static_assert(threads % 32 == 0 && warps <= 32);
  value = group_sum<32>(value);
  if constexpr (warps > 1) {
    if (threadIdx.x % 32 == 0) scratch[threadIdx.x / 32] = value;
    __syncthreads();
    value = 0.0f;
#pragma unroll
    for (int warp = 0; warp < warps; ++warp) value += scratch[warp];
    __syncthreads();
  }
  return value;
}

}  // namespace fuseline
