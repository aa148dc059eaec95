// __half and its conversions.
#ifndef FUSELINE_HOST_CUDA_FP16_H
#define FUSELINE_HOST_CUDA_FP16_H

#include "profiler/host/shim/small_floats.hpp"

struct __half {
  uint16_t bits;
};
struct alignas(4) __half2 {
  __half x, y;
};
using half = __half;
using half2 = __half2;

inline float __half2float(__half value) { return fuseline::host_cuda::float_of_half_bits(value.bits); }
inline __half __float2half_rn(float value) { return {fuseline::host_cuda::half_bits(value)}; }
inline __half __float2half(float value) { return __float2half_rn(value); }
inline float __low2float(__half2 both) { return __half2float(both.x); }
inline float __high2float(__half2 both) { return __half2float(both.y); }
inline float2 __half22float2(__half2 both) { return {__half2float(both.x), __half2float(both.y)}; }
inline __half2 __floats2half2_rn(float low, float high) { return {__float2half_rn(low), __float2half_rn(high)}; }
inline __half2 __float22half2_rn(float2 both) { return __floats2half2_rn(both.x, both.y); }

#endif
