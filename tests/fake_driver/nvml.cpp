// A stand-in for libnvidia-ml.so.1, in the same library as the one for libcuda.so.1, so that both tell of the same
// device. Of nvml.h it has what the worker asks for.
#include <cstring>

#include "tests/fake_driver/kernels.hpp"

namespace {

constexpr int kSuccess = 0;
constexpr int kNotFound = 6;
constexpr int kClockSm = 1;
constexpr unsigned long long kSwThermalSlowdown = 0x20;

}  // namespace

extern "C" {

int nvmlInit_v2() { return kSuccess; }
int nvmlDeviceGetHandleByUUID(const char* uuid, void** device) {
  static int the_device = 0;
  *device = &the_device;
  return std::strncmp(uuid, "GPU-5a5a5a5a-5a5a-5a5a-5a5a-5a5a5a5a5a", 38) == 0 ? kSuccess : kNotFound;
}
int nvmlDeviceGetClockInfo(void*, int clock, unsigned* mhz) {
  *mhz = clock != kClockSm ? 2600U : fake::throttled() ? 1400U : 1980U;
  return kSuccess;
}
int nvmlDeviceGetPowerUsage(void*, unsigned* milliwatts) {
  *milliwatts = 456'700;
  return kSuccess;
}
int nvmlDeviceGetEnforcedPowerLimit(void*, unsigned* milliwatts) {
  *milliwatts = 700'000;
  return kSuccess;
}
int nvmlDeviceGetTemperature(void*, int, unsigned* celsius) {
  *celsius = 45;
  return kSuccess;
}
int nvmlDeviceGetCurrentClocksEventReasons(void*, unsigned long long* reasons) {
  *reasons = fake::throttled() ? kSwThermalSlowdown : 0;
  return kSuccess;
}

}  // extern "C"
