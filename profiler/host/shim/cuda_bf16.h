// __nv_bfloat16 and its conversions.
#ifndef FUSELINE_HOST_CUDA_BF16_H
#define FUSELINE_HOST_CUDA_BF16_H

#include "profiler/host/shim/small_floats.hpp"

struct __nv_bfloat16 {
  uint16_t bits;
};
struct alignas(4) __nv_bfloat162 {
  __nv_bfloat16 x, y;
};

inline float __bfloat162float(__nv_bfloat16 value) { return fuseline::host_cuda::float_of_bf16_bits(value.bits); }
inline __nv_bfloat16 __float2bfloat16_rn(float value) { return {fuseline::host_cuda::bf16_bits(value)}; }
inline __nv_bfloat16 __float2bfloat16(float value) { return __float2bfloat16_rn(value); }
inline float __low2float(__nv_bfloat162 both) { return __bfloat162float(both.x); }
inline float __high2float(__nv_bfloat162 both) { return __bfloat162float(both.y); }
inline float2 __bfloat1622float2(__nv_bfloat162 both) { return {__bfloat162float(both.x), __bfloat162float(both.y)}; }
inline __nv_bfloat162 __floats2bfloat162_rn(float low, float high) {
  return {__float2bfloat16_rn(low), __float2bfloat16_rn(high)};
}
inline __nv_bfloat162 __float22bfloat162_rn(float2 both) { return __floats2bfloat162_rn(both.x, both.y); }

#endif
