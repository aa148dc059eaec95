#include "tests/fake_driver/device.hpp"

#include <cstdio>
#include <cstdlib>
#include <sstream>

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

std::vector<Device> chosen_devices() {
  std::vector<Device> made = {chosen_device()};
  const char* const text = std::getenv("FUSELINE_FAKE_GPUS");
  if (text == nullptr) return made;
  const Device like = made.front();
  made.clear();
  std::istringstream list(text);
  for (std::string each; std::getline(list, each, ',');) {
    const std::size_t star = each.find('*');
    made.push_back(like);
    made.back().name = each.substr(0, star);
    if (star != std::string::npos) made.back().speed = std::strtod(each.c_str() + star + 1, nullptr);
  }
  return made;
}

CUdevice& in_use() {
  static CUdevice ordinal = 0;
  return ordinal;
}

}  // namespace

const std::vector<Device>& devices() {
  static const std::vector<Device> all = chosen_devices();
  return all;
}

const Device& device() { return devices()[static_cast<std::size_t>(in_use())]; }

void use_device(CUdevice ordinal) { in_use() = ordinal; }

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
