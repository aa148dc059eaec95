#include "profiler/host/guarded_buffer.hpp"

// The functions and not the macros of this header: the runtime itself is compiled without sanitizers.
#include <sanitizer/asan_interface.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace fuseline::host_cuda {
namespace {

constexpr std::size_t kBefore = GuardedBuffer::kBefore;
constexpr std::size_t kAfter = GuardedBuffer::kAfter;
constexpr std::byte kGuard{0xa5};

std::byte* allocate(std::size_t bytes) {
  void* memory = nullptr;
  if (posix_memalign(&memory, 64, kBefore + bytes + kAfter) != 0) std::abort();
  return static_cast<std::byte*>(memory);
}

}  // namespace

void GuardedBuffer::Free::operator()(void* memory) const { std::free(memory); }

GuardedBuffer::GuardedBuffer(std::size_t bytes)
    : bytes_(bytes), memory_(allocate(bytes)), start_(memory_.get() + kBefore) {
  std::memset(memory_.get(), static_cast<int>(kGuard), kBefore + bytes + kAfter);
  std::memset(start_, 0xff, bytes);
  __asan_poison_memory_region(memory_.get(), kBefore);
  __asan_poison_memory_region(start_ + bytes, kAfter);
}

GuardedBuffer::GuardedBuffer(std::span<const std::byte> content) : GuardedBuffer(content.size()) {
  if (!content.empty()) std::memcpy(start_, content.data(), content.size());
}

GuardedBuffer::~GuardedBuffer() { __asan_unpoison_memory_region(memory_.get(), kBefore + bytes_ + kAfter); }

bool GuardedBuffer::guards_intact() const {
  __asan_unpoison_memory_region(memory_.get(), kBefore + bytes_ + kAfter);
  const auto is_guard = [](std::byte byte) { return byte == kGuard; };
  const bool intact =
      std::all_of(memory_.get(), start_, is_guard) && std::all_of(start_ + bytes_, start_ + bytes_ + kAfter, is_guard);
  __asan_poison_memory_region(memory_.get(), kBefore);
  __asan_poison_memory_region(start_ + bytes_, kAfter);
  return intact;
}

}  // namespace fuseline::host_cuda
