// Planes of positions by channels whose channels lie side by side in memory (channels-last), held in registers by teams
// of threads, and what LayerNorm over the positions needs of them.
//
// A team takes a slice of a plane's channels. Its lanes lie along the channels, a vector each, so that an access is one
// run of bytes; its groups share the positions out. A channel's sums go over a thread's own positions, then over the
// groups: by shuffle within a warp, through shared memory between warps.
#pragma once

#include "common/layernorm_gelu.cuh"
#include "common/vector.cuh"

namespace fuseline {

/// `once`: elements are unpacked once and wait as floats; `anew`: packs of a 16-bit T wait, and are unpacked in every
/// pass.
enum class Unpack { once, anew };

/// A thread's place in a block of `block_threads`, whose teams of `team_lanes * team_groups` threads take slices of
/// planes of `plane_width` by `plane_channels`. A thread's positions are neighbours `run_of_positions` at a time. A
/// team of more than a warp is a block.
template <int plane_width, int plane_channels, int block_threads, int team_lanes, int team_groups, int vector_elements,
          int run_of_positions = 1>
struct PlaneThread {
  static constexpr int width = plane_width;
  static constexpr int channels = plane_channels;
  static constexpr int lanes = team_lanes;
  static constexpr int groups = team_groups;
  static constexpr int vector = vector_elements;
  static constexpr int run = run_of_positions;
  static constexpr int team = lanes * groups;
  static constexpr int teams = block_threads / team;  ///< Of a block.
  static constexpr int warps = cdiv(team, 32);        ///< Of a team.
  static constexpr int in_warp = team < 32 ? team : 32;
  static constexpr int positions = cdiv(width, groups* run) * run;  ///< Of a thread.
  static constexpr int slice = lanes * vector;
  static constexpr int slices = cdiv(channels, slice);
  static constexpr long long plane = static_cast<long long>(width) * channels;
  static constexpr bool whole = width == positions * groups;
  static constexpr bool whole_slices = channels % slice == 0;
  static_assert(lanes <= 32 && (lanes & (lanes - 1)) == 0 && (groups & (groups - 1)) == 0, "powers of two");
  static_assert(block_threads % team == 0 && (team <= 32 || teams == 1), "a team of more than a warp is a block");
  static_assert(channels % vector == 0, "every position must be aligned to the access");

  int lane;
  int group;
  int number;  ///< Of the team in its block.

  FUSELINE_DEVICE explicit PlaneThread(int thread)
      : lane(thread % lanes), group(thread / lanes % groups), number(thread / team) {}

  FUSELINE_DEVICE int position(int p) const { return (p / run * groups + group) * run + p % run; }
  FUSELINE_DEVICE bool owns(int p) const { return whole || position(p) < width; }
  /// Elements from the thread's first position to its position p.
  FUSELINE_DEVICE static int offset(int p) { return (p / run * groups * run + p % run) * channels; }
};

/// The slices of `plane_count` planes, shared out among the teams of blocks.
template <typename Place, long long plane_count>
struct PlaneTiles {
  static constexpr long long tiles = plane_count * Place::slices;
  static constexpr long long count = cdiv(tiles, static_cast<long long>(Place::teams));  ///< Of blocks of tiles.
  static constexpr bool whole = tiles % Place::teams == 0 && Place::whole_slices;

  bool inside;      ///< Whether the thread has channels of a plane.
  long long first;  ///< Element of its first position.

  /// The thread's share of the block of tiles `number`.
  FUSELINE_DEVICE PlaneTiles(long long number, const Place& place) {
    const long long tile = number * Place::teams + place.number;
    const int channel = static_cast<int>(tile % Place::slices) * Place::slice + place.lane * Place::vector;
    inside = whole || (tile < tiles && channel < Place::channels);
    first = tile / Place::slices * Place::plane + static_cast<long long>(place.group) * Place::run * Place::channels +
            channel;
  }
};

/// Numbers that move between shared memory and registers at once.
template <int count>
struct alignas(4 * count) FloatRun {
  float values[count];
};

/// `count` numbers a thread that the warps of a team exchange through shared memory.
template <typename Place, int count>
struct PlaneExchange {
  static constexpr int run = count % 4 == 0 ? 4 : count % 2 == 0 ? 2 : 1;
  static constexpr int runs = count / run;
  /// Floats of shared memory.
  static constexpr int floats = Place::warps > 1 ? Place::warps* count* Place::lanes : 0;

