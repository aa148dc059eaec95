// Neighbouring lanes take a group of features of several rows: what belongs to the features is loaded once for all of
// them, and statistics travel by shuffle. Neighbouring groups of lanes take neighbouring groups of features, so that a
// warp's accesses are one run of bytes.
#include "common/layernorm_gelu.cuh"
#include "common/math.cuh"

using namespace fuseline;

namespace {

using Lane = RowLane<DIM_D, PARAM_lanes, PARAM_vector_bytes / dtype_bytes>;
constexpr int vector = Lane::vector;
constexpr int chunks = Lane::chunks;
constexpr int rows = PARAM_in_flight;
constexpr int teams = PARAM_block / PARAM_lanes;  // Groups of features of a block.
constexpr int tiles_of_row = cdiv(DIM_G, teams);
constexpr bool whole_groups = DIM_G % teams == 0;
constexpr bool whole_rows = DIM_rows % rows == 0;
constexpr Sigmoid sigmoid = Sigmoid::PARAM_sigmoid;

}  // namespace

extern "C" __global__ void __launch_bounds__(PARAM_block, PARAM_min_blocks)
    groupnorm_silu_lane_group(const T* __restrict__ x, const T* __restrict__ bias, const T* __restrict__ gamma,
                              const T* __restrict__ beta, T* __restrict__ out) {
  const Lane lane(static_cast<int>(threadIdx.x));
  const int group = static_cast<int>(blockIdx.x) % tiles_of_row * teams + lane.group;
  const long long first_row = static_cast<long long>(blockIdx.x / tiles_of_row) * rows;
  const bool has_group = whole_groups || group < DIM_G;
  const int first = (has_group ? group : 0) * Lane::width;
  const auto has = [&](int r) { return has_group && (whole_rows || first_row + r < DIM_rows); };
  const auto start = [&](int r, int k) {
    return (first_row + r) * (static_cast<long long>(DIM_G) * Lane::width) + first + lane.column(k);
  };
  Pack<vector> packs[rows][chunks];
#pragma unroll
  for (int r = 0; r < rows; ++r) {
#pragma unroll
    for (int k = 0; k < chunks; ++k) {
      packs[r][k] = has(r) && lane.owns(k) ? load_pack<vector, Load::PARAM_load>(x + start(r, k)) : zero_pack<vector>();
    }
  }
  const ColumnPacks<Lane> offset(bias + first, lane);
  const ColumnPacks<Lane> weight(gamma + first, lane);
  const ColumnPacks<Lane> shift(beta + first, lane);
  float values[rows][chunks][vector];
#pragma unroll
  for (int k = 0; k < chunks; ++k) {
    float added[vector];
    unpack(offset.packs[k], added);
#pragma unroll
    for (int r = 0; r < rows; ++r) {
      unpack(packs[r][k], values[r][k]);
#pragma unroll
      for (int i = 0; i < vector; ++i) {
        const float value = values[r][k][i];
        values[r][k][i] = fmaf(value, sigmoid_of_scaled<sigmoid>(value * sigmoid_prescale<sigmoid>), added[i]);
      }
    }
  }
  float inverse_deviation[rows];
  centre_rows<Reduce::PARAM_reduce>(values, inverse_deviation, lane, static_cast<float>(SCALAR_eps));
#pragma unroll
  for (int k = 0; k < chunks; ++k) {
    float factors[vector], sums[vector];
    unpack(weight.packs[k], factors);
    unpack(shift.packs[k], sums);
#pragma unroll
    for (int r = 0; r < rows; ++r) {
      float results[vector];
#pragma unroll
      for (int i = 0; i < vector; ++i) results[i] = fmaf(values[r][k][i] * inverse_deviation[r], factors[i], sums[i]);
      if (has(r) && lane.owns(k)) store_pack<vector, Store::PARAM_store>(out + start(r, k), pack(results));
    }
  }
}
