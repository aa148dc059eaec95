// A block a tile: threads along the pixels, channels shared by groups of threads, every element in registers from its
// one load to its one store. common/channel_softmax.cuh says how planes off any boundary are read with aligned vectors.
#include "common/channel_softmax.cuh"
#include "common/shared.cuh"

using namespace fuseline;

namespace {

using Tile = ChannelTile<DIM_N, DIM_C, DIM_HW, PARAM_groups, PARAM_lanes, PARAM_vector_bytes / dtype_bytes,
                         PARAM_granule / dtype_bytes, Keep::PARAM_keep>;

}  // namespace

extern "C" __global__ void __launch_bounds__(Tile::threads, PARAM_min_blocks)
    softmax_bias_scale_sigmoid_channel_split(const T* __restrict__ x, const T* __restrict__ bias, T* __restrict__ out) {
  FUSELINE_SHARED(float, shared);
  const Tile tile(blockIdx.x, static_cast<int>(threadIdx.x));
  Tile::Packs packs;
  tile.load<Load::PARAM_load>(packs, x);
  Tile::Values values;
  float factors[Tile::vector];
  tile.softmax(values, factors, packs, shared);
  tile.finish<Sigmoid::PARAM_sigmoid, Store::PARAM_store>(out, bias, values, factors, static_cast<float>(SCALAR_scale));
}
