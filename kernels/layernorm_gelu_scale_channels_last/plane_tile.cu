// A team of threads takes a slice of a plane's channels over all of W: elements stay in registers from their one load
// to their one store. common/plane_tile.cuh says who holds what.
#include "common/plane_tile.cuh"
#include "common/shared.cuh"

using namespace fuseline;

namespace {

using Place = PlaneThread<DIM_W, DIM_C, PARAM_block, PARAM_lanes, PARAM_groups, PARAM_vector_bytes / dtype_bytes>;
constexpr int vector = Place::vector;
using Tiles = PlaneTiles<Place, DIM_planes>;
constexpr bool persistent = PARAM_blocks_per_sm > 0;
constexpr Unpack form = Unpack::PARAM_unpack;

struct Tile {
  Tiles at;
  PlanePacks<Place> packs[1];

  FUSELINE_DEVICE Tile(const T* x, long long number, const Place& place) : at(number, place) {
    load_plane<Load::PARAM_load>(packs[0], x + at.first, at.inside, place);
  }
};

FUSELINE_DEVICE void finish_tile(const Tile& tile, const T* gamma, const T* beta, T* out, float* shared,
                                 const Place& place) {
  float means[vector], inverse_deviations[vector];
  plane_moments<Statistics::PARAM_statistics, form>(tile.packs, means, inverse_deviations,
                                                    static_cast<float>(SCALAR_eps), shared, place);
#pragma unroll
  for (int p = 0; p < Place::positions; ++p) {
    if (!place.owns(p)) continue;
    const float weight = to_float(gamma[place.position(p)]);
    const float shift = to_float(beta[place.position(p)]);
    float results[vector];
    unpack_again<form>(tile.packs[0][p], results);
#pragma unroll
    for (int i = 0; i < vector; ++i) {
      const float normal = (results[i] - means[i]) * inverse_deviations[i];
      results[i] = gelu<Gelu::PARAM_gelu>(fmaf(normal, weight, shift), static_cast<float>(SCALAR_scale));
    }
    if (tile.at.inside) store_pack<vector, Store::PARAM_store>(out + tile.at.first + Place::offset(p), pack(results));
  }
}

}  // namespace

extern "C" __global__ void __launch_bounds__(PARAM_block, PARAM_min_blocks)
    layernorm_gelu_scale_channels_last_plane_tile(const T* __restrict__ x, const T* __restrict__ gamma,
                                                  const T* __restrict__ beta, T* __restrict__ out) {
  FUSELINE_SHARED(float, shared);
  const Place place(static_cast<int>(threadIdx.x));
  Tile tile(x, blockIdx.x, place);
  if constexpr (persistent) {
    // Where moments are merged a tile has but one barrier: those of the next lie apart in shared memory.
    constexpr bool apart = Statistics::PARAM_statistics == Statistics::merged;
    constexpr int half = apart ? 2 * PlaneExchange<Place, vector>::floats : 0;
    int turn = 0;
    // The next tile's loads are under way while this one is worked on.
    for (long long next = blockIdx.x + static_cast<long long>(gridDim.x); next < Tiles::count; next += gridDim.x) {
      const Tile ahead(x, next, place);
      finish_tile(tile, gamma, beta, out, shared + turn * half, place);
      turn ^= 1;
      tile = ahead;
    }
    finish_tile(tile, gamma, beta, out, shared + turn * half, place);
  } else {
    finish_tile(tile, gamma, beta, out, shared, place);
  }
}
