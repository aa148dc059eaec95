// Two sums a column over all rows, of which the lanes of blocks hold parts.
#pragma once

#include "common/rows.cuh"

namespace fuseline {

/// Adds what all lanes of a block of `threads` hold for their columns and leaves, times scale, the first sum's part in
/// part[0 .. width), the second's behind it. `shared` holds threads/32 * 2*width floats, and nobody may be using it
/// still. Every thread must call it.
template <int threads, typename Lane>
FUSELINE_DEVICE void store_column_sums(float* part, const float (&first)[Lane::chunks][Lane::vector],
                                       const float (&second)[Lane::chunks][Lane::vector], float scale, float* shared,
                                       const Lane& lane) {
  constexpr int warps = threads / 32;
  constexpr int columns = 2 * Lane::width;
  const int thread = static_cast<int>(threadIdx.x);
  float* const line = shared + thread / 32 * columns;
#pragma unroll
  for (int k = 0; k < Lane::chunks; ++k) {
#pragma unroll
    for (int i = 0; i < Lane::vector; ++i) {
      float one = first[k][i];
      float other = second[k][i];
      // Over the rows that the lanes of a warp hold at this column.
#pragma unroll
      for (int step = Lane::lanes; step < 32; step *= 2) {
        one += __shfl_xor_sync(0xffffffffu, one, step);
        other += __shfl_xor_sync(0xffffffffu, other, step);
      }
      if (thread % 32 < Lane::lanes && lane.owns(k, i)) {
        line[lane.column(k) + i] = one;
        line[Lane::width + lane.column(k) + i] = other;
      }
    }
  }
  __syncthreads();
  for (int column = thread; column < columns; column += threads) {
    float total = 0.0f;
#pragma unroll
    for (int warp = 0; warp < warps; ++warp) total += shared[warp * columns + column];
    part[column] = total * scale;
  }
}

}  // namespace fuseline
