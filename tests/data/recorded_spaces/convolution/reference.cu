// One output element a thread, summed in fp64.
extern "C" __global__ void convolution_reference(const float* image, const float* weights, double* out) {
  const long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= DIM_pixels) return;
  const long long y = i / DIM_width, x = i % DIM_width;
  double sum = 0;
  for (int row = 0; row < DIM_filter; ++row)
    for (int column = 0; column < DIM_filter; ++column)
      sum += static_cast<double>(weights[row * DIM_filter + column]) *
             image[(y + row) * (DIM_width + DIM_filter - 1) + x + column];
  out[i] = sum;
}
