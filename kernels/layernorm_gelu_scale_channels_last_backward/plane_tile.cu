// A team of threads takes a slice of a plane's channels over all of W: x and dz stay in registers from their one load
// to the store of dx. The grid is persistent, so that threads add up dgamma and dbeta of their positions in registers
// over all planes they meet; a second launch adds the blocks' parts.
#include "common/partial_sums.cuh"
#include "common/plane_gelu_backward.cuh"
#include "common/shared.cuh"

using namespace fuseline;

namespace {

using Place = PlaneThread<DIM_W, DIM_C, PARAM_block, PARAM_lanes, PARAM_groups, PARAM_vector_bytes / dtype_bytes>;
using Tiles = PlaneTiles<Place, DIM_planes>;
constexpr int vector = Place::vector;

struct Tile {
  Tiles at;
  PlanePacks<Place> x[1];
  PlanePacks<Place> dz;

  FUSELINE_DEVICE Tile(const T* all_x, const T* all_dz, long long number, const Place& place) : at(number, place) {
    load_plane<Load::PARAM_load>(x[0], all_x + at.first, at.inside, place);
    load_plane<Load::PARAM_load>(dz, all_dz + at.first, at.inside, place);
  }
};

}  // namespace

extern "C" __global__ void __launch_bounds__(PARAM_block, PARAM_blocks_per_sm)
    layernorm_gelu_scale_channels_last_backward_plane_tile(const T* __restrict__ x, const T* __restrict__ dz,
                                                           const T* __restrict__ gamma, const T* __restrict__ beta,
                                                           T* __restrict__ dx, float* __restrict__ parts,
                                                           int* __restrict__ count) {
  FUSELINE_SHARED(float, shared);
  const Place place(static_cast<int>(threadIdx.x));
  PositionSums<Place> sums;
  const auto finish = [&](const Tile& tile) {
    plane_gelu_backward<Statistics::PARAM_statistics, Unpack::PARAM_unpack, Gelu::PARAM_gelu>(
        tile.x, tile.dz, gamma, beta, sums, static_cast<float>(SCALAR_eps), static_cast<float>(SCALAR_scale), shared,
        place, [&](int p, const Pack<vector>& result) {
          if (tile.at.inside) store_pack<vector, Store::PARAM_store>(dx + tile.at.first + Place::offset(p), result);
        });
  };
  if constexpr (PARAM_ahead == 1) {
    // The next tile's loads are under way while this one is worked on.
    Tile tile(x, dz, blockIdx.x, place);
    for (long long next = blockIdx.x + static_cast<long long>(gridDim.x); next < Tiles::count; next += gridDim.x) {
      const Tile ahead(x, dz, next, place);
      finish(tile);
      tile = ahead;
    }
    finish(tile);
  } else {
    for (long long number = blockIdx.x; number < Tiles::count; number += gridDim.x) finish(Tile(x, dz, number, place));
  }
  __syncthreads();  // Sums of the last tile have been read.
  store_part(parts + static_cast<long long>(blockIdx.x) * 2 * Place::width, sums, static_cast<float>(SCALAR_scale),
             shared, place);
  if (blockIdx.x == 0 && threadIdx.x == 0) *count = static_cast<int>(gridDim.x);
}

extern "C" __global__ void __launch_bounds__(part_threads)
    layernorm_gelu_scale_channels_last_backward_positions(const float* __restrict__ parts,
                                                          const int* __restrict__ count, float* __restrict__ dgamma,
                                                          float* __restrict__ dbeta) {
  __shared__ float totals[part_slices][part_columns];
  constexpr int columns = 2 * Place::width;
  const int column = static_cast<int>(blockIdx.x * part_columns + threadIdx.x % part_columns);
  const float total = sum_of_parts(parts, *count, columns, column, totals);
  if (threadIdx.x < part_columns && column < columns)
    (column < Place::width ? dgamma + column : dbeta + (column - Place::width))[0] = total;
}
