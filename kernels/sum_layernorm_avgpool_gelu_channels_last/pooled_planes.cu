// A team of threads takes a slice of the channels of the four planes behind an output plane: all four operations happen
// in registers, and only the output, one eighth of the input, is written. A thread holds both positions of a pair that
// is pooled. common/plane_tile.cuh says who holds what.
//
// The scalar that the problem adds to x shifts a row and its mean alike, so it cancels in every distance from the mean;
// what is left of it is that a scalar that is not finite makes every output NaN.
#include "common/plane_tile.cuh"
#include "common/shared.cuh"

using namespace fuseline;

namespace {

using Place = PlaneThread<DIM_W, DIM_C, PARAM_block, PARAM_lanes, PARAM_groups, PARAM_vector_bytes / dtype_bytes, 2>;
constexpr int vector = Place::vector;
constexpr int pairs = Place::positions / 2;
constexpr int together = PARAM_together;  // Planes whose moments are worked out together.
constexpr long long pooled_plane = static_cast<long long>(DIM_pooled_W) * Place::channels;
constexpr long long tiles = static_cast<long long>(DIM_pooled_planes) * Place::slices;
constexpr bool whole_tiles = tiles % Place::teams == 0;
constexpr Unpack form = Unpack::PARAM_unpack;

}  // namespace

extern "C" __global__ void __launch_bounds__(PARAM_block, PARAM_min_blocks)
    sum_layernorm_avgpool_gelu_channels_last_pooled_planes(const T* __restrict__ x, const T* __restrict__ gamma,
                                                           const T* __restrict__ beta, T* __restrict__ out) {
  FUSELINE_SHARED(float, shared);
  const Place place(static_cast<int>(threadIdx.x));
  const long long own = static_cast<long long>(blockIdx.x) * Place::teams + place.number;
  const unsigned output = static_cast<unsigned>(own / Place::slices);
  const int channel = static_cast<int>(own % Place::slices) * Place::slice + place.lane * vector;
  const bool inside = (whole_tiles || own < tiles) && (Place::whole_slices || channel < Place::channels);
  const unsigned h = output % DIM_pooled_H;
  const unsigned d = output / DIM_pooled_H % DIM_pooled_D;
  const unsigned image = output / DIM_pooled_H / DIM_pooled_D;
  const long long plane = (static_cast<long long>(image) * DIM_D + 2 * d) * DIM_H + 2 * h;
  const T* const first = x + plane * Place::plane + static_cast<long long>(2 * place.group) * Place::channels + channel;
  PlanePacks<Place> packs[4 / together][together];
#pragma unroll
  for (int q = 0; q < 4; ++q) {
    load_plane<Load::PARAM_load>(packs[q / together][q % together], first + (q / 2 * DIM_H + q % 2) * Place::plane,
                                 inside, place);
  }

  constexpr float sum_weight = static_cast<float>(SCALAR_sum_weight);
  constexpr float eps = static_cast<float>(SCALAR_eps) + (sum_weight - sum_weight);
  // Where moments are merged there is but one barrier for each: those of the next planes lie apart in shared memory.
  constexpr bool apart = Statistics::PARAM_statistics == Statistics::merged;
  constexpr int half = apart ? 2 * PlaneExchange<Place, together * vector>::floats : 0;
  float sums[pairs][2][vector] = {};
#pragma unroll
  for (int part = 0; part < 4 / together; ++part) {
    float means[together * vector], inverse_deviations[together * vector];
    plane_moments<Statistics::PARAM_statistics, form>(packs[part], means, inverse_deviations, eps,
                                                      shared + part % 2 * half, place);
#pragma unroll
    for (int q = 0; q < together; ++q) {
#pragma unroll
      for (int p = 0; p < Place::positions; ++p) {
        float values[vector];
        unpack_again<form>(packs[part][q][p], values);
#pragma unroll
        for (int i = 0; i < vector; ++i) {
          const int of = q * vector + i;
          sums[p / 2][p % 2][i] = fmaf(values[i] - means[of], inverse_deviations[of], sums[p / 2][p % 2][i]);
        }
      }
    }
  }

  T* const start = out + output * pooled_plane + static_cast<long long>(place.group) * Place::channels + channel;
#pragma unroll
  for (int p = 0; p < pairs; ++p) {
    if (!place.owns(2 * p + 1)) continue;
    const int w = place.position(2 * p);
    const float left = to_float(gamma[w]), right = to_float(gamma[w + 1]);
    const float shift = 0.5f * (to_float(beta[w]) + to_float(beta[w + 1]));
    float results[vector];
#pragma unroll
    for (int i = 0; i < vector; ++i) {
      // The four planes share gamma and beta of a position.
      const float affine = fmaf(sums[p][0][i], left, sums[p][1][i] * right);
      results[i] = gelu<Gelu::PARAM_gelu>(fmaf(0.125f, affine, shift), 1.0f);
    }
    if (inside) store_pack<vector, Store::PARAM_store>(start + p * (Place::groups * Place::channels), pack(results));
  }
}
