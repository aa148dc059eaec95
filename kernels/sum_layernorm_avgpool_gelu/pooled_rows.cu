// A group of neighbouring lanes takes the four rows behind an output row: all four operations happen in registers, and
// only the output, one eighth of the input, is written.
//
// The scalar that the problem adds to x shifts a row and its mean alike, so it cancels in every distance from the mean;
// what is left of it is that a scalar that is not finite makes every output NaN.
#include "common/gelu.cuh"
#include "common/rows.cuh"
#include "common/vector.cuh"

using namespace fuseline;

namespace {

constexpr int access = PARAM_vector_bytes / dtype_bytes;  // Elements of one load.
constexpr int vector = access < 2 ? 2 : access;  // Elements of a chunk: whole pairs, so that a lane pools its own.
using Lane = RowLane<DIM_W, PARAM_lanes, vector>;
constexpr int width = Lane::width;
constexpr int chunks = Lane::chunks;
constexpr int in_flight = PARAM_in_flight;  // Output rows in flight in a group.
constexpr int rows = 4 * in_flight;
constexpr int groups = PARAM_block / PARAM_lanes;
constexpr int tile_rows = groups * in_flight;  // Output rows of a tile.
constexpr long long all_rows = DIM_pooled_rows;
constexpr long long tiles = cdiv(all_rows, static_cast<long long>(tile_rows));
constexpr bool whole_tiles = all_rows % tile_rows == 0;
constexpr bool persistent = PARAM_blocks_per_sm > 0;
static_assert(access < 2 || width % vector == 0, "rows must be aligned to the access");

FUSELINE_DEVICE long long output_row(const Lane& lane, long long tile, int i) {
  return tile * tile_rows + i * groups + lane.group;
}

struct Chunk {
  Pack<access> packs[vector / access];
};

struct Tile {
  Chunk chunks_of[rows][chunks];
};

FUSELINE_DEVICE Chunk zero_chunk() {
  Chunk chunk;
#pragma unroll
  for (int a = 0; a < vector / access; ++a) chunk.packs[a] = zero_pack<access>();
  return chunk;
}

template <Load hint>
FUSELINE_DEVICE Chunk load_chunk(const T* row, const Lane& lane, int k) {
  Chunk chunk = zero_chunk();
#pragma unroll
  for (int a = 0; a < vector / access; ++a) {
    if (lane.owns(k, a * access)) chunk.packs[a] = load_pack<access, hint>(row + lane.column(k) + a * access);
  }
  return chunk;
}

FUSELINE_DEVICE void unpack_chunk(const Chunk& chunk, float (&values)[vector]) {
#pragma unroll
  for (int a = 0; a < vector / access; ++a) {
    float part[access];
    unpack(chunk.packs[a], part);
#pragma unroll
    for (int i = 0; i < access; ++i) values[a * access + i] = part[i];
  }
}

// First of the four input rows behind an output row, as a row number; the others follow at 1, DIM_H and DIM_H + 1.
FUSELINE_DEVICE long long first_input_row(long long output) {
  const unsigned row = static_cast<unsigned>(output);
  const unsigned h = row % DIM_pooled_H;
  const unsigned plane = row / DIM_pooled_H;
  const unsigned d = plane % DIM_pooled_D;
  const unsigned volume = plane / DIM_pooled_D;
  return (static_cast<long long>(volume) * DIM_D + 2 * d) * DIM_H + 2 * h;
}

FUSELINE_DEVICE void load_tile(Tile& tile, const T* x, long long number, const Lane& lane) {
#pragma unroll
  for (int i = 0; i < in_flight; ++i) {
    const long long output = output_row(lane, number, i);
    const bool inside = whole_tiles || output < all_rows;
    const T* first = x + first_input_row(inside ? output : 0) * width;
#pragma unroll
    for (int r = 0; r < 4; ++r) {
#pragma unroll
      for (int k = 0; k < chunks; ++k) {
        const T* row = first + static_cast<long long>((r / 2) * DIM_H + r % 2) * width;
        tile.chunks_of[4 * i + r][k] = inside ? load_chunk<Load::PARAM_load>(row, lane, k) : zero_chunk();
      }
    }
  }
}

FUSELINE_DEVICE void store_outputs(const float (&results)[vector / 2], T* row, int first) {
  if (Lane::whole || first + vector / 2 <= DIM_pooled_W) {
    store_pack<vector / 2, Store::PARAM_store>(row + first, pack(results));
  }
}

FUSELINE_DEVICE void finish_tile(const Tile& tile, const Chunk (&gamma)[chunks], const Chunk (&beta)[chunks], T* out,
                                 long long number, const Lane& lane) {
  float values[rows][chunks][vector];
#pragma unroll
  for (int r = 0; r < rows; ++r) {
#pragma unroll
    for (int k = 0; k < chunks; ++k) unpack_chunk(tile.chunks_of[r][k], values[r][k]);
  }
  float inverse_deviation[rows];
  constexpr float sum_weight = static_cast<float>(SCALAR_sum_weight);
  centre_rows<Reduce::PARAM_reduce>(values, inverse_deviation, lane,
                                    static_cast<float>(SCALAR_eps) + (sum_weight - sum_weight));
#pragma unroll
  for (int k = 0; k < chunks; ++k) {
    float weight[vector], shift[vector];
    unpack_chunk(gamma[k], weight);
    unpack_chunk(beta[k], shift);
#pragma unroll
    for (int o = 0; o < in_flight; ++o) {
      float results[vector / 2];
#pragma unroll
      for (int p = 0; p < vector / 2; ++p) {
        // The four rows share gamma and beta of a column.
        float left = 0.0f, right = 0.0f;
#pragma unroll
        for (int r = 4 * o; r < 4 * o + 4; ++r) {
          left = fmaf(values[r][k][2 * p], inverse_deviation[r], left);
          right = fmaf(values[r][k][2 * p + 1], inverse_deviation[r], right);
        }
        const float affine = fmaf(left, weight[2 * p], right * weight[2 * p + 1]);
        const float mean = fmaf(0.125f, affine, 0.5f * (shift[2 * p] + shift[2 * p + 1]));
        results[p] = gelu<Gelu::PARAM_gelu>(mean, 1.0f);
      }
      const long long output = output_row(lane, number, o);
      if (whole_tiles || output < all_rows) store_outputs(results, out + output * DIM_pooled_W, lane.column(k) / 2);
    }
  }
}

}  // namespace

extern "C" __global__ void __launch_bounds__(PARAM_block, PARAM_min_blocks)
    sum_layernorm_avgpool_gelu_pooled_rows(const T* __restrict__ x, const T* __restrict__ gamma,
                                           const T* __restrict__ beta, T* __restrict__ out) {
  const Lane lane(static_cast<int>(threadIdx.x));
  Tile tile;
  long long number = blockIdx.x;
  load_tile(tile, x, number, lane);
  Chunk weight[chunks], shift[chunks];
#pragma unroll
  for (int k = 0; k < chunks; ++k) {
    weight[k] = load_chunk<Load::normal>(gamma, lane, k);
    shift[k] = load_chunk<Load::normal>(beta, lane, k);
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
