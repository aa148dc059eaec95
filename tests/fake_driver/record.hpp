// What would be done on a device, written down line by line into the file that $FUSELINE_FAKE_RECORD names:
//   launch KERNEL grid X Y Z block X Y Z shared BYTES cooperative 0|1 stream S arguments A...
//   memset ADDRESS VALUE BYTES
//   attribute KERNEL NUMBER VALUE
//   module CHECKSUM: an image that was loaded
//   compile CHECKSUM NAME OPTION...: what the stand-in for NVRTC was asked for, with tabs between the words; the
//       checksum is of the source, of the headers and of the name expressions
// Arguments are the eight bytes at each address up to the first null, so that callers have to end them with one.
#pragma once

#include <cuda.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

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
void record_module(const std::string& image);
void record_compile(std::uint64_t checksum, const std::string& name, const std::vector<std::string>& options);

/// FNV-1a.
std::uint64_t checksum_of(const std::string& bytes);

}  // namespace fake
