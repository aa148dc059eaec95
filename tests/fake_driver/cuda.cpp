// A stand-in for libcuda.so.1 on machines without a GPU: device memory is host memory, the worker's own kernels are
// done on the host, and kernels under test are known by name. It lets the whole worker be tested through its protocol;
// it says nothing about CUDA itself.
//
// Kernels under test take (x, out) of fp32, or (x, out) with fp64 out for "reference", and cover grid * block elements:
//   reference, k: out = 2 x · wrong: one element is off · outside: one element past the end · later: wrong from the
//   second launch on · inputs: changes x · slow: k, but ten times slower · fault: illegal address · hang: never ends
// and those of tests/faults/presets/planted_faults by what their folder says of them.
#include <cuda.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>

namespace {

struct Module {
  std::string image;
};
struct Function {
  std::string name;
  int launches = 0;
};
struct Event {
  double at_ms = 0;
};

double clock_ms = 0;
CUresult sticky = CUDA_SUCCESS;
bool hanging = false;

CUresult status() { return sticky; }

/// Size of an ELF image from its header.
std::size_t elf_bytes(const char* image) {
  std::uint64_t section_offset = 0;
  std::uint16_t entry_bytes = 0;
  std::uint16_t entries = 0;
  std::memcpy(&section_offset, image + 0x28, 8);
  std::memcpy(&entry_bytes, image + 0x3A, 2);
  std::memcpy(&entries, image + 0x3C, 2);
  return section_offset + std::size_t{entry_bytes} * entries;
}

template <class T>
T argument(void** arguments, int index) {
  T value;
  std::memcpy(&value, arguments[index], sizeof(T));
  return value;
}
void* bytes_at(CUdeviceptr address) {
  return reinterpret_cast<void*>(address);  // NOLINT(performance-no-int-to-ptr): CUDA has integers for device addresses
}
template <class T>
T* pointer(void** arguments, int index) {
  return static_cast<T*>(bytes_at(argument<CUdeviceptr>(arguments, index)));
}

struct Comparison {
  double max_absolute, max_relative, worst_score, got, expected;
  std::int64_t worst_index;
  std::uint64_t mismatches, unwritten;
};

void compare(void** arguments, unsigned blocks) {
  const auto* got = pointer<float>(arguments, 0);
  const auto* reference = pointer<double>(arguments, 1);
  const auto count = argument<std::uint64_t>(arguments, 2);
  const auto absolute = argument<double>(arguments, 3);
  const auto relative = argument<double>(arguments, 4);
  auto* results = pointer<Comparison>(arguments, 5);
  for (unsigned i = 0; i < blocks; ++i) results[i] = {0, 0, 0, 0, 0, -1, 0, 0};
  Comparison& all = results[0];
  for (std::uint64_t i = 0; i < count; ++i) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, got + i, 4);
    const double difference = std::fabs(static_cast<double>(got[i]) - reference[i]);
    const double score = bits == 0xffffffffU || std::isnan(difference)
                             ? 1e30
                             : difference / (absolute + relative * std::fabs(reference[i]));
    all.unwritten += bits == 0xffffffffU ? 1 : 0;
    all.mismatches += score > 1 ? 1 : 0;
    if (std::isfinite(difference)) all.max_absolute = std::max(all.max_absolute, difference);
    if (all.worst_index >= 0 && score <= all.worst_score) continue;
    all.worst_score = score;
    all.worst_index = static_cast<std::int64_t>(i);
    all.got = static_cast<double>(got[i]);
    all.expected = reference[i];
  }
}

void check_guards(void** arguments, unsigned blocks) {
  struct Range {
    const unsigned char* begin;
    std::uint64_t bytes;
  };
  const auto* ranges = pointer<Range>(arguments, 0);
  const auto pattern = static_cast<unsigned char>(argument<unsigned>(arguments, 1));
  for (unsigned i = 0; i < blocks; ++i) {
    for (std::uint64_t k = 0; k < ranges[i].bytes; ++k) {
      if (ranges[i].begin[k] != pattern) *pointer<std::uint64_t>(arguments, 2) = 1;
    }
  }
}

