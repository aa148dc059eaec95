// out = alpha * x + y in fp64.
extern "C" __global__ void scale_add_reference(const float* x, const float* y, float alpha, double* out) {
  const long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i < DIM_total) out[i] = static_cast<double>(alpha) * static_cast<double>(x[i]) + static_cast<double>(y[i]);
}
