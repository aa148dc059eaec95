// What kernels do on the stand-in for a driver: the worker's own are done on the host, those under test are known by
// name.
//
// Kernels under test take (x, out) of fp32, or (x, out) with fp64 out for "reference", and cover grid * block elements:
//   reference, k: out = 2 x · wrong: one element is off · outside: one element past the end · later: wrong from the
//   second launch on · inputs: changes x · slow: k, but ten times slower · brief: k, five times faster · fault: illegal
//   address · hang: never ends · together: wrong unless launched as a cooperative grid
//   typed(x, out, int, long long, unsigned, unsigned long long, float, double): wrong unless given what typed_well()
//   wants adds(x, out, scratch): right while scratch[0] is zero, and adds one to it · strict: the same, but a fault
//   where it is not zero
// those of tests/faults/presets/planted_faults by what their folder says of them; any other name is k.
#pragma once

#include <cuda.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace fake {

struct Function {
  std::string name;
  int launches = 0;
};

/// What the device does and has done.
struct State {
  double clock_ms = 0;
  CUresult sticky = CUDA_SUCCESS;  ///< After a fault nothing works any more.
  bool hanging = false;
};
State& state();

struct Fault {
  const char* kernel;
  CUresult code;
  const char* name;
  const char* text;
};
inline constexpr std::array<Fault, 5> kFaults = {{
    {"fault", CUDA_ERROR_ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {"illegal_address", CUDA_ERROR_ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS",
     "an illegal memory access was encountered"},
    {"misaligned_address", CUDA_ERROR_MISALIGNED_ADDRESS, "CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address"},
    {"trap", CUDA_ERROR_LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
    {"stack_overflow", CUDA_ERROR_HARDWARE_STACK_ERROR, "CUDA_ERROR_HARDWARE_STACK_ERROR", "hardware stack error"},
}};

void* bytes_at(CUdeviceptr address);
/// Sizes of the parameters of a kernel.
std::vector<std::size_t> parameter_bytes(const std::string& kernel);
/// Runs a kernel to its end.
void launch(Function& function, unsigned blocks, unsigned threads, bool cooperative, void** arguments);

}  // namespace fake
