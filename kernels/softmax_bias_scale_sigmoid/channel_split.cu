// Threads of a block lie along the pixels of one tile, so that accesses to a channel's plane are runs of bytes; groups of threads share
// the channels out, keep theirs in registers from the one load to the one store, and combine their maxima and sums in shared memory.
//
// Planes of H*W elements start anywhere, so a tile's first pixel is aligned to a vector in few of them. Where H*W is no multiple of the
// vector, channels go to groups so that all planes of a group are off by the same number of elements (its shift), and the group's vectors
// start that much before the tile: every access is aligned, a tile has one vector fewer than the threads along it could hold, and pixels
// of the margin are loaded but belong to the neighbour.
#include "common/math.cuh"
#include "common/shared.cuh"
#include "common/vector.cuh"

using namespace fuseline;

namespace {

constexpr int channels = DIM_C;
constexpr long long plane = DIM_HW;
constexpr long long elements = static_cast<long long>(DIM_N) * channels * plane;
constexpr int groups = PARAM_groups;
constexpr int lanes = PARAM_lanes;  // Threads along the pixels.
constexpr int vector = PARAM_vector_bytes / dtype_bytes;
constexpr int per_group = cdiv(channels, groups);
constexpr bool aligned = plane % vector == 0;
constexpr int tile = (aligned ? lanes : lanes - 1) * vector;  // Pixels.
constexpr int tiles = static_cast<int>(cdiv(plane, static_cast<long long>(tile)));
constexpr bool whole_tiles = plane % tile == 0 && aligned;
constexpr bool whole_tensor = elements % vector == 0;  // No aligned vector reaches past the end.
constexpr int margin = aligned ? 0 : vector;
// Pixels in shared memory: number u lies at slot(u), so that neither threads that step by a vector nor threads that step by one collide.
constexpr int pitch = vector == 1 ? lanes : lanes + (vector < 32 ? 32 / vector : 1);
constexpr int slots = pitch * vector;
constexpr Sigmoid sigmoid = Sigmoid::PARAM_sigmoid;
static_assert(groups * plane % vector == 0, "a group's planes must be off by the same number of elements");

FUSELINE_DEVICE int slot(int u) { return u % vector * pitch + u / vector; }

struct Place {
  int group;
  int lane;
  int shift;
  long long tile_start;  // First pixel of the tile.
  long long first;       // First pixel of the thread's vector; may lie outside the tile.
  long long offset;      // Of that pixel in the first plane of the group, in elements.

