// The gradients of sigmoid(scale * (softmax(x) + bias)) over a tile of pixels: what the variants of softmax_bias_scale_sigmoid_backward share.
//
// With p the softmax, z = scale*(p + bias) and h = dout*sigmoid'(z): dbias is the sum of scale*h over pixels, and dx = p*scale*(h - sum of p*h
// over channels).
#pragma once

#include "common/channel_softmax.cuh"
#include "common/reduce.cuh"

namespace fuseline {

/// What makes e, which is kept of a channel, its share of sigmoid_slope_fast's argument: e * slope = p * scale * log2(e). Given the factors that
/// make e the probability p.
template <typename Tile>
struct PixelSlopes {
  float slopes[Tile::vector];

  FUSELINE_DEVICE PixelSlopes(const float (&factors)[Tile::vector], float scale) {
#pragma unroll
    for (int i = 0; i < Tile::vector; ++i) slopes[i] = factors[i] * (scale * log2_e);
  }
};

/// Whether T has the exponents of a float, so that no slope of the sigmoid is too small for it.
#ifdef FUSELINE_DTYPE_F16
constexpr bool wide_range = false;
#else
constexpr bool wide_range = true;
#endif

/// Sums of e*h over channels for a thread's pixels.
template <typename Tile>
class PixelDots {
 public:
  float sums[Tile::vector] = {};

  FUSELINE_DEVICE PixelDots() : partial_(zero_pack<Tile::vector>()) {}

  /// Takes channel k, given e as it is kept and unpacked, and h as it is kept.
  template <typename Kept>
  FUSELINE_DEVICE void add(int k, const Kept& kept, const float (&e)[Tile::vector], const Pack<Tile::vector>& h) {
    if constexpr (in_pairs) {
      partial_ = multiply_add(kept.pairs, h, partial_);
      if (k % run == run - 1) flush();
    } else {
      // h as it is kept, so that its rounding cancels where one channel has it all.
      float rounded[Tile::vector];
      unpack(h, rounded);
#pragma unroll
      for (int i = 0; i < Tile::vector; ++i) sums[i] = fmaf(e[i], rounded[i], sums[i]);
    }
  }
  /// To be called after the last channel.
  FUSELINE_DEVICE void finish() {
    if constexpr (in_pairs && (Tile::per_group % run != 0 || Tile::channels % Tile::groups != 0)) flush();
  }

 private:
  static constexpr bool in_pairs = Tile::keep == Keep::element && !wide_range;  // The eight bits of a bf16 are too few to add up in.
  static constexpr int run = 4;  // Channels added up in fp16: e is at most 1 and h a quarter of dout, so that four products are in its range.

  FUSELINE_DEVICE void flush() {
    float values[Tile::vector];
    unpack(partial_, values);
#pragma unroll
    for (int i = 0; i < Tile::vector; ++i) sums[i] += values[i];
    partial_ = zero_pack<Tile::vector>();
  }

  Pack<Tile::vector> partial_;
};

/// h of a thread's pixels of channel k as it is kept, given `start` = bias*scale*log2(e). Adds h of the pixels that this thread stores to
/// `sum` and e*h to `dots`. `inside` says that tile.inside(), `all` and `any` are tile.owns_all() and tile.owns_any().
template <bool inside, typename Tile, typename Kept>
FUSELINE_DEVICE Pack<Tile::vector> upstream(const Tile& tile, int k, const Kept& kept, const Pack<Tile::vector>& dout,
                                            const PixelSlopes<Tile>& pixels, float start, float& sum, PixelDots<Tile>& dots, bool all, bool any) {
  constexpr int vector = Tile::vector;
  float e[vector], h[vector];
  kept.get(e);
#pragma unroll
  for (int i = 0; i < vector; ++i) h[i] = sigmoid_slope_fast(fmaf(e[i], pixels.slopes[i], start));
  Pack<vector> packed;
  if constexpr (Tile::keep == Keep::element && wide_range) {
    packed = multiply_add(dout, pack(h), zero_pack<vector>());
    unpack(packed, h);
  } else {
    float upper[vector];
    unpack(dout, upper);
#pragma unroll
    for (int i = 0; i < vector; ++i) h[i] *= upper[i];
    packed = pack(h);
  }
  if constexpr (inside) {
    float own = h[0];
#pragma unroll
    for (int i = 1; i < vector; ++i) own += h[i];
    sum += all ? own : 0.0f;  // Without a branch it takes a register less.
  } else {
#pragma unroll
    for (int i = 0; i < vector; ++i) {
      if (all || (any && tile.owns(i))) sum += h[i];
    }
  }
  dots.add(k, kept, e, packed);
  return packed;
}

/// Pixels' parts of dx = e * factor * (h - dot), where factor = slope / log2(e) and dot is the sum of p*h over all channels.
template <typename Tile>
class PixelSteps {
 public:
  /// `dots` are the sums of e*h over the group's channels; here they are summed over all. Every thread of the block must call it.
  FUSELINE_DEVICE PixelSteps(const Tile& tile, const PixelSlopes<Tile>& pixels, PixelDots<Tile>& dots, float scale, float* shared) {
    dots.finish();
#pragma unroll
    for (int i = 0; i < vector; ++i) {
      factors_[i] = pixels.slopes[i] * (1.0f / log2_e);
      dots.sums[i] *= factors_[i];
    }
    tile.sum_over_groups(dots.sums, shared);
#pragma unroll
    for (int i = 0; i < vector; ++i) offsets_[i] = dots.sums[i] * (-1.0f / scale);  // p = e * factor / scale.
    if constexpr (in_pairs) {
      packed_factors_ = pack(factors_);
      packed_offsets_ = pack(offsets_);
    } else {
#pragma unroll
      for (int i = 0; i < vector; ++i) offsets_[i] *= factors_[i];
    }
  }