void checksum(void** arguments) {
  const auto* words = pointer<std::uint64_t>(arguments, 0);
  const auto pieces = argument<std::uint64_t>(arguments, 1);
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < 2 * pieces; ++i) sum += (words[i] ^ i) * 0x9e3779b97f4a7c15ULL;
  *pointer<std::uint64_t>(arguments, 2) += sum;
}

void count_unwritten(void** arguments) {
  const auto* values = pointer<std::uint64_t>(arguments, 0);
  const auto count = argument<std::uint64_t>(arguments, 1);
  *pointer<std::uint64_t>(arguments, 2) +=
      static_cast<std::uint64_t>(std::count(values, values + count, ~std::uint64_t{0}));
}

void fill(void** arguments) {
  auto* out = pointer<float>(arguments, 0);
  const auto count = argument<std::uint64_t>(arguments, 1);
  for (std::uint64_t i = 0; i < count; ++i) out[i] = static_cast<float>(i % 1000) * 0.25F;
}

/// True where the kernel is one of the worker's own.
bool run_own(const std::string& name, unsigned blocks, void** arguments) {
  if (name.rfind("fuseline_", 0) != 0) return false;
  clock_ms += 0.1;
  if (name == "fuseline_fill_f32") fill(arguments);
  if (name == "fuseline_compare_f32") compare(arguments, blocks);
  if (name == "fuseline_check_guards") check_guards(arguments, blocks);
  if (name == "fuseline_checksum") checksum(arguments);
  if (name == "fuseline_count_unwritten") count_unwritten(arguments);
  return true;
}

