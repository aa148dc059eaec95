// A block takes a tile of block * items elements; neighbouring threads take neighbouring elements.
#include "element.cuh"

enum class Order { plain, fused };

extern "C" __global__ void __launch_bounds__(PARAM_block)
    scale_add_strided(const Element* x, const Element* y, float alpha, Element* out) {
  const long long first = static_cast<long long>(blockIdx.x) * (PARAM_block * PARAM_items) + threadIdx.x;
#pragma unroll
  for (int item = 0; item < PARAM_items; ++item) {
    const long long i = first + item * PARAM_block;
    if (i >= DIM_total) return;
    const float a = to_float(x[i]);
    const float b = to_float(y[i]);
    out[i] = from_float(Order::PARAM_order == Order::fused ? fmaf(alpha, a, b) : __fadd_rn(__fmul_rn(alpha, a), b));
  }
}
