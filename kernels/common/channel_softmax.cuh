// Softmax over channels, bias, scale and sigmoid of a tile of pixels: what the variants of softmax_bias_scale_sigmoid
// share.
//
// Threads of a block lie along the pixels of one tile, so that accesses to a channel's plane are runs of bytes; groups
// of threads share the channels out, keep theirs in registers and combine their maxima and sums in shared memory.
//
// Planes start anywhere, so a tile's first pixel is aligned to a vector in few of them. Channels go to groups so that
// all planes of a group are off a boundary of `granule` elements by the same number (its shift), and the group's
// vectors start that much before the tile: every access is aligned. There are two ways to end a tile:
//
// - pixel-exact (granule 0): every group stores the same pixels. Vectors across the tile's ends are loaded by both
//   neighbours and stored element by element; a tile has one vector fewer than the threads along it could hold.
// - overlapping (granule a multiple of the vector): a group's stored pixels start its shift before the tile and end its
//   shift before the tile's end, so that all stores but those at a plane's ends are whole vectors and neighbouring
//   blocks share no granule of memory. For that, every block works the softmax out for up to a granule of pixels more
//   at its ends than a group stores.
#pragma once

#include "common/kept.cuh"
#include "common/math.cuh"
#include "common/vector.cuh"

namespace fuseline {

/// Whether T has few exponents but enough digits to add a few numbers up in.
#ifdef FUSELINE_DTYPE_F16
constexpr bool narrow_range = true;
#else
constexpr bool narrow_range = false;
#endif

/// Sizes, all constant: `image_count` images of `channel_count` planes of `plane_elements` pixels; a block of
/// `group_count` groups of `group_lanes` threads, each with vectors of `vector_elements` pixels; `granule_elements` as
/// above. What is worked out between passes is kept as `keep_as` says.
template <int image_count, int channel_count, long long plane_elements, int group_count, int group_lanes,
          int vector_elements, int granule_elements = 0, Keep keep_as = Keep::full>
struct ChannelTile {
  static constexpr int channels = channel_count;
  static constexpr long long plane = plane_elements;
  static constexpr long long elements = image_count * channels * plane;
  static constexpr int groups = group_count;
  static constexpr int lanes = group_lanes;
  static constexpr int vector = vector_elements;
  static constexpr Keep keep = keep_as;
  static constexpr int threads = groups * lanes;
  static constexpr int per_group = cdiv(channels, groups);  ///< Channels of a group.
  static constexpr int granule = granule_elements == 0 ? vector : granule_elements;
  static constexpr bool aligned = plane % granule == 0;
  static constexpr bool overlapping = granule_elements != 0 && !aligned;
  static constexpr int margin = aligned ? 0 : granule;
  static constexpr int lead =
      overlapping ? granule : 0;  ///< Of a group's first vector before the first that it stores.
  /// Of a tile; in an overlapping one, those that a group stores.
  static constexpr int pixels = lanes * vector - (overlapping ? 2 * granule : margin);
  static constexpr int extra = overlapping ? granule - 1 : 0;  ///< Pixels before the tile that some group stores.
  static constexpr int per_image = static_cast<int>(cdiv(plane + extra, static_cast<long long>(pixels)));
  static constexpr long long tiles = static_cast<long long>(image_count) * per_image;
  static constexpr bool whole_tiles = plane % pixels == 0 && aligned;
  static constexpr bool whole_tensor = elements % vector == 0;  ///< No aligned vector reaches past the end.
  /// Pixel u lies at slot(u) in shared memory, so that neither threads that step by a vector nor threads that step by
  /// one collide.
  static constexpr int pitch = vector == 1 ? lanes : lanes + 32 / vector;
  static constexpr int slots = (vector - 1) * pitch + lanes + margin / vector;
  static constexpr int shared_floats = groups == 1 ? 0 : 2 * (groups + 1) * slots;
  static_assert(pixels > 0, "a tile must have more threads along it");
  static_assert(granule % vector == 0 && granule / vector <= 32 / vector,
                "a granule is whole vectors, and 32 elements at most");
  static_assert(groups * plane % granule == 0, "a group's planes must be off by the same number of elements");

