// A group of neighbouring lanes takes a row: the row stays in registers from its one load to its one store, the statistics travel by
// shuffle, and neighbouring groups take neighbouring rows, so that a warp's accesses are one run of bytes.
#include "common/gelu.cuh"
#include "common/reduce.cuh"
#include "common/vector.cuh"

using namespace fuseline;

namespace {

constexpr int width = DIM_W;
constexpr long long all_rows = DIM_rows;
constexpr int lanes = PARAM_lanes;
constexpr int vector = PARAM_vector_bytes / dtype_bytes;
constexpr int chunks = cdiv(width, lanes * vector);  // Vectors that a lane holds of one row.
constexpr int per_lane = chunks * vector;
constexpr int rows = PARAM_in_flight;                // Rows in flight in a group.
constexpr int groups = PARAM_block / lanes;
constexpr long long tile_rows = static_cast<long long>(groups) * rows;
constexpr long long tiles = cdiv(all_rows, tile_rows);
constexpr bool whole_rows = width == per_lane * lanes;  // No lane's vector lies outside the row.
constexpr bool whole_tiles = all_rows % tile_rows == 0;
constexpr bool persistent = PARAM_blocks_per_sm > 0;
constexpr float inverse_width = 1.0f / static_cast<float>(width);

enum class Statistics { two_pass, merged };
constexpr Statistics statistics = Statistics::PARAM_statistics;
static_assert(statistics == Statistics::two_pass || whole_rows, "merged statistics need lanes with equal shares");

struct Lane {
  int group;   // Of the block.
  int number;  // In the group.
  // Column of a chunk's first element, and whether it lies in the row.
  FUSELINE_DEVICE int column(int chunk) const { return (chunk * lanes + number) * vector; }
  FUSELINE_DEVICE bool owns(int chunk) const { return whole_rows || chunk + 1 < chunks || column(chunk) < width; }
  FUSELINE_DEVICE long long row(long long tile, int r) const { return tile * tile_rows + r * groups + group; }
};

struct Tile {
  Pack<vector> packs[rows][chunks];
};

FUSELINE_DEVICE void load_tile(Tile& tile, const T* x, long long number, const Lane& lane) {
#pragma unroll
  for (int r = 0; r < rows; ++r) {
    const long long row = lane.row(number, r);
#pragma unroll
    for (int k = 0; k < chunks; ++k) {
      if (lane.owns(k) && (whole_tiles || row < all_rows)) {
        tile.packs[r][k] = load_pack<vector, Load::PARAM_load>(x + row * width + lane.column(k));
      } else {
        tile.packs[r][k] = zero_pack<vector>();
      }
    }
  }
}

// Replaces every row by its distance from its mean and gives the rows' inverse deviations: two passes over registers.
FUSELINE_DEVICE void centre(float (&values)[rows][chunks][vector], float (&inverse_deviation)[rows], const Lane& lane) {
  float totals[rows];
#pragma unroll
  for (int r = 0; r < rows; ++r) {
    totals[r] = 0.0f;
#pragma unroll
    for (int k = 0; k < chunks; ++k) {
#pragma unroll
      for (int i = 0; i < vector; ++i) totals[r] += values[r][k][i];
    }
  }
  group_sums<Reduce::PARAM_reduce, lanes>(totals, lane.number);
#pragma unroll
  for (int r = 0; r < rows; ++r) {
    const float mean = totals[r] * inverse_width;
    totals[r] = 0.0f;
#pragma unroll
    for (int k = 0; k < chunks; ++k) {
#pragma unroll
      for (int i = 0; i < vector; ++i) {
        values[r][k][i] = lane.owns(k) ? values[r][k][i] - mean : 0.0f;
        totals[r] = fmaf(values[r][k][i], values[r][k][i], totals[r]);
      }
    }
  }
  group_sums<Reduce::PARAM_reduce, lanes>(totals, lane.number);
#pragma unroll
  for (int r = 0; r < rows; ++r) inverse_deviation[r] = rsqrtf(fmaf(totals[r], inverse_width, static_cast<float>(SCALAR_eps)));
}

// The same with one round of shuffles: lanes work out their own mean and sum of squares and merge them pairwise (Chan, Golub and
// LeVeque, 1979). As stable as two passes.
FUSELINE_DEVICE void centre_merged(float (&values)[rows][chunks][vector], float (&inverse_deviation)[rows]) {
#pragma unroll
  for (int r = 0; r < rows; ++r) {
    float mean = 0.0f;
    float squares = 0.0f;
#pragma unroll
    for (int k = 0; k < chunks; ++k) {
#pragma unroll
      for (int i = 0; i < vector; ++i) mean += values[r][k][i];
    }
    mean *= 1.0f / static_cast<float>(per_lane);
#pragma unroll
    for (int k = 0; k < chunks; ++k) {
#pragma unroll
      for (int i = 0; i < vector; ++i) {
        const float centred = values[r][k][i] - mean;
        squares = fmaf(centred, centred, squares);
      }
    }
#pragma unroll
    for (int step = 1; step < lanes; step *= 2) {
      const float other_mean = __shfl_xor_sync(0xffffffffu, mean, step);
      const float other_squares = __shfl_xor_sync(0xffffffffu, squares, step);
      const float distance = other_mean - mean;
      mean = 0.5f * (mean + other_mean);
      squares = fmaf(distance * distance, 0.5f * static_cast<float>(per_lane * step), squares + other_squares);
    }
#pragma unroll
    for (int k = 0; k < chunks; ++k) {
#pragma unroll
      for (int i = 0; i < vector; ++i) values[r][k][i] -= mean;
    }
    inverse_deviation[r] = rsqrtf(fmaf(squares, inverse_width, static_cast<float>(SCALAR_eps)));
  }
}

FUSELINE_DEVICE void finish_tile(const Tile& tile, const Pack<vector> (&gamma)[chunks], const Pack<vector> (&beta)[chunks], T* out,
                                 long long number, const Lane& lane) {
  float values[rows][chunks][vector];
#pragma unroll
  for (int r = 0; r < rows; ++r) {
#pragma unroll
    for (int k = 0; k < chunks; ++k) unpack(tile.packs[r][k], values[r][k]);
  }
  float inverse_deviation[rows];
  if constexpr (statistics == Statistics::merged) {
    centre_merged(values, inverse_deviation);
  } else {
    centre(values, inverse_deviation, lane);
  }
#pragma unroll
  for (int k = 0; k < chunks; ++k) {
    float weight[vector], shift[vector];
    unpack(gamma[k], weight);
    unpack(beta[k], shift);
#pragma unroll
    for (int r = 0; r < rows; ++r) {
      float results[vector];
#pragma unroll
      for (int i = 0; i < vector; ++i) {
        const float y = fmaf(values[r][k][i] * inverse_deviation[r], weight[i], shift[i]);
        results[i] = gelu<Gelu::PARAM_gelu>(y, static_cast<float>(SCALAR_scale));
      }
      const long long row = lane.row(number, r);
      if (lane.owns(k) && (whole_tiles || row < all_rows)) {
        store_pack<vector, Store::PARAM_store>(out + row * width + lane.column(k), pack(results));
      }
    }
  }
}

}  // namespace

extern "C" __global__ void __launch_bounds__(PARAM_block, PARAM_min_blocks)
    layernorm_gelu_scale_row_group(const T* __restrict__ x, const T* __restrict__ gamma, const T* __restrict__ beta, T* __restrict__ out) {
  const int thread = static_cast<int>(threadIdx.x);
  const Lane lane{thread / lanes, thread % lanes};
  Tile tile;
  long long number = blockIdx.x;
  load_tile(tile, x, number, lane);
  Pack<vector> weight[chunks], shift[chunks];
#pragma unroll
  for (int k = 0; k < chunks; ++k) {
    weight[k] = lane.owns(k) ? load_pack<vector>(gamma + lane.column(k)) : zero_pack<vector>();
    shift[k] = lane.owns(k) ? load_pack<vector>(beta + lane.column(k)) : zero_pack<vector>();
  }
  if constexpr (persistent) {
    // The next tile's loads are under way while this one is worked on.
    for (long long next = number + gridDim.x; next < tiles; next += gridDim.x) {
      Tile ahead;
      load_tile(ahead, x, next, lane);
      finish_tile(tile, weight, shift, out, number, lane);
      tile = ahead;
      number = next;
    }
  }
  finish_tile(tile, weight, shift, out, number, lane);
}
