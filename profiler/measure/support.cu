// Device code of the worker itself: fills, comparison with the reference, guard bands, checksums, and the loops that
// measure ceilings. Compiled by NVRTC for the GPU at hand. Uses no header, so that nothing but NVRTC is needed. In
// parts that FUSELINE_PART names, so that compilers share them (support_requests).

using u8 = unsigned char;
using u16 = unsigned short;
using u32 = unsigned int;
using u64 = unsigned long long;
using i64 = long long;

struct half_bits {
  u16 bits;
};
struct bfloat_bits {
  u16 bits;
};

// ---- element types
// ------------------------------------------------------------------------------------------------------------------

__device__ double to_double(float v) { return v; }
__device__ double to_double(double v) { return v; }
__device__ double to_double(int v) { return v; }
__device__ double to_double(u8 v) { return v; }
__device__ double to_double(half_bits v) {
  float f;
  asm("cvt.f32.f16 %0, %1;" : "=f"(f) : "h"(v.bits));
  return f;
}
__device__ double to_double(bfloat_bits v) { return __uint_as_float(u32(v.bits) << 16); }

__device__ void round_to(float f, float& v) { v = f; }
__device__ void round_to(float f, double& v) { v = f; }
__device__ void round_to(float f, int& v) { v = __float2int_rn(f); }
__device__ void round_to(float f, u8& v) { v = u8(__float2int_rn(f)); }
__device__ void round_to(float f, half_bits& v) { asm("cvt.rn.f16.f32 %0, %1;" : "=h"(v.bits) : "f"(f)); }
__device__ void round_to(float f, bfloat_bits& v) {
  const u32 bits = __float_as_uint(f);
  v.bits = u16((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);  // Nearest, ties to even; fills are finite.
}

/// Outputs are poisoned with bytes of 0xFF before a launch; an element that still has them was not written.
__device__ bool poisoned(float v) { return __float_as_uint(v) == 0xffffffffu; }
__device__ bool poisoned(double v) { return u64(__double_as_longlong(v)) == ~0ull; }
__device__ bool poisoned(int v) { return v == -1; }
__device__ bool poisoned(u8) { return false; }  // 255 is an ordinary value.
__device__ bool poisoned(half_bits v) { return v.bits == 0xffffu; }
__device__ bool poisoned(bfloat_bits v) { return v.bits == 0xffffu; }

// ---- fills
// --------------------------------------------------------------------------------------------------------------------------

/// splitmix64's finaliser (Steele, Lea, Flood 2014) over a counter: element `index` has the same number on every
/// device.
__device__ u64 counter_hash(u64 seed, u64 index) {
  u64 z = seed + (index + 1) * 0x9e3779b97f4a7c15ull;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

enum FillKind { kNormal = 0, kUniform = 1, kConstant = 2 };

/// normal: Box-Muller, a + b * n; uniform: in [a, b); constant: a.
__device__ float fill_value(int kind, float a, float b, u64 seed, u64 index) {
  if (kind == kConstant) return a;
  const u64 h = counter_hash(seed, index);
  const float second = float(u32(h) >> 8) * 0x1p-24f;
  if (kind == kUniform) return a + (b - a) * second;
  const float first = (float(u32(h >> 40)) + 1.0f) * 0x1p-24f;  // (0, 1]
  return a + b * sqrtf(-2.0f * logf(first)) * cospif(2.0f * second);
}

template <class T>
__device__ void fill(T* out, u64 n, int kind, float a, float b, u64 seed) {
  const u64 stride = u64(gridDim.x) * blockDim.x;
  for (u64 i = u64(blockIdx.x) * blockDim.x + threadIdx.x; i < n; i += stride)
    round_to(fill_value(kind, a, b, seed, i), out[i]);
}

// ---- comparison
// ---------------------------------------------------------------------------------------------------------------------

/// What one block found; the host joins the blocks. Layout shared with profiler/measure/support_kernels.hpp.
struct Comparison {
  double max_absolute;   // Over pairs of finite numbers.
  double max_relative;   // |got - ref| / max(|ref|, absolute tolerance).
  double worst_score;    // Error over what is allowed at worst_index; 1e30 where a NaN, an infinity or an unwritten
                         // element is involved.
  double got, expected;  // At worst_index.
  i64 worst_index;       // -1: no elements.
  u64 mismatches;
  u64 unwritten;
};

__device__ void join(Comparison& a, const Comparison& b) {
  a.max_absolute = fmax(a.max_absolute, b.max_absolute);
  a.max_relative = fmax(a.max_relative, b.max_relative);
  a.mismatches += b.mismatches;
  a.unwritten += b.unwritten;
  const bool worse = b.worst_index >= 0 && (a.worst_index < 0 || b.worst_score > a.worst_score ||
                                            (b.worst_score == a.worst_score && b.worst_index < a.worst_index));
  if (worse) {
    a.worst_score = b.worst_score;
    a.worst_index = b.worst_index;
    a.got = b.got;
    a.expected = b.expected;
  }
}

constexpr float kHopeless = 1e30f;

/// What one thread has seen. Scores are fp32: they only rank, whether an element is wrong is decided in fp64. Few GPUs
/// are fast in fp64.
struct Seen {
  float max_absolute, max_relative, worst_score;
  double got, expected;
  i64 worst_index;
  u32 mismatches, unwritten;
};

__device__ void compare_element(Seen& seen, i64 index, double got, double ref, bool unwritten, double absolute,
                                double relative) {
  const double difference = fabs(got - ref);
  const double magnitude = fabs(ref);
  const double allowed = absolute + relative * magnitude;
  float score = kHopeless;
  if (unwritten) {
    ++seen.unwritten;
    ++seen.mismatches;
  } else if (isfinite(difference)) {
    const float error = float(difference);
    seen.max_absolute = fmaxf(seen.max_absolute, error);
    score = 0;
    if (error > 0) {
      const float scale = fmaxf(float(magnitude), float(absolute));
      if (scale > 0) seen.max_relative = fmaxf(seen.max_relative, fminf(__fdividef(error, scale), kHopeless));
      score = allowed > 0 ? fminf(__fdividef(error, float(allowed)), kHopeless) : kHopeless;
    }
    if (difference > allowed) ++seen.mismatches;
  } else {
    // A NaN matches only a NaN, an infinity only itself.
    if ((isnan(got) && isnan(ref)) || got == ref) {
      score = 0;
    } else {
      ++seen.mismatches;
    }
  }
  if (seen.worst_index < 0 || score > seen.worst_score) {
    seen.worst_score = score;
    seen.worst_index = index;
    seen.got = got;
    seen.expected = ref;
  }
}

/// One Comparison a block into `blocks`; 256 threads a block.
template <class T>
__device__ void compare(const T* got, const double* ref, u64 n, double absolute, double relative, Comparison* blocks) {
  Seen mine = {0, 0, 0, 0, 0, -1, 0, 0};
  const u64 stride = u64(gridDim.x) * blockDim.x;
  u64 i = u64(blockIdx.x) * blockDim.x + threadIdx.x;
  // Loads before work: several a thread must be on their way to keep the memory busy.
  for (; i + 3 * stride < n; i += 4 * stride) {
    T values[4];
    double refs[4];
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      values[k] = got[i + k * stride];
      refs[k] = ref[i + k * stride];
    }
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      compare_element(mine, i64(i + k * stride), to_double(values[k]), refs[k], poisoned(values[k]), absolute,
                      relative);
    }
  }
  for (; i < n; i += stride)
    compare_element(mine, i64(i), to_double(got[i]), ref[i], poisoned(got[i]), absolute, relative);
  __shared__ Comparison shared[256];
  shared[threadIdx.x] = {mine.max_absolute, mine.max_relative, mine.worst_score, mine.got,
                         mine.expected,     mine.worst_index,  mine.mismatches,  mine.unwritten};
  __syncthreads();
  for (unsigned half = 128; half > 0; half /= 2) {
    if (threadIdx.x < half) join(shared[threadIdx.x], shared[threadIdx.x + half]);
    __syncthreads();
  }
  if (threadIdx.x == 0) blocks[blockIdx.x] = shared[0];
}