  /// Sums over a group's channels start in pairs of T, which must be fp16: the eight bits of a bf16 are too few.
  static constexpr bool sums_in_pairs = keep_as == Keep::element && narrow_range;
  static constexpr int run = 4;  ///< Channels of which.
  static constexpr bool odd_run =
      per_group % run != 0 || channels % groups != 0;  ///< Whether a thread's channels may end within a run.

  using Sums = PairSums<vector, run>;
  using Packs = Pack<vector>[per_group];
  using Values = Kept<vector, keep_as>[per_group];

  /// u is not negative.
  FUSELINE_DEVICE static int slot(int u) {
    return static_cast<int>(static_cast<unsigned>(u) % vector * pitch + static_cast<unsigned>(u) / vector);
  }

  int group;
  int lane;
  int shift;         ///< Of this group.
  int tile_start;    ///< First pixel of the tile.
  int first;         ///< First pixel of the thread's vector; may lie outside the tile, and outside the plane.
  long long offset;  ///< Of that pixel in the group's first plane, in elements.

  /// `tile` is a number below 2^32.
  FUSELINE_DEVICE ChannelTile(long long tile, int thread) : group(thread / lanes), lane(thread % lanes) {
    const unsigned image = static_cast<unsigned>(tile) / per_image;
    const long long plane_start = (image * static_cast<long long>(channels) + group) * plane;
    tile_start = static_cast<int>(static_cast<unsigned>(tile) % per_image) * pixels;
    // Where every image is off by the same number, the shift is known once and for all.
    const long long shifting_start = channels * plane % granule == 0 ? group * plane : plane_start;
    shift = aligned ? 0 : static_cast<int>(static_cast<unsigned long long>(shifting_start) % granule);
    first = tile_start - shift - lead + lane * vector;
    offset = plane_start + first;
  }

  /// Whether the group stores the thread's pixel i, any of its pixels, all of them.
  FUSELINE_DEVICE bool owns(int i) const {
    const int pixel = first + i;
    if constexpr (overlapping) return stored_lane(lane) && pixel >= 0 && pixel < plane;
    return pixel >= tile_start && pixel < tile_start + pixels && (whole_tiles || pixel < plane);
  }
  FUSELINE_DEVICE bool owns_any() const {
    if constexpr (overlapping) return stored_lane(lane) && first + vector > 0 && first < plane;
    return loads();
  }
  FUSELINE_DEVICE bool owns_all() const { return owns(0) && owns(vector - 1); }
  /// Bit i: whether owns(i).
  FUSELINE_DEVICE unsigned owned() const {
    unsigned bits = 0;
#pragma unroll
    for (int i = 0; i < vector; ++i) bits |= owns(i) ? 1u << i : 0u;
    return bits;
  }
  /// Whether the thread stores its pixels of tiles that lie inside(); where not, it stores none of any tile.
  FUSELINE_DEVICE static bool stores(int thread) { return !overlapping || stored_lane(thread % lanes); }
  /// Whether the tile lies so far inside the plane that a thread's pixels are all stored or none is; the same in all
  /// threads.
  FUSELINE_DEVICE bool inside() const {
    return (aligned || overlapping) && (whole_tiles || (tile_start >= extra && tile_start + pixels <= plane));
  }
  /// Whether anybody needs the thread's pixels.
  FUSELINE_DEVICE bool loads() const {
    if constexpr (overlapping)
      return first + vector > 0 && first + vector > tile_start - extra && first < tile_start + pixels && first < plane;
    return first < tile_start + pixels && (whole_tiles || first < plane);
  }
  FUSELINE_DEVICE bool has_channel(int k) const {
    return channels % groups == 0 || k + 1 < per_group || group + k * groups < channels;
  }
  /// Where the thread's vector of the group's channel k starts.
  FUSELINE_DEVICE long long at(int k) const { return offset + k * (groups * plane); }

