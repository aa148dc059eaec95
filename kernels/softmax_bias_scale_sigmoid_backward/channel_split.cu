// Tiles as in softmax_bias_scale_sigmoid's channel_split: x and dout stay in registers from their one load to the store of dx. The grid is
// persistent, so that a thread adds up dbias of its channels in registers over all tiles it meets; a second launch adds the blocks' parts.
//
// With p the softmax, z = scale*(p + bias) and h = dout*sigmoid'(z): dbias is the sum of scale*h over pixels, and dx = p*scale*(h - sum of p*h
// over channels).
#include "common/channel_softmax.cuh"
#include "common/partial_sums.cuh"
#include "common/reduce.cuh"
#include "common/shared.cuh"

using namespace fuseline;

namespace {

using Tile = ChannelTile<DIM_N, DIM_C, DIM_HW, PARAM_groups, PARAM_lanes, PARAM_vector_bytes / dtype_bytes, PARAM_granule / dtype_bytes,
                         Keep::PARAM_keep>;
constexpr int vector = Tile::vector;
constexpr int per_group = Tile::per_group;
constexpr float scale = static_cast<float>(SCALAR_scale);
constexpr int segment = Tile::lanes < 32 ? Tile::lanes : 32;  // Lanes of a group that lie in one warp.
constexpr int segments = Tile::lanes / segment;

// Replaces dout by h, adds h of the pixels that this group stores to `sums`, and gives the sum of p*h over the group's channels.
FUSELINE_DEVICE void go_back(Tile::Packs& douts, float (&dots)[vector], float (&sums)[per_group], const Tile& tile, const Tile::Values& values,
                             const float (&factors)[vector], const T* bias) {
  const bool all = tile.owns_all();
  const bool any = tile.owns_any();
#pragma unroll
  for (int i = 0; i < vector; ++i) dots[i] = 0.0f;
#pragma unroll
  for (int k = 0; k < per_group; ++k) {
    if (!tile.has_channel(k)) continue;
    const float start = to_float(bias[tile.group + k * Tile::groups]);
    float p[vector], h[vector];
    values[k].get(p);
    unpack(douts[k], h);
    float sum = 0.0f;
#pragma unroll
    for (int i = 0; i < vector; ++i) {
      p[i] *= factors[i];
      h[i] *= sigmoid_slope_fast((p[i] + start) * (scale * log2_e));
      if (all || (any && tile.owns(i))) sum += h[i];
    }
    sums[k] += sum;
    // The sum over channels takes h as it is kept, so that its rounding cancels where one channel has it all.
    douts[k] = pack(h);
    unpack(douts[k], h);
#pragma unroll
    for (int i = 0; i < vector; ++i) dots[i] = fmaf(p[i], h[i], dots[i]);
  }
}

// Leaves the block's sums in part[0 .. channels). `shared` has groups * per_group * segments floats, and nobody may be using it still.
FUSELINE_DEVICE void store_part(float* part, float (&sums)[per_group], float* shared) {
  const int thread = static_cast<int>(threadIdx.x);
  const int group = thread / Tile::lanes;
#pragma unroll
  for (int k = 0; k < per_group; ++k) {
    const float sum = group_sum<segment>(sums[k]);
    if (thread % segment == 0) shared[(k * Tile::groups + group) * segments + thread % Tile::lanes / segment] = sum;
  }
  __syncthreads();
  for (int c = thread; c < Tile::channels; c += Tile::threads) {  // Channel c is the group's channel k where c = k * groups + group.
    float total = 0.0f;
#pragma unroll
    for (int s = 0; s < segments; ++s) total += shared[c * segments + s];
    part[c] = total * scale;
  }
}

}  // namespace

extern "C" __global__ void __launch_bounds__(Tile::threads, PARAM_blocks_per_sm)
    softmax_bias_scale_sigmoid_backward_channel_split(const T* __restrict__ x, const T* __restrict__ dout, const T* __restrict__ bias,
                                                      T* __restrict__ dx, float* __restrict__ parts, int* __restrict__ count) {
  FUSELINE_SHARED(float, shared);
  float sums[per_group] = {};
  for (long long number = blockIdx.x; number < Tile::tiles; number += gridDim.x) {
    const Tile tile(number, static_cast<int>(threadIdx.x));
    Tile::Packs packs, douts;
    tile.load<Load::PARAM_load>(packs, x);
    tile.load<Load::PARAM_load>(douts, dout);
    Tile::Values values;
    float factors[vector], dots[vector];
    tile.softmax(values, factors, packs, shared);
    go_back(douts, dots, sums, tile, values, factors, bias);
    tile.sum_over_groups(dots, shared);
    const bool all = tile.owns_all();
    const bool any = tile.owns_any();
#pragma unroll
    for (int k = 0; k < per_group; ++k) {
      if (!tile.has_channel(k)) continue;
      float p[vector], h[vector];
      values[k].get(p);
      unpack(douts[k], h);
#pragma unroll
      for (int i = 0; i < vector; ++i) h[i] = (p[i] * (factors[i] * scale)) * (h[i] - dots[i]);
      tile.store<Store::PARAM_store>(dx, k, h, all, any);
    }
  }
  __syncthreads();  // Totals of the last tile have been read.
  store_part(parts + static_cast<long long>(blockIdx.x) * Tile::channels, sums, shared);
  if (blockIdx.x == 0 && threadIdx.x == 0) *count = static_cast<int>(gridDim.x);
}

extern "C" __global__ void __launch_bounds__(part_threads)
    softmax_bias_scale_sigmoid_backward_channels(const float* __restrict__ parts, const int* __restrict__ count, float* __restrict__ dbias) {
  __shared__ float totals[part_slices][part_columns];
  const int channel = static_cast<int>(blockIdx.x * part_columns + threadIdx.x % part_columns);
  const float total = sum_of_parts(parts, *count, Tile::channels, channel, totals);
  if (threadIdx.x < part_columns && channel < Tile::channels) dbias[channel] = total;
}
