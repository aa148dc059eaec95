#include "profiler/cuda/driver.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <string_view>

namespace fuseline::profiler {
namespace {

tl::unexpected<tuner::Error> no_driver(std::string reason) {
  return tl::unexpected(tuner::Error{tuner::ErrorKind::worker, {}, {}, std::move(reason)});
}

std::string loader_error() {
  const char* text = dlerror();
  return text == nullptr ? "unknown reason" : text;
}

void* open_library(std::string& reasons) {
  const char* chosen = std::getenv("FUSELINE_LIBCUDA");
  if (chosen != nullptr && *chosen != '\0') {
    void* handle = dlopen(chosen, RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) reasons = "FUSELINE_LIBCUDA: " + loader_error();
    return handle;
  }
  // The second place is where Windows Subsystem for Linux keeps it.
  for (const char* name : {"libcuda.so.1", "/usr/lib/wsl/lib/libcuda.so.1"}) {
    if (void* handle = dlopen(name, RTLD_NOW | RTLD_LOCAL)) return handle;
    if (reasons.empty()) reasons = loader_error();
  }
  return nullptr;
}

void* find_symbol(void* library, std::string_view name) {
  if (void* symbol = dlsym(library, std::string(name).c_str())) return symbol;
  // Drivers before 12.8 have the same function without the suffix.
  if (name == "cuEventElapsedTime_v2") return dlsym(library, "cuEventElapsedTime");
  return nullptr;
}

#define FUSELINE_TEXT_OF(name) #name
#define FUSELINE_EXPANDED_TEXT_OF(name) FUSELINE_TEXT_OF(name)

tuner::Result<Driver> open_driver() {
  std::string reasons;
  void* library = open_library(reasons);
  if (library == nullptr) return no_driver("no NVIDIA driver: libcuda.so.1 could not be opened (" + reasons + ")");
  Driver driver;
  std::string missing;
#define FUSELINE_LOAD(name)                                                                                     \
  driver.name = reinterpret_cast<decltype(driver.name)>(find_symbol(library, FUSELINE_EXPANDED_TEXT_OF(name))); \
  if (driver.name == nullptr && missing.empty()) missing = FUSELINE_EXPANDED_TEXT_OF(name);
  FUSELINE_DRIVER_FUNCTIONS(FUSELINE_LOAD)
#undef FUSELINE_LOAD
  driver.cuFuncGetParamInfo =
      reinterpret_cast<decltype(driver.cuFuncGetParamInfo)>(find_symbol(library, "cuFuncGetParamInfo"));
  if (!missing.empty()) return no_driver("the NVIDIA driver is too old: libcuda.so.1 has no " + missing);
  // A kernel is to be on the device before it is launched, not while its first launch is timed.
  setenv("CUDA_MODULE_LOADING", "EAGER", 0);
  const CUresult code = driver.cuInit(0);
  if (code != CUDA_SUCCESS)
    return no_driver("the NVIDIA driver could not start: " +
                     device_error(driver, code, "cuInit(0)", __FILE__, __LINE__).what);
  return driver;
}

/// The path below the project: what a build folder is called tells nobody anything.
std::string_view project_path(std::string_view file) {
  const auto at = file.rfind("profiler/");
  return at == std::string_view::npos ? file : file.substr(at);
}

}  // namespace

tuner::Result<const Driver*> Driver::load() {
  static const tuner::Result<Driver> driver = open_driver();
  if (!driver) return tl::unexpected(driver.error());
  return &*driver;
}

bool DeviceError::context_lost() const {
  static constexpr std::array lost = {
      CUDA_ERROR_ECC_UNCORRECTABLE,
      CUDA_ERROR_ILLEGAL_ADDRESS,
      CUDA_ERROR_LAUNCH_TIMEOUT,
      CUDA_ERROR_ASSERT,
      CUDA_ERROR_HARDWARE_STACK_ERROR,
      CUDA_ERROR_ILLEGAL_INSTRUCTION,
      CUDA_ERROR_MISALIGNED_ADDRESS,
      CUDA_ERROR_INVALID_ADDRESS_SPACE,
      CUDA_ERROR_INVALID_PC,
      CUDA_ERROR_LAUNCH_FAILED,
      CUDA_ERROR_CONTEXT_IS_DESTROYED,
      CUDA_ERROR_DEVICE_UNAVAILABLE,
      CUDA_ERROR_DEINITIALIZED,
      CUDA_ERROR_SYSTEM_NOT_READY,
      CUDA_ERROR_UNKNOWN,
  };
  for (const CUresult each : lost) {
    if (code == each) return true;
  }
  return false;
}

DeviceError device_error(const Driver& driver, CUresult code, const char* expression, const char* file, int line) {
  const char* name = nullptr;
  const char* text = nullptr;
  if (driver.cuGetErrorName(code, &name) != CUDA_SUCCESS || name == nullptr) name = "unknown code";
  if (driver.cuGetErrorString(code, &text) != CUDA_SUCCESS || text == nullptr) text = "CUDA error";
  return DeviceError{code, fmt::format("{} ({}, {})", text, name, static_cast<int>(code)),
                     fmt::format("{} at {}:{}", expression, project_path(file), line)};
}

}  // namespace fuseline::profiler
