// Sums over all rows or pixels that blocks share out, without atomics: a block leaves its part in a workspace, and a
// second, small launch adds the parts up in an order that depends on their number alone, so that two runs give the same
// bits.
#pragma once

#include "common/dtype.cuh"

namespace fuseline {

constexpr int part_columns = 4;    ///< Columns of a block of the second launch.
constexpr int part_threads = 512;  ///< Its threads.
constexpr int part_slices = part_threads / part_columns;

/// The column that this thread adds up, its rows being parts[0], parts[columns], ...: in thread 0 of each column
/// (thread < part_columns) the total, elsewhere 0. Every thread of a block of part_threads must call it, once, with
/// `totals` in shared memory; columns past the last give 0.
FUSELINE_DEVICE float sum_of_parts(const float* parts, int count, int columns, int column,
                                   float (&totals)[part_slices][part_columns]) {
  const int thread = static_cast<int>(threadIdx.x);
  const int slice = thread / part_columns;
  float total = 0.0f;
  if (column < columns) {
#pragma unroll 8
    for (int part = slice; part < count; part += part_slices)
      total += parts[static_cast<long long>(part) * columns + column];
  }
  totals[slice][thread % part_columns] = total;
  __syncthreads();
  for (int half = part_slices / 2; half > 0; half /= 2) {
    if (slice < half) totals[slice][thread % part_columns] += totals[slice + half][thread % part_columns];
    __syncthreads();
  }
  return slice == 0 ? totals[0][thread % part_columns] : 0.0f;
}

}  // namespace fuseline
