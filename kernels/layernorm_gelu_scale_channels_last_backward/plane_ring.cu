// Planes are worked on as in plane_tile, but x and dz of the tiles ahead are on their way into a ring in shared memory
// by cp.async: a thread copies, waits for and reads only its own vectors, so the ring needs no barrier, and what is
// under way takes no registers.
#include "common/partial_sums.cuh"
#include "common/pipeline.cuh"
#include "common/plane_gelu_backward.cuh"
#include "common/shared.cuh"

using namespace fuseline;

namespace {

using Place = PlaneThread<DIM_W, DIM_C, PARAM_block, PARAM_lanes, PARAM_groups, PARAM_vector_bytes / dtype_bytes>;
using Tiles = PlaneTiles<Place, DIM_planes>;
constexpr int vector = Place::vector;
constexpr int stages = PARAM_stages;
constexpr int tensor_elements = Place::positions * PARAM_block * vector;  // Of one tensor in a stage.
constexpr int stage_elements = 2 * tensor_elements;

// A thread's vector in a stage: neighbouring threads' vectors are neighbours.
FUSELINE_DEVICE int place_of(int p) { return (p * PARAM_block + static_cast<int>(threadIdx.x)) * vector; }

// Starts copying a tile into a stage. Past the last tile the group of copies is empty, so that counts stay in step.
FUSELINE_DEVICE void start_copy(T* stage, const T* x, const T* dz, long long number, const Place& place) {
  if (number < Tiles::count) {
    const Tiles at(number, place);
#pragma unroll
    for (int p = 0; p < Place::positions; ++p) {
      if (at.inside && place.owns(p)) {
        async_copy<vector * dtype_bytes>(stage + place_of(p), x + at.first + Place::offset(p));
        async_copy<vector * dtype_bytes>(stage + tensor_elements + place_of(p), dz + at.first + Place::offset(p));
      }
    }
  }
  async_commit();
}

FUSELINE_DEVICE void read_stage(PlanePacks<Place>& packs, const T* stage, bool inside, const Place& place) {
#pragma unroll
  for (int p = 0; p < Place::positions; ++p)
    packs[p] = inside && place.owns(p) ? load_pack<vector>(stage + place_of(p)) : zero_pack<vector>();
}

}  // namespace

extern "C" __global__ void __launch_bounds__(PARAM_block, PARAM_blocks_per_sm)
    layernorm_gelu_scale_channels_last_backward_plane_ring(const T* __restrict__ x, const T* __restrict__ dz,
                                                           const T* __restrict__ gamma, const T* __restrict__ beta,
                                                           T* __restrict__ dx, float* __restrict__ parts,
                                                           int* __restrict__ count) {
  FUSELINE_SHARED(T, ring);
  float* const shared = reinterpret_cast<float*>(ring + stages * stage_elements);
  const Place place(static_cast<int>(threadIdx.x));
  const long long step = gridDim.x;
#pragma unroll
  for (int s = 0; s < stages; ++s) start_copy(ring + s * stage_elements, x, dz, blockIdx.x + s * step, place);
  PositionSums<Place> sums;
  int stage = 0;
  for (long long number = blockIdx.x; number < Tiles::count; number += step) {
    async_wait<stages - 1>();
    T* const here = ring + stage * stage_elements;
    const Tiles at(number, place);
    PlanePacks<Place> tile_x[1], tile_dz;
    read_stage(tile_x[0], here, at.inside, place);
    read_stage(tile_dz, here + tensor_elements, at.inside, place);
    start_copy(here, x, dz, number + stages * step, place);  // What it held lies in registers now.
    plane_gelu_backward<Statistics::PARAM_statistics, Unpack::PARAM_unpack, Gelu::PARAM_gelu>(
        tile_x, tile_dz, gamma, beta, sums, static_cast<float>(SCALAR_eps), static_cast<float>(SCALAR_scale), shared,
        place, [&](int p, const Pack<vector>& result) {
          if (at.inside) store_pack<vector, Store::PARAM_store>(dx + at.first + Place::offset(p), result);
        });
    stage = stage + 1 == stages ? 0 : stage + 1;
  }
  __syncthreads();  // The ring is the block's scratch from here on; copies into it have all been waited for.
  store_part(parts + static_cast<long long>(blockIdx.x) * 2 * Place::width, sums, static_cast<float>(SCALAR_scale),
             reinterpret_cast<float*>(ring), place);
  if (blockIdx.x == 0 && threadIdx.x == 0) *count = static_cast<int>(gridDim.x);
}

extern "C" __global__ void __launch_bounds__(part_threads)
    layernorm_gelu_scale_channels_last_backward_ring_positions(const float* __restrict__ parts,
                                                               const int* __restrict__ count,
                                                               float* __restrict__ dgamma, float* __restrict__ dbeta) {
  __shared__ float totals[part_slices][part_columns];
  constexpr int columns = 2 * Place::width;
  const int column = static_cast<int>(blockIdx.x * part_columns + threadIdx.x % part_columns);
  const float total = sum_of_parts(parts, *count, columns, column, totals);
  if (threadIdx.x < part_columns && column < columns)
    (column < Place::width ? dgamma + column : dbeta + (column - Place::width))[0] = total;
}