#define FUSELINE_FOR_TYPE(name, type)                                                                       \
  extern "C" __global__ void fuseline_fill_##name(type* out, u64 n, int kind, float a, float b, u64 seed) { \
    fill(out, n, kind, a, b, seed);                                                                         \
  }                                                                                                         \
  extern "C" __global__ void __launch_bounds__(256) fuseline_compare_##name(                                \
      const type* got, const double* ref, u64 n, double absolute, double relative, Comparison* blocks) {    \
    compare(got, ref, n, absolute, relative, blocks);                                                       \
  }
#if FUSELINE_PART == 1
FUSELINE_FOR_TYPE(f32, float)
FUSELINE_FOR_TYPE(f64, double)
#elif FUSELINE_PART == 2
FUSELINE_FOR_TYPE(f16, half_bits)
FUSELINE_FOR_TYPE(bf16, bfloat_bits)
#elif FUSELINE_PART == 3
FUSELINE_FOR_TYPE(i32, int)
FUSELINE_FOR_TYPE(u8, u8)
#else

/// Raises *largest to the largest finite magnitude, as the bits of a double, whose order is that of the numbers.
extern "C" __global__ void fuseline_largest(const double* values, u64 n, u64* largest) {
  double mine = 0;
  const u64 stride = u64(gridDim.x) * blockDim.x;
  for (u64 i = u64(blockIdx.x) * blockDim.x + threadIdx.x; i < n; i += stride) {
    const double magnitude = fabs(values[i]);
    if (isfinite(magnitude)) mine = fmax(mine, magnitude);
  }
  if (mine > 0) atomicMax(largest, u64(__double_as_longlong(mine)));
}