  // Runs of neighbouring lanes lie side by side, so that no two of them meet in a bank.
  FUSELINE_DEVICE static FloatRun<run>& at(float* shared, int warp, int r, const Place& place) {
    return reinterpret_cast<FloatRun<run>*>(shared)[(warp * runs + r) * Place::lanes + place.lane];
  }
  /// By every thread, its warp's numbers being the same in all groups of the warp.
  FUSELINE_DEVICE static void give(float* shared, const float (&values)[count], const Place& place) {
    const int thread = static_cast<int>(threadIdx.x);
    if (thread % 32 >= Place::lanes) return;
#pragma unroll
    for (int r = 0; r < runs; ++r) {
      FloatRun<run> numbers;
#pragma unroll
      for (int i = 0; i < run; ++i) numbers.values[i] = values[r * run + i];
      at(shared, thread / 32, r, place) = numbers;
    }
  }
};

/// Sums over a team's groups of `count` numbers a thread, in all of them, the same bits in each. `shared` has
/// PlaneExchange::floats floats, which may be used again behind the block's next barrier. Every thread of the block
/// must call it.
template <typename Place, int count>
FUSELINE_DEVICE void sum_over_groups(float (&values)[count], float* shared, const Place& place) {
#pragma unroll
  for (int step = Place::lanes; step < Place::in_warp; step *= 2) {
#pragma unroll
    for (int i = 0; i < count; ++i) values[i] += __shfl_xor_sync(0xffffffffu, values[i], step);
  }
  if constexpr (Place::warps > 1) {
    using Exchange = PlaneExchange<Place, count>;
    constexpr int run = Exchange::run;
    Exchange::give(shared, values, place);
    __syncthreads();
#pragma unroll
    for (int r = 0; r < Exchange::runs; ++r) {
      FloatRun<run> total = Exchange::at(shared, 0, r, place);
      // Not all warps at once: their numbers would fill the registers.
#pragma unroll 4
      for (int warp = 1; warp < Place::warps; ++warp) {
        const FloatRun<run> numbers = Exchange::at(shared, warp, r, place);
#pragma unroll
        for (int i = 0; i < run; ++i) total.values[i] += numbers.values[i];
      }
#pragma unroll
      for (int i = 0; i < run; ++i) values[r * run + i] = total.values[i];
    }
  }
}

/// The same for means and sums of squared distances from them over each thread's positions, which are merged pairwise
/// (Chan, Golub and LeVeque, 1979): one barrier where sums need two. `shared` has twice as many floats.
template <typename Place, int count>
FUSELINE_DEVICE void merge_over_groups(float (&means)[count], float (&squares)[count], float* shared,
                                       const Place& place) {
  static_assert(Place::whole, "merged statistics need threads with equal shares");
#pragma unroll
  for (int step = Place::lanes; step < Place::in_warp; step *= 2) {
#pragma unroll
    for (int i = 0; i < count; ++i) {
      const float other_mean = __shfl_xor_sync(0xffffffffu, means[i], step);
      const float other_squares = __shfl_xor_sync(0xffffffffu, squares[i], step);
      const float distance = other_mean - means[i];
      const float weight = 0.5f * static_cast<float>(Place::positions * (step / Place::lanes));
      means[i] = 0.5f * (means[i] + other_mean);
      squares[i] = fmaf(distance * distance, weight, squares[i] + other_squares);
    }
  }
  if constexpr (Place::warps > 1) {
    using Exchange = PlaneExchange<Place, count>;
    constexpr int run = Exchange::run;
    constexpr float share = static_cast<float>(Place::width / Place::warps);  // Positions of a warp.
    float* const of_squares = shared + Exchange::floats;
    Exchange::give(shared, means, place);
    Exchange::give(of_squares, squares, place);
    __syncthreads();
#pragma unroll
    for (int r = 0; r < Exchange::runs; ++r) {
      // Distances of the warps' means from the first one's. What cancels below is at most as many times larger than
      // what is left as there are warps, since the first is one of them.
      const FloatRun<run> first = Exchange::at(shared, 0, r, place);
      FloatRun<run> total = Exchange::at(of_squares, 0, r, place), distances = {}, spreads = {};
#pragma unroll 2
      for (int warp = 1; warp < Place::warps; ++warp) {
        const FloatRun<run> mean = Exchange::at(shared, warp, r, place);
        const FloatRun<run> square = Exchange::at(of_squares, warp, r, place);
#pragma unroll
        for (int i = 0; i < run; ++i) {
          const float distance = mean.values[i] - first.values[i];
          distances.values[i] += distance;
          spreads.values[i] = fmaf(distance, distance, spreads.values[i]);
          total.values[i] += square.values[i];
        }
      }
#pragma unroll
      for (int i = 0; i < run; ++i) {
        const float distance = distances.values[i] * (1.0f / static_cast<float>(Place::warps));
        means[r * run + i] = first.values[i] + distance;
        squares[r * run + i] = fmaf(share, fmaf(-distance, distances.values[i], spreads.values[i]), total.values[i]);
      }
    }
  }
}

/// A thread's vectors of one plane; zeros outside it.
template <typename Place>
using PlanePacks = Pack<Place::vector>[Place::positions];

/// Loads a thread's vectors, the first of which starts at `first`.
template <Load hint, typename Place>
FUSELINE_DEVICE void load_plane(PlanePacks<Place>& packs, const T* first, bool inside, const Place& place) {
#pragma unroll
  for (int p = 0; p < Place::positions; ++p) {
    packs[p] =
        inside && place.owns(p) ? load_pack<Place::vector, hint>(first + Place::offset(p)) : zero_pack<Place::vector>();
  }
}

/// The elements of a pack that an earlier pass has unpacked already.
template <Unpack form, int N>
FUSELINE_DEVICE void unpack_again(const Pack<N>& pack, float (&values)[N]) {
  if constexpr (form == Unpack::anew) {
    unpack(unknown(pack), values);
  } else {
    unpack(pack, values);
  }
}

/// Means and 1/sqrt(variance + eps) of a thread's channels over the positions of `planes` planes: those of plane q and
/// the vector's element i at q * vector + i. `shared` has 2 * PlaneExchange<Place, planes * vector>::floats floats.
/// Where statistics are merged, they may be used again behind the block's next barrier but one. Every thread of the
/// block must call it.
template <Statistics statistics, Unpack form, int planes, typename Place>
FUSELINE_DEVICE void plane_moments(const PlanePacks<Place> (&packs)[planes], float (&means)[planes * Place::vector],
                                   float (&inverse_deviations)[planes * Place::vector], float eps, float* shared,
                                   const Place& place) {
  constexpr int vector = Place::vector;
  constexpr int count = planes * vector;
  constexpr bool merged = statistics == Statistics::merged;
  constexpr float share = 1.0f / static_cast<float>(merged ? Place::positions : Place::width);
#pragma unroll
  for (int i = 0; i < count; ++i) means[i] = 0.0f;
#pragma unroll
  for (int q = 0; q < planes; ++q) {
#pragma unroll
    for (int p = 0; p < Place::positions; ++p) {
      float values[vector];
      unpack(packs[q][p], values);
#pragma unroll
      for (int i = 0; i < vector; ++i) means[q * vector + i] += values[i];
    }
  }
  if constexpr (!merged) sum_over_groups(means, shared, place);
  float squares[count];
#pragma unroll
  for (int i = 0; i < count; ++i) {
    means[i] *= share;
    squares[i] = 0.0f;
  }
#pragma unroll
  for (int q = 0; q < planes; ++q) {
#pragma unroll
    for (int p = 0; p < Place::positions; ++p) {
      float values[vector];
      unpack_again<form>(packs[q][p], values);
#pragma unroll
      for (int i = 0; i < vector; ++i) {
        const float centred = place.owns(p) ? values[i] - means[q * vector + i] : 0.0f;
        squares[q * vector + i] = fmaf(centred, centred, squares[q * vector + i]);
      }
    }
  }
  if constexpr (merged) {
    merge_over_groups(means, squares, shared, place);
  } else {
    sum_over_groups(squares, shared + PlaneExchange<Place, count>::floats, place);
  }
#pragma unroll
  for (int i = 0; i < count; ++i)
    inverse_deviations[i] = rsqrtf(fmaf(squares[i], 1.0f / static_cast<float>(Place::width), eps));
}

}  // namespace fuseline
