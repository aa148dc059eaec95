// Tiles of channel_softmax.cuh that lie in shared memory for a while (a stage): every thread copies, waits for and
// reads only its own vectors, so the copies need no barrier, and a place can be filled again as soon as its vector has
// been read.
#pragma once

#include "common/channel_softmax.cuh"
#include "common/pipeline.cuh"

namespace fuseline {

/// Elements of a stage.
template <typename Tile>
constexpr int stage_elements = Tile::per_group* Tile::threads* Tile::vector;

/// Where this thread's vector of channel k lies in a stage: neighbouring threads' vectors are neighbours.
template <typename Tile>
FUSELINE_DEVICE int place_in_stage(int k) {
  return (k * Tile::threads + static_cast<int>(threadIdx.x)) * Tile::vector;
}

/// A tile whose vectors are copied while another is worked on: channel by channel, so that copies go out among the
/// arithmetic.
template <typename Tile>
struct TileAhead {
  Tile tile;
  bool copies;  ///< Whether there is such a tile, and anybody needs this thread's pixels of it.

  FUSELINE_DEVICE explicit TileAhead(unsigned number)
      : tile(number, static_cast<int>(threadIdx.x)), copies(number < Tile::tiles && tile.loads()) {}
  /// Starts the copy of channel k from a tensor.
  FUSELINE_DEVICE void copy(T* stage, const T* from, int k) const {
    if (copies && tile.has_channel(k))
      async_copy<Tile::vector * dtype_bytes>(stage + place_in_stage<Tile>(k), from + tile.at(k));
  }
  FUSELINE_DEVICE void copy_all(T* stage, const T* from) const {
#pragma unroll
    for (int k = 0; k < Tile::per_group; ++k) copy(stage, from, k);
  }
};

/// This thread's vectors of a tile that has come; zeros where it needs none.
template <typename Tile>
FUSELINE_DEVICE void read_stage(typename Tile::Packs& packs, const T* stage, const Tile& tile) {
  const bool any = tile.loads();
#pragma unroll
  for (int k = 0; k < Tile::per_group; ++k) {
    packs[k] = any && tile.has_channel(k) ? load_pack<Tile::vector>(stage + place_in_stage<Tile>(k))
                                          : zero_pack<Tile::vector>();
  }
}

}  // namespace fuseline