  /// Loads the thread's vectors of all channels of its group.
  template <Load hint>
  FUSELINE_DEVICE void load(Packs& packs, const T* x) const {
    const bool any = loads();
#pragma unroll
    for (int k = 0; k < per_group; ++k) {
      const long long start = at(k);
      if (!any || !has_channel(k)) {
        packs[k] = zero_pack<vector>();
      } else if (whole_tensor || start + vector <= elements) {
        packs[k] = load_pack<vector, hint>(x + start);
      } else {
        packs[k] = load_last(x, start);
      }
    }
  }

  /// Turns logits into values that, times factors, are the channels' probabilities. Every thread of the block must call
  /// it; `shared` has shared_floats floats.
  FUSELINE_DEVICE void softmax(Values& values, float (&factors)[vector], const Packs& packs, float* shared) const {
    const Moments moments = exponentiate(values, packs);
    if constexpr (groups == 1) {
#pragma unroll
      for (int i = 0; i < vector; ++i) factors[i] = reciprocal_fast(moments.sum[i]);
    } else {
      combine(factors, moments, shared);
    }
  }

  /// Sums over all channels of what each group's threads know of their pixels; in all groups. To be called after
  /// softmax() with the same `shared`, once before the next softmax(), by every thread of the block.
  FUSELINE_DEVICE void sum_over_groups(float (&sums)[vector], float* shared) const {
    if constexpr (groups > 1) {
      float* const parts = shared;
      float* const totals = parts + 2 * groups * slots;
#pragma unroll
      for (int i = 0; i < vector; ++i) parts[group * slots + place(i)] = sums[i];
      __syncthreads();
      for (int pixel = group * lanes + lane - extra; pixel < pixels; pixel += threads) {
        const int at = slot(pixel + margin + lead);
        float total = 0.0f;
#pragma unroll unrolled_groups
        for (int g = 0; g < groups; ++g) total += parts[g * slots + at];
        totals[at] = total;
      }
      __syncthreads();
#pragma unroll
      for (int i = 0; i < vector; ++i) sums[i] = totals[place(i)];
    }
  }

  /// Stores the pixels of channel k that this group stores.
  template <Store hint>
  FUSELINE_DEVICE void store(T* out, int k, const float (&results)[vector], bool all, bool any) const {
    T* const start = out + at(k);
    if (all) {
      store_pack<vector, hint>(start, pack(results));
    } else if (any) {
#pragma unroll
      for (int i = 0; i < vector; ++i) {
        if (owns(i)) start[i] = from_float(results[i]);
      }
    }
  }

  /// Bias, scale and sigmoid, and the stores of the pixels that belong to this tile.
  template <Sigmoid sigmoid, Store hint>
  FUSELINE_DEVICE void finish(T* out, const T* bias, const Values& values, const float (&factors)[vector],
                              float scale) const {
    const bool all = owns_all();
    const bool any = owns_any();
    const float prescale = scale * sigmoid_prescale<sigmoid>;
#pragma unroll
    for (int k = 0; k < per_group; ++k) {
      if (!has_channel(k)) continue;
      const float start_value = to_float(bias[group + k * groups]) * prescale;
      float results[vector];
      values[k].get(results);
#pragma unroll
      for (int i = 0; i < vector; ++i)
        results[i] = sigmoid_of_scaled<sigmoid>(fmaf(results[i], factors[i] * prescale, start_value));
      store<hint>(out, k, results, all, any);
    }
  }

 private:
  static constexpr int unrolled_groups = groups < 8 ? groups : 8;

  FUSELINE_DEVICE static bool stored_lane(int lane) { return lane >= lead / vector && lane < (lead + pixels) / vector; }

  // What is known of the softmax of some channels: their largest logit times log2(e), and the sum of 2^(logit*log2(e) -
  // largest).
  struct Moments {
    float largest[vector];
    float sum[vector];
  };

