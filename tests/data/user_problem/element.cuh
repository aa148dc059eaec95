// The element type of a build, and its way to and from float.
#pragma once

#if defined(FUSELINE_DTYPE_F16)
#include <cuda_fp16.h>
using Element = __half;
__device__ inline float to_float(Element v) { return __half2float(v); }
__device__ inline Element from_float(float v) { return __float2half_rn(v); }
#elif defined(FUSELINE_DTYPE_BF16)
#include <cuda_bf16.h>
using Element = __nv_bfloat16;
__device__ inline float to_float(Element v) { return __bfloat162float(v); }
__device__ inline Element from_float(float v) { return __float2bfloat16_rn(v); }
#else
using Element = float;
__device__ inline float to_float(Element v) { return v; }
__device__ inline Element from_float(float v) { return v; }
#endif
