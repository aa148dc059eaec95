// One block of 128 threads a row, as in the Triton kernel given for the first two operations, made to do all four: a
// block takes the four rows behind one output row one after the other and pools in shared memory. Kept to compare with.
#include "common/gelu.cuh"
#include "common/reduce.cuh"

using namespace fuseline;

namespace {

constexpr int width = DIM_W;
constexpr int threads = PARAM_block;
constexpr int per_thread = cdiv(width, threads);
constexpr float inverse_width = 1.0f / static_cast<float>(width);

// Adds one input row, normalised, to `totals`.
__device__ void add_row(const T* row, float (&totals)[per_thread], float* scratch) {
  const int thread = static_cast<int>(threadIdx.x);
  float values[per_thread];
  float sum = 0.0f;
#pragma unroll
  for (int i = 0; i < per_thread; ++i) {
    const int w = thread + i * threads;
    values[i] = w < width ? to_float(row[w]) + static_cast<float>(SCALAR_sum_weight) : 0.0f;
    sum += values[i];
  }
  const float mean = block_sum<threads>(sum, scratch) * inverse_width;
  float squares = 0.0f;
#pragma unroll
  for (int i = 0; i < per_thread; ++i) {
    values[i] = thread + i * threads < width ? values[i] - mean : 0.0f;
    squares = fmaf(values[i], values[i], squares);
  }
  const float variance = block_sum<threads>(squares, scratch) * inverse_width;
  const float inverse_deviation = rsqrtf(variance + static_cast<float>(SCALAR_eps));
#pragma unroll
  for (int i = 0; i < per_thread; ++i) totals[i] = fmaf(values[i], inverse_deviation, totals[i]);
}

}  // namespace

extern "C" __global__ void __launch_bounds__(threads)
    sum_layernorm_avgpool_gelu_row_per_block(const T* __restrict__ x, const T* __restrict__ gamma,
                                             const T* __restrict__ beta, T* __restrict__ out) {
  __shared__ float scratch[32];
  __shared__ float line[width];
  const int pooled = static_cast<int>(blockIdx.x);
  const int h = pooled % DIM_pooled_H;
  const int d = pooled / DIM_pooled_H % DIM_pooled_D;
  const long long volume = pooled / DIM_pooled_H / DIM_pooled_D;
  float totals[per_thread] = {};
  for (int r = 0; r < 4; ++r)
    add_row(x + ((volume * DIM_D + 2 * d + r / 2) * DIM_H + 2 * h + r % 2) * width, totals, scratch);
#pragma unroll
  for (int i = 0; i < per_thread; ++i) {
    const int w = static_cast<int>(threadIdx.x) + i * threads;
    if (w < width) line[w] = fmaf(totals[i], to_float(gamma[w]), 4.0f * to_float(beta[w]));
  }
  __syncthreads();
  for (int p = static_cast<int>(threadIdx.x); p < DIM_pooled_W; p += threads) {
    const float mean = 0.125f * (line[2 * p] + line[2 * p + 1]);
    out[static_cast<long long>(pooled) * DIM_pooled_W + p] = from_float(gelu<Gelu::PARAM_gelu>(mean, 1.0f));
  }
}
