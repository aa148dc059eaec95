// What would be done on a device, written down line by line into the file that $FUSELINE_FAKE_RECORD names:
//   launch KERNEL grid X Y Z block X Y Z shared BYTES cooperative 0|1 stream S arguments A...
//   memset ADDRESS VALUE BYTES
//   attribute KERNEL NUMBER VALUE
// Arguments are the eight bytes at each address up to the first null, so that callers have to end them with one.
#pragma once

#include <cuda.h>

#include <array>
#include <cstddef>
#include <string>

namespace fake {

struct Launch {
  std::array<unsigned, 3> grid, block;
  unsigned shared_bytes = 0;
  bool cooperative = false;
  CUstream stream = nullptr;
  void** arguments = nullptr;
};

/// True where it was written down and is not to be done. Kernels of the worker's and of examples (fuseline_*) are not.
bool record_launch(const std::string& kernel, const Launch& launch);
bool record_memset(CUdeviceptr to, unsigned char value, std::size_t bytes);
void record_attribute(const std::string& kernel, CUfunction_attribute attribute, int value);

}  // namespace fake
