// libcuda.so.1 through dlopen: the calls that loading and launching need. Types are those of cuda.h, which is not
// needed: handles are pointers, codes and attributes are ints.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "../fuseline_package.hpp"
#include "resolution.hpp"

namespace fuseline_package {
namespace detail {

using Result = int;  ///< A CUresult; 0 is success.
using Context = void*;
using Module = void*;
using Function = void*;

struct Device {
  std::string name;
  int capability = 0;  ///< 90 of compute capability 9.0.
  bool cooperative = false;
  Limits limits;
};

/// The driver's functions, all of them there. Names are CUDA's without the cu.
struct Driver {
  Result (*init)(unsigned) = nullptr;
  Result (*get_error_name)(Result, const char**) = nullptr;
  Result (*get_error_string)(Result, const char**) = nullptr;
  Result (*ctx_get_current)(Context*) = nullptr;
  Result (*ctx_get_device)(int*) = nullptr;
  Result (*device_get_name)(char*, int, int) = nullptr;
  Result (*device_get_attribute)(int*, int, int) = nullptr;
  Result (*module_load)(Module*, const void*, unsigned, int*, void**) = nullptr;
  Result (*module_get_function)(Function*, Module, const char*) = nullptr;
  Result (*func_get_attribute)(int*, int, Function) = nullptr;
  Result (*func_set_attribute)(Function, int, int) = nullptr;
  Result (*occupancy)(int*, Function, int, std::size_t) = nullptr;
  Result (*launch)(Function, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, Stream, void**,
                   void**) = nullptr;
  Result (*launch_cooperative)(Function, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, Stream,
                               void**) = nullptr;
  Result (*memset)(std::uint64_t, unsigned char, std::size_t, Stream) = nullptr;
  Result (*stream_is_capturing)(Stream, int*) = nullptr;
  Result (*ctx_get_id)(Context, unsigned long long*) = nullptr;  ///< Null before CUDA 12.
};

/// The library, opened at the first call. Null with `status` set where it cannot be used.
const Driver* driver(Status& status) noexcept;

/// Sets code and message, as printf() does.
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
void report(Status& status, Code code, const char* format, ...) noexcept;

/// driver_error of the call `what`; true where `result` is success.
bool succeeded(const Driver& driver, Result result, const char* what, Status& status) noexcept;
/// "invalid argument (CUDA_ERROR_INVALID_VALUE, 1)"
std::string error_text(const Driver& driver, Result result);

/// Of the current context. False with `status` set where the driver does not tell.
bool describe_device(const Driver& driver, Device& device, Status& status);

}  // namespace detail
}  // namespace fuseline_package
