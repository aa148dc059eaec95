// The gradients of sigmoid(scale * (softmax(x) + bias)) over a tile of pixels: what the variants of
// softmax_bias_scale_sigmoid_backward share.
//
// With p the softmax, z = scale*(p + bias) and h = dout*sigmoid'(z): dbias is the sum of scale*h over pixels, and dx =
// p*scale*(h - sum of p*h over channels).
#pragma once

#include "common/channel_softmax.cuh"
#include "common/reduce.cuh"

namespace fuseline {

/// How the derivative of the sigmoid at z = scale*(p + bias) is worked out. `exact`: from z. `polynomial`: as a
/// function of the probability p alone, one for every channel, in pairs of a 16-bit T: no special function, for |scale|
/// up to 2. Pairs of fp16 lose digits of slopes under 6e-5, which |z| over 9.7 has.
enum class Slope { exact, polynomial };

/// The slopes of a thread's pixels, given the factors that make e, which is kept of a channel, the probability p.
template <typename Tile, Slope form>
class PixelSlopes {
 public:
  /// What is known of a channel: bias * scale * log2(e).
  using Channel = float;
  FUSELINE_DEVICE static Channel channel(float bias, float scale) { return bias * (scale * log2_e); }

  FUSELINE_DEVICE PixelSlopes(const float (&factors)[Tile::vector], float scale) {
#pragma unroll
    for (int i = 0; i < Tile::vector; ++i) slopes_[i] = factors[i] * (scale * log2_e);
  }
  /// e * step = p * scale.
  FUSELINE_DEVICE float step(int i) const { return slopes_[i] * (1.0f / log2_e); }
  /// h = dout * slope, as floats and as it is kept.
  template <typename Kept>
  FUSELINE_DEVICE Pack<Tile::vector> weigh(float (&h)[Tile::vector], const Kept& kept, const Pack<Tile::vector>& dout,
                                           const Channel& start) const {
    constexpr int vector = Tile::vector;
    kept.get(h);
#pragma unroll
    for (int i = 0; i < vector; ++i) h[i] = sigmoid_slope_fast(fmaf(h[i], slopes_[i], start));
    if constexpr (Tile::keep == Keep::element && !narrow_range) {
      const Pack<vector> packed = multiply_add(dout, pack(h), zero_pack<vector>());
      unpack(packed, h);
      return packed;
    } else {  // fp16 has too few exponents for slopes far out.
      float upper[vector];
      unpack(dout, upper);
#pragma unroll
      for (int i = 0; i < vector; ++i) h[i] *= upper[i];
      return pack(h);
    }
  }

 private:
  float slopes_[Tile::vector];  ///< e * slope = p * scale * log2(e): its share of the argument.
};

#ifndef FUSELINE_DTYPE_F32

template <typename Tile>
class PixelSlopes<Tile, Slope::polynomial> {
 public:
  static constexpr int degree = 4;
  /// Coefficients, the constant one first, twice each.
  struct alignas(16) Channel {
    unsigned coefficients[8];
  };

  /// The polynomial through the slopes at the five Chebyshev-Lobatto nodes of [0, 1] (Newton's divided differences):
  /// exact at p = 0, about which most probabilities lie. Where |scale| is 2 it is off by at most 0.17 % of the slope
  /// (for biases up to 8), and by 0.03 % at p = 1/128.
  FUSELINE_DEVICE static Channel channel(float bias, float scale) {
    constexpr float nodes[degree + 1] = {0.0f, 0.14644661f, 0.5f, 0.85355339f, 1.0f};
    float differences[degree + 1];
#pragma unroll
    for (int j = 0; j <= degree; ++j) differences[j] = sigmoid_slope_fast((nodes[j] + bias) * (scale * log2_e));
#pragma unroll
    for (int order = 1; order <= degree; ++order) {
#pragma unroll
      for (int j = degree; j >= order; --j)
        differences[j] = (differences[j] - differences[j - 1]) / (nodes[j] - nodes[j - order]);
    }
    float coefficients[degree + 1] = {differences[degree]};
#pragma unroll
    for (int j = degree - 1; j >= 0; --j) {  // times (p - node) plus the next difference
#pragma unroll
      for (int k = degree - j; k > 0; --k)
        coefficients[k] = coefficients[k - 1] - nodes[j] * (k == degree - j ? 0.0f : coefficients[k]);
      coefficients[0] = differences[j] - nodes[j] * coefficients[0];
    }
    Channel channel;
#pragma unroll
    for (int k = 0; k <= degree; ++k) channel.coefficients[k] = pack_pair(coefficients[k], coefficients[k]);
    return channel;
  }

  FUSELINE_DEVICE PixelSlopes(const float (&factors)[Tile::vector], float scale) {
    packed_factors_ = pack(factors);
#pragma unroll
    for (int i = 0; i < Tile::vector; ++i) steps_[i] = factors[i] * scale;
  }
  FUSELINE_DEVICE float step(int i) const { return steps_[i]; }
  template <typename Kept>
  FUSELINE_DEVICE Pack<Tile::vector> weigh(float (&h)[Tile::vector], const Kept& kept, const Pack<Tile::vector>& dout,
                                           const Channel& channel) const {
    constexpr int vector = Tile::vector;
    const Pack<vector> zeros = zero_pack<vector>();
    const Pack<vector> p = multiply_add(kept.pairs, packed_factors_, zeros);
    Pack<vector> slope = all_pairs<vector>(channel.coefficients[degree]);
#pragma unroll
    for (int k = degree - 1; k >= 0; --k) slope = multiply_add(slope, p, all_pairs<vector>(channel.coefficients[k]));
    const Pack<vector> packed = multiply_add(slope, dout, zeros);
    unpack(packed, h);
    return packed;
  }

