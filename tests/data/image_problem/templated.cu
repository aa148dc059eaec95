// The kernel is an instance of a template in a namespace, which the manifest names.
namespace fused {

template <class Element, int kBlock>
__global__ void __launch_bounds__(kBlock)
    scale_add(const Element* x, const Element* y, float alpha, Element* out, long long total) {
  static_assert(DERIVED_tile == 4 * kBlock);
  const long long first = static_cast<long long>(blockIdx.x) * DERIVED_tile + threadIdx.x;
#pragma unroll
  for (int item = 0; item < 4; ++item) {
    const long long i = first + item * kBlock;
    if (i < total) out[i] = static_cast<Element>(fmaf(alpha, static_cast<float>(x[i]), static_cast<float>(y[i])));
  }
}

}  // namespace fused