  FUSELINE_DEVICE bool owns(int i) const {
    const long long pixel = first + i;
    return pixel >= tile_start && pixel < tile_start + tile && (whole_tiles || pixel < plane);
  }
  FUSELINE_DEVICE bool owns_any() const { return first < tile_start + tile && (whole_tiles || first < plane); }
  FUSELINE_DEVICE bool owns_all() const { return owns(0) && owns(vector - 1); }
  FUSELINE_DEVICE bool has_channel(int k) const { return channels % groups == 0 || k + 1 < per_group || group + k * groups < channels; }
  FUSELINE_DEVICE long long at(int k) const { return offset + k * (groups * plane); }
};

FUSELINE_DEVICE Place find_place() {
  Place place;
  const int thread = static_cast<int>(threadIdx.x);
  place.group = thread / lanes;
  place.lane = thread % lanes;
  const long long image = blockIdx.x / tiles;
  const long long plane_start = (image * channels + place.group) * plane;
  place.tile_start = static_cast<long long>(blockIdx.x % tiles) * tile;
  place.shift = aligned ? 0 : static_cast<int>(plane_start % vector);
  place.first = place.tile_start - place.shift + place.lane * vector;
  place.offset = plane_start + place.first;
  return place;
}

// The last vector of a tensor may reach past its end: element by element then.
FUSELINE_DEVICE Pack<vector> load_last(const T* x, long long start) {
  float values[vector];
#pragma unroll
  for (int i = 0; i < vector; ++i) values[i] = start + i < elements ? to_float(x[start + i]) : 0.0f;
  return pack(values);
}

FUSELINE_DEVICE void load_channels(Pack<vector> (&packs)[per_group], const T* x, const Place& place) {
  const bool any = place.owns_any();
#pragma unroll
  for (int k = 0; k < per_group; ++k) {
    const long long start = place.at(k);
    if (!any || !place.has_channel(k)) {
      packs[k] = zero_pack<vector>();
    } else if (whole_tensor || start + vector <= elements) {
      packs[k] = load_pack<vector, Load::PARAM_load>(x + start);
    } else {
      packs[k] = load_last(x, start);
    }
  }
}

// What is known of the softmax of some channels: their largest logit times log2(e), and the sum of 2^(logit*log2(e) - largest).
struct Moments {
  float largest[vector];
  float sum[vector];
};

// Turns a group's logits into 2^(logit*log2(e) - largest of the group).
FUSELINE_DEVICE Moments exponentiate(float (&values)[per_group][vector], const Pack<vector> (&packs)[per_group], const Place& place) {
  Moments moments;
  float base[vector];
#pragma unroll
  for (int i = 0; i < vector; ++i) moments.largest[i] = negative_infinity();
#pragma unroll
  for (int k = 0; k < per_group; ++k) {
    unpack(packs[k], values[k]);
#pragma unroll
    for (int i = 0; i < vector; ++i) {
      if (place.has_channel(k)) moments.largest[i] = fmaxf(moments.largest[i], values[k][i]);
    }
  }
#pragma unroll
  for (int i = 0; i < vector; ++i) {
    moments.largest[i] *= log2_e;
    moments.sum[i] = 0.0f;
    // With no logit above -infinity the sum is 0 or NaN, whatever is subtracted; infinity from infinity would make it NaN always.
    base[i] = moments.largest[i] == negative_infinity() ? 0.0f : moments.largest[i];
  }
#pragma unroll
  for (int k = 0; k < per_group; ++k) {
#pragma unroll
    for (int i = 0; i < vector; ++i) {
      values[k][i] = place.has_channel(k) ? exp2_fast(fmaf(values[k][i], log2_e, -base[i])) : 0.0f;
      moments.sum[i] += values[k][i];
    }
  }
  return moments;
}

// 2^(from - to), and 0 where there was nothing above -infinity.
FUSELINE_DEVICE float rescale(float from, float to) { return from == negative_infinity() ? 0.0f : exp2_fast(from - to); }

// Combines the groups' moments. Afterwards factors[i] turns a value of the thread's pixel i into its probability.
FUSELINE_DEVICE void combine(float (&factors)[vector], const Moments& moments, const Place& place) {
  FUSELINE_SHARED(float, shared);
  float* const largest = shared;
  float* const sums = shared + groups * slots;
#pragma unroll
  for (int i = 0; i < vector; ++i) {
    largest[place.group * slots + i * pitch + place.lane] = moments.largest[i];
    sums[place.group * slots + i * pitch + place.lane] = moments.sum[i];
  }
  // Groups have shifts of their own; they are needed to find a pixel in a group's slots.
  const int first_shift = aligned ? 0 : static_cast<int>((blockIdx.x / tiles) * static_cast<long long>(channels) * plane % vector);
  constexpr int step = static_cast<int>(plane % vector);
  float* const all_largest = shared + 2 * groups * slots;
  float* const inverse_sums = all_largest + slots;
  __syncthreads();
  for (int pixel = static_cast<int>(threadIdx.x); pixel < tile; pixel += groups * lanes) {
    float top = negative_infinity();
#pragma unroll
    for (int g = 0; g < groups; ++g) top = fmaxf(top, largest[g * slots + slot(pixel + (first_shift + g * step) % vector)]);
    float sum = 0.0f;
#pragma unroll
    for (int g = 0; g < groups; ++g) {
      const int at = g * slots + slot(pixel + (first_shift + g * step) % vector);
      sum = fmaf(sums[at], rescale(largest[at], top), sum);
    }
    all_largest[slot(pixel + margin)] = top;
    inverse_sums[slot(pixel + margin)] = reciprocal_fast(sum);
  }
  __syncthreads();
#pragma unroll
  for (int i = 0; i < vector; ++i) {
    const int at = slot(place.lane * vector + i + margin - place.shift);
    factors[i] = rescale(moments.largest[i], all_largest[at]) * inverse_sums[at];
  }
}

FUSELINE_DEVICE void store_channels(T* out, const T* bias, const float (&values)[per_group][vector], const float (&factors)[vector],
                                    const Place& place) {
  const bool all = place.owns_all();
  const bool any = place.owns_any();
  constexpr float prescale = static_cast<float>(SCALAR_scale) * sigmoid_prescale<sigmoid>;
#pragma unroll
  for (int k = 0; k < per_group; ++k) {
    if (!place.has_channel(k)) continue;
    const float offset = to_float(bias[place.group + k * groups]) * prescale;
    float results[vector];
#pragma unroll
    for (int i = 0; i < vector; ++i) results[i] = sigmoid_of_scaled<sigmoid>(fmaf(values[k][i], factors[i] * prescale, offset));
    T* const start = out + place.at(k);
    if (all) {
      store_pack<vector, Store::PARAM_store>(start, pack(results));
    } else if (any) {
#pragma unroll
      for (int i = 0; i < vector; ++i) {
        if (place.owns(i)) start[i] = from_float(results[i]);
      }
    }
  }
}

}  // namespace

extern "C" __global__ void __launch_bounds__(groups* lanes, PARAM_min_blocks)
    softmax_bias_scale_sigmoid_channel_split(const T* __restrict__ x, const T* __restrict__ bias, T* __restrict__ out) {
  const Place place = find_place();
  Pack<vector> packs[per_group];
  load_channels(packs, x, place);
  float values[per_group][vector];
  const Moments moments = exponentiate(values, packs, place);
  float factors[vector];
  if constexpr (groups == 1) {
#pragma unroll
    for (int i = 0; i < vector; ++i) factors[i] = reciprocal_fast(moments.sum[i]);
  } else {
    combine(factors, moments, place);
  }
  store_channels(out, bias, values, factors, place);
}
