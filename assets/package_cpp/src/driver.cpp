#include "driver.hpp"

#include <dlfcn.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace fuseline_package {
namespace detail {
namespace {

struct Opened {
  Driver driver;
  Status status;
};

void* open_library(Status& status) {
  const char* const chosen = std::getenv("FUSELINE_LIBCUDA");
  if (chosen != nullptr && *chosen != '\0') {
    void* const library = dlopen(chosen, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) report(status, Code::no_driver, "no NVIDIA driver: %s", dlerror());
    return library;
  }
  void* library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library != nullptr) return library;
  report(status, Code::no_driver, "no NVIDIA driver: %s", dlerror());
  // Where Windows Subsystem for Linux keeps it.
  library = dlopen("/usr/lib/wsl/lib/libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library != nullptr) status = Status();
  return library;
}

template <typename Pointer>
bool find(void* library, const char* name, Pointer& pointer) {
  void* const found = dlsym(library, name);
  static_assert(sizeof found == sizeof pointer, "POSIX has functions and data of one size");
  std::memcpy(&pointer, &found, sizeof pointer);
  return found != nullptr;
}

/// Names the first function that is not there; null where all are.
const char* find_functions(void* library, Driver& driver) {
  const char* missing = nullptr;
  const auto need = [&](const char* name, auto& pointer) {
    if (!find(library, name, pointer) && missing == nullptr) missing = name;
  };
  need("cuInit", driver.init);
  need("cuGetErrorName", driver.get_error_name);
  need("cuGetErrorString", driver.get_error_string);
  need("cuCtxGetCurrent", driver.ctx_get_current);
  need("cuCtxGetDevice", driver.ctx_get_device);
  need("cuDeviceGetName", driver.device_get_name);
  need("cuDeviceGetAttribute", driver.device_get_attribute);
  need("cuModuleLoadDataEx", driver.module_load);
  need("cuModuleGetFunction", driver.module_get_function);
  need("cuFuncGetAttribute", driver.func_get_attribute);
  need("cuFuncSetAttribute", driver.func_set_attribute);
  need("cuOccupancyMaxActiveBlocksPerMultiprocessor", driver.occupancy);
  need("cuLaunchKernel", driver.launch);
  need("cuLaunchCooperativeKernel", driver.launch_cooperative);
  need("cuMemsetD8Async", driver.memset);
  need("cuStreamIsCapturing", driver.stream_is_capturing);
  find(library, "cuCtxGetId", driver.ctx_get_id);
  return missing;
}

Opened open_driver() {
  Opened opened;
  void* const library = open_library(opened.status);  // Never closed: modules live in it.
  if (library == nullptr) return opened;
  const char* const missing = find_functions(library, opened.driver);
  if (missing != nullptr) {
    report(opened.status, Code::no_driver, "the NVIDIA driver is too old: it has no %s", missing);
    return opened;
  }
  succeeded(opened.driver, opened.driver.init(0), "cuInit", opened.status);
  return opened;
}

}  // namespace

void report(Status& status, Code code, const char* format, ...) noexcept {
  status.code = code;
  std::va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(status.message, sizeof status.message, format, arguments);
  va_end(arguments);
}

const Driver* driver(Status& status) noexcept {
  static const Opened opened = open_driver();
  if (opened.status.ok()) return &opened.driver;
  status = opened.status;
  return nullptr;
}

std::string error_text(const Driver& driver, Result result) {
  const char* name = nullptr;
  const char* text = nullptr;
  driver.get_error_name(result, &name);
  driver.get_error_string(result, &text);
  return std::string(text != nullptr ? text : "unknown") + " (" + (name != nullptr ? name : "unknown") + ", " +
         std::to_string(result) + ")";
}

bool succeeded(const Driver& driver, Result result, const char* what, Status& status) noexcept {
  if (result == 0) return true;
  const char* name = nullptr;
  const char* text = nullptr;
  driver.get_error_name(result, &name);
  driver.get_error_string(result, &text);
  report(status, Code::driver_error, "%s: %s (%s, %d)", what, text != nullptr ? text : "unknown",
         name != nullptr ? name : "unknown", result);
  return false;
}

bool describe_device(const Driver& driver, Device& device, Status& status) {
  int handle = 0;
  if (!succeeded(driver, driver.ctx_get_device(&handle), "cuCtxGetDevice", status)) return false;
  char name[256] = {};
  if (!succeeded(driver, driver.device_get_name(name, sizeof name - 1, handle), "cuDeviceGetName", status))
    return false;
  device.name = name;
  bool good = true;
  // Numbers of CUdevice_attribute.
  const auto attribute = [&](int number) {
    int value = 0;
    good =
        good && succeeded(driver, driver.device_get_attribute(&value, number, handle), "cuDeviceGetAttribute", status);
    return value;
  };
  const int major = attribute(75);
  const int minor = attribute(76);
  device.capability = 10 * major + minor;
  device.cooperative = attribute(95) != 0;
  device.limits.compute_capability = major + minor / 10.0;
  device.limits.sm_count = attribute(16);
  device.limits.max_threads_per_block = attribute(1);
  device.limits.max_threads_per_sm = attribute(39);
  device.limits.max_blocks_per_sm = attribute(106);
  device.limits.shared_bytes_per_block = attribute(97);  // With opt-in.
  device.limits.shared_bytes_per_sm = attribute(81);
  device.limits.registers_per_sm = attribute(82);
  device.limits.l2_bytes = attribute(38);
  return good;
}

}  // namespace detail
}  // namespace fuseline_package
