#include "profiler/cuda/module.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace fuseline::profiler {
namespace {

constexpr std::size_t kJitLogBytes = std::size_t{16} * 1024;

/// A number where the driver's options want a pointer.
void* as_value(std::uintptr_t number) {
  return reinterpret_cast<void*>(number);  // NOLINT(performance-no-int-to-ptr): how the driver takes its options
}

std::string text_of(const std::array<char, kJitLogBytes>& buffer) {
  std::string text(buffer.data(), strnlen(buffer.data(), buffer.size()));
  text.resize(text.find_last_not_of('\n') + 1);
  return text;
}

}  // namespace

ModuleResult load_cubin(const Driver& driver, const std::string& cubin) {
  LoadedModule loaded;
  const CUresult code = driver.cuModuleLoadDataEx(&loaded.module, cubin.data(), 0, nullptr, nullptr);
  if (code == CUDA_SUCCESS) return loaded;
  return tl::unexpected(
      ModuleFailure{device_error(driver, code, "cuModuleLoadDataEx(&module, cubin)", __FILE__, __LINE__), {}});
}

ModuleResult assemble_ptx(const Driver& driver, const std::string& text) {
  std::array<char, kJitLogBytes> info{};
  std::array<char, kJitLogBytes> errors{};
  std::array options = {CU_JIT_INFO_LOG_BUFFER, CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES, CU_JIT_ERROR_LOG_BUFFER,
                        CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES, CU_JIT_LOG_VERBOSE};
  std::array<void*, 5> values = {info.data(), as_value(info.size()), errors.data(), as_value(errors.size()),
                                 as_value(1)};
  LoadedModule loaded;
  const CUresult code = driver.cuModuleLoadDataEx(&loaded.module, text.c_str(), static_cast<unsigned>(options.size()),
                                                  options.data(), values.data());
  loaded.log = text_of(info);
  if (code == CUDA_SUCCESS) return loaded;
  return tl::unexpected(ModuleFailure{
      device_error(driver, code, "cuModuleLoadDataEx(&module, ptx)", __FILE__, __LINE__), text_of(errors)});
}

DeviceResult<CUfunction> find_function(const Driver& driver, CUmodule module, const std::string& symbol) {
  CUfunction function = nullptr;
  FUSELINE_CU(driver, cuModuleGetFunction(&function, module, symbol.c_str()));
  return function;
}

DeviceResult<FunctionFacts> facts_of(const Driver& driver, CUfunction function) {
  FunctionFacts facts;
  FUSELINE_CU(driver, cuFuncGetAttribute(&facts.registers, CU_FUNC_ATTRIBUTE_NUM_REGS, function));
  FUSELINE_CU(driver, cuFuncGetAttribute(&facts.local_bytes, CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES, function));
  FUSELINE_CU(driver, cuFuncGetAttribute(&facts.static_shared_bytes, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, function));
  FUSELINE_CU(driver, cuFuncGetAttribute(&facts.max_threads, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, function));
  return facts;
}

DeviceResult<void> allow_shared(const Driver& driver, CUfunction function, std::int64_t dynamic_bytes) {
  FUSELINE_CU(driver, cuFuncSetAttribute(function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
                                         static_cast<int>(dynamic_bytes)));
  return {};
}

}  // namespace fuseline::profiler
