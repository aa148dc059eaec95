// Vector loads and stores of 2, 4, 8 or 16 bytes with cache hints, and their elements as floats.
//
// A Pack<N> holds N elements of T as they lie in memory, in registers. Addresses must be aligned to the pack's size.
// Loads with a hint other than `normal` take the read-only path: what they read must not be written by the same kernel.
#pragma once

#include "common/dtype.cuh"

namespace fuseline {

/// Cache hints of loads: `no_allocate` leaves L1 alone, `streaming` marks the lines as first to go in L1 and L2,
/// `evict_first` leaves L1 alone and marks the lines as first to go in L2.
enum class Load { normal, no_allocate, streaming, evict_first };
/// Cache hints of stores, in the same words.
enum class Store { normal, streaming, evict_first };

template <int Bytes>
struct WordOf;
template <>
struct WordOf<2> {
  using type = unsigned short;
};
template <>
struct WordOf<4> {
  using type = unsigned;
};
template <>
struct WordOf<8> {
  using type = uint2;
};
template <>
struct WordOf<16> {
  using type = uint4;
};

namespace detail {

#ifdef __CUDA_ARCH__

FUSELINE_DEVICE unsigned long long evict_first_policy() {
  unsigned long long policy;
  asm("createpolicy.fractional.L2::evict_first.b64 %0, 1.0;" : "=l"(policy));
  return policy;
}

FUSELINE_DEVICE unsigned short load_no_allocate(const unsigned short* address) {
  unsigned short word;
  asm("ld.global.nc.L1::no_allocate.b16 %0, [%1];" : "=h"(word) : "l"(address));
  return word;
}
FUSELINE_DEVICE unsigned load_no_allocate(const unsigned* address) {
  unsigned word;
  asm("ld.global.nc.L1::no_allocate.b32 %0, [%1];" : "=r"(word) : "l"(address));
  return word;
}
FUSELINE_DEVICE uint2 load_no_allocate(const uint2* address) {
  uint2 word;
  asm("ld.global.nc.L1::no_allocate.v2.b32 {%0, %1}, [%2];" : "=r"(word.x), "=r"(word.y) : "l"(address));
  return word;
}
FUSELINE_DEVICE uint4 load_no_allocate(const uint4* address) {
  uint4 word;
  asm("ld.global.nc.L1::no_allocate.v4.b32 {%0, %1, %2, %3}, [%4];"
      : "=r"(word.x), "=r"(word.y), "=r"(word.z), "=r"(word.w)
      : "l"(address));
  return word;
}

FUSELINE_DEVICE unsigned short load_evict_first(const unsigned short* address) {
  unsigned short word;
  asm("ld.global.nc.L1::no_allocate.L2::cache_hint.b16 %0, [%1], %2;"
      : "=h"(word)
      : "l"(address), "l"(evict_first_policy()));
  return word;
}
FUSELINE_DEVICE unsigned load_evict_first(const unsigned* address) {
  unsigned word;
  asm("ld.global.nc.L1::no_allocate.L2::cache_hint.b32 %0, [%1], %2;"
      : "=r"(word)
      : "l"(address), "l"(evict_first_policy()));
  return word;
}
FUSELINE_DEVICE uint2 load_evict_first(const uint2* address) {
  uint2 word;
  asm("ld.global.nc.L1::no_allocate.L2::cache_hint.v2.b32 {%0, %1}, [%2], %3;"
      : "=r"(word.x), "=r"(word.y)
      : "l"(address), "l"(evict_first_policy()));
  return word;
}
FUSELINE_DEVICE uint4 load_evict_first(const uint4* address) {
  uint4 word;
  asm("ld.global.nc.L1::no_allocate.L2::cache_hint.v4.b32 {%0, %1, %2, %3}, [%4], %5;"
      : "=r"(word.x), "=r"(word.y), "=r"(word.z), "=r"(word.w)
      : "l"(address), "l"(evict_first_policy()));
  return word;
}

FUSELINE_DEVICE void store_evict_first(unsigned short* address, unsigned short word) {
  asm volatile("st.global.L2::cache_hint.b16 [%0], %1, %2;" ::"l"(address), "h"(word), "l"(evict_first_policy())
               : "memory");
}
FUSELINE_DEVICE void store_evict_first(unsigned* address, unsigned word) {
  asm volatile("st.global.L2::cache_hint.b32 [%0], %1, %2;" ::"l"(address), "r"(word), "l"(evict_first_policy())
               : "memory");
}
FUSELINE_DEVICE void store_evict_first(uint2* address, uint2 word) {
  asm volatile("st.global.L2::cache_hint.v2.b32 [%0], {%1, %2}, %3;" ::"l"(address), "r"(word.x), "r"(word.y),
               "l"(evict_first_policy())
               : "memory");
}
FUSELINE_DEVICE void store_evict_first(uint4* address, uint4 word) {
  asm volatile("st.global.L2::cache_hint.v4.b32 [%0], {%1, %2, %3, %4}, %5;" ::"l"(address), "r"(word.x), "r"(word.y),
               "r"(word.z), "r"(word.w), "l"(evict_first_policy())
               : "memory");
}

template <typename Word>
FUSELINE_DEVICE Word load_streaming(const Word* address) {
  return __ldcs(address);
}
template <typename Word>
FUSELINE_DEVICE void store_streaming(Word* address, Word word) {
  __stcs(address, word);
}

#else  // Plain C++: hints mean nothing.

template <typename Word>
Word load_no_allocate(const Word* address) {
  return *address;
}
template <typename Word>
Word load_evict_first(const Word* address) {
  return *address;
}
template <typename Word>
Word load_streaming(const Word* address) {
  return *address;
}
template <typename Word>
void store_evict_first(Word* address, Word word) {
  *address = word;
}
template <typename Word>
void store_streaming(Word* address, Word word) {
  *address = word;
}

#endif

template <Load hint, typename Word>
FUSELINE_DEVICE Word load_word(const Word* address) {
  if constexpr (hint == Load::no_allocate) {
    return load_no_allocate(address);
  } else if constexpr (hint == Load::streaming) {
    return load_streaming(address);
  } else if constexpr (hint == Load::evict_first) {
    return load_evict_first(address);
  } else {
    return *address;
  }
}

template <Store hint, typename Word>
FUSELINE_DEVICE void store_word(Word* address, Word word) {
  if constexpr (hint == Store::streaming) {
    store_streaming(address, word);
  } else if constexpr (hint == Store::evict_first) {
    store_evict_first(address, word);
  } else {
    *address = word;
  }
}

// Word number `index` of 32 bits; the index is a constant after unrolling.
FUSELINE_DEVICE unsigned word32(unsigned word, int) { return word; }
FUSELINE_DEVICE unsigned word32(const uint2& word, int index) { return index == 0 ? word.x : word.y; }
FUSELINE_DEVICE unsigned word32(const uint4& word, int index) {
  return index == 0 ? word.x : index == 1 ? word.y : index == 2 ? word.z : word.w;
}

FUSELINE_DEVICE void set_word32(unsigned& word, int, unsigned value) { word = value; }
FUSELINE_DEVICE void set_word32(uint2& word, int index, unsigned value) { (index == 0 ? word.x : word.y) = value; }
FUSELINE_DEVICE void set_word32(uint4& word, int index, unsigned value) {
  (index == 0 ? word.x : index == 1 ? word.y : index == 2 ? word.z : word.w) = value;
}

}  // namespace detail

/// N elements of T as they lie in memory; N * sizeof(T) is 2, 4, 8 or 16.
template <int N>
struct Pack {
  using Word = typename WordOf<N * dtype_bytes>::type;
  Word bits;
};

/// Loads the pack that starts at `address`.
template <int N, Load hint = Load::normal>
FUSELINE_DEVICE Pack<N> load_pack(const T* address) {
  using Word = typename Pack<N>::Word;
  return {detail::load_word<hint>(reinterpret_cast<const Word*>(address))};
}

/// Stores a pack so that it starts at `address`.
template <int N, Store hint = Store::normal>
FUSELINE_DEVICE void store_pack(T* address, const Pack<N>& pack) {
  using Word = typename Pack<N>::Word;
  detail::store_word<hint>(reinterpret_cast<Word*>(address), pack.bits);
}

/// A pack of zeros.
template <int N>
FUSELINE_DEVICE Pack<N> zero_pack() {
  Pack<N> pack;
  memset(&pack, 0, sizeof(pack));
  return pack;
}

/// A pack of the same pair over and over, which a word holds.
template <int N>
FUSELINE_DEVICE Pack<N> all_pairs(unsigned pair) {
  Pack<N> pack;
#pragma unroll
  for (int i = 0; i < N / 2; ++i) detail::set_word32(pack.bits, i, pair);
  return pack;
}

/// The pack's elements as floats.
template <int N>
FUSELINE_DEVICE void unpack(const Pack<N>& pack, float (&values)[N]) {
  if constexpr (dtype_bytes == 4) {
#pragma unroll
    for (int i = 0; i < N; ++i) values[i] = __uint_as_float(detail::word32(pack.bits, i));
#ifndef FUSELINE_DTYPE_F32
  } else if constexpr (N == 1) {
    T element;
    memcpy(&element, &pack.bits, sizeof(element));
    values[0] = to_float(element);
  } else {
#pragma unroll
    for (int i = 0; i < N / 2; ++i) {
      const FloatPair pair = unpack_pair(detail::word32(pack.bits, i));
      values[2 * i] = pair.low;
      values[2 * i + 1] = pair.high;
    }
#endif
  }
}

/// Floats rounded to T (nearest, ties to even).
template <int N>
FUSELINE_DEVICE Pack<N> pack(const float (&values)[N]) {
  Pack<N> result;
  if constexpr (dtype_bytes == 4) {
#pragma unroll
    for (int i = 0; i < N; ++i) detail::set_word32(result.bits, i, __float_as_uint(values[i]));
#ifndef FUSELINE_DTYPE_F32
  } else if constexpr (N == 1) {
    const T element = from_float(values[0]);
    memcpy(&result.bits, &element, sizeof(element));
  } else {
#pragma unroll
    for (int i = 0; i < N / 2; ++i) detail::set_word32(result.bits, i, pack_pair(values[2 * i], values[2 * i + 1]));
#endif
  }
  return result;
}

/// Replaces elements by the larger ones of two packs; a NaN loses against a number.
template <int N>
FUSELINE_DEVICE void raise_to(Pack<N>& pack, const Pack<N>& other) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800 && !defined(FUSELINE_DTYPE_F32)
  if constexpr (N >= 2) {
#pragma unroll
    for (int i = 0; i < N / 2; ++i) {
      unsigned result;
#ifdef FUSELINE_DTYPE_F16
      asm("max.f16x2 %0, %1, %2;"
          : "=r"(result)
          : "r"(detail::word32(pack.bits, i)), "r"(detail::word32(other.bits, i)));
#else
      asm("max.bf16x2 %0, %1, %2;"
          : "=r"(result)
          : "r"(detail::word32(pack.bits, i)), "r"(detail::word32(other.bits, i)));
#endif
      detail::set_word32(pack.bits, i, result);
    }
    return;
  }
#endif
  float values[N], others[N];
  unpack(pack, values);
  unpack(other, others);
#pragma unroll
  for (int i = 0; i < N; ++i) values[i] = fmaxf(values[i], others[i]);
  pack = fuseline::pack(values);
}