struct Fault {
  const char* kernel;
  CUresult code;
  const char* name;
  const char* text;
};
/// After these nothing works any more.
constexpr std::array<Fault, 5> kFaults = {{
    {"fault", CUDA_ERROR_ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {"illegal_address", CUDA_ERROR_ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS",
     "an illegal memory access was encountered"},
    {"misaligned_address", CUDA_ERROR_MISALIGNED_ADDRESS, "CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address"},
    {"trap", CUDA_ERROR_LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
    {"stack_overflow", CUDA_ERROR_HARDWARE_STACK_ERROR, "CUDA_ERROR_HARDWARE_STACK_ERROR", "hardware stack error"},
}};

/// What goes wrong in the elements of `out`.
void spoil(const Function& function, std::uint64_t elements, float* x, float* out) {
  const std::string_view name = function.name;
  const bool again = function.launches > 1;
  if (name == "wrong" || (name == "later" && again)) out[7] += 1;
  if (name == "race" && again) out[7] = 12345;
  if (name == "outside" || name == "past_the_end") out[elements] = 0;
  if (name == "inputs" || name == "overwrites_input") x[3] += 1;
  if (name == "not_a_number") std::fill(out, out + elements, std::nanf(""));
}

void run_tested(Function& function, std::uint64_t elements, void** arguments) {
  auto* x = pointer<float>(arguments, 0);
  clock_ms += function.name == "slow" ? 5.0 : function.name == "writes_nothing" ? 0.01 : 0.5;
  ++function.launches;
  for (const Fault& fault : kFaults) {
    if (function.name == fault.kernel) sticky = fault.code;
  }
  if (function.name == "hang" || function.name == "endless_loop") hanging = true;
  if (sticky != CUDA_SUCCESS || hanging) return;
  if (function.name == "writes_nothing" || (function.name == "stale" && function.launches > 1)) return;
  if (function.name == "reference") {
    auto* out = pointer<double>(arguments, 1);
    for (std::uint64_t i = 0; i < elements; ++i) out[i] = 2.0 * static_cast<double>(x[i]);
    return;
  }
  auto* out = pointer<float>(arguments, 1);
  for (std::uint64_t i = 0; i < elements; ++i) out[i] = 2 * x[i];
  spoil(function, elements, x, out);
}

}  // namespace

extern "C" {

CUresult cuInit(unsigned) { return CUDA_SUCCESS; }
CUresult cuDriverGetVersion(int* version) {
  *version = 13000;
  return CUDA_SUCCESS;
}
CUresult cuGetErrorName(CUresult code, const char** name) {
  *name = code == CUDA_ERROR_NOT_FOUND       ? "CUDA_ERROR_NOT_FOUND"
          : code == CUDA_ERROR_OUT_OF_MEMORY ? "CUDA_ERROR_OUT_OF_MEMORY"
                                             : "CUDA_ERROR_OF_FAKE";
  for (const Fault& fault : kFaults) {
    if (fault.code == code) *name = fault.name;
  }
  return CUDA_SUCCESS;
}
CUresult cuGetErrorString(CUresult code, const char** text) {
  *text = code == CUDA_ERROR_OUT_OF_MEMORY ? "out of memory" : "failure of the stand-in driver";
  for (const Fault& fault : kFaults) {
    if (fault.code == code) *text = fault.text;
  }
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetCount(int* count) {
  *count = 1;
  return CUDA_SUCCESS;
}
CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  *device = ordinal;
  return ordinal == 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}
CUresult cuDeviceGetName(char* name, int length, CUdevice) {
  std::strncpy(name, "Stand-in for a GPU", static_cast<std::size_t>(length));
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetUuid(CUuuid* uuid, CUdevice) {
  std::memset(uuid->bytes, 0x5a, sizeof(uuid->bytes));
  return CUDA_SUCCESS;
}
CUresult cuDeviceTotalMem(std::size_t* bytes, CUdevice) {
  *bytes = std::size_t{1} << 30;
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice) {
  switch (attribute) {
    case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT:
      *value = 4;
      break;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR:
      *value = 9;
      break;
    case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
      *value = 1024;
      break;
    case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR:
      *value = 2048;
      break;
    case CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR:
      *value = 32;
      break;
    case CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR:
    case CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK:
      *value = 65536;
      break;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR:
      *value = 228 * 1024;
      break;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN:
      *value = 227 * 1024;
      break;
    case CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE:
      *value = 1 << 20;
      break;
    default:
      *value = 0;
  }
  return CUDA_SUCCESS;
}
CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice) {
  *context = nullptr;
  return CUDA_SUCCESS;
}
CUresult cuCtxSetCurrent(CUcontext) { return CUDA_SUCCESS; }
CUresult cuMemGetInfo(std::size_t* free_bytes, std::size_t* total) {
  *free_bytes = *total = std::size_t{64} << 20;
  return status();
}
CUresult cuMemAlloc(CUdeviceptr* memory, std::size_t bytes) {
  if (bytes > std::size_t{1} << 30) return CUDA_ERROR_OUT_OF_MEMORY;
  *memory = reinterpret_cast<CUdeviceptr>(std::aligned_alloc(512, (bytes + 511) / 512 * 512));
  return status();
}
CUresult cuMemFree(CUdeviceptr memory) {
  std::free(bytes_at(memory));
  return CUDA_SUCCESS;
}
CUresult cuMemAllocHost(void** memory, std::size_t bytes) {
  *memory = std::malloc(bytes);
  return status();
}
CUresult cuMemFreeHost(void* memory) {
  std::free(memory);
  return CUDA_SUCCESS;
}
CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, std::size_t bytes, CUstream) {
  std::memset(bytes_at(to), value, bytes);
  return status();
}
CUresult cuMemsetD2D8Async(CUdeviceptr to, std::size_t pitch, unsigned char value, std::size_t width,
                           std::size_t height, CUstream) {
  for (std::size_t row = 0; row < height; ++row) std::memset(bytes_at(to + row * pitch), value, width);
  return status();
}
CUresult cuMemcpyHtoDAsync(CUdeviceptr to, const void* from, std::size_t bytes, CUstream) {
  std::memcpy(bytes_at(to), from, bytes);
  return status();
}
CUresult cuMemcpyDtoHAsync(void* to, CUdeviceptr from, std::size_t bytes, CUstream) {
  std::memcpy(to, bytes_at(from), bytes);
  return status();
}
CUresult cuMemcpyDtoDAsync(CUdeviceptr to, CUdeviceptr from, std::size_t bytes, CUstream) {
  std::memmove(bytes_at(to), bytes_at(from), bytes);
  clock_ms += 0.25;
  return status();
}
CUresult cuStreamCreate(CUstream* stream, unsigned) {
  *stream = nullptr;
  return CUDA_SUCCESS;
}
CUresult cuStreamDestroy(CUstream) { return CUDA_SUCCESS; }
CUresult cuStreamSynchronize(CUstream) {
  while (hanging) std::this_thread::sleep_for(std::chrono::seconds(1));
  return status();
}
CUresult cuEventCreate(CUevent* event, unsigned) {
  *event = reinterpret_cast<CUevent>(new Event);
  return CUDA_SUCCESS;
}
CUresult cuEventDestroy(CUevent event) {
  delete reinterpret_cast<Event*>(event);
  return CUDA_SUCCESS;
}
CUresult cuEventRecord(CUevent event, CUstream) {
  clock_ms += 0.001;
  reinterpret_cast<Event*>(event)->at_ms = clock_ms;
  return status();
}
CUresult cuEventSynchronize(CUevent) { return cuStreamSynchronize(nullptr); }
CUresult cuEventElapsedTime(float* milliseconds, CUevent begin, CUevent end) {
  *milliseconds = static_cast<float>(reinterpret_cast<Event*>(end)->at_ms - reinterpret_cast<Event*>(begin)->at_ms);
  return status();
}
CUresult cuModuleLoadDataEx(CUmodule* module, const void* image, unsigned, CUjit_option*, void**) {
  const char* bytes = static_cast<const char*>(image);
  if (std::memcmp(bytes,
                  "\x7f"
                  "ELF",
                  4) != 0)
    return CUDA_ERROR_INVALID_IMAGE;
  *module = reinterpret_cast<CUmodule>(new Module{std::string(bytes, elf_bytes(bytes))});
  return status();
}
CUresult cuModuleUnload(CUmodule module) {
  delete reinterpret_cast<Module*>(module);
  return status();
}
CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
  const std::string section = ".text." + std::string(name) + '\0';
  if (reinterpret_cast<Module*>(module)->image.find(section) == std::string::npos) return CUDA_ERROR_NOT_FOUND;
  *function = reinterpret_cast<CUfunction>(new Function{name});
  return status();
}
CUresult cuFuncGetAttribute(int* value, CUfunction_attribute attribute, CUfunction function) {
  const std::string_view name = reinterpret_cast<Function*>(function)->name;
  const bool greedy = name == "too_many_registers";
  *value = attribute == CU_FUNC_ATTRIBUTE_NUM_REGS                ? (greedy ? 168 : 32)
           : attribute == CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK ? (greedy ? 384 : 1024)
                                                                  : 0;
  if (attribute == CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES && name == "too_much_shared") *value = 4096;
  return status();
}
CUresult cuFuncSetAttribute(CUfunction, CUfunction_attribute, int) { return status(); }
CUresult cuLaunchKernel(CUfunction function, unsigned grid_x, unsigned, unsigned, unsigned block_x, unsigned, unsigned,
                        unsigned, CUstream, void** arguments, void**) {
  auto& called = *reinterpret_cast<Function*>(function);
  if (!run_own(called.name, grid_x, arguments)) run_tested(called, std::uint64_t{grid_x} * block_x, arguments);
  return CUDA_SUCCESS;
}

}  // extern "C"
