// What kernels do on the stand-in for a driver: the worker's own are done on the host, those under test are known by
// name.
//
// Kernels under test take (x, out) of fp32, or (x, out) with fp64 out for "reference", and cover grid * block elements:
//   reference, k: out = 2 x · wrong: one element is off · outside: one element past the end · later: wrong from the
//   second launch on · inputs: changes x · slow: k, but ten times slower · brief: k, five times faster · fault: illegal
//   address · hang: never ends · together: wrong unless launched as a cooperative grid · near, far, behind: k, but 0.4,
//   2 and 6 % slower
//   sized(x, out, int): right, whatever the number
//   typed(x, out, int, long long, unsigned, unsigned long long, float, double): wrong unless given what typed_well()
//   wants adds(x, out, scratch): right while scratch[0] is zero, and adds one to it · strict: the same, but a fault
//   where it is not zero
// those of tests/faults/presets/planted_faults by what their folder says of them; any other name is k.
//
// Times are what the words in $FUSELINE_FAKE_CUDA make of them: "predecessors": 3 % more behind what left lines to be
// written back, and 3 % more where another kernel under test was the last to run; "drift": up to 3 % more as time goes
// on; "throttle": launches 3 to 17 of kernels under test find the clocks throttled, and take 30 % more;
// "always_throttled": all do. The stand-in for NVML (nvml.cpp) tells of it.
#pragma once

#include <cuda.h>

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
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
  bool dirty = false;                              ///< There are lines in L2 that are still to be written back.
  std::string last_tested;                         ///< The kernel under test that ran last.
  int tested = 0;                                  ///< Launches of kernels under test.
  std::size_t allocated = 0;                       ///< Bytes of device memory, as they were asked for.
  std::map<CUdeviceptr, std::size_t> pieces = {};  ///< Of them.
};
State& state();
/// Lets the device be busy for so long, by its own speed.
void spend(double milliseconds);
/// By how many times everything takes longer by now ("drift").
double drift();
/// Whether $FUSELINE_FAKE_CUDA has that word.
bool is_set(std::string_view word);
bool throttled();
/// Whether what is allocated counts; all the memory there is.
bool accounts_memory();
std::size_t memory_bytes();
void note_memory(CUdeviceptr memory, std::size_t bytes);
void forget_memory(CUdeviceptr memory);

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
