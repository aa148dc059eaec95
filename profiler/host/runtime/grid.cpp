#include "profiler/host/runtime/grid.hpp"

#include <sanitizer/asan_interface.h>

#include <cstdlib>
#include <cstring>

uint3 threadIdx{};
uint3 blockIdx{};
dim3 blockDim{};
dim3 gridDim{};

namespace fuseline::host_cuda {
namespace {

constexpr std::size_t kSharedAlignment = 128;
// What a block may have on any device, and more.
constexpr std::size_t kMostShared = std::size_t{256} * 1024;

// One address for the whole run: a kernel's file may take it before anything is launched.
void* shared_memory() {
  static void* const memory = [] {
    void* allocated = nullptr;
    if (posix_memalign(&allocated, kSharedAlignment, kMostShared) != 0) std::abort();
    return allocated;
  }();
  return memory;
}

std::size_t shared_bytes = 0;

// Between the arrays lies what the sanitizer forbids everybody else to touch.
__attribute__((no_sanitize("address"))) void poison_statics(const SharedRange& statics) {
  for (volatile char* byte = statics.begin; byte < statics.end; ++byte) *byte = static_cast<char>(0xff);
}

// What was not asked for is forbidden, to the byte.
void allow_shared(std::size_t bytes) {
  shared_bytes = bytes;
  __asan_unpoison_memory_region(shared_memory(), kMostShared);
  __asan_poison_memory_region(static_cast<char*>(shared_memory()) + bytes, kMostShared - bytes);
}

StackPool& stacks() {
  static StackPool pool;
  return pool;
}

}  // namespace

std::string run_grid(const Geometry& geometry, const RunSettings& settings, const SharedRange& statics,
                     const std::function<void()>& kernel) {
  if (geometry.shared_bytes > kMostShared) return "a launch with more dynamic shared memory than any device has";
  allow_shared(geometry.shared_bytes);
  gridDim = geometry.grid;
  blockDim = geometry.block;
  if (blockDim.x * blockDim.y * blockDim.z > 1024) return "a block of more than 1024 threads";
  RunSettings of_block = settings;
  for (unsigned z = 0; z < gridDim.z; ++z) {
    for (unsigned y = 0; y < gridDim.y; ++y) {
      for (unsigned x = 0; x < gridDim.x; ++x) {
        blockIdx = {x, y, z};
        std::memset(shared_memory(), 0xff, geometry.shared_bytes);
        poison_statics(statics);
        ++of_block.seed;
        std::string error = Block(stacks(), of_block, kernel).run();
        if (!error.empty()) return error;
      }
    }
  }
  return {};
}

std::span<const char> current_dynamic_shared() { return {static_cast<const char*>(shared_memory()), shared_bytes}; }

// What the shim declares.

void* dynamic_shared() { return shared_memory(); }
void yield() { Block::current().yield(); }
void fail(const char* message) { Block::current().fail(message); }
void async_copy(void* shared, const void* global, unsigned bytes) {
  Block::current().async_copy(shared, global, bytes);
}
void async_commit() { Block::current().async_commit(); }
void async_wait(int pending) { Block::current().async_wait(static_cast<std::size_t>(pending)); }
void bulk_copy(void* shared, const void* global, unsigned bytes, unsigned long long* state) {
  Block::current().bulk_copy(shared, global, bytes, state);
}
unsigned block_barrier(bool predicate, Site site) { return Block::current().barrier(predicate, site); }
std::uint64_t warp_exchange(WarpOperation operation, unsigned mask, std::uint64_t bits, unsigned source, Site site) {
  return Block::current().exchange(operation, mask, bits, source, site);
}

}  // namespace fuseline::host_cuda
