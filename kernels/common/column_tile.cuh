// Tiles of a matrix whose columns share something, such as a bias: threads lie along the columns, so that what belongs
// to a column is loaded once for several rows.
#pragma once

#include "common/vector.cuh"

namespace fuseline {

/// A block of `lanes` threads along the columns, a vector each, by `threads / lanes` rows, `in_flight` times over.
template <long long row_count, int row_width, int block_threads, int lanes_of_row, int vector_elements,
          int rows_in_flight>
struct ColumnTile {
  static constexpr long long rows = row_count;
  static constexpr int width = row_width;
  static constexpr int lanes = lanes_of_row;
  static constexpr int vector = vector_elements;
  static constexpr int in_flight = rows_in_flight;
  static constexpr int groups = block_threads / lanes;
  static constexpr int tile_rows = groups * in_flight;
  static constexpr int tiles_of_row = cdiv(width, lanes* vector);
  static constexpr bool whole_columns = width % (lanes * vector) == 0;
  static constexpr bool whole_rows = rows % tile_rows == 0;
  static_assert(block_threads % lanes == 0 && width % vector == 0, "rows must be aligned to the access");

  int column;           ///< First of the thread's.
  long long first_row;  ///< Of the thread's rows.

  FUSELINE_DEVICE ColumnTile(long long tile, int thread)
      : column((static_cast<int>(tile % tiles_of_row) * lanes + thread % lanes) * vector),
        first_row(tile / tiles_of_row * tile_rows + thread / lanes) {}

  FUSELINE_DEVICE bool owns_columns() const { return whole_columns || column < width; }
  FUSELINE_DEVICE long long row(int r) const { return first_row + r * groups; }
  FUSELINE_DEVICE bool has(int r) const { return owns_columns() && (whole_rows || row(r) < rows); }
};

}  // namespace fuseline
