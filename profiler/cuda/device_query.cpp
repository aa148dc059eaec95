#include "profiler/cuda/device_query.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <optional>
#include <sstream>

#include "profiler/cuda/memory.hpp"
#include "profiler/cuda/nvrtc_library.hpp"

namespace fuseline::profiler {
namespace {

/// "NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.82.07  Tue ..." -> "580.82.07": the first word that is digits
/// and dots.
std::optional<std::string> version_of_kernel_module() {
  std::ifstream file("/proc/driver/nvidia/version");
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  std::istringstream words(line);
  for (std::string word; words >> word;) {
    const bool version =
        word.find('.') != std::string::npos && word.find_first_not_of("0123456789.") == std::string::npos;
    if (version) return word;
  }
  return std::nullopt;
}

std::optional<std::string> version_of_nvml() {
  void* library = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return std::nullopt;
  using Initialise = int (*)();
  using GetVersion = int (*)(char*, unsigned);
  const auto initialise = reinterpret_cast<Initialise>(dlsym(library, "nvmlInit_v2"));
  const auto get_version = reinterpret_cast<GetVersion>(dlsym(library, "nvmlSystemGetDriverVersion"));
  std::array<char, 96> text{};
  if (initialise == nullptr || get_version == nullptr || initialise() != 0) return std::nullopt;
  if (get_version(text.data(), text.size()) != 0 || text[0] == '\0') return std::nullopt;
  return std::string(text.data());
}

DeviceResult<int> attribute(const Driver& driver, CUdevice device, CUdevice_attribute which) {
  int value = 0;
  FUSELINE_CU(driver, cuDeviceGetAttribute(&value, which, device));
  return value;
}

/// 0 where this driver does not know the attribute.
int attribute_or_zero(const Driver& driver, CUdevice device, CUdevice_attribute which) {
  return attribute(driver, device, which).value_or(0);
}

DeviceResult<tuner::DeviceLimits> limits_of(const Driver& driver, CUdevice device) {
  tuner::DeviceLimits limits;
  const auto get = [&](CUdevice_attribute which) { return attribute(driver, device, which); };
  FUSELINE_TRY(sm_count, get(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT));
  FUSELINE_TRY(major, get(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR));
  FUSELINE_TRY(minor, get(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR));
  FUSELINE_TRY(threads_per_block, get(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK));
  FUSELINE_TRY(threads_per_sm, get(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR));
  FUSELINE_TRY(blocks_per_sm, get(CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR));
  FUSELINE_TRY(registers_per_sm, get(CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR));
  FUSELINE_TRY(registers_per_block, get(CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK));
  FUSELINE_TRY(shared_per_sm, get(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR));
  FUSELINE_TRY(shared_per_block, get(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN));
  FUSELINE_TRY(l2_bytes, get(CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE));
  limits.sm_count = sm_count;
  limits.compute_major = major;
  limits.compute_minor = minor;
  limits.max_threads_per_block = threads_per_block;
  limits.max_threads_per_sm = threads_per_sm;
  limits.max_blocks_per_sm = blocks_per_sm;
  limits.registers_per_sm = registers_per_sm;
  limits.registers_per_block = registers_per_block;
  limits.shared_bytes_per_sm = shared_per_sm;
  limits.shared_bytes_per_block = shared_per_block;
  limits.l2_bytes = l2_bytes;
  return limits;
}

std::string uuid_text(const CUuuid& uuid) {
  std::string text = "GPU-";
  for (int i = 0; i < 16; ++i) {
    text += fmt::format("{:02x}", static_cast<unsigned char>(uuid.bytes[i]));
    if (i == 3 || i == 5 || i == 7 || i == 9) text += '-';
  }
  return text;
}

DeviceResult<tuner::DeviceInfo> describe(const Driver& driver, int ordinal) {
  CUdevice device = 0;
  FUSELINE_CU(driver, cuDeviceGet(&device, ordinal));
  tuner::DeviceInfo info;
  std::array<char, 256> name{};
  FUSELINE_CU(driver, cuDeviceGetName(name.data(), static_cast<int>(name.size()) - 1, device));
  info.name = name.data();
  CUuuid uuid{};
  FUSELINE_CU(driver, cuDeviceGetUuid(&uuid, device));
  info.uuid = uuid_text(uuid);
  std::size_t bytes = 0;
  FUSELINE_CU(driver, cuDeviceTotalMem(&bytes, device));
  info.memory_bytes = static_cast<std::int64_t>(std::min(bytes, device_memory_limit()));
  FUSELINE_TRY(limits, limits_of(driver, device));
  info.limits = limits;
  // Two transfers a clock; some drivers no longer give the clock, and then the data sheet has to.
  const double clock_khz = attribute_or_zero(driver, device, CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE);
  const double bus_bits = attribute_or_zero(driver, device, CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH);
  info.dram_peak_gbps = clock_khz * 1e3 * 2 * bus_bits / 8 / 1e9;
  return info;
}

}  // namespace

std::string driver_version(const Driver& driver) {
  if (auto version = version_of_kernel_module()) return *version;
  if (auto version = version_of_nvml()) return *version;
  int version = 0;
  if (driver.cuDriverGetVersion(&version) != CUDA_SUCCESS) return {};
  return fmt::format("CUDA {}.{}", version / 1000, version % 1000 / 10);
}

tuner::Result<std::vector<tuner::DeviceInfo>> query_devices() {
  FUSELINE_TRY(driver, Driver::load());
  int count = 0;
  if (const CUresult code = driver->cuDeviceGetCount(&count); code != CUDA_SUCCESS) {
    return tuner::worker_error(device_error(*driver, code, "cuDeviceGetCount(&count)", __FILE__, __LINE__).message());
  }
  if (count == 0) return tuner::worker_error("the NVIDIA driver sees no GPU");
  const auto nvrtc = NvrtcLibrary::load();
  std::vector<tuner::DeviceInfo> devices;
  for (int ordinal = 0; ordinal < count; ++ordinal) {
    auto info = describe(*driver, ordinal);
    if (!info) return tuner::worker_error(fmt::format("GPU {}: {}", ordinal, info.error().message()));
    info->driver = driver_version(*driver);
    info->cuda = nvrtc ? (*nvrtc)->version : std::string{};
    devices.push_back(std::move(*info));
  }
  return devices;
}

}  // namespace fuseline::profiler
