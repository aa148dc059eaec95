// A block normalises a row: its mean, its variance about that mean, and the result.
#include "common/dtype.cuh"
using namespace fuseline;

enum class Row { kept, again };
constexpr int kEach = DIM_width / PARAM_block;  // Elements of a thread.

// Where a thread finds its k-th element in the row.
__device__ int place(int k) { return static_cast<int>(threadIdx.x) * kEach + k; }

__device__ float block_sum(float value) {
  __shared__ float parts[32];
  for (int lane = 16; lane > 0; lane /= 2) value += __shfl_xor_sync(0xffffffffu, value, lane);
  __syncthreads();  // The sum before this one has been read by all.
  if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = value;
  __syncthreads();
  float sum = 0;
  for (int warp = 0; warp < PARAM_block / 32; ++warp) sum += parts[warp];
  return sum;
}

extern "C" __global__ void __launch_bounds__(PARAM_block)
    layernorm_row(const T* x, T* out, const T* gamma, const T* beta) {
  const T* row = x + static_cast<long long>(blockIdx.x) * DIM_width;
  T* result = out + static_cast<long long>(blockIdx.x) * DIM_width;
  constexpr bool kept = Row::PARAM_row == Row::kept;
  float values[kept ? kEach : 1];
  float sum = 0;
#pragma unroll
  for (int k = 0; k < kEach; ++k) {
    const float value = to_float(row[place(k)]);
    if (kept) values[k] = value;
    sum += value;
  }
  const float mean = block_sum(sum) / DIM_width;
  float square = 0;
#pragma unroll
  for (int k = 0; k < kEach; ++k) {
    const float distance = (kept ? values[k] : to_float(row[place(k)])) - mean;
    square += distance * distance;
  }
  const float scale = rsqrtf(block_sum(square) / DIM_width + static_cast<float>(SCALAR_eps));
#pragma unroll
  for (int k = 0; k < kEach; ++k) {
    const int i = place(k);
    const float value = kept ? values[k] : to_float(row[i]);
    result[i] = from_float((value - mean) * scale * to_float(gamma[i]) + to_float(beta[i]));
  }
}