/// a*b + c of 16-bit elements, each rounded to T once.
template <int N>
FUSELINE_DEVICE Pack<N> multiply_add(const Pack<N>& a, const Pack<N>& b, const Pack<N>& c) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800 && !defined(FUSELINE_DTYPE_F32)
  if constexpr (N >= 2) {
    Pack<N> sum;
#pragma unroll
    for (int i = 0; i < N / 2; ++i) {
      unsigned result;
#ifdef FUSELINE_DTYPE_F16
      asm("fma.rn.f16x2 %0, %1, %2, %3;"
#else
      asm("fma.rn.bf16x2 %0, %1, %2, %3;"
#endif
          : "=r"(result)
          : "r"(detail::word32(a.bits, i)), "r"(detail::word32(b.bits, i)), "r"(detail::word32(c.bits, i)));
      detail::set_word32(sum.bits, i, result);
    }
    return sum;
  }
#endif
  float values[N], factors[N], terms[N];
  unpack(a, values);
  unpack(b, factors);
  unpack(c, terms);
#pragma unroll
  for (int i = 0; i < N; ++i) values[i] = fmaf(values[i], factors[i], terms[i]);
  return pack(values);
}

/// The same pack, of which the compiler knows nothing: what is unpacked from it again is unpacked again, and does not
/// wait in registers as floats.
template <int N>
FUSELINE_DEVICE Pack<N> unknown(Pack<N> pack) {
#if defined(__CUDA_ARCH__) && !defined(FUSELINE_DTYPE_F32)
  if constexpr (N >= 2) {
#pragma unroll
    for (int i = 0; i < N / 2; ++i) {
      unsigned word = detail::word32(pack.bits, i);
      asm volatile("" : "+r"(word));
      detail::set_word32(pack.bits, i, word);
    }
  }
#endif
  return pack;
}

}  // namespace fuseline
