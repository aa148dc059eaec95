// The CUDA driver API, opened at run time, so that the program starts (and can say what is missing) where there is no
// driver.
#pragma once

#include <cuda.h>

#include <cstddef>
#include <string>

#include "tuner/base/error.hpp"

namespace fuseline::profiler {

// Each name goes through cuda.h's own macros, so that the symbol looked up (cuMemAlloc_v2, ...) is the one whose
// prototype we compile with.
#define FUSELINE_DRIVER_FUNCTIONS(X) \
  X(cuInit)                          \
  X(cuDriverGetVersion)              \
  X(cuGetErrorName)                  \
  X(cuGetErrorString)                \
  X(cuDeviceGetCount)                \
  X(cuDeviceGet)                     \
  X(cuDeviceGetName)                 \
  X(cuDeviceGetUuid)                 \
  X(cuDeviceTotalMem)                \
  X(cuDeviceGetAttribute)            \
  X(cuDevicePrimaryCtxRetain)        \
  X(cuCtxSetCurrent)                 \
  X(cuCtxResetPersistingL2Cache)     \
  X(cuMemGetInfo)                    \
  X(cuMemAlloc)                      \
  X(cuMemFree)                       \
  X(cuMemAllocHost)                  \
  X(cuMemFreeHost)                   \
  X(cuMemsetD2D8Async)               \
  X(cuMemsetD8Async)                 \
  X(cuMemcpyHtoDAsync)               \
  X(cuMemcpyDtoHAsync)               \
  X(cuMemcpyDtoDAsync)               \
  X(cuStreamCreate)                  \
  X(cuStreamSynchronize)             \
  X(cuStreamDestroy)                 \
  X(cuEventCreate)                   \
  X(cuEventRecord)                   \
  X(cuEventSynchronize)              \
  X(cuEventElapsedTime)              \
  X(cuEventDestroy)                  \
  X(cuModuleLoadDataEx)              \
  X(cuModuleUnload)                  \
  X(cuModuleGetFunction)             \
  X(cuFuncGetAttribute)              \
  X(cuFuncSetAttribute)              \
  X(cuLaunchKernel)                  \
  X(cuLaunchCooperativeKernel)

/// Functions of libcuda, under their own names: `driver.cuMemAlloc(&pointer, bytes)`.
struct Driver {
#define FUSELINE_DECLARE(name) decltype(&::name) name = nullptr;  // NOLINT(bugprone-macro-parentheses): a declared name
  FUSELINE_DRIVER_FUNCTIONS(FUSELINE_DECLARE)
#undef FUSELINE_DECLARE
  /// Drivers before CUDA 12.4 have no such function: null there. Its type is written out for headers of that age.
  CUresult (*cuFuncGetParamInfo)(CUfunction function, std::size_t index, std::size_t* offset,
                                 std::size_t* bytes) = nullptr;

  /// Opens libcuda.so.1 ($FUSELINE_LIBCUDA names another file) once and calls cuInit. Error: no driver, one that is too
  /// old, or one that cannot start; always with the reason.
  [[nodiscard]] static tuner::Result<const Driver*> load();
};

/// A driver call that failed.
struct DeviceError {
  CUresult code = CUDA_SUCCESS;
  std::string what;   ///< "an illegal memory access was encountered (CUDA_ERROR_ILLEGAL_ADDRESS)"
  std::string where;  ///< "cuEventSynchronize(event) at profiler/measure/timer.cpp:42"

  [[nodiscard]] std::string message() const { return where.empty() ? what : what + ", from " + where; }
  /// True where the context is unusable from now on: every later call would fail too.
  [[nodiscard]] bool context_lost() const;
};

template <class T>
using DeviceResult = tl::expected<T, DeviceError>;

[[nodiscard]] DeviceError device_error(const Driver& driver, CUresult code, const char* expression, const char* file,
                                       int line);
/// A failure that no driver call reported.
[[nodiscard]] inline tl::unexpected<DeviceError> device_failure(std::string what) {
  return tl::unexpected(DeviceError{CUDA_ERROR_INVALID_VALUE, std::move(what), {}});
}

}  // namespace fuseline::profiler

/// Makes one driver call; on failure returns from the calling function, with file, line and expression.
#define FUSELINE_CU(driver, call)                                                                                     \
  do {                                                                                                                \
    const CUresult fuseline_code_ = (driver).call;                                                                    \
    if (fuseline_code_ != CUDA_SUCCESS)                                                                               \
      return tl::unexpected(::fuseline::profiler::device_error((driver), fuseline_code_, #call, __FILE__, __LINE__)); \
  } while (false)