  // The last vector of a tensor may reach past its end: element by element then.
  FUSELINE_DEVICE static Pack<vector> load_last(const T* x, long long start) {
    float values[vector];
#pragma unroll
    for (int i = 0; i < vector; ++i) values[i] = start + i < elements ? to_float(x[start + i]) : 0.0f;
    return pack(values);
  }

  FUSELINE_DEVICE static Pack<vector> all_of(float value) {
    float values[vector];
#pragma unroll
    for (int i = 0; i < vector; ++i) values[i] = value;
    return pack(values);
  }

  // Turns a group's logits into 2^(logit*log2(e) - largest of the group).
  FUSELINE_DEVICE Moments exponentiate(Values& values, const Packs& packs) const {
    Moments moments;
    float base[vector];
    Pack<vector> largest = all_of(negative_infinity());
#pragma unroll
    for (int k = 0; k < per_group; ++k) {
      if (has_channel(k)) raise_to(largest, packs[k]);
    }
    unpack(largest, moments.largest);
#pragma unroll
    for (int i = 0; i < vector; ++i) {
      moments.largest[i] *= log2_e;
      moments.sum[i] = 0.0f;
      // With no logit above -infinity the sum is 0 or NaN, whatever is subtracted; infinity from infinity would make it
      // NaN always.
      base[i] = moments.largest[i] == negative_infinity() ? 0.0f : moments.largest[i];
    }
    [[maybe_unused]] Sums partial;
    [[maybe_unused]] const Pack<vector> ones = all_of(1.0f);
#pragma unroll
    for (int k = 0; k < per_group; ++k) {
      float exponentials[vector];
      unpack(packs[k], exponentials);
#pragma unroll
      for (int i = 0; i < vector; ++i) {
        exponentials[i] = has_channel(k) ? exp2_fast(fmaf(exponentials[i], log2_e, -base[i])) : 0.0f;
        if constexpr (!sums_in_pairs) moments.sum[i] += exponentials[i];
      }
      values[k].put(exponentials);
      if constexpr (sums_in_pairs) partial.add(moments.sum, k, values[k].pairs, ones);
    }
    if constexpr (sums_in_pairs && per_group % run != 0) partial.finish(moments.sum);
    return moments;
  }

  // Where what is known of the thread's pixel i lies in shared memory: the same place for that pixel in all groups,
  // whose shifts differ.
  FUSELINE_DEVICE int place(int i) const { return slot(lane * vector + i + margin - shift); }

  // Combines the groups' moments: afterwards factors[i] turns a value of the thread's pixel i into its probability.
  // Where no group has a logit above -infinity, differences of maxima are NaN, as the probabilities must be.
  FUSELINE_DEVICE void combine(float (&factors)[vector], const Moments& moments, float* shared) const {
    float* const largest = shared;
    float* const sums = largest + groups * slots;
    float* const all_largest = sums + groups * slots;
    float* const inverse_sums = all_largest + slots;
#pragma unroll
    for (int i = 0; i < vector; ++i) {
      largest[group * slots + place(i)] = moments.largest[i];
      sums[group * slots + place(i)] = moments.sum[i];
    }
    __syncthreads();
    for (int pixel = group * lanes + lane - extra; pixel < pixels; pixel += threads) {
      const int at = slot(pixel + margin + lead);
      float top = negative_infinity();
#pragma unroll unrolled_groups
      for (int g = 0; g < groups; ++g) top = fmaxf(top, largest[g * slots + at]);
      float sum = 0.0f;
#pragma unroll unrolled_groups
      for (int g = 0; g < groups; ++g) sum = fmaf(sums[g * slots + at], exp2_fast(largest[g * slots + at] - top), sum);
      all_largest[at] = top;
      inverse_sums[at] = reciprocal_fast(sum);
    }
    __syncthreads();
#pragma unroll
    for (int i = 0; i < vector; ++i)
      factors[i] = exp2_fast(moments.largest[i] - all_largest[place(i)]) * inverse_sums[place(i)];
  }
};

}  // namespace fuseline
