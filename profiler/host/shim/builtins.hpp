// Keywords, built-in variables, vector types and the intrinsics that concern one thread alone.
#ifndef FUSELINE_HOST_CUDA_BUILTINS_HPP
#define FUSELINE_HOST_CUDA_BUILTINS_HPP

#include <math.h>
#include <stdint.h>
#include <string.h>

#define __device__
#define __host__
#define __global__
#define __forceinline__ inline
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __align__(bytes) __attribute__((aligned(bytes)))
#define __grid_constant__
// Blocks run one after the other, so one copy does; the section lets the runtime poison it before every block.
#define __shared__ static __attribute__((section("fuseline_shared")))
#define FUSELINE_SHARED(type, name) type* const name = static_cast<type*>(::fuseline::host_cuda::dynamic_shared())
#define FUSELINE_HOST_YIELD() ::fuseline::host_cuda::yield()
#define FUSELINE_HOST_COPIES ::fuseline::host_cuda

struct uint3 {
  unsigned x, y, z;
};
using dim3 = uint3;

// Aligned as on the GPU, so that the sanitizer sees a misaligned access.
#define FUSELINE_HOST_VECTOR(scalar, name, bytes)                      \
  struct alignas(2 * bytes) name##2 {                                  \
    scalar x, y;                                                       \
  };                                                                   \
  struct alignas(4 * bytes) name##4 {                                  \
    scalar x, y, z, w;                                                 \
  };                                                                   \
  inline name##2 make_##name##2(scalar x, scalar y) { return {x, y}; } \
  inline name##4 make_##name##4(scalar x, scalar y, scalar z, scalar w) { return {x, y, z, w}; }
FUSELINE_HOST_VECTOR(float, float, 4)
FUSELINE_HOST_VECTOR(int, int, 4)
FUSELINE_HOST_VECTOR(unsigned, uint, 4)
FUSELINE_HOST_VECTOR(unsigned short, ushort, 2)
FUSELINE_HOST_VECTOR(short, short, 2)
FUSELINE_HOST_VECTOR(unsigned char, uchar, 1)
FUSELINE_HOST_VECTOR(signed char, char, 1)
#undef FUSELINE_HOST_VECTOR
struct alignas(16) double2 {
  double x, y;
};
struct alignas(16) longlong2 {
  long long x, y;
};
struct alignas(16) ulonglong2 {
  unsigned long long x, y;
};
struct float3 {
  float x, y, z;
};
struct int3 {
  int x, y, z;
};

extern uint3 threadIdx;
extern uint3 blockIdx;
extern dim3 blockDim;
extern dim3 gridDim;
constexpr int warpSize = 32;

namespace fuseline::host_cuda {

/// The block's dynamic shared memory, aligned to 128 bytes.
void* dynamic_shared();
/// Lets other threads of the block run before this one goes on.
void yield();
/// Ends the run of the block with an error.
[[noreturn]] void fail(const char* message);

/// Asynchronous copies of the calling thread: they land when wait() asks for them, or at once, as the run's settings
/// say.
void async_copy(void* shared, const void* global, unsigned bytes);
void async_commit();
void async_wait(int pending);
/// A bulk copy counted in by `state` (common/pipeline.cuh says how): lands when every thread waits, or at once.
void bulk_copy(void* shared, const void* global, unsigned bytes, unsigned long long* state);

template <typename To, typename From>
To bits_as(const From& from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  memcpy(&to, &from, sizeof(to));
  return to;
}

}  // namespace fuseline::host_cuda

inline float __uint_as_float(unsigned bits) { return fuseline::host_cuda::bits_as<float>(bits); }
inline unsigned __float_as_uint(float value) { return fuseline::host_cuda::bits_as<unsigned>(value); }
inline float __int_as_float(int bits) { return fuseline::host_cuda::bits_as<float>(bits); }
inline int __float_as_int(float value) { return fuseline::host_cuda::bits_as<int>(value); }
inline long long __double_as_longlong(double value) { return fuseline::host_cuda::bits_as<long long>(value); }
inline double __longlong_as_double(long long bits) { return fuseline::host_cuda::bits_as<double>(bits); }

inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
inline double rsqrt(double x) { return 1.0 / sqrt(x); }
inline float __expf(float x) { return expf(x); }
inline float __logf(float x) { return logf(x); }
inline float __fdividef(float a, float b) { return a / b; }
inline float __frcp_rn(float x) { return 1.0f / x; }
inline float __fsqrt_rn(float x) { return sqrtf(x); }
inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline double __dadd_rn(double a, double b) { return a + b; }
inline double __dmul_rn(double a, double b) { return a * b; }
inline double __fma_rn(double a, double b, double c) { return fma(a, b, c); }
inline float __powf(float x, float y) { return powf(x, y); }
inline float __log2f(float x) { return log2f(x); }
inline float __sinf(float x) { return sinf(x); }
inline float __cosf(float x) { return cosf(x); }
inline float __saturatef(float x) { return x > 0.0f ? (x < 1.0f ? x : 1.0f) : 0.0f; }

inline int __popc(unsigned bits) { return __builtin_popcount(bits); }
inline int __ffs(int bits) { return __builtin_ffs(bits); }
inline int __clz(int bits) { return bits == 0 ? 32 : __builtin_clz(static_cast<unsigned>(bits)); }
template <typename Number>
constexpr Number min(Number a, Number b) {
  return b < a ? b : a;
}
template <typename Number>
constexpr Number max(Number a, Number b) {
  return a < b ? b : a;
}

inline int __ffsll(long long bits) { return __builtin_ffsll(bits); }
inline int __popcll(unsigned long long bits) { return __builtin_popcountll(bits); }

// Cache hints mean nothing here.
template <typename Word>
Word __ldg(const Word* address) {
  return *address;
}
template <typename Word>
Word __ldcs(const Word* address) {
  return *address;
}
template <typename Word>
Word __ldcg(const Word* address) {
  return *address;
}
template <typename Word>
Word __ldlu(const Word* address) {
  return *address;
}
template <typename Word>
Word __ldca(const Word* address) {
  return *address;
}
template <typename Word>
void __stcs(Word* address, Word word) {
  *address = word;
}
template <typename Word>
void __stcg(Word* address, Word word) {
  *address = word;
}

[[noreturn]] inline void __trap() { fuseline::host_cuda::fail("the kernel called __trap()"); }

#endif
