// Images of kernels as the driver loads them.
#pragma once

#include <cstdint>
#include <string>

#include "profiler/cuda/driver.hpp"

namespace fuseline::profiler {

struct LoadedModule {
  CUmodule module = nullptr;
  std::string
      log;  ///< Of the driver's assembler, as ptxas -v writes it; empty for a cubin, or from the driver's cache.
};

struct ModuleFailure {
  DeviceError error;
  std::string log;  ///< Of the driver's assembler.
};

using ModuleResult = tl::expected<LoadedModule, ModuleFailure>;

/// `cubin` is whole: the driver reads as far as its headers say.
[[nodiscard]] ModuleResult load_cubin(const Driver& driver, const std::string& cubin);
/// Assembles PTX for the device of the current context. Takes as long as the assembler does.
[[nodiscard]] ModuleResult assemble_ptx(const Driver& driver, const std::string& text);

[[nodiscard]] DeviceResult<CUfunction> find_function(const Driver& driver, CUmodule module, const std::string& symbol);

/// What the driver says of a loaded kernel, whatever its image was made from.
struct FunctionFacts {
  int registers = 0, local_bytes = 0, static_shared_bytes = 0, max_threads = 0;
};
[[nodiscard]] DeviceResult<FunctionFacts> facts_of(const Driver& driver, CUfunction function);

/// Lets launches of the function ask for that much dynamic shared memory.
[[nodiscard]] DeviceResult<void> allow_shared(const Driver& driver, CUfunction function, std::int64_t dynamic_bytes);

}  // namespace fuseline::profiler