/// Adds to *count the doubles that still have the poison.
extern "C" __global__ void fuseline_count_unwritten(const double* values, u64 n, u64* count) {
  u64 mine = 0;
  const u64 stride = u64(gridDim.x) * blockDim.x;
  for (u64 i = u64(blockIdx.x) * blockDim.x + threadIdx.x; i < n; i += stride) mine += poisoned(values[i]) ? 1 : 0;
  if (mine != 0) atomicAdd(count, mine);
}

// ---- guard bands and checksums
// ------------------------------------------------------------------------------------------------------

struct Range {
  const u8* begin;
  u64 bytes;
};

/// A block a range: ORs bit 0 of *damaged where a byte is not `pattern`. Ranges need no alignment.
extern "C" __global__ void fuseline_check_guards(const Range* ranges, u32 pattern, u64* damaged) {
  const Range range = ranges[blockIdx.x];
  bool bad = false;
  for (u64 i = threadIdx.x; i < range.bytes; i += blockDim.x) bad |= range.begin[i] != u8(pattern);
  if (bad) atomicMax(damaged, 1ull);
}

__device__ u64 mix(u64 value) {
  value ^= value >> 32;
  value *= 0xd6e8feb86659fd93ull;
  return value ^ (value >> 32);
}

/// Adds a position-dependent hash of n16 sixteen-byte pieces (16-byte aligned) to *sum.
extern "C" __global__ void fuseline_checksum(const uint4* data, u64 n16, u64* sum) {
  u64 mine = 0;
  const u64 stride = u64(gridDim.x) * blockDim.x;
  for (u64 i = u64(blockIdx.x) * blockDim.x + threadIdx.x; i < n16; i += stride) {
    const uint4 v = data[i];
    const u64 low = (u64(v.y) << 32 | v.x) + i * 0x9e3779b97f4a7c15ull;
    const u64 high = (u64(v.w) << 32 | v.z) ^ 0xa0761d6478bd642full;
    mine += mix(low) ^ mix(high + low);
  }
  for (int offset = 16; offset > 0; offset /= 2) mine += __shfl_down_sync(0xffffffffu, mine, offset);
  if (threadIdx.x % 32 == 0) atomicAdd(sum, mine);
}

// ---- ceilings
// -----------------------------------------------------------------------------------------------------------------------

/// Four float4 a thread, n16 pieces in all.
extern "C" __global__ void __launch_bounds__(256) fuseline_copy(float4* to, const float4* from, u64 n16) {
  const u64 first = u64(blockIdx.x) * 1024 + threadIdx.x;
  float4 values[4];
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    if (first + k * 256 < n16) values[k] = __ldcs(from + first + k * 256);
  }
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    if (first + k * 256 < n16) __stcs(to + first + k * 256, values[k]);
  }
}

