// One output element a thread, summed in fp64.
extern "C" __global__ void dedispersion_reference(const float* signal, const float* delay, double* out) {
  const long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= DIM_outputs) return;
  const long long dispersion = i / DIM_samples, sample = i % DIM_samples;
  double sum = 0;
  for (long long channel = 0; channel < DIM_channels; ++channel)
    sum += signal[channel * DIM_received + sample + static_cast<long long>(dispersion * delay[channel])];
  out[i] = sum;
}
