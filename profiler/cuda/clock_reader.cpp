#include "profiler/cuda/clock_reader.hpp"

#include <dlfcn.h>

#include <cstdlib>

namespace fuseline::profiler {
namespace {

// From nvml.h, whose values and signatures NVIDIA keeps: toolkits do not all bring the header.
using NvmlDevice = void*;
using NvmlReturn = int;
constexpr NvmlReturn kSuccess = 0;
constexpr int kClockSm = 1;
constexpr int kClockMemory = 2;
constexpr int kTemperatureGpu = 0;

struct Nvml {
  NvmlReturn (*nvmlInit_v2)() = nullptr;
  NvmlReturn (*nvmlDeviceGetHandleByUUID)(const char*, NvmlDevice*) = nullptr;
  NvmlReturn (*nvmlDeviceGetClockInfo)(NvmlDevice, int, unsigned*) = nullptr;
  NvmlReturn (*nvmlDeviceGetPowerUsage)(NvmlDevice, unsigned*) = nullptr;
  NvmlReturn (*nvmlDeviceGetEnforcedPowerLimit)(NvmlDevice, unsigned*) = nullptr;
  NvmlReturn (*nvmlDeviceGetTemperature)(NvmlDevice, int, unsigned*) = nullptr;
  NvmlReturn (*reasons)(NvmlDevice, unsigned long long*) = nullptr;
};

void* open_library() {
  if (const char* chosen = std::getenv("FUSELINE_LIBNVML"); chosen != nullptr && *chosen != '\0')
    return dlopen(chosen, RTLD_NOW | RTLD_LOCAL);
  for (const char* name : {"libnvidia-ml.so.1", "/usr/lib/wsl/lib/libnvidia-ml.so.1"}) {
    if (void* library = dlopen(name, RTLD_NOW | RTLD_LOCAL)) return library;
  }
  return nullptr;
}

template <class Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

bool load(Nvml& nvml) {
  void* library = open_library();
  if (library == nullptr) return false;
  // Drivers before 535 have the reasons under the older name.
  return find(library, "nvmlInit_v2", nvml.nvmlInit_v2) &&
         find(library, "nvmlDeviceGetHandleByUUID", nvml.nvmlDeviceGetHandleByUUID) &&
         find(library, "nvmlDeviceGetClockInfo", nvml.nvmlDeviceGetClockInfo) &&
         find(library, "nvmlDeviceGetPowerUsage", nvml.nvmlDeviceGetPowerUsage) &&
         find(library, "nvmlDeviceGetEnforcedPowerLimit", nvml.nvmlDeviceGetEnforcedPowerLimit) &&
         find(library, "nvmlDeviceGetTemperature", nvml.nvmlDeviceGetTemperature) &&
         (find(library, "nvmlDeviceGetCurrentClocksEventReasons", nvml.reasons) ||
          find(library, "nvmlDeviceGetCurrentClocksThrottleReasons", nvml.reasons));
}

class NvmlReader : public ClockReader {
 public:
  NvmlReader(const Nvml& nvml, NvmlDevice device) : nvml_(nvml), device_(device) {}

  [[nodiscard]] tuner::ClockReading read() const override {
    tuner::ClockReading reading;
    unsigned value = 0;
    if (nvml_.nvmlDeviceGetClockInfo(device_, kClockSm, &value) == kSuccess) reading.sm_mhz = value;
    if (nvml_.nvmlDeviceGetClockInfo(device_, kClockMemory, &value) == kSuccess) reading.memory_mhz = value;
    if (nvml_.nvmlDeviceGetPowerUsage(device_, &value) == kSuccess) reading.power_w = value / 1000.0;
    if (nvml_.nvmlDeviceGetEnforcedPowerLimit(device_, &value) == kSuccess) reading.power_limit_w = value / 1000.0;
    if (nvml_.nvmlDeviceGetTemperature(device_, kTemperatureGpu, &value) == kSuccess) reading.temperature_c = value;
    unsigned long long reasons = 0;
    if (nvml_.reasons(device_, &reasons) == kSuccess) reading.reasons = reasons;
    return reading;
  }

 private:
  Nvml nvml_;
  NvmlDevice device_;
};

}  // namespace

std::unique_ptr<ClockReader> ClockReader::open(const std::string& uuid) {
  Nvml nvml;
  NvmlDevice device = nullptr;
  if (!load(nvml) || nvml.nvmlInit_v2() != kSuccess ||
      nvml.nvmlDeviceGetHandleByUUID(uuid.c_str(), &device) != kSuccess)
    return nullptr;
  return std::make_unique<NvmlReader>(nvml, device);
}

}  // namespace fuseline::profiler
