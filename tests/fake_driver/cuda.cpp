// A stand-in for libcuda.so.1 on machines without a GPU: device memory is host memory, and kernels do what kernels.hpp
// says. It lets the whole worker be tested through its protocol; it says nothing about CUDA itself. Every entry point
// that the worker asks for is here; one that is missing ends every test with its name (Driver::load).
//
// $FUSELINE_FAKE_CUDA changes it, one or more words with commas between them: "no_cooperative": the device has no
// cooperative launch; "no_parameters": a driver before CUDA 12.4, which cannot tell a kernel's parameters;
// "no_context": none is current; "capturing": every stream is being captured; "no_images": nothing can be loaded;
// "no_cubins": PTX alone can; and those of kernels.hpp. $FUSELINE_FAKE_DEVICE is another device than the stand-in, and
// $FUSELINE_FAKE_GPUS makes several: see device.hpp. $FUSELINE_FAKE_MEMORY is all the memory that it has, in bytes, of
// which what is allocated is then gone; without it there is always as much. $FUSELINE_FAKE_RECORD names a file:
// launches under test are written into it and not done; see record.hpp.
#include <cuda.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>

#include "tests/fake_driver/device.hpp"
#include "tests/fake_driver/kernels.hpp"
#include "tests/fake_driver/record.hpp"

namespace {

using fake::bytes_at;
using fake::Fault;
using fake::Function;
using fake::kFaults;
using fake::state;

struct Module {
  std::string image;
  bool ptx = false;
};
struct Event {
  double at_ms = 0;
};

CUresult status() { return state().sticky; }

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

/// Writes into the log of that option, as far as it goes.
void write_log(CUjit_option wanted, const std::string& text, unsigned count, const CUjit_option* options,
               void** values) {
  for (unsigned i = 0; i + 1 < count; ++i) {
    if (options[i] != wanted) continue;  // Its size is the next option.
    const auto room = reinterpret_cast<std::uintptr_t>(values[i + 1]);
    std::strncpy(static_cast<char*>(values[i]), text.c_str(), room - 1);
  }
}

/// Takes any text with a .version that does not hold the word "nonsense", and says of it what ptxas would.
CUresult assemble(CUmodule* module, const std::string& text, unsigned count, const CUjit_option* options,
                  void** values) {
  if (text.find(".version") == std::string::npos || text.find("nonsense") != std::string::npos) {
    write_log(CU_JIT_ERROR_LOG_BUFFER,
              "ptxas application ptx input, line 3; error   : Unexpected 'nonsense'\n"
              "ptxas fatal   : Ptx assembly aborted due to errors\n",
              count, options, values);
    return CUDA_ERROR_INVALID_PTX;
  }
  write_log(CU_JIT_INFO_LOG_BUFFER,
            "ptxas info    : Compiling entry function 'k' for 'sm_90'\n"
            "ptxas info    : Function properties for k\n"
            "    32 bytes stack frame, 12 bytes spill stores, 8 bytes spill loads\n"
            "ptxas info    : Used 32 registers\n",
            count, options, values);
  fake::record_module(text);
  *module = reinterpret_cast<CUmodule>(new Module{text, true});
  return status();
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
  *count = static_cast<int>(fake::devices().size());
  return CUDA_SUCCESS;
}
CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  *device = ordinal;
  const bool there = ordinal >= 0 && static_cast<std::size_t>(ordinal) < fake::devices().size();
  return there ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}
