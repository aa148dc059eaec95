// The gradients of scale * GELU(LayerNorm(x)) for planes in channels-last memory that lie in registers as packs: what
// the variants of layernorm_gelu_scale_channels_last_backward share. common/layernorm_gelu_backward.cuh has the
// formulas, common/plane_tile.cuh who holds what.
#pragma once

#include "common/plane_tile.cuh"

namespace fuseline {

/// A thread's sums over the planes that it met and over its channels, for its positions; without the factor `scale`.
template <typename Place>
struct PositionSums {
  float gamma[Place::positions] = {};
  float beta[Place::positions] = {};
};

/// Floats of shared memory that plane_gelu_backward needs.
template <typename Place>
constexpr int plane_backward_floats = 4 * PlaneExchange<Place, Place::vector>::floats;

/// Works on a thread's vectors of one plane, adds to `sums` and hands packs of dx to `store(p, pack)`. dz must be 0
/// outside the plane. `shared` has plane_backward_floats floats, and may be the same in the next call. Every thread of
/// the block must call it.
template <Statistics statistics, Unpack form, Gelu gelu, typename Place, typename Store>
FUSELINE_DEVICE void plane_gelu_backward(const PlanePacks<Place> (&x)[1], const PlanePacks<Place>& dz, const T* gamma,
                                         const T* beta, PositionSums<Place>& sums, float eps, float scale,
                                         float* shared, const Place& place, const Store& store) {
  constexpr int vector = Place::vector;
  float means[vector], inverse_deviations[vector];
  plane_moments<statistics, form>(x, means, inverse_deviations, eps, shared, place);
  float totals[2 * vector] = {};  // Over the positions, of q, then of q*n.
  float normals[form == Unpack::anew ? 1 : Place::positions][vector];
  float upstream[Place::positions][vector];
#pragma unroll
  for (int p = 0; p < Place::positions; ++p) {
    const float weight = place.owns(p) ? to_float(gamma[place.position(p)]) : 0.0f;
    const float shift = place.owns(p) ? to_float(beta[place.position(p)]) : 0.0f;
    float(&normal)[vector] = normals[form == Unpack::anew ? 0 : p];
    unpack_again<form>(x[0][p], normal);
    unpack(dz[p], upstream[p]);
    float of_gamma = 0.0f, of_beta = 0.0f;
#pragma unroll
    for (int i = 0; i < vector; ++i) {
      normal[i] = (normal[i] - means[i]) * inverse_deviations[i];
      const float g = upstream[p][i] * gelu_slope<gelu>(fmaf(normal[i], weight, shift));
      of_beta += g;
      of_gamma = fmaf(g, normal[i], of_gamma);
      upstream[p][i] = g * weight;
      totals[i] += upstream[p][i];
      totals[vector + i] = fmaf(upstream[p][i], normal[i], totals[vector + i]);
    }
    sums.gamma[p] += of_gamma;
    sums.beta[p] += of_beta;
  }
  sum_over_groups(totals, shared + 2 * PlaneExchange<Place, vector>::floats, place);
  float steps[vector];
#pragma unroll
  for (int i = 0; i < vector; ++i) {
    steps[i] = scale * inverse_deviations[i];
    const float factor = steps[i] * (-1.0f / static_cast<float>(Place::width));
    totals[i] *= factor;
    totals[vector + i] *= factor;
  }
#pragma unroll
  for (int p = 0; p < Place::positions; ++p) {
    float results[vector];
    if constexpr (form == Unpack::anew) {
      unpack_again<form>(x[0][p], results);
#pragma unroll
      for (int i = 0; i < vector; ++i) results[i] = (results[i] - means[i]) * inverse_deviations[i];
    } else {
#pragma unroll
      for (int i = 0; i < vector; ++i) results[i] = normals[p][i];
    }
#pragma unroll
    for (int i = 0; i < vector; ++i)
      results[i] = fmaf(upstream[p][i], steps[i], fmaf(results[i], totals[vector + i], totals[i]));
    if (place.owns(p)) store(p, pack(results));
  }
}

/// Adds the sums of all threads of a block and leaves, times scale, dgamma's part in part[0 .. width), dbeta's behind
/// it. `shared` holds 2 * width floats a team, and nobody may be using it still. Every thread must call it.
template <typename Place>
FUSELINE_DEVICE void store_part(float* part, PositionSums<Place>& sums, float scale, float* shared,
                                const Place& place) {
  constexpr int columns = 2 * Place::width;
  float* const line = shared + place.number * columns;
#pragma unroll
  for (int p = 0; p < Place::positions; ++p) {
    const float gamma = group_sum<Place::lanes>(sums.gamma[p]);
    const float beta = group_sum<Place::lanes>(sums.beta[p]);
    if (place.lane == 0 && place.owns(p)) {
      line[place.position(p)] = gamma;
      line[Place::width + place.position(p)] = beta;
    }
  }
  __syncthreads();
  for (int column = static_cast<int>(threadIdx.x); column < columns; column += Place::teams * Place::team) {
    float total = 0.0f;
#pragma unroll 4
    for (int team = 0; team < Place::teams; ++team) total += shared[team * columns + column];
    part[column] = total * scale;
  }
}

}  // namespace fuseline
