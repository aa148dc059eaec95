// Rows spread over groups of neighbouring lanes, and what LayerNorm needs of them.
//
// A lane holds `chunks` vectors of a row; neighbouring lanes hold neighbouring vectors, so that a group's access is one
// run of bytes.
#pragma once

#include "common/reduce.cuh"

namespace fuseline {

/// A lane's place in the group that shares a row of `row_width` elements.
template <int row_width, int group_lanes, int vector_elements>
struct RowLane {
  static constexpr int width = row_width;
  static constexpr int lanes = group_lanes;
  static constexpr int vector = vector_elements;
  static constexpr int chunks = cdiv(width, lanes* vector);
  static constexpr int per_lane = chunks * vector;
  static constexpr bool whole = width == per_lane * lanes;  ///< No vector lies outside the row.

  int group;   ///< Of the block.
  int number;  ///< Of the lane in its group.

  FUSELINE_DEVICE explicit RowLane(int thread) : group(thread / lanes), number(thread % lanes) {}

  /// Column of a chunk's first element.
  FUSELINE_DEVICE int column(int chunk) const { return (chunk * lanes + number) * vector; }
  /// Whether an element of a chunk lies in the row.
  FUSELINE_DEVICE bool owns(int chunk, int element = 0) const {
    return whole || chunk + 1 < chunks || column(chunk) + element < width;
  }
};

namespace detail {

template <typename Lane>
FUSELINE_DEVICE float sum_of(const float (&values)[Lane::chunks][Lane::vector]) {
  float sum = 0.0f;
#pragma unroll
  for (int k = 0; k < Lane::chunks; ++k) {
#pragma unroll
    for (int i = 0; i < Lane::vector; ++i) sum += values[k][i];
  }
  return sum;
}

}  // namespace detail

/// Replaces rows by their distances from their means (0 outside the row) and gives 1/sqrt(variance + eps) of each: two
/// passes over registers. Elements outside the row must be 0 on entry.
template <Reduce reduce, int rows, typename Lane>
FUSELINE_DEVICE void centre_rows(float (&values)[rows][Lane::chunks][Lane::vector], float (&inverse_deviation)[rows],
                                 const Lane& lane, float eps) {
  constexpr float inverse_width = 1.0f / static_cast<float>(Lane::width);
  float totals[rows];
#pragma unroll
  for (int r = 0; r < rows; ++r) totals[r] = detail::sum_of<Lane>(values[r]);
  group_sums<reduce, Lane::lanes>(totals, lane.number);
#pragma unroll
  for (int r = 0; r < rows; ++r) {
    const float mean = totals[r] * inverse_width;
    totals[r] = 0.0f;
#pragma unroll
    for (int k = 0; k < Lane::chunks; ++k) {
#pragma unroll
      for (int i = 0; i < Lane::vector; ++i) {
        values[r][k][i] = lane.owns(k, i) ? values[r][k][i] - mean : 0.0f;
        totals[r] = fmaf(values[r][k][i], values[r][k][i], totals[r]);
      }
    }
  }
  group_sums<reduce, Lane::lanes>(totals, lane.number);
#pragma unroll
  for (int r = 0; r < rows; ++r) inverse_deviation[r] = rsqrtf(fmaf(totals[r], inverse_width, eps));
}

/// The same with one round of shuffles: lanes work out their own mean and sum of squares and merge them pairwise (Chan,
/// Golub and LeVeque, 1979). As stable as two passes; lanes must have equal shares.
template <int rows, typename Lane>
FUSELINE_DEVICE void centre_rows_merged(float (&values)[rows][Lane::chunks][Lane::vector],
                                        float (&inverse_deviation)[rows], float eps) {
  static_assert(Lane::whole, "merged statistics need lanes with equal shares");
#pragma unroll
  for (int r = 0; r < rows; ++r) {
    float mean = detail::sum_of<Lane>(values[r]) * (1.0f / static_cast<float>(Lane::per_lane));
    float squares = 0.0f;
#pragma unroll
    for (int k = 0; k < Lane::chunks; ++k) {
#pragma unroll
      for (int i = 0; i < Lane::vector; ++i) {
        const float centred = values[r][k][i] - mean;
        squares = fmaf(centred, centred, squares);
      }
    }
#pragma unroll
    for (int step = 1; step < Lane::lanes; step *= 2) {
      const float other_mean = __shfl_xor_sync(0xffffffffu, mean, step);
      const float other_squares = __shfl_xor_sync(0xffffffffu, squares, step);
      const float distance = other_mean - mean;
      mean = 0.5f * (mean + other_mean);
      squares = fmaf(distance * distance, 0.5f * static_cast<float>(Lane::per_lane * step), squares + other_squares);
    }
#pragma unroll
    for (int k = 0; k < Lane::chunks; ++k) {
#pragma unroll
      for (int i = 0; i < Lane::vector; ++i) values[r][k][i] -= mean;
    }
    inverse_deviation[r] = rsqrtf(fmaf(squares, 1.0f / static_cast<float>(Lane::width), eps));
  }
}

}  // namespace fuseline