__device__ float4 load_past_l1(const float4* from) {
  float4 v;
  asm volatile("ld.global.cg.v4.f32 {%0, %1, %2, %3}, [%4];" : "=f"(v.x), "=f"(v.y), "=f"(v.z), "=f"(v.w) : "l"(from));
  return v;
}

__device__ u64 now_ns() {
  u64 now;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
  return now;
}

/// Cycles and nanoseconds of SM 0 at the begin and the end of a kernel; layout shared with measure/l2_flush.hpp.
struct Stamp {
  u64 begin_cycles, begin_ns, end_cycles, end_ns;
};

/// Reads n16 pieces `repeats` times; every block reads other pieces in each repeat, so that no L1 can serve them. The
/// sum is written only where it is one value that data filled with a constant cannot give. `stamp` may be null.
extern "C" __global__ void __launch_bounds__(256)
    fuseline_read(const float4* from, u64 n16, int repeats, float* sink, Stamp* stamp) {
  Stamp mine = {u64(clock64()), now_ns(), 0, 0};
  const u64 stride = u64(gridDim.x) * blockDim.x;
  float total = 0;
  for (int r = 0; r < repeats; ++r) {
    const u64 block = (blockIdx.x + u64(r) * 37) % gridDim.x;
    u64 i = block * blockDim.x + threadIdx.x;
    for (; i + 3 * stride < n16; i += 4 * stride) {
      const float4 a = load_past_l1(from + i);
      const float4 b = load_past_l1(from + i + stride);
      const float4 c = load_past_l1(from + i + 2 * stride);
      const float4 d = load_past_l1(from + i + 3 * stride);
      total += (a.x + a.y + a.z + a.w) + (b.x + b.y + b.z + b.w) + (c.x + c.y + c.z + c.w) + (d.x + d.y + d.z + d.w);
    }
    for (; i < n16; i += stride) {
      const float4 a = load_past_l1(from + i);
      total += a.x + a.y + a.z + a.w;
    }
  }
  if (total == 12345.678f) *sink = total;
  u32 sm;
  asm volatile("mov.u32 %0, %%smid;" : "=r"(sm));
  if (stamp == nullptr || sm != 0 || threadIdx.x != 0) return;
  // All blocks are on the device at once; which of those on this SM writes last is all the same.
  mine.end_cycles = u64(clock64());
  mine.end_ns = now_ns();
  *stamp = mine;
}

/// Writes n16 pieces anew with what is there, as a kernel that has just made them.
extern "C" __global__ void __launch_bounds__(256) fuseline_rewrite(float4* data, u64 n16) {
  const u64 stride = u64(gridDim.x) * blockDim.x;
  for (u64 i = u64(blockIdx.x) * blockDim.x + threadIdx.x; i < n16; i += stride) {
    const float4 v = load_past_l1(data + i);
    // Written out: a compiler may leave out a store of what was just loaded.
    asm volatile("st.global.v4.f32 [%0], {%1, %2, %3, %4};" ::"l"(data + i), "f"(v.x), "f"(v.y), "f"(v.z), "f"(v.w)
                 : "memory");
  }
}

/// Eight independent chains of fused multiply-adds: 2 * 8 * iterations operations a thread.
extern "C" __global__ void __launch_bounds__(256) fuseline_fma(float a, float b, int iterations, float* sink) {
  float x[8];
#pragma unroll
  for (int k = 0; k < 8; ++k) x[k] = float(threadIdx.x + k);
  for (int i = 0; i < iterations; i += 8) {
#pragma unroll
    for (int j = 0; j < 8; ++j) {
#pragma unroll
      for (int k = 0; k < 8; ++k) x[k] = fmaf(x[k], a, b);
    }
  }
  float total = 0;
#pragma unroll
  for (int k = 0; k < 8; ++k) total += x[k];
  if (total == 12345.678f) *sink = total;
}

/// Keeps the stream busy for `nanoseconds`, so that a batch of short launches is queued before the first one starts.
extern "C" __global__ void fuseline_delay(u64 nanoseconds) {
  const u64 begin = now_ns();
  while (now_ns() - begin < nanoseconds) {
  }
}

#endif
