// A block of 128 threads takes 8 neighbouring pixels with all their channels: the mapping of the Triton kernel given
// for this problem, its grid of images by pixel tiles included; kept to compare with.
#include "common/math.cuh"

using namespace fuseline;

namespace {

constexpr int pixels = 8;
constexpr int groups = PARAM_block / pixels;  // Threads that share a pixel's channels.
constexpr int per_thread = cdiv(DIM_C, groups);

// The group's values of one pixel, reduced in shared memory; every thread gets the result.
template <typename Combine>
__device__ float over_groups(float value, float (&scratch)[groups][pixels], Combine combine) {
  const int pixel = static_cast<int>(threadIdx.x) % pixels;
  scratch[threadIdx.x / pixels][pixel] = value;
  __syncthreads();
  value = scratch[0][pixel];
  for (int g = 1; g < groups; ++g) value = combine(value, scratch[g][pixel]);
  __syncthreads();
  return value;
}

}  // namespace

extern "C" __global__ void __launch_bounds__(PARAM_block)
    softmax_bias_scale_sigmoid_tile_8xc(const T* __restrict__ x, const T* __restrict__ bias, T* __restrict__ out) {
  __shared__ float scratch[groups][pixels];
  const int pixel = static_cast<int>(blockIdx.y) * pixels + static_cast<int>(threadIdx.x) % pixels;
  const int group = static_cast<int>(threadIdx.x) / pixels;
  const bool inside = pixel < DIM_HW;
  const long long start = static_cast<long long>(blockIdx.x) * DIM_C * DIM_HW + pixel;
  float values[per_thread];
  float largest = negative_infinity();
#pragma unroll
  for (int i = 0; i < per_thread; ++i) {
    const int c = group + i * groups;
    values[i] = inside && c < DIM_C ? to_float(x[start + static_cast<long long>(c) * DIM_HW]) : negative_infinity();
    largest = fmaxf(largest, values[i]);
  }
  largest = over_groups(largest, scratch, [](float a, float b) { return fmaxf(a, b); });
  float sum = 0.0f;
#pragma unroll
  for (int i = 0; i < per_thread; ++i) {
    values[i] = group + i * groups < DIM_C ? expf(values[i] - largest) : 0.0f;
    sum += values[i];
  }
  sum = over_groups(sum, scratch, [](float a, float b) { return a + b; });
#pragma unroll
  for (int i = 0; i < per_thread; ++i) {
    const int c = group + i * groups;
    if (inside && c < DIM_C) {
      const float z = (values[i] / sum + to_float(bias[c])) * static_cast<float>(SCALAR_scale);
      out[start + static_cast<long long>(c) * DIM_HW] =
          from_float(sigmoid_of_scaled<Sigmoid::exact>(z * sigmoid_prescale<Sigmoid::exact>));
    }
  }
}
