// The device that the stand-in for a driver has.
#pragma once

#include <cuda.h>

#include <string>
#include <vector>

namespace fake {

struct Device {
  std::string name = "Stand-in for a GPU";
  int compute_major = 9, compute_minor = 0;
  int sm_count = 4;
  int max_threads_per_block = 1024;
  int max_threads_per_sm = 2048;
  int max_blocks_per_sm = 32;
  int shared_bytes_per_block = 227 * 1024;
  int shared_bytes_per_sm = 228 * 1024;
  int registers_per_sm = 65536;
  int l2_bytes = 1 << 20;
  double speed = 1;  ///< Everything takes its time over this.
};

/// One as above, or what $FUSELINE_FAKE_DEVICE says: "NAME;9.0;" and the other numbers in the order above, with commas.
/// $FUSELINE_FAKE_GPUS makes several of it, "NAME*SPEED,NAME*SPEED".
const std::vector<Device>& devices();
/// That this process has a context on; the first until then.
const Device& device();
void use_device(CUdevice ordinal);

int attribute(CUdevice_attribute attribute);

}  // namespace fake
