// A thread takes tile_size_y x tile_size_x outputs, one block apart.
extern "C" __global__ void convolution_tiled(const float* image, const float* weights, float* out) {
  for (int tile_y = 0; tile_y < PARAM_tile_size_y; ++tile_y)
    for (int tile_x = 0; tile_x < PARAM_tile_size_x; ++tile_x) {
      const long long y =
          (static_cast<long long>(blockIdx.y) * PARAM_tile_size_y + tile_y) * PARAM_block_size_y + threadIdx.y;
      const long long x =
          (static_cast<long long>(blockIdx.x) * PARAM_tile_size_x + tile_x) * PARAM_block_size_x + threadIdx.x;
      if (y >= DIM_height || x >= DIM_width) continue;
      float sum = 0;
      for (int row = 0; row < PARAM_filter_height; ++row)
        for (int column = 0; column < PARAM_filter_width; ++column)
          sum += weights[row * PARAM_filter_width + column] *
                 image[(y + row) * (DIM_width + PARAM_filter_width - 1) + x + column];
      out[y * DIM_width + x] = sum;
    }
}
