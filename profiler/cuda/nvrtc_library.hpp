// NVRTC, opened at run time: it is 109 MB and belongs to the toolkit, not to our packages.
#pragma once

#include <nvrtc.h>

#include <string>
#include <vector>

#include "tuner/base/error.hpp"

namespace fuseline::profiler {

#define FUSELINE_NVRTC_FUNCTIONS(X) \
  X(nvrtcGetErrorString)            \
  X(nvrtcVersion)                   \
  X(nvrtcGetNumSupportedArchs)      \
  X(nvrtcGetSupportedArchs)         \
  X(nvrtcCreateProgram)             \
  X(nvrtcDestroyProgram)            \
  X(nvrtcAddNameExpression)         \
  X(nvrtcCompileProgram)            \
  X(nvrtcGetLoweredName)            \
  X(nvrtcGetCUBINSize)              \
  X(nvrtcGetCUBIN)                  \
  X(nvrtcGetPTXSize)                \
  X(nvrtcGetPTX)                    \
  X(nvrtcGetProgramLogSize)         \
  X(nvrtcGetProgramLog)

/// Functions of libnvrtc under their own names, and the toolkit folders that go with it.
struct NvrtcLibrary {
#define FUSELINE_DECLARE(name) decltype(&::name) name = nullptr;  // NOLINT(bugprone-macro-parentheses): a declared name
  FUSELINE_NVRTC_FUNCTIONS(FUSELINE_DECLARE)
#undef FUSELINE_DECLARE

  std::string file;                          ///< Where it was found.
  std::string version;                       ///< "13.0"
  std::vector<std::string> include_folders;  ///< The toolkit's headers; empty where not found.
  std::vector<int> architectures;            ///< 75, 80, ..., as NVRTC lists them.

  /// Opens NVRTC once. Error: not found, with everything that was looked for.
  [[nodiscard]] static tuner::Result<const NvrtcLibrary*> load();
};

}  // namespace fuseline::profiler
