// A thread takes tile_size_y x tile_size_x outputs, side by side or (stride 1) one block apart.
extern "C" __global__ void dedispersion_tiled(const float* signal, const float* delay, float* out) {
  for (int tile_y = 0; tile_y < PARAM_tile_size_y; ++tile_y)
    for (int tile_x = 0; tile_x < PARAM_tile_size_x; ++tile_x) {
      const int in_block_y =
          PARAM_tile_stride_y ? tile_y * PARAM_block_size_y + threadIdx.y : threadIdx.y * PARAM_tile_size_y + tile_y;
      const int in_block_x =
          PARAM_tile_stride_x ? tile_x * PARAM_block_size_x + threadIdx.x : threadIdx.x * PARAM_tile_size_x + tile_x;
      const long long dispersion =
          static_cast<long long>(blockIdx.y) * PARAM_block_size_y * PARAM_tile_size_y + in_block_y;
      const long long sample = static_cast<long long>(blockIdx.x) * PARAM_block_size_x * PARAM_tile_size_x + in_block_x;
      if (dispersion >= DIM_dispersions || sample >= DIM_samples) continue;
      float sum = 0;
      for (long long channel = 0; channel < DIM_channels; ++channel)
        sum += signal[channel * DIM_received + sample + static_cast<long long>(dispersion * delay[channel])];
      out[dispersion * DIM_samples + sample] = sum;
    }
}
