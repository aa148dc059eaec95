// Rows in flight in groups of lanes, from their load to their work: what the kernels with a row a group of lanes share.
#pragma once

#include "common/rows.cuh"
#include "common/vector.cuh"

namespace fuseline {

/// `in_flight` rows of each of a block's `group_count` groups, of `row_count` rows that start `row_stride` elements
/// apart. Neighbouring groups take neighbouring rows.
template <typename Lane, int in_flight, int group_count, long long row_count, long long row_stride = Lane::width>
struct RowTile {
  static constexpr int rows = in_flight;
  static constexpr long long all_rows = row_count;
  static constexpr long long tile_rows = static_cast<long long>(group_count) * rows;
  static constexpr long long tiles = cdiv(all_rows, tile_rows);
  static constexpr bool whole_tiles = all_rows % tile_rows == 0;

  long long number;
  Pack<Lane::vector> packs[rows][Lane::chunks];

  FUSELINE_DEVICE long long row(int r, const Lane& lane) const {
    return number * tile_rows + r * group_count + lane.group;
  }
  FUSELINE_DEVICE bool has(int r, const Lane& lane) const { return whole_tiles || row(r, lane) < all_rows; }

  template <Load hint>
  FUSELINE_DEVICE static RowTile load(const T* x, long long number, const Lane& lane) {
    RowTile tile;
    tile.number = number;
#pragma unroll
    for (int r = 0; r < rows; ++r) {
#pragma unroll
      for (int k = 0; k < Lane::chunks; ++k) {
        if (lane.owns(k) && tile.has(r, lane)) {
          tile.packs[r][k] = load_pack<Lane::vector, hint>(x + tile.row(r, lane) * row_stride + lane.column(k));
        } else {
          tile.packs[r][k] = zero_pack<Lane::vector>();
        }
      }
    }
    return tile;
  }
};

}  // namespace fuseline