CUresult cuDeviceGetName(char* name, int length, CUdevice device) {
  std::strncpy(name, fake::devices()[static_cast<std::size_t>(device)].name.c_str(), static_cast<std::size_t>(length));
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetUuid(CUuuid* uuid, CUdevice device) {
  std::memset(uuid->bytes, 0x5a, sizeof(uuid->bytes));
  uuid->bytes[sizeof(uuid->bytes) - 1] = static_cast<char>(0x5a + device);
  return CUDA_SUCCESS;
}
CUresult cuDeviceTotalMem(std::size_t* bytes, CUdevice) {
  *bytes = fake::memory_bytes();
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice) {
  *value = fake::attribute(attribute);
  return CUDA_SUCCESS;
}
CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice device) {
  fake::use_device(device);
  *context = nullptr;
  return CUDA_SUCCESS;
}
CUresult cuCtxSetCurrent(CUcontext) { return CUDA_SUCCESS; }
CUresult cuCtxGetCurrent(CUcontext* context) {
  static int the_context = 0;
  *context = fake::is_set("no_context") ? nullptr : reinterpret_cast<CUcontext>(&the_context);
  return CUDA_SUCCESS;
}
CUresult cuCtxGetId(CUcontext, unsigned long long* id) {
  *id = 1;
  return CUDA_SUCCESS;
}
CUresult cuCtxGetDevice(CUdevice* device) {
  *device = 0;
  return CUDA_SUCCESS;
}
CUresult cuStreamIsCapturing(CUstream, CUstreamCaptureStatus* capturing) {
  *capturing = fake::is_set("capturing") ? CU_STREAM_CAPTURE_STATUS_ACTIVE : CU_STREAM_CAPTURE_STATUS_NONE;
  return CUDA_SUCCESS;
}
CUresult cuCtxResetPersistingL2Cache() { return CUDA_SUCCESS; }
CUresult cuMemGetInfo(std::size_t* free_bytes, std::size_t* total) {
  *total = fake::accounts_memory() ? fake::memory_bytes() : std::size_t{64} << 20;
  *free_bytes = *total - (fake::accounts_memory() ? state().allocated : 0);
  return status();
}
CUresult cuMemAlloc(CUdeviceptr* memory, std::size_t bytes) {
  const std::size_t taken = fake::accounts_memory() ? state().allocated : 0;
  if (bytes > fake::memory_bytes() - taken) return CUDA_ERROR_OUT_OF_MEMORY;
  *memory = reinterpret_cast<CUdeviceptr>(std::aligned_alloc(512, (bytes + 511) / 512 * 512));
  fake::note_memory(*memory, bytes);
  return status();
}
CUresult cuMemFree(CUdeviceptr memory) {
  fake::forget_memory(memory);
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
  if (fake::record_memset(to, value, bytes)) return status();
  std::memset(bytes_at(to), value, bytes);
  fake::spend(0.05);
  state().dirty = true;
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
  fake::spend(0.25 * fake::drift());
  state().dirty = true;
  return status();
}
CUresult cuStreamCreate(CUstream* stream, unsigned) {
  *stream = nullptr;
  return CUDA_SUCCESS;
}
CUresult cuStreamDestroy(CUstream) { return CUDA_SUCCESS; }
CUresult cuStreamSynchronize(CUstream) {
  while (state().hanging) std::this_thread::sleep_for(std::chrono::seconds(1));
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
  fake::spend(0.001);
  reinterpret_cast<Event*>(event)->at_ms = state().clock_ms;
  return status();
}
CUresult cuEventSynchronize(CUevent) { return cuStreamSynchronize(nullptr); }
CUresult cuEventElapsedTime(float* milliseconds, CUevent begin, CUevent end) {
  *milliseconds = static_cast<float>(reinterpret_cast<Event*>(end)->at_ms - reinterpret_cast<Event*>(begin)->at_ms);
  return status();
}
CUresult cuModuleLoadDataEx(CUmodule* module, const void* image, unsigned count, CUjit_option* options, void** values) {
  if (fake::is_set("no_images")) return CUDA_ERROR_NO_BINARY_FOR_GPU;
  const char* bytes = static_cast<const char*>(image);
  if (std::memcmp(bytes,
                  "\x7f"
                  "ELF",
                  4) != 0)
    return assemble(module, bytes, count, options, values);
  if (fake::is_set("no_cubins")) return CUDA_ERROR_NO_BINARY_FOR_GPU;
  const std::string elf(bytes, elf_bytes(bytes));
  fake::record_module(elf);
  *module = reinterpret_cast<CUmodule>(new Module{elf});
  return status();
}
CUresult cuModuleUnload(CUmodule module) {
  delete reinterpret_cast<Module*>(module);
  return status();
}
CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
  const auto& loaded = *reinterpret_cast<Module*>(module);
  const std::string entry = loaded.ptx ? ".entry " + std::string(name) + "(" : ".text." + std::string(name) + '\0';
  if (loaded.image.find(entry) == std::string::npos) return CUDA_ERROR_NOT_FOUND;
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
CUresult cuFuncSetAttribute(CUfunction function, CUfunction_attribute attribute, int value) {
  fake::record_attribute(reinterpret_cast<Function*>(function)->name, attribute, value);
  return status();
}
CUresult cuFuncGetParamInfo(CUfunction function, std::size_t index, std::size_t* offset, std::size_t* bytes) {
  if (fake::is_set("no_parameters")) return CUDA_ERROR_NOT_SUPPORTED;
  const auto sizes = fake::parameter_bytes(reinterpret_cast<Function*>(function)->name);
  if (index >= sizes.size()) return CUDA_ERROR_INVALID_VALUE;
  *offset = 8 * index;
  *bytes = sizes[index];
  return status();
}
CUresult cuLaunchKernel(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                        unsigned block_y, unsigned block_z, unsigned shared_bytes, CUstream stream, void** arguments,
                        void**) {
  auto& kernel = *reinterpret_cast<Function*>(function);
  const fake::Launch launch = {
      {grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, shared_bytes, false, stream, arguments};
  if (!fake::record_launch(kernel.name, launch)) fake::launch(kernel, grid_x, block_x, false, arguments);
  return CUDA_SUCCESS;
}
CUresult cuLaunchKernelEx(const CUlaunchConfig* config, CUfunction function, void** arguments, void** extra) {
  return cuLaunchKernel(function, config->gridDimX, config->gridDimY, config->gridDimZ, config->blockDimX,
                        config->blockDimY, config->blockDimZ, config->sharedMemBytes, config->hStream, arguments,
                        extra);
}
CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, CUfunction, int threads, std::size_t) {
  *blocks = fake::attribute(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR) / threads;
  return status();
}
CUresult cuLaunchCooperativeKernel(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                                   unsigned block_x, unsigned block_y, unsigned block_z, unsigned shared_bytes,
                                   CUstream stream, void** arguments) {
  if (fake::is_set("no_cooperative")) return CUDA_ERROR_NOT_SUPPORTED;
  const auto held = static_cast<unsigned>(fake::attribute(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT) *
                                          fake::attribute(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR));
  if (grid_x * block_x > held) return CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE;
  auto& kernel = *reinterpret_cast<Function*>(function);
  const fake::Launch launch = {
      {grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, shared_bytes, true, stream, arguments};
  if (!fake::record_launch(kernel.name, launch)) fake::launch(kernel, grid_x, block_x, true, arguments);
  return CUDA_SUCCESS;
}

}  // extern "C"