 private:
  Pack<Tile::vector> packed_factors_;
  float steps_[Tile::vector];
};

#endif

/// Sums of e*h over channels for a thread's pixels.
template <typename Tile>
class PixelDots {
 public:
  float sums[Tile::vector] = {};

  /// Takes channel k, given e and h as they are kept.
  template <typename Kept>
  FUSELINE_DEVICE void add(int k, const Kept& kept, const Pack<Tile::vector>& h) {
    if constexpr (Tile::sums_in_pairs) {
      partial_.add(sums, k, kept.pairs, h);
    } else {
      // h as it is kept, so that its rounding cancels where one channel has it all.
      float e[Tile::vector], rounded[Tile::vector];
      kept.get(e);
      unpack(h, rounded);
#pragma unroll
      for (int i = 0; i < Tile::vector; ++i) sums[i] = fmaf(e[i], rounded[i], sums[i]);
    }
  }
  /// To be called after the last channel.
  FUSELINE_DEVICE void finish() {
    if constexpr (Tile::sums_in_pairs && Tile::odd_run) partial_.finish(sums);
  }

 private:
  typename Tile::Sums
      partial_;  ///< e is at most 1 and h a quarter of dout, so that a run of products is in the range of fp16.
};

/// h of a thread's pixels of channel k as it is kept, given what is known of the channel. Adds h of the pixels that
/// this thread stores (or would store, were it one that stores any) to `sum` and e*h to `dots`. `inside` says that
/// tile.inside(); where not, `owned` is tile.owned().
template <bool inside, typename Tile, Slope form, typename Kept>
FUSELINE_DEVICE Pack<Tile::vector> upstream(int k, const Kept& kept, const Pack<Tile::vector>& dout,
                                            const PixelSlopes<Tile, form>& pixels,
                                            const typename PixelSlopes<Tile, form>::Channel& channel, float& sum,
                                            PixelDots<Tile>& dots, unsigned owned) {
  constexpr int vector = Tile::vector;
  float h[vector];
  const Pack<vector> packed = pixels.weigh(h, kept, dout, channel);
  if constexpr (inside) {
    float own = h[0];
#pragma unroll
    for (int i = 1; i < vector; ++i) own += h[i];
    sum += own;  // A thread stores all its pixels of every such tile, or none of any: store_part() leaves those out.
  } else {
#pragma unroll
    for (int i = 0; i < vector; ++i) {
      sum += (owned >> i & 1) != 0 ? h[i] : 0.0f;
    }
  }
  dots.add(k, kept, packed);
  return packed;
}

/// Pixels' parts of dx = e * step * (h - dot), where e * step = p * scale and dot is the sum of p*h over all channels.
template <typename Tile>
class PixelSteps {
 public:
  /// `dots` are the sums of e*h over the group's channels; here they are summed over all. Every thread of the block
  /// must call it.
  template <Slope form>
  FUSELINE_DEVICE PixelSteps(const Tile& tile, const PixelSlopes<Tile, form>& pixels, PixelDots<Tile>& dots,
                             float scale, float* shared) {
    dots.finish();
#pragma unroll
    for (int i = 0; i < vector; ++i) {
      factors_[i] = pixels.step(i);
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
      return multiply_add(
          kept.pairs, multiply_add(multiply_add(upstream, pack(ones), packed_offsets_), packed_factors_, zeros), zeros);
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

/// Stores the pixels of dx that this thread's group stores; `upstream(k)` gives h of channel k, `then(k)` is called
/// when that was for the last time.
template <Store hint, typename Tile, typename Upstream, typename Then>
FUSELINE_DEVICE void store_gradients(T* dx, const Tile& tile, const typename Tile::Values& values,
                                     const PixelSteps<Tile>& steps, const Upstream& upstream, const Then& then) {
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

/// Leaves a block's sums, times scale, in part[0 .. channels). `shared` has groups * per_group * segments floats,
/// segments being lanes over the largest power of two up to 32 in it, and nobody may be using it still. Every thread
/// must call it.
template <typename Tile>
FUSELINE_DEVICE void store_part(float* part, const float (&sums)[Tile::per_group], float scale, float* shared) {
  constexpr int power = Tile::lanes & -Tile::lanes;
  constexpr int segment = power < 32 ? power : 32;  // Neighbouring lanes of a group that lie in one warp.
  constexpr int segments = Tile::lanes / segment;
  const int thread = static_cast<int>(threadIdx.x);
  const int group = thread / Tile::lanes;
  const bool counts = Tile::stores(thread);
#pragma unroll
  for (int k = 0; k < Tile::per_group; ++k) {
    const float sum = group_sum<segment>(counts ? sums[k] : 0.0f);
    if (thread % segment == 0) shared[(k * Tile::groups + group) * segments + thread % Tile::lanes / segment] = sum;
  }
  __syncthreads();
  for (int c = thread; c < Tile::channels;
       c += Tile::threads) {  // Channel c is the group's channel k where c = k * groups + group.
    float total = 0.0f;
#pragma unroll
    for (int s = 0; s < segments; ++s) total += shared[c * segments + s];
    part[c] = total * scale;
  }
}

}  // namespace fuseline