  template <typename Kept>
  FUSELINE_DEVICE Pack<Tile::vector> apply(const Kept& kept, const Pack<Tile::vector>& upstream) const {
    if constexpr (in_pairs) {
      // The difference first, so that what cancels has been rounded but once.
      float ones[vector];
#pragma unroll
      for (int i = 0; i < vector; ++i) ones[i] = 1.0f;
      const Pack<vector> zeros = zero_pack<vector>();
      return multiply_add(kept.pairs, multiply_add(multiply_add(upstream, pack(ones), packed_offsets_), packed_factors_, zeros), zeros);
    } else {
      float results[vector], e[vector];
      kept.get(e);
      unpack(upstream, results);
#pragma unroll
      for (int i = 0; i < vector; ++i) results[i] = e[i] * fmaf(results[i], factors_[i], offsets_[i]);
      return pack(results);
    }
  }

 private:
  static constexpr int vector = Tile::vector;
  static constexpr bool in_pairs = Tile::keep == Keep::element;

  float factors_[vector];
  float offsets_[vector];
  Pack<vector> packed_factors_;
  Pack<vector> packed_offsets_;
};

/// Stores the pixels of dx that this thread's group stores; `upstream(k)` gives h of channel k, `then(k)` is called when that was for the last time.
template <Store hint, typename Tile, typename Upstream, typename Then>
FUSELINE_DEVICE void store_gradients(T* dx, const Tile& tile, const typename Tile::Values& values, const PixelSteps<Tile>& steps,
                                     const Upstream& upstream, const Then& then) {
  constexpr int vector = Tile::vector;
  const bool all = tile.owns_all();
  // Vectors of which only some pixels are stored here are few: apart, so that the others need not ask.
  if (!all && tile.owns_any()) {
#pragma unroll
    for (int k = 0; k < Tile::per_group; ++k) {
      if (!tile.has_channel(k)) continue;
      float results[vector];
      unpack(steps.apply(values[k], upstream(k)), results);
      tile.template store<hint>(dx, k, results, false, true);
    }
  }
#pragma unroll
  for (int k = 0; k < Tile::per_group; ++k) {
    if (tile.has_channel(k)) {
      const Pack<vector> result = steps.apply(values[k], upstream(k));
      if (all) store_pack<vector, hint>(dx + tile.at(k), result);
    }
    then(k);
  }
}

/// Leaves a block's sums, times scale, in part[0 .. channels). `shared` has groups * per_group * segments floats, segments being lanes over the
/// largest power of two up to 32 in it, and nobody may be using it still. Every thread must call it.
template <typename Tile>
FUSELINE_DEVICE void store_part(float* part, const float (&sums)[Tile::per_group], float scale, float* shared) {
  constexpr int power = Tile::lanes & -Tile::lanes;
  constexpr int segment = power < 32 ? power : 32;  // Neighbouring lanes of a group that lie in one warp.
  constexpr int segments = Tile::lanes / segment;
  const int thread = static_cast<int>(threadIdx.x);
  const int group = thread / Tile::lanes;
#pragma unroll
  for (int k = 0; k < Tile::per_group; ++k) {
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

}  // namespace fuseline
