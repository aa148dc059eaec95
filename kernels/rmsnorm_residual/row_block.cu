// A team of threads takes a row, which stays in registers from its one load to its two stores; a block is one team, or
// several where rows are narrow. The sum of squares meets in shared memory with one barrier.
#include "common/reduce.cuh"
#include "common/vector.cuh"

using namespace fuseline;

namespace {

constexpr int width = DIM_W;
constexpr int team = PARAM_team;
constexpr int teams = PARAM_teams;
constexpr int vector = PARAM_vector_bytes / dtype_bytes;
constexpr int chunks = cdiv(width, team* vector);
constexpr int warps = team / 32;
constexpr bool whole = width == chunks * team * vector;
constexpr bool whole_rows = DIM_rows % teams == 0;
static_assert(team % 32 == 0 && width % vector == 0, "rows must be aligned to the access");

FUSELINE_DEVICE int column_of(int chunk, int number) { return (chunk * team + number) * vector; }
FUSELINE_DEVICE bool owns(int chunk, int number) {
  return whole || chunk + 1 < chunks || column_of(chunk, number) < width;
}

}  // namespace

extern "C" __global__ void __launch_bounds__(team* teams, PARAM_min_blocks)
    rmsnorm_residual_row_block(const T* __restrict__ x, const T* __restrict__ residual, const T* __restrict__ weight,
                               T* __restrict__ h, T* __restrict__ y) {
  __shared__ float partial[teams * warps];
  const int number = static_cast<int>(threadIdx.x) % team;
  const int own_team = static_cast<int>(threadIdx.x) / team;
  const long long row = static_cast<long long>(blockIdx.x) * teams + own_team;
  const bool has = whole_rows || row < DIM_rows;
  const long long start = row * width;
  Pack<vector> sums[chunks], others[chunks];
#pragma unroll
  for (int k = 0; k < chunks; ++k) {
    const bool mine = has && owns(k, number);
    sums[k] = mine ? load_pack<vector, Load::PARAM_load>(x + start + column_of(k, number)) : zero_pack<vector>();
    others[k] =
        mine ? load_pack<vector, Load::PARAM_load>(residual + start + column_of(k, number)) : zero_pack<vector>();
  }
  float values[chunks][vector];
  float squares = 0.0f;
#pragma unroll
  for (int k = 0; k < chunks; ++k) {
    float other[vector];
    unpack(sums[k], values[k]);
    unpack(others[k], other);
#pragma unroll
    for (int i = 0; i < vector; ++i) {
      values[k][i] += other[i];
      squares = fmaf(values[k][i], values[k][i], squares);
    }
    if (has && owns(k, number))
      store_pack<vector, Store::PARAM_store>(h + start + column_of(k, number), pack(values[k]));
  }
  squares = group_sum<32>(squares);
  if constexpr (warps > 1) {
    if (threadIdx.x % 32 == 0) partial[threadIdx.x / 32] = squares;
    __syncthreads();
    squares = 0.0f;
#pragma unroll
    for (int warp = 0; warp < warps; ++warp) squares += partial[own_team * warps + warp];
  }
  if (!has) return;
  const float inverse = rsqrtf(fmaf(squares, 1.0f / static_cast<float>(width), static_cast<float>(SCALAR_eps)));
#pragma unroll
  for (int k = 0; k < chunks; ++k) {
    if (!owns(k, number)) continue;
    float factors[vector];
    unpack(load_pack<vector>(weight + column_of(k, number)), factors);
#pragma unroll
    for (int i = 0; i < vector; ++i) factors[i] *= values[k][i] * inverse;
    store_pack<vector, Store::PARAM_store>(y + start + column_of(k, number), pack(factors));
  }
}
