#include "tests/fake_driver/device.hpp"

#include <cstdio>
#include <cstdlib>

#include "tests/fake_driver/kernels.hpp"

namespace fake {
namespace {

Device chosen_device() {
  Device made;
  const char* const text = std::getenv("FUSELINE_FAKE_DEVICE");
  if (text == nullptr) return made;
  char name[128] = {};
  const int read =
      std::sscanf(text, "%127[^;];%d.%d;%d,%d,%d,%d,%d,%d,%d,%d", name, &made.compute_major, &made.compute_minor,
                  &made.sm_count, &made.max_threads_per_block, &made.max_threads_per_sm, &made.max_blocks_per_sm,
                  &made.shared_bytes_per_block, &made.shared_bytes_per_sm, &made.registers_per_sm, &made.l2_bytes);
  made.name = read == 11 ? name : "FUSELINE_FAKE_DEVICE cannot be read";
  return made;
}

}  // namespace

const Device& device() {
  static const Device the_device = chosen_device();
  return the_device;
}

int attribute(CUdevice_attribute attribute) {
  switch (attribute) {
    case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT:
      return device().sm_count;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR:
      return device().compute_major;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR:
      return device().compute_minor;
    case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
      return device().max_threads_per_block;
    case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR:
      return device().max_threads_per_sm;
    case CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR:
      return device().max_blocks_per_sm;
    case CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR:
    case CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK:
      return device().registers_per_sm;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR:
      return device().shared_bytes_per_sm;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN:
      return device().shared_bytes_per_block;
    case CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE:
      return device().l2_bytes;
    case CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH:
      return is_set("no_cooperative") ? 0 : 1;
    default:
      return 0;
  }
}

}  // namespace fake
