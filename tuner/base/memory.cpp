#include "tuner/base/memory.hpp"

#if defined(__linux__)
#include <sys/mman.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace fuseline::tuner {

void release_unused_memory() {
#if defined(__GLIBC__)
  (void)malloc_trim(0);
#endif
}

void forget_start(std::string& text, std::size_t bytes) {
#if defined(__linux__)
  // Pages of private memory that are given back read as zeros when they are touched again.
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(text.data());
  const std::uintptr_t first = (begin + page - 1) / page * page,
                       end = (begin + std::min(bytes, text.size())) / page * page;
  if (first < end) (void)madvise(text.data() + (first - begin), end - first, MADV_DONTNEED);
#else
  static_cast<void>(text), static_cast<void>(bytes);
#endif
}

}  // namespace fuseline::tuner
